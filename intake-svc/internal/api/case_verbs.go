package api

import (
	"cmp"
	"context"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// AcceptCase implements intakev1.CaseServiceServer.
func (s caseService) AcceptCase(ctx context.Context, req *intakev1.AcceptCaseRequest) (*intakev1.Case, error) {
	if err := s.checkAcceptance(req); err != nil {
		return nil, err
	}
	return change(ctx, s.Server, caseID(req.GetName()), req, func(tx sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		if err := sameTag(req.GetEtag(), c.Etag()); err != nil {
			return casefile.Change{}, err
		}
		in := acceptance(req)
		if c.Can(casefile.Accept, m.By) { // else the domain says why not
			if err := s.classify(ctx, tx, c, &in); err != nil {
				return casefile.Change{}, err
			}
		}
		return c.Accept(m, in)
	}, (*presenter).fullCase)
}

func acceptance(req *intakev1.AcceptCaseRequest) casefile.Acceptance {
	return casefile.Acceptance{
		ContentClass: req.GetContentClass(), SecondaryClasses: req.GetSecondaryClasses(), Nature: req.GetNature(), Urgency: req.GetUrgency(),
		Severity: req.GetSeverity(), Scope: req.GetScope(), ProblemNature: req.GetProblemNature(), Hazard: hazard(req.GetHazard()),
		ComplainedAbout: req.GetComplainedAbout(), Purpose: req.GetPurpose(), Skills: req.GetRequiredSkills(),
		Found: casefile.Findings{CoreProblems: req.GetCoreProblems(), Motives: req.GetMotives()},
	}
}

func (s *Server) checkAcceptance(req *intakev1.AcceptCaseRequest) error {
	classes := append([]string{req.GetContentClass()}, req.GetSecondaryClasses()...)
	if err := cmp.Or(s.Codes.Check(codes.ContentClass, classes...), s.Codes.Check(codes.CoreProblem, req.GetCoreProblems()...),
		s.Codes.Check(codes.Motive, req.GetMotives()...)); err != nil {
		return err
	}
	if p := req.GetPurpose(); p != "" && dispatchv1.WorkOrder_Purpose_value[p] == 0 {
		return apierr.Invalid("purpose", "不是有效的上门目的", "is not a purpose of a work order")
	}
	return s.checkCodes(map[string]string{
		codes.Nature: req.GetNature(), codes.Urgency: req.GetUrgency(), codes.Severity: req.GetSeverity(), codes.Scope: req.GetScope(),
		codes.ProblemNature: req.GetProblemNature(), codes.HazardKind: req.GetHazard().GetKind(),
	})
}

func (s *Server) checkCodes(values map[string]string) error {
	for axis, value := range values {
		if err := s.Codes.Check(axis, value); err != nil {
			return err
		}
	}
	return nil
}

// StartInvestigation implements intakev1.CaseServiceServer.
func (s caseService) StartInvestigation(ctx context.Context, req *intakev1.StartInvestigationRequest) (*intakev1.Case, error) {
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.StartInvestigation(m, req.GetPlan())
	})
}

// ConcludeInvestigation implements intakev1.CaseServiceServer.
func (s caseService) ConcludeInvestigation(ctx context.Context, req *intakev1.ConcludeInvestigationRequest) (*intakev1.Case, error) {
	err := s.checkCodes(map[string]string{
		codes.Cause: req.GetCause(), codes.Liability: req.GetLiability(), codes.Pattern: req.GetPattern(), codes.Validity: req.GetValidity(),
		codes.Origin: req.GetOrigin(),
	})
	if err != nil {
		return nil, err
	}
	found := casefile.Conclusion{
		Cause: req.GetCause(), Liability: req.GetLiability(), Pattern: req.GetPattern(), Origin: req.GetOrigin(), Upheld: req.GetUpheld(),
		Findings: req.GetFindings(), Validity: req.GetValidity(),
	}
	for _, share := range req.GetLiabilityShares() {
		if err := s.Codes.Check(codes.Liability, share.GetLiability()); err != nil {
			return nil, err
		}
		found.Shares = append(found.Shares, casefile.LiabilityShare{Liability: share.GetLiability(), Percent: int(share.GetPercent())})
	}
	if a := req.GetAuthorityFinding(); a != nil {
		found.Authority = &casefile.AuthorityFinding{Body: a.GetBody(), DocumentNumber: a.GetDocumentNumber(), Date: a.GetDate(), Finding: a.GetFinding()}
	}
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.Conclude(m, found)
	})
}

// ResolveCaseNow implements intakev1.CaseServiceServer.
func (s caseService) ResolveCaseNow(ctx context.Context, req *intakev1.ResolveCaseNowRequest) (*intakev1.Case, error) {
	if err := s.Codes.Check(codes.SolutionKind, req.GetResolution().GetKind()); err != nil {
		return nil, err
	}
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.ResolveNow(m, *resolution(req.GetResolution()))
	})
}

// RequestCaseClose implements intakev1.CaseServiceServer.
func (s caseService) RequestCaseClose(ctx context.Context, req *intakev1.RequestCaseCloseRequest) (*intakev1.Case, error) {
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.RequestClose(m, summaryIn(req.GetSummary()))
	})
}

func summaryIn(m *intakev1.ClosingSummary) casefile.Summary {
	return casefile.Summary{RootCause: m.GetRootCause(), Solution: m.GetSolution(), Measures: m.GetMeasures()}
}

// CloseCase implements intakev1.CaseServiceServer. A response of the customer that is still on its way is fetched first.
func (s caseService) CloseCase(ctx context.Context, req *intakev1.CloseCaseRequest) (*intakev1.Case, error) {
	closing := casefile.Closing{Summary: summaryIn(req.GetSummary()), Recourse: req.GetRecourse()}
	if b := req.GetCloseBasis(); b != 0 {
		closing.Basis = casefile.Basis(b.String())
	}
	if w := req.GetStatement(); w != nil {
		if err := s.Codes.Check(codes.Channel, w.GetChannel()); err != nil {
			return nil, err
		}
		closing.Statement = &casefile.Statement{
			Solved: w.GetSolved(), Satisfied: w.GetSatisfied(), AcceptsFinal: w.GetAcceptsFinal(), FurtherClaim: w.GetFurtherClaim(),
			Channel: w.GetChannel(), Note: w.GetNote(),
		}
	}
	answer, err := s.missingAnswer(ctx, req)
	if err != nil {
		return nil, err
	}
	closing.Answer = answer
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.Close(m, closing)
	})
}

// missingAnswer asks survey for the round's response, when a closing needs one that has not arrived.
func (s *Server) missingAnswer(ctx context.Context, req *intakev1.CloseCaseRequest) (*casefile.Answer, error) {
	switch req.GetCloseBasis() {
	case intakev1.Case_NO_REPLY, intakev1.Case_ANONYMOUS_DECIDED, intakev1.Case_OPTIONS_EXHAUSTED:
		return nil, nil
	}
	if req.GetStatement() != nil {
		return nil, nil
	}
	c, err := s.see(ctx, req.GetName())
	if err != nil || c.State != casefile.Resolved || c.Round().Satisfaction != nil {
		return nil, err
	}
	file, err := s.exportSurvey(ctx, c.Name())
	if err != nil {
		return nil, err
	}
	var newest *casefile.Answer
	for _, r := range file.GetResponses() {
		if int(r.GetRound()) == c.RoundNumber() {
			a := answerOf(r)
			newest = &a
		}
	}
	return newest, nil
}

// ReopenCase implements intakev1.CaseServiceServer.
func (s caseService) ReopenCase(ctx context.Context, req *intakev1.ReopenCaseRequest) (*intakev1.Case, error) {
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.Reopen(m, req.GetReason())
	})
}

// WithdrawCase implements intakev1.CaseServiceServer.
func (s caseService) WithdrawCase(ctx context.Context, req *intakev1.WithdrawCaseRequest) (*intakev1.Case, error) {
	return s.changeCase(ctx, req.GetName(), req.GetEtag(), req, func(c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		return c.Withdraw(m, req.GetReason())
	})
}
