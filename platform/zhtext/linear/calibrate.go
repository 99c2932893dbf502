package linear

import "math"

// calibrateOn fits Platt's sigmoid per plane on the held-out rows by Newton's method, with his smoothed targets.
func (m *Model) calibrateOn(s *set, rows []int32, centred bool) {
	x := &Extractor{}
	for k := range m.planes {
		margins, positive := make([]float64, len(rows)), make([]bool, len(rows))
		for j, i := range rows {
			x.Set = s.row(i)
			margins[j], positive[j] = m.Margin(x, k), s.sign(i, k) > 0
		}
		a, b := platt(margins, positive, centred)
		m.calibrate[k] = [2]float64{a, b}
	}
}

// platt finds A and B of p = 1/(1+exp(-(A·z+B))). A stays positive: calibration may not turn a model round. A
// centred fit keeps B at zero.
func platt(z []float64, positive []bool, centred bool) (a, b float64) {
	var pos float64
	for _, p := range positive {
		if p {
			pos++
		}
	}
	neg := float64(len(z)) - pos
	hi, lo := (pos+1)/(pos+2), 1/(neg+2)
	a, b = 1, 0
	for range 30 {
		var ga, gb, haa, hab, hbb float64
		for i, v := range z {
			t := lo
			if positive[i] {
				t = hi
			}
			p := sigmoid(a*v + b)
			e, w := p-t, p*(1-p)
			ga, gb = ga+e*v, gb+e
			haa, hab, hbb = haa+w*v*v, hab+w*v, hbb+w
		}
		haa, hbb = haa+1e-3, hbb+1e-3
		if centred {
			gb, hab = 0, 0
		}
		det := haa*hbb - hab*hab
		da, db := (hbb*ga-hab*gb)/det, (haa*gb-hab*ga)/det
		if math.IsNaN(da) || math.IsNaN(db) {
			break
		}
		a, b = clamp(a-da, 0.05, 20), clamp(b-db, -10, 10)
		if math.Abs(da)+math.Abs(db) < 1e-6 {
			break
		}
	}
	return a, b
}

func clamp(v, lo, hi float64) float64 { return math.Max(lo, math.Min(hi, v)) }

// accuracyOn is the share of rows given their own label.
func (m *Model) accuracyOn(s *set, rows []int32) float64 {
	x, right := &Extractor{}, 0
	for _, i := range rows {
		x.Set = s.row(i)
		if m.Scored(x).Best == int(s.class[i]) {
			right++
		}
	}
	return float64(right) / math.Max(1, float64(len(rows)))
}
