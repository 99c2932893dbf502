package casefile

import "strings"

// customersPrefix begins the names of registered customers.
const customersPrefix = "customers/"

// forget empties every field of the case that a person is told in, or that somebody wrote in words of their own. What stays are codes,
// times, amounts, names of staff and products: what figures and the law need, and nobody is found by.
func (s *step) forget() {
	s.Personal, s.ProgressSecret = Personal{}, NewProgressSecret() // the customer's link leads nowhere
	if strings.HasPrefix(s.Filer, customersPrefix) {
		s.Filer = ""
	}
	s.Problem, s.Expectation, s.Rejection = "", "", ""
	for i := range s.ExternalRefs {
		r := &s.ExternalRefs[i]
		r.OrderID, r.SubOrderID, r.AfterSaleID, r.DisputeID = "", "", "", ""
	}
	for i := range s.MergedCases {
		r := &s.MergedCases[i].Ref
		r.OrderID, r.SubOrderID, r.AfterSaleID, r.DisputeID = "", "", "", ""
	}
	s.Tasks, s.NoReply, s.Visit, s.InfoRequest = nil, nil, nil, nil
	s.forgetMatter()
	s.forgetRounds()
	s.forgetSolutions()
}

func (s *step) forgetMatter() {
	for i := range s.Items {
		s.Items[i].ProofNumber, s.Items[i].Problem = "", ""
	}
	if p := s.PriorService; p != nil {
		p.Place, p.Description = "", ""
	}
	if s.Hazard != nil {
		s.Hazard.Description, s.Hazard.Finding = "", ""
	}
	for i := range s.PastHazards {
		s.PastHazards[i].Description, s.PastHazards[i].Finding = "", ""
	}
	for i := range s.Flags {
		s.Flags[i].Reason = ""
	}
	for i := range s.Transfers {
		s.Transfers[i].Reason, s.Transfers[i].Answer = "", ""
	}
	for i := range s.Concerned {
		s.Concerned[i].Name = ""
	}
	for i := range s.Releases {
		s.Releases[i].Reason = ""
	}
	for i := range s.Regrades {
		s.Regrades[i].Reason = ""
	}
	for i := range s.RuleMatches { // an explanation quotes the problem
		s.RuleMatches[i].Explanation = ""
	}
	if s.Guidance != nil {
		s.Guidance.Reason = ""
	}
	if s.Assigned != nil {
		s.Assigned.Reason = ""
	}
	if s.Regulator != nil {
		s.Regulator.DocumentNumber, s.Regulator.Receipt = "", ""
	}
}

func (s *step) forgetRounds() {
	for i := range s.Rounds {
		r := &s.Rounds[i]
		r.Reason, r.Draft = "", nil
		if r.Resolution != nil {
			r.Resolution.Explanation = ""
		}
		if r.Summary != nil {
			r.Summary.RootCause, r.Summary.Solution, r.Summary.Measures = "", "", ""
		}
		inv := r.Investigation
		if inv == nil {
			continue
		}
		inv.Plan = ""
		if found := inv.Conclusion; found != nil {
			found.Findings = ""
			if found.Authority != nil {
				found.Authority.DocumentNumber, found.Authority.Finding = "", ""
			}
		}
	}
}

func (s *step) forgetSolutions() {
	for i := range s.Solutions {
		p := &s.Solutions[i]
		p.Explanation, p.Timetable, p.DeclineReason, p.Code = "", "", "", nil
		for n := range p.Measures {
			p.Measures[n].Description = ""
		}
		for n := range p.Alternatives {
			p.Alternatives[n].Explanation = ""
		}
		for n := range p.Approvals {
			p.Approvals[n].Note = ""
		}
	}
}
