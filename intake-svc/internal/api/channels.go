package api

import (
	"context"
	"slices"

	"golang.org/x/time/rate"
	"google.golang.org/grpc"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// Channels is what an installation says of its channels.
type Channels struct {
	WebForms      []string           // organisations with a form on their site
	FormPerMinute int                // filings a minute of all forms together
	Mailboxes     map[string]Mailbox // by address in small letters
	forms         *rate.Limiter      // made by New
}

// Mailbox is an address that letters are taken for.
type Mailbox struct {
	Org  string
	Kind casefile.Kind // of cases that are filed from letters
}

const defaultFormRate = 120

func (c *Channels) complete() {
	if c.FormPerMinute <= 0 {
		c.FormPerMinute = defaultFormRate
	}
	c.forms = rate.NewLimiter(rate.Limit(float64(c.FormPerMinute)/60), c.FormPerMinute)
}

func (c *Channels) hasForm(org string) bool { return slices.Contains(c.WebForms, org) }

// channelActor is a channel that files by itself, for an organisation.
func channelActor(name, org string) casefile.Actor {
	return casefile.Actor{Name: "channels/" + name, Kind: casefile.ActorSystem, Org: org}
}

func (s *Server) momentOf(by casefile.Actor) casefile.Moment {
	return casefile.Moment{By: by, At: s.Clock.Now(), Policy: s.Policy, NewID: newID}
}

// regulatorIn reads a regulator's document.
func regulatorIn(m *intakev1.Regulator) *casefile.Regulator {
	if m == nil {
		return nil
	}
	return &casefile.Regulator{
		Body: m.GetBody(), DocumentNumber: m.GetDocumentNumber(), Received: timeOf(m.GetReceiveTime()), Due: timeOf(m.GetReplyDueTime()),
		MediationEnd: timeOf(m.GetMediationEndTime()), Report: m.GetReport(),
	}
}

func regulatorOf(r *casefile.Regulator) *intakev1.Regulator {
	if r == nil {
		return nil
	}
	return &intakev1.Regulator{
		Body: r.Body, DocumentNumber: r.DocumentNumber, ReceiveTime: at(r.Received), ReplyDueTime: at(r.Due), MediationEndTime: at(r.MediationEnd),
		Report: r.Report, Receipt: r.Receipt, ReplyTime: at(r.Replied), Reply: r.Reply, Approver: r.Approver, ApproveTime: at(r.Approved),
	}
}

type (
	publicService struct {
		intakev1.UnimplementedPublicCaseServiceServer
		*Server
	}
	messageService struct {
		intakev1.UnimplementedCaseMessageServiceServer
		*Server
	}
	callService struct {
		intakev1.UnimplementedCallServiceServer
		*Server
	}
	regulatorService struct {
		intakev1.UnimplementedRegulatorServiceServer
		*Server
	}
)

// registerChannels registers the services of channels.
func (s *Server) registerChannels(r grpc.ServiceRegistrar) {
	intakev1.RegisterPublicCaseServiceServer(r, publicService{Server: s})
	intakev1.RegisterCaseMessageServiceServer(r, messageService{Server: s})
	intakev1.RegisterCallServiceServer(r, callService{Server: s})
	intakev1.RegisterRegulatorServiceServer(r, regulatorService{Server: s})
	intakev1.RegisterCaseTransferServiceServer(r, transferService{Server: s})
}

// ApproveRegulatorReply implements intakev1.RegulatorServiceServer.
func (s regulatorService) ApproveRegulatorReply(ctx context.Context, req *intakev1.ApproveRegulatorReplyRequest) (*intakev1.Case, error) {
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.ApproveReply(m, req.GetReply())
	})
}

// RecordRegulatorReply implements intakev1.RegulatorServiceServer.
func (s regulatorService) RecordRegulatorReply(ctx context.Context, req *intakev1.RecordRegulatorReplyRequest) (*intakev1.Case, error) {
	if err := plain(map[string]string{"receipt": req.GetReceipt()}); err != nil {
		return nil, err
	}
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.Replied(m, req.GetReceipt(), req.GetPoints())
	})
}
