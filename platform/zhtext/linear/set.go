package linear

import (
	"math"
	"runtime"
	"slices"
	"sync"
)

// set is the training texts as feature sets, row by row in one array.
type set struct {
	labels []string
	class  []int32
	weight []float64
	offset []float64
	group  []int
	off    []int64
	idx    []uint32
}

func newSet(examples []Example) (*set, error) {
	s := &set{off: []int64{0}}
	count := map[string]int{}
	for _, e := range examples {
		count[e.Label]++
	}
	for label, n := range count {
		if n >= 3 {
			s.labels = append(s.labels, label)
		}
	}
	slices.Sort(s.labels)
	if len(s.labels) < 2 {
		return nil, ErrTooFew
	}
	for i, part := range extractAll(examples) {
		s.take(examples[i], part)
	}
	return s, nil
}

// extractAll reads the features of all texts on all cores.
func extractAll(examples []Example) [][]uint32 {
	parts := make([][]uint32, len(examples))
	workers := runtime.GOMAXPROCS(0)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			var x Extractor
			for i := w; i < len(examples); i += workers {
				x.Read(examples[i].Text)
				parts[i] = slices.Clone(x.Set)
			}
		})
	}
	wait.Wait()
	return parts
}

func (s *set) take(e Example, features []uint32) {
	class := slices.Index(s.labels, e.Label)
	if class < 0 || len(features) == 0 {
		return
	}
	w := e.Weight
	if w <= 0 {
		w = 1
	}
	group := e.Group
	if group == 0 {
		group = -len(s.class) - 1
	}
	s.class, s.weight, s.group = append(s.class, int32(class)), append(s.weight, w), append(s.group, group)
	s.offset = append(s.offset, e.Offset)
	s.idx = append(s.idx, features...)
	s.off = append(s.off, int64(len(s.idx)))
}

func (s *set) count() int           { return len(s.class) }
func (s *set) row(i int32) []uint32 { return s.idx[s.off[i]:s.off[i+1]] }

func (s *set) planes() int {
	if len(s.labels) == 2 {
		return 1
	}
	return len(s.labels)
}

// sign is +1 when row i belongs to plane k, else -1.
func (s *set) sign(i int32, k int) float64 {
	positive := int(s.class[i]) == k
	if len(s.labels) == 2 {
		positive = s.class[i] == 1
	}
	if positive {
		return 1
	}
	return -1
}

func (s *set) all() []int32 {
	rows := make([]int32, s.count())
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

// split parts the rows by group: one group in holdOut is held out.
func (s *set) split() (fit, held []int32) {
	for i := range s.count() {
		g := uint64(s.group[i]) * 0x9E3779B97F4A7C15 >> 33
		if g%holdOut == 0 {
			held = append(held, int32(i))
		} else {
			fit = append(fit, int32(i))
		}
	}
	if len(held) == 0 || len(fit) == 0 {
		return s.all(), s.all()
	}
	return fit, held
}

// idf is the inverse document frequency of every bucket, between 1 and 6, brought to a mean square of one.
func (s *set) idf(rows []int32) []float32 {
	df := make([]float32, Buckets)
	for _, i := range rows {
		for _, h := range s.row(i) {
			df[h]++
		}
	}
	scale := make([]float32, Buckets)
	for h, d := range df {
		scale[h] = float32(max(1, min(6, math.Log(float64(len(rows)+1)/(float64(d)+1)))))
	}
	return s.unit(rows, scale)
}

// ratio is the absolute log-count ratio of every bucket between plane k and the rest, plus one half, brought to a mean
// square of one.
func (s *set) ratio(rows []int32, k int) []float32 {
	var in, out = make([]float64, Buckets), make([]float64, Buckets)
	var sumIn, sumOut float64
	for _, i := range rows {
		counts, sum := out, &sumOut
		if s.sign(i, k) > 0 {
			counts, sum = in, &sumIn
		}
		*sum += s.weight[i]
		for _, h := range s.row(i) {
			counts[h] += s.weight[i]
		}
	}
	scale := make([]float32, Buckets)
	for h := range scale {
		r := math.Log((in[h]+1)/(sumIn+2)) - math.Log((out[h]+1)/(sumOut+2))
		scale[h] = float32(math.Abs(r)) + 0.5
	}
	return s.unit(rows, scale)
}

// focused multiplies a view by the focus.
func (s *set) focused(rows []int32, scale, focus []float32) []float32 {
	out := make([]float32, len(scale))
	for h := range out {
		out[h] = scale[h] * focus[h]
	}
	return s.unit(rows, out)
}

func (s *set) unit(rows []int32, scale []float32) []float32 {
	var square, n float64
	for _, i := range rows {
		for _, h := range s.row(i) {
			square += float64(scale[h]) * float64(scale[h])
		}
		n += float64(len(s.row(i)))
	}
	f := float32(math.Sqrt(n / square))
	for h := range scale {
		scale[h] *= f
	}
	return scale
}

// spread is the standard deviation of the margins of w over the rows.
func (s *set) spread(rows []int32, w []float32, b float64) float64 {
	var sum, square float64
	for _, i := range rows {
		var z float32
		for _, h := range s.row(i) {
			z += w[h]
		}
		m := float64(z)*Norm(len(s.row(i))) + b
		sum, square = sum+m, square+m*m
	}
	n := float64(len(rows))
	return math.Max(1e-6, math.Sqrt(math.Max(0, square/n-sum/n*sum/n)))
}
