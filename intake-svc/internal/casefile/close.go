package casefile

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// Statement is the customer's word about the result, taken down by staff.
type Statement struct {
	Solved, Satisfied, AcceptsFinal, FurtherClaim bool
	Channel, Note                                 string
}

// Closing is what the approver brings.
type Closing struct {
	Summary   Summary
	Basis     Basis // derived from the customer's answer when empty
	Statement *Statement
	Recourse  string  // ways outside that the customer was told; for OPTIONS_EXHAUSTED
	Answer    *Answer // fetched from survey, where its event is still on the way
}

// RequestClose asks for the closing (R179): the case stays RESOLVED, flagged for the approver.
func (c *Case) RequestClose(m Moment, draft Summary) (Change, error) {
	to, err := c.check(RequestClose, m.By)
	if err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	s.Round().Draft = &draft
	s.flag(FlagCloseRequested, m.By.Name, m.At)
	s.move(RequestClose, to)
	s.note("CLOSE_REQUESTED", timeline.Entry{Points: draft.RootCause, Measures: draft.Measures})
	return s.change, nil
}

// Close approves and closes (R178, R179): RESOLVED -> CLOSED; on basis NO_REPLY also from states that wait for the customer.
func (c *Case) Close(m Moment, in Closing) (Change, error) {
	verb := in.Basis.verbOf()
	to, err := c.check(verb, m.By)
	if err != nil {
		return Change{}, err
	}
	if err := c.approvable(m); err != nil {
		return Change{}, err
	}
	if p := c.PendingTransfer(); p != nil {
		return Change{}, ErrTransferOpen.New("to", p.To)
	}
	if err := c.answeredRegulator(); err != nil {
		return Change{}, err
	}
	basis, err := c.basis(m, in)
	if err != nil {
		return Change{}, err
	}
	summary := in.Summary.filledFrom(c.Round().Draft)
	if c.Kind == Complaint && summary.RootCause == "" {
		return Change{}, apierr.Invalid("summary.root_cause", "投诉结案须填写根本原因", "is needed to close a complaint")
	}
	s := c.begin(m)
	enough, err := s.approve(basis, summary)
	if err != nil {
		return Change{}, err
	}
	if in.Statement != nil {
		s.stated(in.Statement)
	}
	if in.Recourse != "" {
		s.note("RECOURSE_TOLD", timeline.Entry{Points: in.Recourse})
	}
	if !enough {
		s.fetched(in.Answer)
		return s.change, nil
	}
	s.fetched(in.Answer)
	s.close(verb, to, basis, summary)
	return s.change, nil
}

// approvable checks the approver (R179): not a handler, not the one complained about; a hazard is the quality supervisor's.
func (c *Case) approvable(m Moment) error {
	if c.complainsAbout(m.By) {
		return ErrApprover.New()
	}
	if c.handledBy(m.By) && !m.Policy.SelfApproval {
		return ErrApprover.New()
	}
	if c.Hazard != nil && !m.By.Has(RoleQuality) {
		return ErrHazard.New("verb", string(Close))
	}
	return c.rightRole(m)
}

// handledBy says that the actor handled the case in this round: accepted, investigated, proposed or took the consent.
func (c *Case) handledBy(a Actor) bool {
	if a.is(c.Handler) {
		return true
	}
	r := c.Round()
	if r.Investigation != nil && a.is(r.Investigation.Investigator) || r.Resolution != nil && a.is(r.Resolution.Resolver) {
		return true
	}
	p := c.Current()
	return p != nil && a.is(p.Proposer)
}

// Handlers is everybody who handled the case, in all rounds: none of them calls this customer back.
func (c *Case) Handlers() []string {
	names := []string{c.Handler}
	for i := range c.Rounds {
		r := &c.Rounds[i]
		if r.Investigation != nil {
			names = append(names, r.Investigation.Investigator)
		}
		if r.Resolution != nil {
			names = append(names, r.Resolution.Resolver)
		}
	}
	for i := range c.Solutions {
		names = append(names, c.Solutions[i].Proposer)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return slices.DeleteFunc(names, func(n string) bool { return n == "" })
}

// basis checks the conditions of the basis asked for, or finds the one that the customer's word gives.
func (c *Case) basis(m Moment, in Closing) (Basis, error) {
	switch in.Basis {
	case BasisNoReply:
		return BasisNoReply, c.noReply(m)
	case BasisAnonymous:
		return BasisAnonymous, c.anonymousDecided()
	case BasisExhausted:
		return BasisExhausted, c.exhausted(in)
	case "", BasisConfirmed, BasisAcceptedFinal:
	default:
		return "", ErrBasis.New("basis", string(in.Basis))
	}
	word := c.word(in)
	unmet := word.unmet()
	final := in.Statement != nil && in.Statement.AcceptsFinal && !word.FurtherClaim
	switch {
	case len(unmet) == 0 && in.Basis != BasisAcceptedFinal:
		return BasisConfirmed, nil
	case final && in.Basis != BasisConfirmed:
		return BasisAcceptedFinal, nil
	case in.Basis == BasisAcceptedFinal && len(unmet) == 0:
		unmet = []string{"ACCEPTS_FINAL"}
	}
	return "", ErrClosing.New("unmet", strings.Join(unmet, ", "))
}

// word is what the customer said last: a statement taken down now, else the survey's answer; nil when nothing was said.
func (c *Case) word(in Closing) *Satisfaction {
	if in.Statement != nil {
		w := in.Statement
		return &Satisfaction{Solved: w.Solved, Satisfied: w.Satisfied, FurtherClaim: w.FurtherClaim}
	}
	if s := c.Round().Satisfaction; s != nil || in.Answer == nil || in.Answer.Round != c.RoundNumber() {
		return s
	}
	return in.Answer.given()
}

// fetched writes an answer down that was asked for at the closing; its event will find it known.
func (s *step) fetched(a *Answer) {
	if a == nil || a.Round != s.RoundNumber() || s.Round().Satisfaction != nil {
		return
	}
	s.Round().Satisfaction = a.given()
	a.Entry.Round = a.Round
	s.change.Entries = append(s.change.Entries, a.Entry)
}

// unmet lists the conditions of R178 that do not hold.
func (s *Satisfaction) unmet() (missing []string) {
	if s == nil {
		return []string{"CUSTOMER_ANSWER"}
	}
	for _, c := range []struct {
		name string
		ok   bool
	}{{"SOLVED", s.Solved}, {"SATISFIED", s.Satisfied}, {"NO_FURTHER_CLAIM", !s.FurtherClaim}} {
		if !c.ok {
			missing = append(missing, c.name)
		}
	}
	return missing
}

func (s *step) stated(w *Statement) {
	s.note("CUSTOMER_STATEMENT", timeline.Entry{Place: w.Channel, Points: w.Note})
	s.Round().Satisfaction = &Satisfaction{Solved: w.Solved, Satisfied: w.Satisfied, FurtherClaim: w.FurtherClaim, At: s.At}
}

// close writes the summary and closes.
func (s *step) close(v Verb, to State, basis Basis, summary Summary) {
	r := s.Round()
	summary.Approver = s.By.Name
	summary.measure(s.Case, s.At)
	r.Summary, r.Basis, r.ClosedAt = &summary, basis, s.At
	if p := s.Current(); p != nil && p.pending() {
		p.become(SolutionSuperseded, s.At)
	}
	s.dropTasks(TaskCreateWorkOrder)
	s.endClocks()
	s.unflag(FlagWaitingForCustomer, FlagUnreachable, FlagNoReplyReady, FlagCloseRequested)
	s.NoReply = nil
	s.answerChannels()
	s.move(v, to)
	s.afterClosing()
	s.note("CASE_CLOSED", timeline.Entry{Points: summary.RootCause, Measures: summary.Measures, Facts: map[string]string{"basis": string(basis)}})
}

// filledFrom takes what the handler drafted where the approver wrote nothing.
func (s Summary) filledFrom(draft *Summary) Summary {
	if draft != nil {
		s.RootCause = cmp.Or(s.RootCause, draft.RootCause)
		s.Solution = cmp.Or(s.Solution, draft.Solution)
		s.Measures = cmp.Or(s.Measures, draft.Measures)
	}
	return s
}

// measure computes timeliness and satisfaction (R200, R203).
func (s *Summary) measure(c *Case, at time.Time) {
	r := c.Round()
	if p := c.Current(); p != nil {
		s.Solution = cmp.Or(s.Solution, p.Explanation)
	}
	if !c.AcceptedAt.IsZero() {
		s.AcceptSeconds = int64(c.AcceptedAt.Sub(c.Created).Seconds())
	}
	end := r.ResolvedAt
	if end.IsZero() {
		end = at
	}
	s.ResolveSeconds = int64(end.Sub(r.Started).Seconds())
	s.InTime = c.inTime()
	if r.Satisfaction != nil {
		s.Overall = r.Satisfaction.Overall
	}
}

// Archive marks the case as archived: CLOSED -> ARCHIVED. The file is made of the case as it is afterwards.
func (c *Case) Archive(m Moment) (Change, error) {
	to, err := c.check(Archive, m.By)
	if err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	s.move(Archive, to)
	s.note("CASE_ARCHIVED", timeline.Entry{})
	return s.change, nil
}

// Filed keeps what was made of the current round.
func (c *Case) Filed(info ArchiveInfo) { c.Round().Archive = &info }

// LastArchive is the newest archive and its round; nil before the first.
func (c *Case) LastArchive() (*ArchiveInfo, int) {
	for _, r := range slices.Backward(c.Rounds) {
		if r.Archive != nil {
			return r.Archive, r.Number
		}
	}
	return nil, 0
}
