package casefile

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// Classified is what the first contact, the classification and the relations of a case leave in it.
type Classified struct {
	CoreProblems []string     `json:"coreProblems,omitempty"` // R39
	Motives      []string     `json:"motives,omitempty"`      // R98
	CommonClass  string       `json:"commonClass,omitempty"`
	RuleMatches  []RuleMatch  `json:"ruleMatches,omitempty"`
	Route        string       `json:"route,omitempty"`
	Repeat       *Repeat      `json:"repeat,omitempty"`
	Regrades     []Regrade    `json:"regrades,omitempty"`
	Watched      bool         `json:"watched,omitempty"` // of a communicative nature: handled badly it becomes valid (R91)
	InfoRequest  *InfoRequest `json:"infoRequest,omitempty"`
	Apologies    []Apology    `json:"apologies,omitempty"`
	Guidance     *Guidance    `json:"guidance,omitempty"`
	Links        []Link       `json:"links,omitempty"`
	MergedInto   string       `json:"mergedInto,omitempty"` // cases/…
	MergedCases  []MergedCase `json:"mergedCases,omitempty"`

	Failed *FailedRepairs `json:"failedRepairs,omitempty"`
}

// RuleMatch is a rule that matched, and why.
type RuleMatch struct {
	Rule        string            `json:"rule"` // rules/…
	Kind        string            `json:"kind"`
	TitleZH     string            `json:"zh"`
	TitleEN     string            `json:"en"`
	Explanation string            `json:"why"`
	Outcome     map[string]string `json:"outcome,omitempty"`
}

// Repeat counts what was filed before (R96, R115).
type Repeat struct {
	Complaints int `json:"complaints"`
	Failures   int `json:"failures"`
	NotUpheld  int `json:"notUpheld"`
}

// Running is a work order under way for the same household or machine (R97).
type Running struct {
	Case      string // cases/…
	WorkOrder string // workOrders/…
	By        string // PHONE or SERIAL
	Engineer  string // engineers/… who has it; "" when nobody does
}

// Regrade is a change of nature, class or urgency after the acceptance (R91).
type Regrade struct {
	PreviousNature  string    `json:"natureBefore"`
	Nature          string    `json:"nature"`
	PreviousClass   string    `json:"classBefore"`
	Class           string    `json:"class"`
	PreviousUrgency string    `json:"urgencyBefore"`
	Urgency         string    `json:"urgency"`
	Reason          string    `json:"reason"`
	Actor           string    `json:"actor"`
	At              time.Time `json:"at"`
}

// Regrading is what a regrading asks for; what is empty stays.
type Regrading struct {
	Nature, Class, Common, Urgency, Reason string
	Secondary                              []string
	Communicative                          bool // of Nature
}

// Relations of links.
const (
	LinkRelated   = "RELATED"
	LinkFollows   = "FOLLOWS"
	LinkFollowed  = "FOLLOWED_BY"
	LinkRunning   = "RUNNING_WORK_ORDER"
	LinkSession   = "REMOTE_SESSION"
	LinkDuplicate = "DUPLICATE_OF"
)

// Link ties the case to something else.
type Link struct {
	Target   string `json:"target"`
	Relation string `json:"relation"`
}

// Flags of classification.
const (
	FlagDuringService    = "DURING_SERVICE"
	FlagRegradeDue       = "REGRADE_DUE"
	FlagGuidancePlanned  = "GUIDANCE_PLANNED"
	FlagRepeatComplaints = "REPEAT_COMPLAINTS"
	FlagRepeatFailures   = "REPEAT_FAILURES"
)

// repeatFailures is how many earlier failures of one machine are told by a flag: with this one the third (R39, R96).
const repeatFailures = 2

// Findings are what was found out about the case while it was accepted.
type Findings struct {
	Common        string
	Communicative bool
	CoreProblems  []string
	Motives       []string
	Matches       []RuleMatch
	Route         string
	Assign        *Assignment // who shall investigate; nil for nobody
	Repeat        Repeat
	Running       []Running
	Suggested     string // class that the text suggested; empty when none
	StopsJob      bool   // the class is one of safety or fraud: a running job is stopped
	Failed        *FailedRepairs
}

// found takes over what was found out at the acceptance.
func (s *step) found(in Findings) {
	s.CommonClass, s.Route, s.RuleMatches = in.Common, in.Route, in.Matches
	if len(in.CoreProblems) > 0 {
		s.CoreProblems = in.CoreProblems
	}
	if len(in.Motives) > 0 {
		s.Motives = in.Motives
	}
	s.Watched = in.Communicative && s.Kind == Complaint
	s.repeated(in.Repeat)
	for _, r := range in.Running {
		s.during(r)
	}
	s.keepAway(in)
	s.repairsFailed(in.Failed)
	for _, match := range in.Matches {
		s.note("RULE_MATCHED", timeline.Entry{Points: match.Explanation, Facts: map[string]string{"rule": match.Rule, "kind": match.Kind}})
	}
	if in.Suggested != "" {
		s.note("CLASS_SUGGESTED", timeline.Entry{Facts: map[string]string{
			"suggested": in.Suggested, "chosen": s.ContentClass, "agreed": strconv.FormatBool(in.Suggested == s.ContentClass),
		}})
	}
}

// repeated flags repeat complainants and repeat failures (R96): a reason for care, not a judgement.
func (s *step) repeated(r Repeat) {
	if r == (Repeat{}) {
		return
	}
	s.Repeat = &r
	if r.Complaints > 0 && s.Kind == Complaint {
		s.flag(FlagRepeatComplaints, strconv.Itoa(r.Complaints), s.At)
	}
	if r.Failures >= repeatFailures {
		s.flag(FlagRepeatFailures, strconv.Itoa(r.Failures), s.At)
	}
}

// during links a complaint with the job that it arose in (R97, R267). Only the complaint knows: nothing is written on the job's
// case, so that its engineer sees nothing of it.
func (s *step) during(r Running) {
	s.link(Link{Target: r.WorkOrder, Relation: LinkRunning})
	if s.Kind != Complaint {
		return
	}
	s.flag(FlagDuringService, r.WorkOrder, s.At)
	s.note("RUNNING_WORK_ORDER_FOUND", timeline.Entry{Facts: map[string]string{"workOrder": r.WorkOrder, "by": r.By}})
}

func (s *step) link(l Link) bool {
	if slices.Contains(s.Links, l) {
		return false
	}
	s.Links = append(s.Links, l)
	return true
}

// Link ties the case to a case, a work order or a remote session (R83, R97).
func (c *Case) Link(m Moment, l Link, reason string) (Change, error) {
	to, err := c.check(LinkTo, m.By)
	if err != nil {
		return Change{}, err
	}
	if l.Target == c.Name() {
		return Change{}, apierr.Invalid("target", "不能关联自身", "is the case itself")
	}
	l.Relation = cmp.Or(l.Relation, LinkRelated)
	s := c.begin(m)
	if s.link(l) {
		s.move(LinkTo, to)
		s.note("CASE_LINKED", timeline.Entry{Points: reason, Facts: map[string]string{"target": l.Target, "relation": l.Relation}})
	}
	return s.change, nil
}

// Regrade changes nature, class or urgency (R91): a communicative complaint that was handled badly becomes a valid one.
func (c *Case) Regrade(m Moment, in Regrading) (Change, error) {
	to, err := c.check(RegradeCase, m.By)
	if err != nil {
		return Change{}, err
	}
	done := Regrade{
		PreviousNature: c.Nature, Nature: cmp.Or(in.Nature, c.Nature), PreviousClass: c.ContentClass, Class: cmp.Or(in.Class, c.ContentClass),
		PreviousUrgency: c.Urgency, Urgency: cmp.Or(in.Urgency, c.Urgency), Reason: in.Reason, Actor: m.By.Name, At: m.At,
	}
	if done.Nature == c.Nature && done.Class == c.ContentClass && done.Urgency == c.Urgency && len(in.Secondary) == 0 {
		return Change{}, apierr.Invalid("nature", "没有变化", "changes nothing")
	}
	s := c.begin(m)
	s.regraded(done, in)
	s.move(RegradeCase, to)
	s.note("CASE_REGRADED", timeline.Entry{Points: in.Reason, Facts: map[string]string{
		"nature": done.PreviousNature + " -> " + done.Nature, "contentClass": done.PreviousClass + " -> " + done.Class,
		"urgency": done.PreviousUrgency + " -> " + done.Urgency,
	}})
	return s.change, nil
}

func (s *step) regraded(done Regrade, in Regrading) {
	s.Regrades = append(s.Regrades, done)
	s.Nature, s.ContentClass = done.Nature, done.Class
	if in.Class != "" {
		s.CommonClass = in.Common
	}
	if len(in.Secondary) > 0 {
		s.SecondaryClasses = in.Secondary
	}
	s.SecondaryClasses = slices.DeleteFunc(slices.Clone(s.SecondaryClasses), func(class string) bool { return class == s.ContentClass })
	if in.Nature != "" {
		s.Watched = in.Communicative && s.Kind == Complaint
		s.unflag(FlagRegradeDue)
	}
	s.Urgency = done.Urgency
	s.reprice() // other promises may hold for the class and the urgency
}

// watch asks for a re-grading when something goes wrong with a communicative complaint (R91).
func (s *step) watch(what string) {
	if s.Watched && !s.Flagged(FlagRegradeDue) {
		s.flag(FlagRegradeDue, what, s.At)
		s.note("REGRADE_DUE", timeline.Entry{Facts: map[string]string{"because": what}})
	}
}

// LinkedFrom writes the other end of a link; it waits for nobody's etag and needs no open case.
func (c *Case) LinkedFrom(m Moment, from *Case, relation string) Change {
	s := c.begin(m)
	s.change.Quiet = true
	back := LinkRelated
	if relation == LinkFollows {
		back = LinkFollowed
	}
	if s.link(Link{Target: from.Name(), Relation: back}) {
		s.note("CASE_LINKED", timeline.Entry{Facts: map[string]string{"target": from.Name(), "relation": back}})
	}
	return s.change
}

// RunningOrder is a work order of the case that is under way; empty when none is.
func (c *Case) RunningOrder() string {
	if !c.State.Open() {
		return ""
	}
	for _, o := range slices.Backward(c.Orders) {
		if !o.Over && o.Round == c.RoundNumber() {
			return o.Name
		}
	}
	return ""
}

// VisitorOf is the engineer who has a work order of the case; "" when nobody does, or it is not the latest one.
func (c *Case) VisitorOf(workOrder string) string {
	if c.Visit == nil || c.Visit.WorkOrder != workOrder {
		return ""
	}
	return c.Visit.Engineer
}

// Decisions of a complaint.
const (
	Upheld    = "UPHELD"
	NotUpheld = "NOT_UPHELD"
)

// Decision is what the latest concluded round found; empty when none did.
func (c *Case) Decision() string {
	for _, r := range slices.Backward(c.Rounds) {
		if r.Investigation == nil || r.Investigation.Conclusion == nil {
			continue
		}
		if r.Investigation.Conclusion.Upheld {
			return Upheld
		}
		return NotUpheld
	}
	return ""
}
