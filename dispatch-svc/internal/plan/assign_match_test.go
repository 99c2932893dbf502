package plan

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// bruteMatch tries every pairing.
func bruteMatch(rows [][]edge, used map[int]bool) float64 {
	if len(rows) == 0 {
		return 0
	}
	best := bruteMatch(rows[1:], used)
	for _, e := range rows[0] {
		if !used[e.col] {
			used[e.col] = true
			best = max(best, e.value+bruteMatch(rows[1:], used))
			used[e.col] = false
		}
	}
	return best
}

func drawRows(rng *rand.Rand) ([][]edge, int) {
	rows, cols := make([][]edge, 1+rng.IntN(6)), 1+rng.IntN(6)
	for r := range rows {
		for c := range cols {
			if rng.IntN(3) > 0 {
				rows[r] = append(rows[r], edge{c, float64(rng.IntN(41) - 8)})
			}
		}
	}
	return rows, cols
}

// The matching is the best there is.
func TestMatchEqualsBruteForce(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		rows, cols := drawRows(rng)
		sum, used := 0.0, map[int]bool{}
		for r, c := range match(rows, cols) {
			if c < 0 {
				continue
			}
			require.False(t, used[c], "a column twice")
			used[c] = true
			for _, e := range rows[r] {
				if e.col == c {
					sum += e.value
				}
			}
		}
		require.InDelta(t, bruteMatch(rows, map[int]bool{}), sum, 1e-9)
	}
}

func BenchmarkMatch(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 6))
	rows := make([][]edge, 1000)
	for r := range rows {
		for range 12 {
			rows[r] = append(rows[r], edge{rng.IntN(3000), 1000 + 100*rng.Float64()})
		}
	}
	for b.Loop() {
		match(rows, 3000)
	}
}
