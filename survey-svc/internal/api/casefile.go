package api

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

// CaseFile serves surveyv1.CaseFileService.
type CaseFile struct {
	surveyv1.UnimplementedCaseFileServiceServer
	*Core
}

// ExportCase implements surveyv1.CaseFileServiceServer. The sequence is read first: the documents hold at least what was
// told up to it.
func (s *CaseFile) ExportCase(ctx context.Context, req *surveyv1.ExportCaseRequest) (*surveyv1.ExportCaseResponse, error) {
	out := &surveyv1.ExportCaseResponse{}
	var err error
	if out.LastSequence, err = s.Store.LastSequence(ctx, s.DB, req.GetCase()); err != nil {
		return nil, err
	}
	invitations, err := s.Store.OfCase(ctx, s.DB, req.GetCase())
	if err != nil {
		return nil, err
	}
	for n := range invitations {
		if err := s.export(ctx, &invitations[n], out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *CaseFile) export(ctx context.Context, inv *survey.Invitation, out *surveyv1.ExportCaseResponse) error {
	revisions, err := s.Store.Revisions(ctx, s.DB, inv.ID)
	if err != nil {
		return err
	}
	paper, err := s.paper(ctx, inv, revisions)
	if err != nil {
		return err
	}
	content, err := json.MarshalIndent(paper, "", "  ") // struct order: the same facts give the same bytes
	if err != nil {
		return fmt.Errorf("survey: write the file of %s: %w", inv.ID, err)
	}
	out.Documents = append(out.Documents, &surveyv1.Document{
		Name: "invitation-" + inv.ID + ".json", MediaType: "application/json", Content: content,
	})
	if len(revisions) > 0 {
		out.Responses = append(out.Responses, respondedPayload(inv, &revisions[len(revisions)-1]))
	}
	return nil
}

// invitationPaper is an invitation as the archive keeps it: without the token, which is a key, and without the contact,
// which intake's own papers have.
type invitationPaper struct {
	Name       string          `json:"name"`
	Case       string          `json:"case"`
	CaseNumber string          `json:"caseNumber"`
	Round      int             `json:"round"`
	Purpose    string          `json:"purpose"`
	State      string          `json:"state"`
	Reason     string          `json:"reason,omitempty"`
	Survey     string          `json:"survey"`
	Created    time.Time       `json:"createTime"`
	NotBefore  time.Time       `json:"notBefore"`
	Expire     time.Time       `json:"expireTime"`
	Deliveries []deliveryPaper `json:"deliveries,omitempty"`
	Calls      []callPaper     `json:"calls,omitempty"`
	Responses  []responsePaper `json:"responses,omitempty"`
}

type deliveryPaper struct {
	Number  int       `json:"number"`
	Channel string    `json:"channel"`
	Time    time.Time `json:"time"`
	Result  string    `json:"result"`
	Detail  string    `json:"detail,omitempty"`
}

type callPaper struct {
	Number  int       `json:"number"`
	Caller  string    `json:"caller"`
	Time    time.Time `json:"time"`
	Result  string    `json:"result"`
	Channel string    `json:"channel"`
	Note    string    `json:"note,omitempty"`
}

type responsePaper struct {
	Name       string           `json:"name"`
	Revision   int              `json:"revision"`
	Time       time.Time        `json:"time"`
	Channel    string           `json:"channel"`
	RecordedBy string           `json:"recordedBy"`
	Answer     survey.Answer    `json:"answer"`
	Satisfied  bool             `json:"satisfied"`
	Sentiment  string           `json:"sentiment,omitempty"`
	Topics     []survey.Finding `json:"topics,omitempty"`
	Demands    []survey.Finding `json:"demands,omitempty"`
	Model      string           `json:"analysisModel,omitempty"`
}

func (s *CaseFile) paper(ctx context.Context, inv *survey.Invitation, revisions []survey.Response) (invitationPaper, error) {
	p := invitationPaper{
		Name: "invitations/" + inv.ID, Case: inv.Case, CaseNumber: inv.CaseNumber, Round: inv.Round, Purpose: string(inv.Purpose),
		State: string(inv.State), Reason: inv.Reason, Survey: inv.Survey, Created: inv.Created, NotBefore: inv.NotBefore, Expire: inv.Expire,
	}
	attempts, err := s.Store.Attempts(ctx, s.DB, []string{inv.ID})
	if err != nil {
		return p, err
	}
	for _, a := range attempts[inv.ID] {
		p.Deliveries = append(p.Deliveries, deliveryPaper{a.Number, a.Channel, a.Start, a.Result, a.Detail})
	}
	calls, err := s.Store.Calls(ctx, s.DB, []string{inv.CallBack})
	for _, a := range calls[inv.CallBack] {
		p.Calls = append(p.Calls, callPaper{a.Number, a.Caller, a.Time, string(a.Result), a.Channel, a.Note})
	}
	for _, r := range revisions {
		p.Responses = append(p.Responses, responsePaperOf(r))
	}
	return p, err
}

func responsePaperOf(r survey.Response) responsePaper {
	return responsePaper{
		Name: "surveys/" + r.Survey + "/responses/" + r.ID, Revision: r.Revision, Time: r.Created, Channel: string(r.Channel),
		RecordedBy: r.RecordedBy, Answer: r.Answer, Satisfied: r.IsSatisfied(), Sentiment: r.Reading.Sentiment,
		Topics: r.Reading.Topics, Demands: r.Reading.Demands, Model: r.Reading.Model,
	}
}
