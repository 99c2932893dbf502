// Package geo compares places on earth that were told in different systems. Chinese public maps shift WGS-84 by 20 to 678 m, so that
// a place without its system is worth little.
//
// The conversions are the widely published approximations (after the EvilTransform work of 2012); their error is below a few
// metres inside China. GCJ-02 is inverted by iteration, to below a decimetre.
package geo

import "math"

// Point is a place in WGS-84, in degrees.
type Point struct{ Lat, Lon float64 }

// IsZero says that no place is known.
func (p Point) IsZero() bool { return p == Point{} }

// meanRadius of the earth in metres (IUGG).
const meanRadius = 6371008.8

// Metres is the great-circle distance.
func (p Point) Metres(q Point) float64 {
	rad := math.Pi / 180
	dLat, dLon := (q.Lat-p.Lat)*rad/2, (q.Lon-p.Lon)*rad/2
	h := math.Pow(math.Sin(dLat), 2) + math.Cos(p.Lat*rad)*math.Cos(q.Lat*rad)*math.Pow(math.Sin(dLon), 2)
	return 2 * meanRadius * math.Asin(math.Sqrt(math.Min(1, h)))
}

// FromGCJ02 turns a place of Amap or Tencent into WGS-84.
func FromGCJ02(p Point) Point {
	guess := p
	for range 3 {
		g := ToGCJ02(guess)
		guess = Point{guess.Lat + p.Lat - g.Lat, guess.Lon + p.Lon - g.Lon}
	}
	return guess
}

// FromBD09 turns a place of Baidu into WGS-84.
func FromBD09(p Point) Point {
	const f = math.Pi * 3000 / 180
	x, y := p.Lon-0.0065, p.Lat-0.006
	z := math.Hypot(x, y) - 0.00002*math.Sin(y*f)
	theta := math.Atan2(y, x) - 0.000003*math.Cos(x*f)
	return FromGCJ02(Point{Lat: z * math.Sin(theta), Lon: z * math.Cos(theta)})
}

// ToGCJ02 shifts a place as Chinese public maps do; outside China nothing is shifted.
func ToGCJ02(p Point) Point {
	if p.Lon < 72.004 || p.Lon > 137.8347 || p.Lat < 0.8293 || p.Lat > 55.8271 {
		return p
	}
	const (
		a  = 6378245.0              // Krasovsky 1940, metres
		ee = 0.00669342162296594323 // its eccentricity squared
	)
	dLat, dLon := shift(p.Lon-105, p.Lat-35)
	rad := p.Lat / 180 * math.Pi
	magic := 1 - ee*math.Pow(math.Sin(rad), 2)
	root := math.Sqrt(magic)
	return Point{
		Lat: p.Lat + dLat*180/((a*(1-ee))/(magic*root)*math.Pi),
		Lon: p.Lon + dLon*180/(a/root*math.Cos(rad)*math.Pi),
	}
}

// shift is the published polynomial, in metres.
func shift(x, y float64) (lat, lon float64) {
	pi := math.Pi
	wave := (20*math.Sin(6*x*pi) + 20*math.Sin(2*x*pi)) * 2 / 3
	lat = -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*math.Sqrt(math.Abs(x)) + wave +
		(20*math.Sin(y*pi)+40*math.Sin(y/3*pi))*2/3 + (160*math.Sin(y/12*pi)+320*math.Sin(y*pi/30))*2/3
	lon = 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*math.Sqrt(math.Abs(x)) + wave +
		(20*math.Sin(x*pi)+40*math.Sin(x/3*pi))*2/3 + (150*math.Sin(x/12*pi)+300*math.Sin(x/30*pi))*2/3
	return lat, lon
}
