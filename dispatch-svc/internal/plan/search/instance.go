package search

// inf is a cost that nothing reaches; never is a tick that nothing reaches.
const (
	inf   = int64(1) << 60
	never = int32(1) << 30
)

// span is one window of a visit.
type span struct{ from, to int32 }

// visit is what the inner loops need of a visit; its location is its own number.
type visit struct {
	from, to int32 // its only window, or the hull of several
	service  int32
	load     int32
	price    int64
	promise  int32 // never when there is none
	late     int64 // cost of a tick beyond promise
	windows  []span
	tools    uint64
	parts    []need // sparse
}

type need struct{ part, count int32 }

// rest is a break of a vehicle.
type rest struct{ from, to, length int32 }

// vehicle is one shift of one engineer.
type vehicle struct {
	engineer, shift int
	start, end      int32 // locations
	open, close     int32 // earliest departure, latest return with overtime
	departBy        int32 // latest departure
	shiftEnd        int32 // overtime begins
	maxWork         int32
	capacity        int32
	class           int32 // vehicles of one class are interchangeable
	tools           uint64
	kit             []int32
	rests           []rest
	work, fixed     int64 // cost of a tick of work, cost of being used
	supplied        bool  // has been at a depot already
}

// depot is a place that gives tools and parts.
type depot struct {
	loc, handling int32
	from, to      int32
	tools         uint64
	ready         []int32 // tick per part, never when it has none
}

// Instance is a problem compiled into flat arrays of small integers.
type Instance struct {
	n, m        int     // visits, locations
	out, in     []int32 // travel from and to a location, row by row
	visits      []visit
	vehicles    []vehicle
	classes     int
	depots      []depot
	fit         []int64 // visit*vehicles+vehicle: cost of this pairing, inf when they do not fit; nil when all fit at no cost
	service     []int32 // visit*vehicles+vehicle: duration, nil when it is the visit's
	near        [][]int32
	close       [][]int32 // the same with waiting and lateness
	able, homes [][]int32 // vehicles that fit a visit, when few; else those that start near it
	plain       bool      // only travel costs, one hard window each, no stops beside visits
	simple      bool      // no promises, several windows or hours: segments say all
	promises    bool
	several     bool // somebody has several windows
	travel      int64
	overtime    int64
	fairness    int64
	ties        [][]tie // relations by visit, nil when there are none
	origin      int64
	home        []int32 // vehicle of the published plan
	gone        []int32 // visits that are under way already
	hourly      func(from, to, depart int32) int32

	where          []int32 // of the worker that owns this copy
	spareA, spareB route
	kitA           []int32
	waits          waiting
}

// owned is a copy for one worker with scratch space of its own.
func (p *Instance) owned(where []int32) *Instance {
	q := *p
	q.where, q.kitA = where, nil
	q.spareA, q.spareB = route{}, route{}
	return &q
}

func (p *Instance) ticks(a, b int32) int32 { return p.out[int(a)*p.m+int(b)] }

func (p *Instance) fits(v, k int32) int64 {
	if p.fit == nil {
		return 0
	}
	return p.fit[int(v)*len(p.vehicles)+int(k)]
}
