package api

import (
	"context"
	"fmt"
	"net/mail"
	"slices"
	"strconv"

	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/ledger"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

type custodyService struct {
	intakev1.UnimplementedCustodyServiceServer
	*Server
}

// RaiseHazard implements intakev1.CustodyServiceServer.
func (s custodyService) RaiseHazard(ctx context.Context, req *intakev1.RaiseHazardRequest) (*intakev1.Case, error) {
	if err := s.Codes.Check(codes.HazardKind, req.GetHazard().GetKind()); err != nil {
		return nil, err
	}
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.RaiseHazard(m, *hazard(req.GetHazard()))
	})
}

// AcknowledgeHazard implements intakev1.CustodyServiceServer.
func (s custodyService) AcknowledgeHazard(ctx context.Context, req *intakev1.AcknowledgeHazardRequest) (*intakev1.Case, error) {
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.AcknowledgeHazard(m, req.GetNote())
	})
}

// ClearHazard implements intakev1.CustodyServiceServer.
func (s custodyService) ClearHazard(ctx context.Context, req *intakev1.ClearHazardRequest) (*intakev1.Case, error) {
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.ClearHazard(m, req.GetFinding())
	})
}

// SetConfidentiality implements intakev1.CustodyServiceServer.
func (s custodyService) SetConfidentiality(ctx context.Context, req *intakev1.SetConfidentialityRequest) (*intakev1.Case, error) {
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.SetConfidentiality(m, casefile.Confidentiality(req.GetConfidentiality().String()), req.GetReaders(), req.GetReason())
	})
}

// RevealContact implements intakev1.CustodyServiceServer.
func (s custodyService) RevealContact(ctx context.Context, req *intakev1.RevealContactRequest) (*intakev1.RevealContactResponse, error) {
	orgs := auth.FromContext(ctx).Sees()
	return change(ctx, s.Server, caseID(req.GetName()), req, func(_ sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.RevealContact(m, orgs, req.GetReason())
	}, func(p *presenter, c *casefile.Case) *intakev1.RevealContactResponse {
		p.clear = true
		return &intakev1.RevealContactResponse{Parties: p.fullCase(c).GetParties()}
	})
}

// ReleaseIdentity implements intakev1.CustodyServiceServer (R188).
func (s custodyService) ReleaseIdentity(ctx context.Context, req *intakev1.ReleaseIdentityRequest) (*intakev1.Case, error) {
	orgs := auth.FromContext(ctx).Sees()
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.ReleaseIdentity(m, orgs, req.GetPart().String(), req.GetReceiver(), req.GetReason())
	})
}

// WithdrawIdentity implements intakev1.CustodyServiceServer.
func (s custodyService) WithdrawIdentity(ctx context.Context, req *intakev1.WithdrawIdentityRequest) (*intakev1.Case, error) {
	orgs, part := auth.FromContext(ctx).Sees(), ""
	if req.GetPart() != intakev1.IdentityRelease_PART_UNSPECIFIED {
		part = req.GetPart().String()
	}
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.WithdrawIdentity(m, orgs, part, req.GetReceiver(), req.GetReason())
	})
}

// AddConcernedParty implements intakev1.CustodyServiceServer (R261).
func (s custodyService) AddConcernedParty(ctx context.Context, req *intakev1.AddConcernedPartyRequest) (*intakev1.Case, error) {
	in := req.GetConcernedParty()
	if in.GetEmail() != "" {
		if _, err := mail.ParseAddress(in.GetEmail()); err != nil {
			return nil, apierr.Invalid("concerned_party.email", "不是有效的邮箱", "is no e-mail address")
		}
	}
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.AddConcerned(m, casefile.Concerned{Kind: in.GetKind().String(), Name: in.GetDisplayName(), Ref: in.GetReference()}, in.GetEmail())
	})
}

// RemoveConcernedParty implements intakev1.CustodyServiceServer.
func (s custodyService) RemoveConcernedParty(ctx context.Context, req *intakev1.RemoveConcernedPartyRequest) (*intakev1.Case, error) {
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.RemoveConcerned(m, req.GetPartyId())
	})
}

// RecordAuthorisation implements intakev1.CustodyServiceServer.
func (s custodyService) RecordAuthorisation(ctx context.Context, req *intakev1.RecordAuthorisationRequest) (*intakev1.Case, error) {
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.Authorise(m, int(req.GetParty())-1, req.GetAuthorisation())
	})
}

// TransferCase implements intakev1.CustodyServiceServer.
func (s custodyService) TransferCase(ctx context.Context, req *intakev1.TransferCaseRequest) (*intakev1.Case, error) {
	if err := plain(map[string]string{"organisation": req.GetOrganisation()}); err != nil {
		return nil, err
	}
	if err := s.checkTarget(ctx, req); err != nil {
		return nil, err
	}
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.Transfer(m, req.GetOrganisation(), req.GetReason())
	})
}

// checkTarget asks the gateway, before the transaction, whether the receiver exists and may take the case: of one legal entity, or by a contract
// that is valid for its region and category.
func (s *Server) checkTarget(ctx context.Context, req *intakev1.TransferCaseRequest) error {
	c, err := s.see(ctx, req.GetName())
	if err != nil || !c.Can(casefile.TransferCase, actorOf(auth.FromContext(ctx))) || c.OwnerOrg == req.GetOrganisation() {
		return nil //nolint:nilerr // the transaction says why not, or answers what was answered before
	}
	ask := &gatewayv1.CheckServingRequest{Organisation: req.GetOrganisation(), Owner: c.OwnerOrg, Region: c.Region}
	if len(c.Items) > 0 {
		ask.Category = c.Items[0].Category
	}
	found, err := s.checkServing(ctx, ask)
	switch {
	case err != nil:
		return err
	case !found.GetKnown():
		return casefile.ErrTransferTarget.New("organisation", req.GetOrganisation(), "why", "UNKNOWN")
	case !found.GetServes():
		return casefile.ErrTransferTarget.New("organisation", req.GetOrganisation(), "why", "NO_CONTRACT")
	}
	return nil
}

// checkServing asks the gateway how two organisations are tied; never inside a transaction.
func (s *Server) checkServing(ctx context.Context, ask *gatewayv1.CheckServingRequest) (*gatewayv1.CheckServingResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, remoteLimit)
	defer cancel()
	found, err := s.Remote.Organisations.CheckServing(ctx, ask)
	if err != nil {
		return nil, apierr.ErrUnavailable.Wrap(fmt.Errorf("api: how are %s and %s tied: %w", ask.GetOwner(), ask.GetOrganisation(), err))
	}
	return found, nil
}

// AcceptTransfer implements intakev1.CustodyServiceServer.
func (s custodyService) AcceptTransfer(ctx context.Context, req *intakev1.AcceptTransferRequest) (*intakev1.Case, error) {
	return answerTransfer(ctx, s.Server, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment, orgs []string) (casefile.Change, error) {
		return c.AcceptTransfer(m, orgs)
	}, (*presenter).fullCase)
}

// ReturnTransfer implements intakev1.CustodyServiceServer.
func (s custodyService) ReturnTransfer(ctx context.Context, req *intakev1.ReturnTransferRequest) (*intakev1.TransferAnswer, error) {
	return answerTransfer(ctx, s.Server, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment, orgs []string) (casefile.Change, error) {
		return c.ReturnTransfer(m, orgs, req.GetReason())
	}, func(_ *presenter, c *casefile.Case) *intakev1.TransferAnswer {
		return &intakev1.TransferAnswer{Name: c.Name(), Transfer: transfer(&c.Transfers[len(c.Transfers)-1])}
	})
}

// receiving is a change by the organisation that a transfer waits for: it does not see the case yet. For everybody else the case is not
// there.
type receiving interface {
	mutation
	GetEtag() string
}

func answerTransfer[Resp proto.Message](ctx context.Context, s *Server, name, etag string, req receiving,
	do func(c *casefile.Case, m casefile.Moment, orgs []string) (casefile.Change, error), answer func(p *presenter, c *casefile.Case) Resp,
) (resp Resp, err error) {
	caller := auth.FromContext(ctx)
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (none Resp, err error) {
			c, err := s.Cases.Lock(ctx, tx, store.Everything, caseID(name))
			if err != nil {
				return none, err
			}
			if p := c.PendingTransfer(); p == nil || !slices.Contains(caller.Sees(), p.To) {
				if _, err := s.Cases.Get(ctx, tx, store.ViewerOf(caller), c.ID); err != nil {
					return none, apierr.NotFound(name)
				}
			}
			if err := sameTag(etag, c.Etag()); err != nil {
				return none, err
			}
			change, err := do(c, s.moment(caller), caller.Sees())
			if err != nil {
				return none, err
			}
			if err := s.Ledger.Commit(ctx, tx, c, change); err != nil {
				return none, err
			}
			return answer(s.presenter(ctx), c), nil
		})
		return err
	})
	return resp, err
}

// SetItemOutcome implements intakev1.CustodyServiceServer.
func (s custodyService) SetItemOutcome(ctx context.Context, req *intakev1.SetItemOutcomeRequest) (*intakev1.Case, error) {
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.SetOutcome(m, itemPlace(req.GetItemId()), req.GetOutcome())
	})
}

// itemPlace is the place of an item; -1 for none.
func itemPlace(id string) int {
	n, err := strconv.Atoi(id)
	if err != nil {
		return -1
	}
	return n - 1
}

// SplitCase implements intakev1.CustodyServiceServer: parent and child change in one transaction; the number is taken first.
func (s custodyService) SplitCase(ctx context.Context, req *intakev1.SplitCaseRequest) (resp *intakev1.Case, err error) {
	caller := auth.FromContext(ctx)
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		number, err := s.Filer.ReserveNumber(ctx, tx)
		if err != nil {
			return err
		}
		used := false
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*intakev1.Case, error) {
			used = true
			return s.split(ctx, tx, caller, number, req)
		})
		if err == nil && !used {
			err = s.Filer.GiveBack(ctx, tx, number)
		}
		return err
	})
	return resp, err
}

func (s *Server) split(ctx context.Context, tx sqldb.Tx, caller auth.Principal, number ledger.Number, req *intakev1.SplitCaseRequest) (*intakev1.Case, error) {
	c, err := s.Cases.Lock(ctx, tx, store.ViewerOf(caller), caseID(req.GetName()))
	if err != nil {
		return nil, err
	}
	if err := sameTag(req.GetEtag(), c.Etag()); err != nil {
		return nil, err
	}
	places := make([]int, len(req.GetItemIds()))
	for n, id := range req.GetItemIds() {
		places[n] = itemPlace(id)
	}
	child, filed, changed, err := c.Split(s.moment(caller), places, req.GetReason())
	if err != nil {
		return nil, err
	}
	if err := s.Filer.FileWithin(ctx, tx, number, child, filed); err != nil {
		return nil, err
	}
	if err := s.Ledger.Commit(ctx, tx, c, changed); err != nil {
		return nil, err
	}
	return s.presenter(ctx).fullCase(child), nil
}

// ReviewClosing implements intakev1.CustodyServiceServer.
func (s custodyService) ReviewClosing(ctx context.Context, req *intakev1.ReviewClosingRequest) (*intakev1.Case, error) {
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.ReviewClosing(m, req.GetSound(), req.GetNote())
	})
}

// SetRetention implements intakev1.CustodyServiceServer.
func (s custodyService) SetRetention(ctx context.Context, req *intakev1.SetRetentionRequest) (*intakev1.Case, error) {
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.SetRetention(m, timeOf(req.GetExpireTime()), req.GetReason())
	})
}
