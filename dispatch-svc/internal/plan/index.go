package plan

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// IndexOptions are the settings of an index; zero values are usable and mean Unix seconds.
type IndexOptions struct {
	Travel    model.Travel // nil: great circle
	Depots    []model.Depot
	Day       int64              // ticks of a day; 0 is 86,400
	Cell      float64            // size of a grid cell in the units of Point; 0 is 0.02 degrees, about two kilometres
	MaxTravel int64              // longest way to a job in ticks; 0 is two hours
	Format    func(int64) string // how to print a tick; nil: UTC day and time
}

// Index keeps 100,000 engineers with their booked tours ready for immediate assignment. All methods may be called at once.
type Index struct {
	mu   sync.RWMutex
	opt  IndexOptions
	ids  map[string]int32
	eng  []entry
	free []int32

	all, roaming bitmap              // everybody; those without territories
	territory    map[string]*bitmap  // by name
	skill        map[string][]bitmap // by name, at least level i+1
	tool         map[string]*bitmap
	part         map[string][]bitmap   // by name, at least i+1 pieces, up to maxPieces
	duty         map[int64]*bitmap     // works on that day
	room         map[roomKey]*bitmap   // has a gap of that class on that day
	expiry       map[expiryKey][]int32 // engineers whose certificate ends on that day
	expiries     map[string][]int64    // days that occur, by skill
	holders      map[string]int        // engineers by skill
	grid         map[cell][]anchor
	base         int64 // anchors count ticks from here
	longest      int64 // longest tour seen, in ticks
	scratch      sync.Pool
}

const (
	maxPieces = 8
	maxLevel  = 16
)

type cell struct{ x, y int32 }

// anchor is a gap in a tour, kept in the cell of the place that it is reached from: all that a first look needs, 24 bytes, so
// that a search streams through memory and touches few tours.
type anchor struct {
	eng       int32
	dep, late int32 // earliest departure from that place, latest begin of the stop behind the gap; ticks since base
	x, y      float32
	tour, gap uint8
	bit       uint8 // day mod 64
}

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
	expires bool // has a certificate that ends
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
		expiry: map[expiryKey][]int32{}, expiries: map[string][]int64{}, holders: map[string]int{}, grid: map[cell][]anchor{}}
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
	if x.base == 0 && len(tours) > 0 {
		x.base = tours[0].open - tours[0].open%x.opt.Day
	}
	i := x.slot()
	who := b.Engineer
	x.ids[who.ID] = i
	x.eng[i] = entry{who: &who, tours: tours}
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

func member[K comparable](m map[K]*bitmap, k K) *bitmap {
	b := m[k]
	if b == nil {
		b = new(bitmap)
		m[k] = b
	}
	return b
}

// graded sets i in the sets for 1 to level pieces or levels.
func graded(m map[string][]bitmap, name string, i int32, level, most int) {
	b := m[name]
	for l := range min(level, most) {
		if l == len(b) {
			b = append(b, nil)
		}
		b[l].set(i)
	}
	m[name] = b
}

func (x *Index) addSkills(i int32, who *model.Engineer) {
	x.all.set(i)
	if len(who.Territory) == 0 {
		x.roaming.set(i)
	}
	for _, t := range who.Territory {
		member(x.territory, t).set(i)
	}
	for _, s := range who.Skills {
		graded(x.skill, s.Name, i, s.Level, maxLevel)
		x.holders[s.Name]++
		if s.Expires != 0 {
			x.eng[i].expires = true
			x.addExpiry(i, expiryKey{s.Name, x.day(s.Expires)})
		}
	}
	for _, t := range who.Tools {
		member(x.tool, t).set(i)
	}
	for _, p := range who.Kit {
		graded(x.part, p.Part, i, p.Count, maxPieces)
	}
}

func (x *Index) dropSkills(i int32, who *model.Engineer) {
	x.all.clear(i)
	x.roaming.clear(i)
	for _, t := range who.Territory {
		x.territory[t].clear(i)
	}
	for _, s := range who.Skills {
		x.holders[s.Name]--
		for _, b := range x.skill[s.Name] {
			b.clear(i)
		}
		k := expiryKey{s.Name, x.day(s.Expires)}
		x.expiry[k] = slices.DeleteFunc(x.expiry[k], func(j int32) bool { return j == i })
	}
	for _, t := range who.Tools {
		x.tool[t].clear(i)
	}
	for _, p := range who.Kit {
		for _, b := range x.part[p.Part] {
			b.clear(i)
		}
	}
}

func (x *Index) addExpiry(i int32, k expiryKey) {
	if _, known := x.expiry[k]; !known {
		at, _ := slices.BinarySearch(x.expiries[k.skill], k.day)
		x.expiries[k.skill] = slices.Insert(x.expiries[k.skill], at, k.day)
	}
	x.expiry[k] = append(x.expiry[k], i)
}

func (x *Index) addTours(i int32) {
	e := &x.eng[i]
	for t := range e.tours {
		tr := &e.tours[t]
		x.longest = max(x.longest, tr.close-tr.open)
		for g := 1; g < len(tr.stops); g++ {
			at := &tr.stops[g-1]
			c := x.cellOf(at.place())
			x.grid[c] = append(x.grid[c], anchor{eng: i, dep: int32(tr.open-x.base) + at.dep, late: int32(tr.open-x.base) + tr.stops[g].late,
				x: at.x, y: at.y, tour: uint8(t), gap: uint8(g), bit: tr.bit})
		}
		x.eachRoom(tr, func(k roomKey) {
			member(x.duty, k.day).set(i)
			member(x.room, k).set(i)
		})
	}
}

// eachRoom names the days of a tour and how large a job could still fit at best.
func (x *Index) eachRoom(t *tour, f func(roomKey)) {
	for day := x.day(t.open); day <= x.day(t.close); day++ {
		for class := int8(0); int64(class) <= t.gap/x.roomStep() && class < rooms; class++ {
			f(roomKey{day, class})
		}
	}
}

func (x *Index) dropTours(i int32) {
	e := &x.eng[i]
	for t := range e.tours {
		tr := &e.tours[t]
		for g := range tr.stops[:len(tr.stops)-1] {
			x.dropAnchors(i, x.cellOf(tr.stops[g].place()))
		}
		x.eachRoom(tr, func(k roomKey) {
			x.duty[k.day].clear(i)
			x.room[k].clear(i)
		})
	}
}

func (x *Index) dropAnchors(i int32, c cell) {
	list := slices.DeleteFunc(x.grid[c], func(a anchor) bool { return a.eng == i })
	if x.grid[c] = list; len(list) == 0 {
		delete(x.grid, c)
	}
}

const rooms = 16 // classes of free gaps

// roomStep is the width of a class: a half hour.
func (x *Index) roomStep() int64 { return x.opt.Day / 48 }

func (x *Index) day(tick int64) int64 { return int64(math.Floor(float64(tick) / float64(x.opt.Day))) }

func (x *Index) cellOf(p model.Point) cell {
	return cell{int32(math.Floor(p.X / x.opt.Cell)), int32(math.Floor(p.Y / x.opt.Cell))}
}
