package plan

import (
	"cmp"
	"math"
	"slices"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// cell is a square of the map; block holds blockSide by blockSide of them, so that a search asks the map of blocks seldom.
type cell struct{ x, y int32 }

const (
	blockBits = 3
	blockSide = 1 << blockBits
)

type block struct {
	cells [blockSide * blockSide]bucket
	used  int // gaps in it
}

func blockOf(c cell) cell { return cell{c.x >> blockBits, c.y >> blockBits} }

func (b *block) at(c cell) *bucket {
	return &b.cells[(c.y&(blockSide-1))<<blockBits|c.x&(blockSide-1)]
}

// anchor is a gap in a tour, kept in the cell of the place that it is reached from: all that a first look needs, 24 bytes, so
// that a search streams through memory and touches few tours.
type anchor struct {
	eng       int32
	dep, late int32 // earliest departure from that place, latest begin of the stop behind the gap; ticks since base
	x, y      float32
	leg       uint16 // travel from that place to the stop behind the gap as it is now, in steps of the index, rounded up
	tour, gap uint8
}

// length is how long a job without any travel could be.
func (a *anchor) length() int32 { return a.late - a.dep }

// bucket holds the gaps of a cell by day, so that a query streams through the days that matter only.
type bucket struct{ days []dayGaps }

// dayGaps are the gaps of a cell on a day, the longest first: a search stops at the first that is too short.
type dayGaps struct {
	bit     uint8  // day mod 64
	most    uint16 // longest leg there was
	longest int32  // gap there was
	gaps    []anchor
}

func (b *bucket) day(bit uint8) *dayGaps {
	for i := range b.days {
		if b.days[i].bit == bit {
			return &b.days[i]
		}
	}
	b.days = append(b.days, dayGaps{bit: bit})
	return &b.days[len(b.days)-1]
}

func (d *dayGaps) add(a anchor) {
	at, _ := slices.BinarySearchFunc(d.gaps, a.length(), func(b anchor, n int32) int { return cmp.Compare(n, b.length()) })
	d.gaps = slices.Insert(d.gaps, at, a)
	d.most, d.longest = max(d.most, a.leg), max(d.longest, a.length())
}

// legSteps is a leg in steps; what is too long for 16 bits bounds nothing.
func (x *Index) legSteps(leg int32) uint16 {
	return uint16(min((int64(leg)+x.legStep-1)/x.legStep, math.MaxUint16))
}

func (x *Index) addTours(i int32) {
	for t := range x.eng[i].tours {
		x.addTour(i, t)
	}
}

func (x *Index) addTour(i int32, t int) {
	tr := &x.eng[i].tours[t]
	x.longest = max(x.longest, tr.close-tr.open)
	for g := 1; g < len(tr.stops); g++ {
		at := &tr.stops[g-1]
		c := x.cellOf(at.place())
		b := x.grid[blockOf(c)]
		if b == nil {
			b = &block{}
			x.grid[blockOf(c)] = b
		}
		b.used++
		off := int32(tr.open - x.base)
		b.at(c).day(tr.bit).add(anchor{eng: i, dep: off + at.dep, late: off + tr.stops[g].late, x: float32(at.x), y: float32(at.y),
			leg: x.legSteps(tr.stops[g].leg), tour: uint8(t), gap: uint8(g)})
	}
	x.eachRoom(tr, func(k roomKey) {
		member(x.duty, k.day).set(i)
		member(x.room, k).set(i)
	})
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
	for t := range x.eng[i].tours {
		x.dropTour(i, t)
	}
}

func (x *Index) dropTour(i int32, t int) {
	tr := &x.eng[i].tours[t]
	for g := range tr.stops[:len(tr.stops)-1] {
		x.dropAnchors(i, uint8(t), x.cellOf(tr.stops[g].place()), tr.bit)
	}
	x.eachRoom(tr, func(k roomKey) {
		x.duty[k.day].clear(i)
		x.room[k].clear(i)
	})
}

func (x *Index) dropAnchors(i int32, t uint8, c cell, bit uint8) {
	bl := x.grid[blockOf(c)]
	if bl == nil {
		return
	}
	b := bl.at(c)
	d := b.day(bit)
	before := len(d.gaps)
	d.gaps = slices.DeleteFunc(d.gaps, func(a anchor) bool { return a.eng == i && a.tour == t })
	bl.used -= before - len(d.gaps)
	if len(d.gaps) == 0 {
		b.days = slices.DeleteFunc(b.days, func(d dayGaps) bool { return len(d.gaps) == 0 })
	}
	if bl.used == 0 {
		delete(x.grid, blockOf(c))
	}
}

const rooms = 24 // classes of free gaps

// roomStep is the width of a class: a half hour.
func (x *Index) roomStep() int64 { return x.opt.Day / 48 }

func (x *Index) day(tick int64) int64 { return int64(math.Floor(float64(tick) / float64(x.opt.Day))) }

func (x *Index) cellOf(p model.Point) cell {
	return cell{int32(math.Floor(p.X / x.opt.Cell)), int32(math.Floor(p.Y / x.opt.Cell))}
}
