package model

// Plan is an answer: tours with times, and what is left over.
type Plan struct {
	Routes     []Route
	Unassigned []Unassigned
	Cost       Cost
}

// Route is one tour; tours without stops are left out of a plan.
type Route struct {
	Engineer   string
	Shift      int
	Start, End int64 // departure and return
	Stops      []Stop
}

// StopKind says what a stop is for.
type StopKind int

// The kinds of stop.
const (
	VisitStop StopKind = iota
	DepotStop
	BreakStop
)

// Stop is a visit, a stop at a depot, or a break, with the ticks of its begin and end.
type Stop struct {
	Kind          StopKind
	ID            string // visit or depot; empty for a break
	Break         int    // number of the break in the shift
	Begin, Finish int64
}

// Unassigned is a visit that the plan does not serve, with the reason and what would help.
type Unassigned struct {
	Visit          string
	Reason         string // code
	Counterfactual string // sentence
	Change         Change // the same as data, so that a checker can try it
}

// Change is a smallest change of the problem that would let the visit be served.
type Change struct {
	Kind     string // WINDOW, SKILL, TOOL, PART, OVERTIME, NOBODY, RELATION
	Engineer string
	Shift    int
	Name     string // skill, tool or part
	Level    int
	Window   Window // the window that would do
	Ticks    int64
}

// Cost is the objective in its parts; Total is their sum.
type Cost struct {
	Total, Unserved, Late, Overtime, Work, Travel, Fixed, Preference, Change, Fairness int64
}

// Add sums two costs.
func (c Cost) Add(o Cost) Cost {
	return Cost{c.Total + o.Total, c.Unserved + o.Unserved, c.Late + o.Late, c.Overtime + o.Overtime, c.Work + o.Work,
		c.Travel + o.Travel, c.Fixed + o.Fixed, c.Preference + o.Preference, c.Change + o.Change, c.Fairness + o.Fairness}
}
