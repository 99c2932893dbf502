package model

// Problem is one planning task: who can work, what is asked for, and what matters.
type Problem struct {
	Name      string
	Engineers []Engineer
	Visits    []Visit
	Depots    []Depot
	Relations []Relation
	Travel    Travel // how long it takes from place to place
	Weights   Weights
}

// Point is a place: longitude X and latitude Y in degrees for GreatCircle, plane co-ordinates for Plane, row Ref for Table.
type Point struct {
	X, Y float64
	Ref  int
}

// Window is a closed interval of ticks in which something may begin.
type Window struct{ From, To int64 }

// Skill is what an engineer can do, how well (1 is the lowest level), and until when his certificate allows it.
type Skill struct {
	Name    string
	Level   int
	Expires int64 // tick from which it no longer counts; 0 is never
}

// Need is a skill that a visit asks for at a least level.
type Need struct {
	Name  string
	Level int
}

// Stock is a number of pieces of a part.
type Stock struct {
	Part  string
	Count int
}

// Engineer is a person (or van) with one tour per shift.
type Engineer struct {
	ID        string
	Home      Point
	Skills    []Skill
	Territory []string // empty: everywhere
	Tools     []string
	Kit       []Stock // parts in the van at the start of each shift
	Shifts    []Shift
	Capacity  int   // sum of Visit.Load that a tour may carry; 0 is unlimited
	Fixed     int64 // cost of a tour that serves anybody
	Rate      int64 // cost of a tick of work beside Weights.Work
}

// Shift is one day's tour of an engineer.
type Shift struct {
	Start, End int64
	Overtime   int64  // ticks after End still allowed, at Weights.Overtime each
	MaxWork    int64  // longest tour in ticks; 0 is unlimited
	From, To   *Point // where the tour starts and ends; nil is Home
	Breaks     []Break
	Driven     []Driven // what he has already done or begun today, in order; it stays
}

// Break is a rest of Length ticks that begins within [Earliest, Latest]. A tour that is over by Latest, or that begins when
// the break could already be over (Earliest + Length), needs none: the engineer rests at home. It is taken where a stop is,
// before it or after it, never in the middle of the way.
type Break struct {
	Earliest, Latest int64
	Length           int64
}

// Driven is a visit (or a stop at a depot) that has been started, with the tick at which it began and will end.
type Driven struct {
	Visit, Depot  string // one of the two
	Begin, Finish int64
}

// Visit is a job at a place.
type Visit struct {
	ID         string
	Place      Point
	Duration   int64
	ByLevel    map[int]int64 // duration for engineers of that level in Needs[0]; Duration where absent
	Windows    []Window      // begin of service in one of them; empty: any time
	Release    int64         // nothing before this tick, such as the arrival of a shipped part; 0 is none
	Needs      []Need
	Tools      []string
	Parts      []Stock
	Load       int
	Price      int64  // cost of not serving it; 0 is Weights.Unserved
	Promise    int64  // begin promised until this tick; 0 is none
	LateRate   int64  // cost of a tick beyond Promise; 0 is Weights.Late
	Territory  string // must be among the engineer's, when he has any
	Preferred  []string
	Required   []string // only these engineers, when given
	Excluded   []string
	Lock       *Lock
	Published  *Lock // where the published plan has it
	PreferCost int64 // cost when it goes to somebody who is not Preferred
}

// Lock names a tour, and a begin when that is fixed as well.
type Lock struct {
	Engineer string
	Shift    int
	Begin    int64 // 0: any
}

// Depot is a place where a tour may stop once for tools and parts.
type Depot struct {
	ID       string
	Place    Point
	Handling int64
	Open     Window
	AllTools bool
	AllParts bool // unlimited pieces of every part
	Tools    []string
	Parts    []Ready
}

// Ready is a part that a depot hands out from a tick on; how many is the parts service's business (it reserves).
type Ready struct {
	Part string
	From int64
}

// RelationKind says how two visits are tied.
type RelationKind int

// The kinds of relation.
const (
	SameTour     RelationKind = iota + 1 // the same engineer on the same shift
	SameEngineer                         // the same engineer, any shift
	Apart                                // two different engineers
	Before                               // First ends before Second begins: in one tour by order, else by an earlier shift
)

// Relation ties two visits. It binds only when both are served, except Before: Second is not served without First.
type Relation struct {
	Kind          RelationKind
	First, Second string
}

// Weights are prices per tick or per case. Zero values mean no weight, except in Default.
type Weights struct {
	Unserved int64 // per visit without a price of its own
	Late     int64 // per tick beyond a promise
	Overtime int64 // per tick after the end of the shift
	Work     int64 // per tick from departure to return
	Travel   int64 // per tick of travel
	Change   int64 // per visit that leaves its published tour
	Fairness int64 // per tour: Fairness * work^2 / 2^20
}

// Default weighs in the order: served, promised times, overtime, working time and travel, change, fairness.
func Default() Weights {
	return Weights{Unserved: 10_000_000, Late: 40, Overtime: 10, Work: 1, Travel: 1, Change: 1200, Fairness: 1}
}
