package casefile

import (
	"slices"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// ErrDecisionOpen is a notice of a decision that there is not.
var ErrDecisionOpen = apierr.Define(codes.FailedPrecondition, "DECISION_OPEN", "本轮尚无处理决定", "there is no decision in this round yet")

// Assignment says who shall investigate (R99).
type Assignment struct {
	Investigator string    `json:"investigator,omitempty"` // users/…
	Team         string    `json:"team,omitempty"`
	By           string    `json:"by"`
	Reason       string    `json:"reason,omitempty"`
	Rule         string    `json:"rule,omitempty"` // rules/… that named the team
	Over         []string  `json:"over,omitempty"` // who was passed over, and why
	Complex      bool      `json:"complex,omitempty"`
	At           time.Time `json:"at"`
}

// AssignInvestigator gives the case to a person or a team; never to who is complained about.
func (c *Case) AssignInvestigator(m Moment, a Assignment) (Change, error) {
	to, err := c.check(AssignInvestigator, m.By)
	if err != nil {
		return Change{}, err
	}
	if a.Investigator == "" && a.Team == "" {
		return Change{}, apierr.Invalid("investigator", "须指定调查人或团队(该分类没有默认团队)", "a person or a team is needed: the class has no team of its own")
	}
	if a.Investigator != "" && slices.Contains(c.ComplainedAbout, a.Investigator) {
		return Change{}, ErrInvestigator.New()
	}
	s := c.begin(m)
	a.By, a.At = m.By.Name, m.At
	s.Assigned = &a
	s.move(AssignInvestigator, to)
	s.note("INVESTIGATOR_ASSIGNED", timeline.Entry{Points: a.Reason, Facts: a.facts()})
	return s.change, nil
}

// Complex says that more than the usual knowledge is needed: urgent, grave, or of more than one customer (R99).
func (c *Case) Complex() bool {
	return c.Hazard != nil || c.Urgency == "CRITICAL" || slices.Contains([]string{"MAJOR", "SEVERE"}, c.Severity) ||
		c.Scope != "" && c.Scope != "SINGLE"
}

// Inquiry is one thing that was looked into or told (R100-R106, R110); the store keeps every one as a row, sealed.
type Inquiry struct {
	ID, Kind, Text, Person, Channel, Place, Source, Recorder string
	Evidence                                                 []string
	Round                                                    int
	At                                                       time.Time
}

// Inquired writes records down.
func (c *Case) Inquired(m Moment, found ...*Inquiry) (Change, error) {
	to, err := c.check(Record, m.By)
	if err != nil {
		return Change{}, err
	}
	if c.complainsAbout(m.By) {
		return Change{}, ErrInvestigator.New()
	}
	s := c.begin(m)
	for _, q := range found {
		q.ID, q.Round, q.Recorder = m.NewID(), c.RoundNumber(), m.By.Name
		s.note("INVESTIGATION_RECORD", timeline.Entry{
			Place: q.Place, Points: join(q.Person, q.Text), Facts: map[string]string{"kind": q.Kind, "record": q.ID, "source": q.Source},
		})
	}
	s.move(Record, to)
	return s.change, nil
}

// EarlierDoubtful flags that earlier complaints of the customer were doubtful (R115); it binds nobody.
func (c *Case) EarlierDoubtful(reason string, at time.Time) { c.flag(FlagEarlierDoubtful, reason, at) }

// FlagRisk flags a risk, or takes the flag away (R115, R144).
func (c *Case) FlagRisk(m Moment, code, reason string, over bool) (Change, error) {
	to, err := c.check(FlagRisk, m.By)
	if err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	s.unflag(code)
	event := "RISK_CLEARED"
	if !over {
		s.flag(code, reason, m.At)
		event = "RISK_FLAGGED"
	}
	s.move(FlagRisk, to)
	s.note(event, timeline.Entry{Points: reason, Facts: map[string]string{"risk": code}})
	return s.change, nil
}

// Reject refuses the matter with an explanation (R112): any state before IN_SERVICE -> REJECTED.
func (c *Case) Reject(m Moment, explanation string) (Change, error) {
	to, err := c.check(Reject, m.By)
	if err != nil {
		return Change{}, err
	}
	if c.complainsAbout(m.By) {
		return Change{}, ErrApprover.New()
	}
	if c.Hazard != nil {
		return Change{}, ErrHazard.New("verb", string(Reject))
	}
	s := c.begin(m)
	working := c.inspecting() || c.awaitsOrder()
	s.Tasks = nil
	if p := c.Current(); p != nil && (p.pending() || p.State == SolutionAccepted) {
		p.become(SolutionSuperseded, m.At)
	}
	s.Rejection, s.change.Void = explanation, "rejected"
	s.move(Reject, to)
	s.keepForPeriod()
	s.note("CASE_REJECTED", timeline.Entry{Points: explanation})
	s.endClocks()
	s.unflag(FlagWaitingForCustomer, FlagUnreachable, FlagNoReplyReady, FlagCloseRequested, FlagAwaitingApproval)
	s.NoReply = nil
	s.task(Task{Kind: TaskDeliverNotice, Notice: NoticeRejection})
	s.tellConcerned(NoticePartyDecision)
	if working {
		s.task(Task{Kind: TaskCancelWorkOrders, Reason: "rejected"})
	}
	return s.change, nil
}

// Settlement is what ends a small matter at once.
type Settlement struct {
	Measure     Measure // its mode is not VISIT
	Explanation string
	Words       ConsentWords
	Channel     string
}

// Settle settles a small matter within the actor's authority (R116, R129): -> SOLUTION_AGREED, and by itself -> RESOLVED.
func (c *Case) Settle(m Moment, in Settlement) (Change, error) {
	to, err := c.check(Settle, m.By)
	if err != nil {
		return Change{}, err
	}
	p := Solution{Kind: in.Measure.Kind, Explanation: in.Explanation, Compensation: in.Measure.Amount, Measures: []Measure{in.Measure}}
	if err := c.settleable(m, &p, in); err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	if earlier := c.Current(); earlier != nil && earlier.pending() {
		earlier.become(SolutionSuperseded, m.At)
	}
	p.propose(m, c.RoundNumber())
	p.State = SolutionAccepted
	p.Consent = &Consent{Method: consentMethod(m.By), Channel: in.Channel, Recorder: m.By.Name, At: m.At}
	s.Solutions = append(s.Solutions, p)
	s.keepWords(p.ID, in.Words)
	s.move(Settle, to)
	s.note("CASE_SETTLED", timeline.Entry{Place: in.Channel, Points: in.Words.Note, Measures: in.Explanation, Facts: p.facts()})
	s.customerSpoke()
	s.execute(c.Current())
	if q := &c.Current().Measures[0]; q.Mode == ModeRecord { // done in the same contact
		q.State = MeasureDone
		s.finishWhenDone()
	}
	return s.change, nil
}

func (c *Case) settleable(m Moment, p *Solution, in Settlement) error {
	if in.Measure.Mode == ModeVisit {
		return apierr.Invalid("kind", "需要上门的方案不能当场了结", "a measure with a visit is not settled at once")
	}
	if in.Words.Note == "" {
		return ErrConsent.New("what", "settlement: consent.note")
	}
	if err := c.proposable(m, p); err != nil {
		return err
	}
	if p.Total() > m.Policy.SettleLimit {
		return m.Policy.tooLarge(m.Policy.SettleLimit, p.Total())
	}
	return nil
}

func (s *step) keepWords(solution string, words ConsentWords) {
	if s.Personal.Consents == nil {
		s.Personal.Consents = map[string]ConsentWords{}
	}
	s.Personal.Consents[solution] = words
}

// Decided says that there is a decision to write: the conclusion of the round, or a refusal.
func (c *Case) Decided() bool { return c.concluded() || c.State == Rejected }

// IssueDecision has the customer told of the written decision (R114), which the store keeps as evidence.
func (c *Case) IssueDecision(m Moment, evidence, digest string) (Change, error) {
	to, err := c.check(IssueDecision, m.By)
	switch {
	case err != nil:
		return Change{}, err
	case c.complainsAbout(m.By):
		return Change{}, ErrApprover.New()
	case !c.Decided():
		return Change{}, ErrDecisionOpen.New()
	}
	s := c.begin(m)
	s.move(IssueDecision, to)
	s.note("DECISION_ISSUED", timeline.Entry{Evidence: []timeline.Evidence{{Name: c.Name() + "/evidence/" + evidence, SHA256: digest}}})
	s.task(Task{Kind: TaskDeliverNotice, Notice: NoticeDecision})
	s.tellConcerned(NoticePartyDecision)
	return s.change, nil
}

// LinkDevice links a product of the case, by its index, to a registered machine.
func (c *Case) LinkDevice(m Moment, item int, device string) (Change, error) {
	to, err := c.check(RegisterDevice, m.By)
	if err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	s.Items[item].Device = device
	s.move(RegisterDevice, to)
	s.note("DEVICE_LINKED", timeline.Entry{Facts: map[string]string{"device": device}})
	return s.change, nil
}

// FeasibilityChecked writes down what dispatch said of a proposal to come (R131-R133).
func (c *Case) FeasibilityChecked(m Moment, feasible bool, why string) Change {
	s := c.begin(m)
	s.note("FEASIBILITY_CHECKED", timeline.Entry{Points: why, Facts: map[string]string{"feasible": strconv.FormatBool(feasible)}})
	s.change.Quiet = true
	return s.change
}
