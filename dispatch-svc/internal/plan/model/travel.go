package model

import "math"

// Travel tells how many ticks lie between two places. It must answer the same for the same arguments and be safe for
// concurrent use. It need not be symmetric.
type Travel interface {
	Ticks(from, to Point) int64
}

// Hourly is a Travel whose times depend on the tick of departure. Who leaves later must not arrive earlier, and Ticks must
// answer the least time of the day.
type Hourly interface {
	Travel
	TicksAt(from, to Point, depart int64) int64
}

// Plane measures Euclidean distance times Scale, rounded up to a whole tick, or down with Trunc (DIMACS's rule for Solomon).
type Plane struct {
	Scale float64
	Trunc bool
}

// Ticks implements Travel.
func (p Plane) Ticks(from, to Point) int64 {
	d := math.Hypot(from.X-to.X, from.Y-to.Y) * p.Scale
	if p.Trunc {
		return int64(d + 1e-9)
	}
	return int64(math.Ceil(d - 1e-9))
}

// Symmetric says that both directions take the same, so that half of a matrix suffices.
func (Plane) Symmetric() bool { return true }

// Symmetric says that both directions take the same.
func (GreatCircle) Symmetric() bool { return true }

// GreatCircle drives the great circle times a detour factor at a speed.
type GreatCircle struct {
	Detour float64 // 0 is 1.3
	Speed  float64 // metres per tick; 0 is 8.3 (30 km/h in seconds)
}

const earthRadius = 6371008.8 // metres, mean radius (IUGG)

// Ticks implements Travel.
func (g GreatCircle) Ticks(from, to Point) int64 {
	detour, speed := g.Detour, g.Speed
	if detour == 0 {
		detour = 1.3
	}
	if speed == 0 {
		speed = 8.3
	}
	return int64(math.Ceil(Metres(from, to) * detour / speed))
}

// Metres is the great circle between two points in degrees (haversine).
func Metres(a, b Point) float64 {
	const rad = math.Pi / 180
	sy, sx := math.Sin((b.Y-a.Y)*rad/2), math.Sin((b.X-a.X)*rad/2)
	h := sy*sy + math.Cos(a.Y*rad)*math.Cos(b.Y*rad)*sx*sx
	return 2 * earthRadius * math.Asin(math.Sqrt(math.Min(1, h)))
}

// Table looks travel times up by Point.Ref, as a routing engine answers them.
type Table [][]int64

// Ticks implements Travel.
func (t Table) Ticks(from, to Point) int64 { return t[from.Ref][to.Ref] }

// RushHours slows another Travel down by the hour of the day; the origin of ticks must be a midnight. Within an hour the speed
// is constant, so that nobody overtakes by leaving later (Ichoua, Gendreau and Potvin 2003).
type RushHours struct {
	Travel
	Percent [24]int64 // of the time that Travel says; at least 100
	Hour    int64     // ticks
}

// TicksAt implements Hourly.
func (r RushHours) TicksAt(from, to Point, depart int64) int64 {
	left := float64(r.Travel.Ticks(from, to)) // at full speed
	now := float64(depart)
	for left > 1e-9 {
		hour := int64(math.Floor(now / float64(r.Hour)))
		slow := float64(r.Percent[((hour%24)+24)%24]) / 100
		room := (float64((hour+1)*r.Hour) - now) / slow
		step := min(left, room)
		left -= step
		now += step * slow
	}
	return int64(math.Ceil(now-1e-6)) - depart
}
