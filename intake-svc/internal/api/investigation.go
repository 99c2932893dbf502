package api

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// AssignInvestigator implements intakev1.InvestigationServiceServer. Where nobody is named the class says which team, by complexity (R99).
func (s investigationService) AssignInvestigator(ctx context.Context, req *intakev1.AssignInvestigatorRequest) (*intakev1.Case, error) {
	return change(ctx, s.Server, caseID(req.GetName()), req, func(tx sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		if err := sameTag(req.GetEtag(), c.Etag()); err != nil {
			return casefile.Change{}, err
		}
		a := casefile.Assignment{Investigator: req.GetInvestigator(), Team: req.GetTeam(), Reason: req.GetReason()}
		if a.Investigator == "" && c.Can(casefile.AssignInvestigator, m.By) {
			found, err := s.pick(ctx, tx, c, teamsFor(a.Team, s.teamFor(c), c.Route)...)
			if err != nil {
				return casefile.Change{}, err
			}
			if found != nil {
				found.Reason = cmp.Or(a.Reason, found.Reason)
				a = *found
			}
		}
		return c.AssignInvestigator(m, a)
	}, (*presenter).fullCase)
}

// teamsFor: a team that was named is the only one.
func teamsFor(named string, others ...string) []string {
	if named != "" {
		return []string{named}
	}
	return others
}

func (s *Server) teamFor(c *casefile.Case) string {
	class, _ := s.Codes.Get(codes.Name(codes.ContentClass, c.ContentClass))
	if c.Complex() {
		return cmp.Or(class.Attributes[codes.AttrComplex], class.Attributes[codes.AttrTeam])
	}
	return class.Attributes[codes.AttrTeam]
}

// CreateInvestigationRecord implements intakev1.InvestigationServiceServer.
func (s investigationService) CreateInvestigationRecord(ctx context.Context, req *intakev1.CreateInvestigationRecordRequest) (*intakev1.InvestigationRecord, error) {
	in := req.GetInvestigationRecord()
	if in.GetKind() == intakev1.InvestigationRecord_INTERNAL_RECORD {
		return nil, apierr.Invalid("investigation_record.kind", "内部记录由系统调取", "internal records are pulled, not written")
	}
	if err := plain(map[string]string{"investigation_record.channel": in.GetChannel(), "investigation_record.place": in.GetPlace()}); err != nil {
		return nil, err
	}
	if err := s.Codes.Check(codes.Channel, in.GetChannel()); err != nil {
		return nil, err
	}
	var kept casefile.Inquiry
	return change(ctx, s.Server, caseID(req.GetParent()), req, func(tx sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		kept = casefile.Inquiry{
			Kind: in.GetKind().String(), Text: in.GetText(), Person: in.GetPerson(), Channel: in.GetChannel(), Place: in.GetPlace(),
			Evidence: in.GetEvidence(), At: timeOf(in.GetOccurTime()),
		}
		if kept.At.IsZero() {
			kept.At = m.At
		}
		change, err := c.Inquired(m, &kept)
		if err != nil {
			return change, err
		}
		return change, s.Cases.AddInquiry(ctx, tx, c.ID, kept)
	}, func(p *presenter, c *casefile.Case) *intakev1.InvestigationRecord { return p.inquiry(c, kept) })
}

// ListInvestigationRecords implements intakev1.InvestigationServiceServer.
func (s investigationService) ListInvestigationRecords(ctx context.Context, req *intakev1.ListInvestigationRecordsRequest) (*intakev1.ListInvestigationRecordsResponse, error) {
	c, err := s.see(ctx, req.GetParent())
	if err != nil {
		return nil, err
	}
	page, err := newPager(req.GetParent(), req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	rows, err := s.Cases.Inquiries(ctx, s.DB, c.ID, page.after, page.limit())
	if err != nil {
		return nil, err
	}
	rows, next := cutPage(page, rows, func(q casefile.Inquiry) string { return q.ID })
	present := s.presenter(ctx)
	resp := &intakev1.ListInvestigationRecordsResponse{NextPageToken: next}
	for _, q := range rows {
		resp.InvestigationRecords = append(resp.InvestigationRecords, present.inquiry(c, q))
	}
	return resp, nil
}

func (p *presenter) inquiry(c *casefile.Case, q casefile.Inquiry) *intakev1.InvestigationRecord {
	related := p.related(c)
	return &intakev1.InvestigationRecord{
		Name: c.Name() + "/investigationRecords/" + q.ID, Text: hide(q.Text, related), Person: hide(q.Person, related), Channel: q.Channel, Place: q.Place,
		Kind:     intakev1.InvestigationRecord_Kind(intakev1.InvestigationRecord_Kind_value[q.Kind]),
		Evidence: q.Evidence, Source: q.Source, Recorder: q.Recorder, OccurTime: at(q.At), Round: int32(q.Round),
	}
}

// OrderInspection implements intakev1.InvestigationServiceServer (R105).
func (s investigationService) OrderInspection(ctx context.Context, req *intakev1.OrderInspectionRequest) (*intakev1.Case, error) {
	consent := req.GetConsent()
	if err := s.Codes.Check(codes.Channel, consent.GetChannel()); err != nil {
		return nil, err
	}
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.OrderInspection(m, casefile.Inspection{
			Instruction: req.GetInstruction(), Words: casefile.ConsentWords{Person: consent.GetPerson(), Note: consent.GetNote()}, Channel: consent.GetChannel(),
			Policy: req.GetPolicyBasis(), Skills: req.GetRequiredSkills(),
		})
	})
}

// RejectCase implements intakev1.InvestigationServiceServer (R112).
func (s investigationService) RejectCase(ctx context.Context, req *intakev1.RejectCaseRequest) (*intakev1.Case, error) {
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.Reject(m, req.GetExplanation())
	})
}

// SettleCase implements intakev1.InvestigationServiceServer (R116).
func (s investigationService) SettleCase(ctx context.Context, req *intakev1.SettleCaseRequest) (*intakev1.Case, error) {
	consent := req.GetConsent()
	if err := s.Codes.Check(codes.Channel, consent.GetChannel()); err != nil {
		return nil, err
	}
	proposal, err := s.proposal(&intakev1.Solution{Kind: req.GetKind(), Explanation: req.GetExplanation(), Compensation: req.GetAmount()})
	if err != nil {
		return nil, err
	}
	proposal.Measures[0].Amount = proposal.Compensation
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.Settle(m, casefile.Settlement{
			Measure: proposal.Measures[0], Explanation: req.GetExplanation(), Channel: consent.GetChannel(),
			Words: casefile.ConsentWords{Person: consent.GetPerson(), Note: consent.GetNote()},
		})
	})
}

// FlagRisk implements intakev1.InvestigationServiceServer (R115, R144).
func (s investigationService) FlagRisk(ctx context.Context, req *intakev1.FlagRiskRequest) (*intakev1.Case, error) {
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.FlagRisk(m, req.GetRisk().String(), req.GetReason(), req.GetClear())
	})
}

// GetDecisionNotice implements intakev1.InvestigationServiceServer (R114).
func (s investigationService) GetDecisionNotice(ctx context.Context, req *intakev1.GetDecisionNoticeRequest) (*httpbody.HttpBody, error) {
	c, err := s.see(ctx, req.GetName())
	if err != nil {
		return nil, err
	}
	content, err := s.decisionOf(ctx, c, req.GetLanguageCode(), s.Clock.Now())
	if err != nil {
		return nil, err
	}
	if req.GetFormat() != intakev1.GetDecisionNoticeRequest_PDF {
		text, err := s.Notices.HTML(content)
		return &httpbody.HttpBody{ContentType: "text/html; charset=utf-8", Data: text}, err
	}
	file, err := s.Notices.PDF(content)
	return &httpbody.HttpBody{ContentType: "application/pdf", Data: file}, err
}

// IssueDecisionNotice implements intakev1.InvestigationServiceServer (R113, R114): the notice becomes evidence of the case, as PDF where a font
// is installed, else as HTML.
func (s investigationService) IssueDecisionNotice(ctx context.Context, req *intakev1.IssueDecisionNoticeRequest) (*intakev1.Evidence, error) {
	var kept store.Evidence
	return change(ctx, s.Server, caseID(req.GetName()), req, func(tx sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		if err := sameTag(req.GetEtag(), c.Etag()); err != nil {
			return casefile.Change{}, err
		}
		content, name, err := s.printed(ctx, c, req.GetLanguageCode(), m.At)
		if err != nil {
			return casefile.Change{}, err
		}
		sum := sha256.Sum256(content)
		kept = store.Evidence{
			ID: newID(), FileName: name, MediaType: http.DetectContentType(content), Description: "decision notice", Digest: hex.EncodeToString(sum[:]),
			Uploader: m.By.Name, Size: int64(len(content)), Created: m.At, Content: content,
		}
		change, err := c.IssueDecision(m, kept.ID, kept.Digest)
		if err != nil {
			return change, err
		}
		return change, s.Cases.AddEvidence(ctx, tx, c.ID, kept)
	}, func(_ *presenter, c *casefile.Case) *intakev1.Evidence { return evidenceOf(c, kept) })
}

func (s *Server) printed(ctx context.Context, c *casefile.Case, language string, at time.Time) (content []byte, name string, err error) {
	letter, err := s.decisionOf(ctx, c, language, at)
	if err != nil {
		return nil, "", err
	}
	if s.Notices.HasFont() {
		content, err = s.Notices.PDF(letter)
		return content, "decision-" + c.Number + ".pdf", err
	}
	content, err = s.Notices.HTML(letter)
	return content, "decision-" + c.Number + ".html", err
}

// decision adds to a case what the investigation and the decision say.
func (p *presenter) decision(m *intakev1.Case, c *casefile.Case) {
	if a := c.Assigned; a != nil {
		m.AssignedInvestigator, m.AssignedTeam = a.Investigator, a.Team
		if p.insider() {
			m.AssignmentReason = a.Reason
		}
	}
	m.RejectExplanation, m.Inspections = c.Rejection, c.Inspections()
}

func (p *presenter) approvals(m *intakev1.Solution, c *casefile.Case, q *casefile.Solution) {
	for _, a := range q.Approvals {
		m.Approvals = append(m.Approvals, &intakev1.ApprovalStep{Approver: a.By, LimitFen: a.LimitFen, Final: a.Final, Note: a.Note, Time: at(a.At)})
		if a.Final {
			m.Approver = a.By
		}
	}
	if q.State == casefile.SolutionAwaiting {
		m.ApprovalDeadline = at(c.Promise(casefile.ClockApproval))
	}
}

// ApproveSolution implements intakev1.SolutionServiceServer (R129, R130).
func (s solutionService) ApproveSolution(ctx context.Context, req *intakev1.ApproveSolutionRequest) (*intakev1.Solution, error) {
	return s.changeSolution(ctx, req, func(c *casefile.Case, m casefile.Moment, id string) (casefile.Change, error) {
		return c.ApproveSolution(m, id, req.GetNote())
	})
}

// RefuseSolution implements intakev1.SolutionServiceServer.
func (s solutionService) RefuseSolution(ctx context.Context, req *intakev1.RefuseSolutionRequest) (*intakev1.Solution, error) {
	return s.changeSolution(ctx, req, func(c *casefile.Case, m casefile.Moment, id string) (casefile.Change, error) {
		return c.RefuseSolution(m, id, req.GetReason())
	})
}
