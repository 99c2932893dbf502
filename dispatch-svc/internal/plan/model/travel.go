package model

import "math"

// Travel tells how many ticks lie between two places. It must answer the same for the same arguments and be safe for
// concurrent use. It need not be symmetric.
type Travel interface {
	Ticks(from, to Point) int64
}

// Hourly is a Travel whose times depend on the hour of departure, by a factor in per cent for each hour of the day.
// Between the steps departures keep their order: who leaves later does not arrive earlier.
type Hourly interface {
	Travel
	// Profile answers 24 factors in per cent and the ticks of an hour; the origin must be a midnight.
	Profile() (percent [24]int64, hour int64)
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

// RushHours slows another Travel down by the hour of the day.
type RushHours struct {
	Travel
	Percent [24]int64
	Hour    int64
}

// Profile implements Hourly.
func (r RushHours) Profile() ([24]int64, int64) { return r.Percent, r.Hour }
