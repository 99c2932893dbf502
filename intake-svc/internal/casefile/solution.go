package casefile

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

// Solution is what is proposed to the customer (R121-R136).
type Solution struct {
	ID            string        `json:"id"`
	Kind          string        `json:"kind"`
	Measures      []Measure     `json:"measures"`
	State         SolutionState `json:"state"`
	Version       int64         `json:"version"`
	Explanation   string        `json:"explanation"`
	Timetable     string        `json:"timetable,omitempty"`
	Fee           Money         `json:"fee,omitzero"`
	Compensation  Money         `json:"compensation,omitzero"`
	Parts         []Part        `json:"parts,omitempty"`
	OnSite        bool          `json:"onSite,omitempty"`
	Alternatives  []Alternative `json:"alternatives,omitempty"`
	Skills        []string      `json:"skills,omitempty"`
	Consent       *Consent      `json:"consent,omitempty"`
	Code          *ConsentCode  `json:"code,omitempty"` // that the customer was sent
	DeclineReason string        `json:"declined,omitempty"`
	Proposer      string        `json:"proposer"`
	Submit        bool          `json:"-"`                   // above the proposer's limit it goes up instead of being refused
	Guarantee     string        `json:"guarantee,omitempty"` // guaranteeRules/… that fixes the compensation (R143)
	Approvals     []Approval    `json:"approvals,omitempty"`
	Path          string        `json:"path,omitempty"` // roles that may approve, while it waits
	Round         int           `json:"round"`
	Created       time.Time     `json:"created"`
	Updated       time.Time     `json:"updated"`
}

// Money is an amount in fen.
type Money struct {
	Currency string `json:"currency,omitempty"`
	Fen      int64  `json:"fen,omitempty"`
}

// Yuan writes the amount as people read it, e.g. 500.00.
func (m Money) Yuan() string { return fmt.Sprintf("%d.%02d", m.Fen/100, m.Fen%100) }

// Measure is one thing that is done in a solution.
type Measure struct {
	ID          string       `json:"id"`
	Kind        string       `json:"kind"`
	Mode        Mode         `json:"mode"`
	Purpose     string       `json:"purpose,omitempty"` // of its work order
	Description string       `json:"description,omitempty"`
	State       MeasureState `json:"state"`
	WorkOrder   string       `json:"workOrder,omitempty"`
	Pays        string       `json:"pays,omitempty"` // kind of payment, of mode PAYMENT
	Amount      Money        `json:"amount,omitzero"`
}

// Part is a part that is needed.
type Part struct {
	Number   string `json:"number,omitempty"`
	Name     string `json:"name,omitempty"`
	Quantity int    `json:"quantity"`
}

// Alternative is another way the customer may choose.
type Alternative struct {
	Kind        string `json:"kind"`
	Explanation string `json:"explanation,omitempty"`
	Fee         Money  `json:"fee,omitzero"`
}

// Consent says how the customer agreed (R134, R151); the words are in Personal.Consents.
type Consent struct {
	Method   string    `json:"method"` // CUSTOMER, PARTNER, AGENT_RECORDED, ACCEPTANCE_CODE, LINK
	Channel  string    `json:"channel,omitempty"`
	Recorder string    `json:"recorder"`
	At       time.Time `json:"at"`
}

// ConsentWords are who consented and what was said.
type ConsentWords struct {
	Person string `json:"person,omitempty"`
	Note   string `json:"note,omitempty"`
	ByCode bool   `json:"-"` // the customer read out the right code
}

// Etag is what a reader gives back to write on the basis of what was read.
func (p *Solution) Etag() string { return strconv.FormatInt(p.Version, 10) }

// SolutionName is "cases/…/solutions/…".
func (c *Case) SolutionName(id string) string { return c.Name() + "/solutions/" + id }

// Solution finds a solution.
func (c *Case) Solution(id string) *Solution {
	i := slices.IndexFunc(c.Solutions, func(s Solution) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return &c.Solutions[i]
}

// Current is the newest solution of the round; nil before one is proposed.
func (c *Case) Current() *Solution {
	if n := len(c.Solutions); n > 0 && c.Solutions[n-1].Round == c.RoundNumber() {
		return &c.Solutions[n-1]
	}
	return nil
}

// Propose proposes a solution (R121): -> SOLUTION_PROPOSED. An earlier open one of the round is superseded. Its modes and
// purposes come from the code table.
func (c *Case) Propose(m Moment, p Solution) (*Solution, Change, error) {
	to, err := c.check(Propose, m.By)
	if err != nil {
		return nil, Change{}, err
	}
	if c.Kind == Complaint && !c.concluded() {
		return nil, Change{}, ErrInvestigationOpen.New()
	}
	if err := c.proposable(m, &p); err != nil {
		return nil, Change{}, err
	}
	if err := c.remedyOffered(&p); err != nil {
		return nil, Change{}, err
	}
	s := c.begin(m)
	if earlier := c.Current(); earlier != nil && earlier.pending() {
		earlier.become(SolutionSuperseded, m.At)
	}
	p.propose(m, c.RoundNumber())
	p.Path = m.Policy.pathFor(m.By, &p)
	s.Solutions = append(s.Solutions, p)
	s.move(Propose, to)
	s.endClock(ClockRespond) // R196
	s.note("SOLUTION_PROPOSED", timeline.Entry{Points: p.Explanation, Measures: p.Timetable, Facts: p.facts()})
	s.awaitWord(c.Current())
	return c.Current(), s.change, nil
}

func (p *Solution) propose(m Moment, round int) {
	p.ID, p.State, p.Version, p.Proposer, p.Round = m.NewID(), SolutionOpen, 1, m.By.Name, round
	p.Created, p.Updated = m.At, m.At
	for i := range p.Measures {
		p.Measures[i].ID, p.Measures[i].State = strconv.Itoa(i+1), MeasurePlanned
	}
	if p.OnSite && !slices.ContainsFunc(p.Measures, func(q Measure) bool { return q.Mode == ModeVisit }) {
		p.Measures[0].Mode = ModeVisit
		if p.Measures[0].Purpose == "" {
			p.Measures[0].Purpose = "REPAIR"
		}
	}
}

func (p *Solution) facts() map[string]string {
	facts := map[string]string{"solution": p.ID, "kind": p.Kind}
	if p.Fee.Fen != 0 {
		facts["feeFen"] = strconv.FormatInt(p.Fee.Fen, 10)
	}
	if p.Compensation.Fen != 0 {
		facts["compensationFen"] = strconv.FormatInt(p.Compensation.Fen, 10)
	}
	return facts
}

func (p *Solution) become(to SolutionState, at time.Time) {
	p.State, p.Updated = to, at
	p.Version++
}

// solution finds one that the verb is about, in the state that the verb needs.
func (c *Case) solution(id string, v Verb, in ...SolutionState) (*Solution, error) {
	p := c.Solution(id)
	if p == nil || !slices.Contains(in, p.State) {
		state := "ABSENT"
		if p != nil {
			state = string(p.State)
		}
		return nil, ErrSolutionState.New("state", state, "verb", string(v))
	}
	return p, nil
}

// Agree records the consent (R151): SOLUTION_PROPOSED -> SOLUTION_AGREED; what the solution needs is set going.
func (c *Case) Agree(m Moment, id string, words ConsentWords, channel string) (Change, error) {
	p, err := c.consenting(m, id, Agree)
	if err != nil {
		return Change{}, err
	}
	if err := c.unrefunded(p); err != nil {
		return Change{}, err
	}
	if m.By.Kind == ActorStaff && p.Fee.Fen > 0 && words.Note == "" && !words.ByCode {
		return Change{}, ErrConsent.New("what", "fee: consent.note")
	}
	if err := c.proved(p); err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	p.Consent = &Consent{Method: consentMethod(m.By), Channel: channel, Recorder: m.By.Name, At: m.At}
	if words.ByCode {
		p.Consent.Method = consentByCode
	}
	words.Person = cmp.Or(words.Person, whoAgrees(m.By))
	s.keepWords(id, words)
	s.dropCodes(id)
	p.Code = nil
	p.become(SolutionAccepted, m.At)
	s.move(Agree, SolutionAgreed)
	s.note("SOLUTION_AGREED", timeline.Entry{Place: channel, Points: words.Note, Facts: map[string]string{"solution": id, "method": p.Consent.Method}})
	s.customerSpoke()
	s.execute(p)
	return s.change, nil
}

// consenting checks state and solution for the customer's word on it.
func (c *Case) consenting(m Moment, id string, v Verb) (*Solution, error) {
	if _, err := c.check(v, m.By); err != nil {
		// A solution that was answered already says so, rather than the case.
		if p := c.Solution(id); p != nil && p.State != SolutionOpen && ErrState == kindOf(err) {
			return nil, ErrSolutionState.New("state", string(p.State), "verb", string(v))
		}
		return nil, err
	}
	return c.solution(id, v, SolutionOpen)
}

// whoAgrees names the person where nobody was named: who is signed in, or whom the partner acts for.
func whoAgrees(a Actor) string {
	switch {
	case a.OnBehalfOf != "":
		return a.OnBehalfOf
	case a.Kind == ActorCustomer:
		return a.Name
	}
	return ""
}

func consentMethod(a Actor) string {
	switch {
	case a.ByLink:
		return "LINK"
	case a.Kind == ActorCustomer:
		return "CUSTOMER"
	case a.Kind == ActorPartner:
		return "PARTNER"
	}
	return "AGENT_RECORDED"
}

// execute sets the agreed measures going.
func (s *step) execute(p *Solution) {
	for i := range p.Measures {
		q := &p.Measures[i]
		switch q.Mode {
		case ModeVisit:
			s.task(Task{Kind: TaskCreateWorkOrder, Solution: p.ID, Measure: q.ID, Purpose: q.Purpose})
		case ModeNotice:
			s.task(Task{Kind: TaskDeliverNotice, Notice: NoticeExplanation, Solution: p.ID, Measure: q.ID})
		case ModePayment:
			s.pay(p, q)
		}
		q.State = MeasureRunning
	}
}

// Decline records the refusal (R171): the case waits for another solution.
func (c *Case) Decline(m Moment, id, reason string) (Change, error) {
	p, err := c.consenting(m, id, Decline)
	if err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	p.DeclineReason = reason
	s.dropCodes(id)
	p.become(SolutionDeclined, m.At)
	s.move(Decline, c.State)
	s.note("SOLUTION_DECLINED", timeline.Entry{Points: reason, Facts: map[string]string{"solution": id}})
	s.customerSpoke()
	return s.change, nil
}

// ConfirmMeasure records that a payment was made, or a measure without work order done (R148).
func (c *Case) ConfirmMeasure(m Moment, id, measure, reference string) (Change, error) {
	if _, err := c.check(ConfirmMeasure, m.By); err != nil {
		return Change{}, err
	}
	p, err := c.solution(id, ConfirmMeasure, SolutionAccepted)
	if err != nil {
		return Change{}, err
	}
	q := p.measure(measure)
	if q == nil || q.State != MeasureRunning || q.Mode != ModePayment && q.Mode != ModeRecord {
		return Change{}, ErrSolutionState.New("state", "measure "+measure, "verb", string(ConfirmMeasure))
	}
	s := c.begin(m)
	q.State = MeasureDone
	p.become(p.State, m.At)
	s.note("MEASURE_CONFIRMED", timeline.Entry{Facts: map[string]string{"solution": id, "measure": measure, "kind": q.Kind, "reference": reference}})
	s.move(ConfirmMeasure, c.State)
	s.finishWhenDone()
	return s.change, nil
}

func (p *Solution) measure(id string) *Measure {
	i := slices.IndexFunc(p.Measures, func(q Measure) bool { return q.ID == id })
	if i < 0 {
		return nil
	}
	return &p.Measures[i]
}

// done says that nothing of the solution is left to do.
func (p *Solution) done() bool {
	return !slices.ContainsFunc(p.Measures, func(q Measure) bool { return q.State == MeasurePlanned || q.State == MeasureRunning })
}
