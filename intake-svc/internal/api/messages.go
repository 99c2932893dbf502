package api

import (
	"cmp"
	"context"
	"strings"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	casecodes "github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// errMessageExists is an external id that belongs to another case; metadata: case.
var errMessageExists = apierr.Define(codes.AlreadyExists, "MESSAGE_EXISTS", "该消息已属于 {case}", "the message belongs to {case}")

// CreateCaseMessage implements intakev1.CaseMessageServiceServer (R20, R28). What staff or the customer attach is the customer's word.
func (s messageService) CreateCaseMessage(ctx context.Context, req *intakev1.CreateCaseMessageRequest) (*intakev1.CaseMessage, error) {
	in := req.GetMessage()
	if err := s.checkMessage(in); err != nil {
		return nil, err
	}
	var kept store.Message
	return change(ctx, s.Server, caseID(req.GetParent()), req, func(tx sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		kept = messageIn(in, c, m)
		known, ok, err := s.Cases.MessageBy(ctx, tx, kept.Org, kept.Channel, kept.ExternalID)
		switch {
		case err != nil:
			return casefile.Change{}, err
		case ok && known.CaseID != c.ID:
			return casefile.Change{}, errMessageExists.New("case", "cases/"+known.CaseID)
		case ok:
			kept = known
			return casefile.Change{Quiet: true}, nil
		}
		said := customersWords(in)
		danger, err := dangerIn(said...)
		if err != nil {
			return casefile.Change{}, err
		}
		change, err := c.Received(m, casefile.Message{
			ID: kept.ID, Channel: kept.Channel, Known: true, Lines: len(kept.Content.Lines), Points: excerpt(cmp.Or(in.GetSubject(), in.GetText()), excerptRunes),
			Danger: danger, Words: excerpt(strings.TrimSpace(strings.Join(said, "\n")), excerptRunes),
		})
		if err != nil {
			return change, err
		}
		return change, s.addMessage(ctx, tx, kept)
	}, func(p *presenter, c *casefile.Case) *intakev1.CaseMessage { return p.message(c, kept) })
}

// addMessage keeps a message that was looked for before; when it came in meanwhile, the transaction runs again and finds it.
func (s *Server) addMessage(ctx context.Context, tx sqldb.Tx, m store.Message) error {
	added, err := s.Cases.AddMessage(ctx, tx, m)
	if err == nil && !added {
		err = sqldb.ErrRetryTx
	}
	return err
}

func (s *Server) checkMessage(in *intakev1.CaseMessage) error {
	if err := s.Codes.Check(casecodes.Channel, in.GetChannel()); err != nil {
		return err
	}
	if in.GetText() == "" && len(in.GetLines()) == 0 {
		return apierr.Invalid("message.text", "正文与逐条记录至少填写一项", "a text or lines are needed")
	}
	return plain(map[string]string{"message.external_id": in.GetExternalId()})
}

func messageIn(in *intakev1.CaseMessage, c *casefile.Case, m casefile.Moment) store.Message {
	kept := store.Message{
		ID: m.NewID(), CaseID: c.ID, Org: c.OwnerOrg, Channel: in.GetChannel(), Known: true, Sent: timeOf(in.GetSendTime()), Created: m.At,
		Content: store.MessageContent{Sender: in.GetSender(), Subject: in.GetSubject(), Text: in.GetText()},
	}
	kept.ExternalID = cmp.Or(in.GetExternalId(), kept.ID)
	for _, l := range in.GetLines() {
		kept.Content.Lines = append(kept.Content.Lines, store.MessageLine{Sender: l.GetSender().String(), Text: l.GetText(), At: timeOf(l.GetSendTime())})
	}
	return kept
}

// customersWords: an agent's question "does it smoke?" is not the customer's word.
func customersWords(in *intakev1.CaseMessage) []string {
	said := []string{in.GetSubject(), in.GetText()}
	for _, l := range in.GetLines() {
		if l.GetSender() == intakev1.CaseMessage_Line_CUSTOMER {
			said = append(said, l.GetText())
		}
	}
	return said
}

// ListCaseMessages implements intakev1.CaseMessageServiceServer.
func (s messageService) ListCaseMessages(ctx context.Context, req *intakev1.ListCaseMessagesRequest) (*intakev1.ListCaseMessagesResponse, error) {
	c, err := s.see(ctx, req.GetParent())
	if err != nil {
		return nil, err
	}
	page, err := newPager(req.GetParent(), req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	rows, err := s.Cases.Messages(ctx, s.DB, c.ID, page.after, page.limit())
	if err != nil {
		return nil, err
	}
	rows, next := cutPage(page, rows, func(m store.Message) string { return m.ID })
	present := s.presenter(ctx)
	resp := &intakev1.ListCaseMessagesResponse{NextPageToken: next}
	for _, m := range rows {
		resp.Messages = append(resp.Messages, present.message(c, m))
	}
	return resp, nil
}

// message is a message as the caller may know it.
func (p *presenter) message(c *casefile.Case, m store.Message) *intakev1.CaseMessage {
	out := &intakev1.CaseMessage{
		Name: c.Name() + "/messages/" + m.ID, Channel: m.Channel, SenderKnown: m.Known, SendTime: at(m.Sent), CreateTime: at(m.Created),
	}
	for _, id := range m.Content.Evidence {
		out.Evidence = append(out.Evidence, c.Name()+"/evidence/"+id)
	}
	if !p.related(c) {
		return out
	}
	out.ExternalId, out.Sender, out.Subject, out.Text = m.ExternalID, m.Content.Sender, m.Content.Subject, m.Content.Text
	for _, l := range m.Content.Lines {
		out.Lines = append(out.Lines, &intakev1.CaseMessage_Line{
			Sender: intakev1.CaseMessage_Line_Sender(intakev1.CaseMessage_Line_Sender_value[l.Sender]), Text: l.Text, SendTime: at(l.At),
		})
	}
	return out
}
