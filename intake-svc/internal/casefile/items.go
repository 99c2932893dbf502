package casefile

import (
	"slices"
	"strconv"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// ErrSplit is a split that would leave nothing behind.
var ErrSplit = apierr.Define(codes.FailedPrecondition, "SPLIT_LEAVES_NOTHING",
	"至少保留一件产品在原案件", "at least one product stays in the case")

// itemsOpen says that a case about several products has some without an outcome: it is resolved when all are.
func (c *Case) itemsOpen() bool {
	return len(c.Items) > 1 && slices.ContainsFunc(c.Items, func(i Item) bool { return i.Outcome == "" })
}

// SetOutcome records what became of one product; the last one may resolve the case.
func (c *Case) SetOutcome(m Moment, item int, outcome string) (Change, error) {
	to, err := c.check(SetOutcome, m.By)
	if err != nil {
		return Change{}, err
	}
	if item < 0 || item >= len(c.Items) {
		return Change{}, apierr.Invalid("item_id", "没有这件产品", "is no product of the case")
	}
	s := c.begin(m)
	s.Items[item].Outcome = outcome
	s.change.Facts = append(s.change.Facts, Fact{Verb: SetOutcome, State: to, Previous: to, At: m.At})
	s.note("ITEM_OUTCOME", timeline.Entry{Facts: map[string]string{"item": strconv.Itoa(item + 1), "outcome": outcome}})
	if c.State == InService || c.State == SolutionAgreed {
		s.finishWhenDone()
	}
	return s.change, nil
}

// Split takes products out into a case of their own: same persons, same history, its own number and course. The child is filed by the
// caller; the parent's clocks run on.
func (c *Case) Split(m Moment, items []int, reason string) (*Case, Change, Change, error) {
	to, err := c.check(Split, m.By)
	if err != nil {
		return nil, Change{}, Change{}, err
	}
	slices.Sort(items)
	items = slices.Compact(items)
	if len(items) == 0 || items[0] < 0 || items[len(items)-1] >= len(c.Items) {
		return nil, Change{}, Change{}, apierr.Invalid("item_ids", "没有这件产品", "names no product of the case")
	}
	if len(items) >= len(c.Items) {
		return nil, Change{}, Change{}, ErrSplit.New()
	}
	child, filed, err := c.child(m, items)
	if err != nil {
		return nil, Change{}, Change{}, err
	}
	s := c.begin(m)
	for n := len(items) - 1; n >= 0; n-- {
		s.Items = slices.Delete(s.Items, items[n], items[n]+1)
	}
	s.Children = append(s.Children, child.Name())
	s.move(Split, to)
	s.note("CASE_SPLIT", timeline.Entry{Points: reason, Facts: map[string]string{"child": child.Name()}})
	return child, filed, s.change, nil
}

func (c *Case) child(m Moment, items []int) (*Case, Change, error) {
	child := &Case{
		ID: m.NewID(), ProgressSecret: NewProgressSecret(), Kind: c.Kind, Channel: c.Channel, OwnerOrg: c.OwnerOrg, Partner: c.Partner,
		Confidentiality: c.Confidentiality, ContentClass: c.ContentClass, Urgency: c.Urgency, Problem: c.Problem, Expectation: c.Expectation,
		Desired: c.Desired, Reported: c.Reported, PriorService: c.PriorService, ComplainedAbout: slices.Clone(c.ComplainedAbout),
		Personal: Personal{Parties: slices.Clone(c.Personal.Parties), OnBehalfOf: c.Personal.OnBehalfOf},
	}
	child.Parent, child.Readers = c.Name(), slices.Clone(c.Readers)
	for _, i := range items {
		child.Items = append(child.Items, c.Items[i])
	}
	filed, err := File(m, child)
	return child, filed, err
}

// Join puts the case into an incident; "" takes it out. Cases of one cause are grouped, never merged.
func (c *Case) Join(m Moment, incident string) (Change, error) {
	to, err := c.check(JoinIncident, m.By)
	if err != nil || c.Incident == incident {
		return Change{Quiet: true}, err
	}
	s := c.begin(m)
	s.Incident = incident
	s.move(JoinIncident, to)
	s.note("INCIDENT_JOINED", timeline.Entry{Facts: map[string]string{"incident": incident}})
	return s.change, nil
}

// NoticeIncident tells a customer what was found for all, and what is done.
const NoticeIncident = "INCIDENT"

// IncidentFound writes the shared finding and measure of the incident into the case; while it is open its customer is told, on record.
func (c *Case) IncidentFound(m Moment, incident, finding, measure string) Change {
	s := c.begin(m)
	s.change.Quiet = true
	s.note("INCIDENT_FINDING", timeline.Entry{Points: finding, Measures: measure, Facts: map[string]string{"incident": incident}})
	if s.State.Open() {
		s.task(Task{Kind: TaskDeliverNotice, Notice: NoticeIncident, Reason: finding, Instruction: measure})
	}
	return s.change
}
