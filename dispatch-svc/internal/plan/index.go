package plan

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// IndexOptions are the settings of an index; zero values are usable and mean Unix seconds.
type IndexOptions struct {
	Travel    model.Travel // nil: great circle
	Depots    []model.Depot
	Day       int64              // ticks of a day; 0 is 86,400
	Cell      float64            // size of a grid cell in the units of Point; 0 is 0.01 degrees, about one kilometre
	MaxTravel int64              // longest way to a job in ticks; 0 is two hours
	Format    func(int64) string // how to print a tick; nil: UTC day and time
}

// Index keeps 100,000 engineers with their booked tours ready for immediate assignment. All methods may be called at once.
type Index struct {
	mu    sync.RWMutex
	opt   IndexOptions
	ids   map[string]int32
	eng   []entry
	spots []spot // beside eng
	free  []int32

	all, roaming bitmap              // everybody; those without territories
	territory    map[string]*bitmap  // by name
	skill        map[string][]bitmap // by name, at least level i+1
	tool         map[string]*bitmap
	part         map[string][]bitmap      // by name, at least i+1 pieces, up to maxPieces
	carries      []bitmap                 // by i: a van for at least 2^i of load
	duty         map[int64]*bitmap        // works on that day
	room         map[roomKey]*bitmap      // has a gap of that class on that day
	expiry       map[expiryKey][]int32    // engineers whose certificate ends on that day
	expiries     map[string][]int64       // days that occur, by skill
	holders      map[string]*atomic.Int64 // engineers by skill
	grid         map[cell]*block
	base         int64 // anchors count ticks from here
	based        bool  // base is set
	longest      int64 // longest tour seen, in ticks
	legStep      int64 // of anchors
	scratch      sync.Pool
}

const (
	maxPieces = 8
	maxLevel  = 16
	maxLoads  = 16
)

type expiryKey struct {
	skill string
	day   int64
}

type roomKey struct {
	day   int64
	class int8
}

// entry is an engineer in the index.
type entry struct {
	who     *model.Engineer
	tours   []tour
	holders []*atomic.Int64 // how many have each of his skills; the same for the same skill
	expires bool            // has a certificate that ends
}

// spot is where an engineer is at most radius ticks away from, so that a whole city is told near or far without touching tours.
type spot struct {
	x, y   float32
	radius int32
}

// NewIndex makes an empty index.
func NewIndex(opt IndexOptions) *Index {
	if opt.Travel == nil {
		opt.Travel = model.GreatCircle{}
	}
	if opt.Day == 0 {
		opt.Day = 86_400
	}
	if opt.Cell == 0 {
		opt.Cell = 0.01
	}
	if opt.MaxTravel == 0 {
		opt.MaxTravel = opt.Day / 12
	}
	if opt.Format == nil {
		opt.Format = formatUnix
	}
	return &Index{opt: opt, ids: map[string]int32{}, territory: map[string]*bitmap{}, skill: map[string][]bitmap{},
		tool: map[string]*bitmap{}, part: map[string][]bitmap{}, duty: map[int64]*bitmap{}, room: map[roomKey]*bitmap{},
		expiry: map[expiryKey][]int32{}, expiries: map[string][]int64{}, holders: map[string]*atomic.Int64{}, grid: map[cell]*block{},
		legStep: max(1, opt.Day/43_200)}
}

// Len is the number of engineers.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.ids)
}

// Put adds an engineer or replaces what is known of him. It refuses bookings that cannot be kept.
func (x *Index) Put(b Booked) error {
	tours, err := x.compile(&b)
	if err != nil {
		return fmt.Errorf("engineer %s: %w", b.Engineer.ID, err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(b.Engineer.ID)
	if !x.based && len(tours) > 0 {
		x.based, x.base = true, tours[0].open-tours[0].open%x.opt.Day
	}
	i := x.slot()
	who := b.Engineer
	x.ids[who.ID] = i
	x.eng[i] = entry{who: &who, tours: tours}
	x.spots[i] = x.spotOf(&x.eng[i])
	x.addSkills(i, &who)
	x.addTours(i)
	return nil
}

// Remove forgets an engineer; an unknown one is no error.
func (x *Index) Remove(id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(id)
}

func (x *Index) slot() int32 {
	if n := len(x.free); n > 0 {
		i := x.free[n-1]
		x.free = x.free[:n-1]
		return i
	}
	x.eng = append(x.eng, entry{})
	x.spots = append(x.spots, spot{})
	return int32(len(x.eng) - 1)
}

func (x *Index) remove(id string) {
	i, ok := x.ids[id]
	if !ok {
		return
	}
	delete(x.ids, id)
	x.dropSkills(i, x.eng[i].who)
	x.dropTours(i)
	x.eng[i] = entry{}
	x.free = append(x.free, i)
}

// spotOf measures how far from home an engineer's tours go.
func (x *Index) spotOf(e *entry) spot {
	s := spot{x: float32(e.who.Home.X), y: float32(e.who.Home.Y)}
	at := model.Point{X: float64(s.x), Y: float64(s.y)}
	for t := range e.tours {
		stops := e.tours[t].stops
		for g := range stops[:len(stops)-1] {
			s.radius = max(s.radius, leg32(x.opt.Travel.Ticks(at, stops[g].place())))
		}
	}
	return s
}
