package linear

import "math/rand/v2"

// descent is the dual of the L2-loss support vector machine for one plane and one view:
// min ½‖w‖² + Σ cᵢ·max(0, 1 - yᵢ·w·xᵢ)², solved one dual variable at a time (Hsieh et al., 2008, algorithm 1).
type descent struct {
	s    *set
	rows []int32
	// The view: feature h of row i has the value scale[h]·Norm(row). Kept are the squares of the scale and the weights
	// multiplied by the scale, so that a margin costs one look-up a feature.
	scaleSquared []float32
	w            []float32
	bias         float64
	alpha        []float64
	y            []float64
	norm         []float32
	square       []float64 // ‖xᵢ‖², the bias feature included
	soft         []float64 // 1/(2cᵢ)
	prior        []float64 // margin of the prior model, which the weights are learnt on top of
	order        []int32
	random       *rand.Rand
}

func newDescent(s *set, rows []int32, k int, scale []float32, o Options) *descent {
	n := len(rows)
	d := &descent{s: s, rows: rows, scaleSquared: make([]float32, Buckets), w: make([]float32, Buckets), alpha: make([]float64, n),
		y: make([]float64, n), norm: make([]float32, n), square: make([]float64, n), soft: make([]float64, n),
		order: make([]int32, n), random: rand.New(rand.NewPCG(o.Seed, uint64(k)))}
	for h, v := range scale {
		d.scaleSquared[h] = v * v
	}
	for j, i := range rows {
		row := s.row(i)
		var q float64
		for _, h := range row {
			q += float64(d.scaleSquared[h])
		}
		f := Norm(len(row))
		d.order[j], d.y[j], d.norm[j], d.square[j] = int32(j), s.sign(i, k), float32(f), q*f*f+1
		d.soft[j] = 1 / (2 * o.Cost * s.weight[i])
	}
	if o.Prior != nil {
		d.lean(o.Prior, k)
	}
	return d
}

// PriorUnit brings the margins of a model (two views, each of spread one) to those of a support vector machine.
const PriorUnit = 0.5

// lean makes the descent learn only what the prior model does not know.
func (d *descent) lean(prior *Model, k int) {
	d.prior = make([]float64, len(d.rows))
	x := &Extractor{}
	for j, i := range d.rows {
		x.Set = d.s.row(i)
		d.prior[j] = PriorUnit*prior.Margin(x, k) + d.s.offset[i]
	}
}

// pass goes once over all rows in random order.
func (d *descent) pass() {
	d.random.Shuffle(len(d.order), func(i, j int) { d.order[i], d.order[j] = d.order[j], d.order[i] })
	for _, j := range d.order {
		row := d.s.row(d.rows[j])
		var z float32
		for _, h := range row {
			z += d.w[h]
		}
		margin := float64(z*d.norm[j]) + d.bias
		if d.prior != nil {
			margin += d.prior[j]
		}
		gradient := d.y[j]*margin - 1 + d.soft[j]*d.alpha[j]
		next := max(0, d.alpha[j]-gradient/(d.square[j]+d.soft[j]))
		step := (next - d.alpha[j]) * d.y[j]
		if step == 0 {
			continue
		}
		d.alpha[j] = next
		f := float32(step) * d.norm[j]
		for _, h := range row {
			d.w[h] += f * d.scaleSquared[h]
		}
		d.bias += step
	}
}

// folded gives the weights with the view's scale multiplied in, and the bias.
func (d *descent) folded() ([]float32, float64) { return d.w, d.bias }
