package hotspot

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func pile(r *rand.Rand, n int, special string, share float64) []Text {
	common := []string{"洗衣机脱水声音大", "空调不制冷", "预约以后没有人来", "收费不合理", "师傅态度好", "冰箱结冰", "物流很慢", "屏幕有划痕"}
	all := make([]Text, n)
	for i := range all {
		text := common[r.IntN(len(common))] + "，" + common[r.IntN(len(common))]
		if r.Float64() < share {
			text += "，" + special
		}
		all[i] = Text{fmt.Sprint(i), text}
	}
	return all
}

// R209, R231
func TestWordsFindWhatTheSliceTalksAbout(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	words := Words(pile(r, 200, "排水泵堵塞报E21", 0.2), pile(r, 800, "排水泵堵塞报E21", 0.005), Options{})
	require.NotEmpty(t, words)
	const told = "排水泵堵塞报e21"
	require.True(t, slices.ContainsFunc(words, func(w Word) bool { return strings.Contains(told, w.Phrase) }))
	require.Len(t, words[0].Evidence, 3)
	require.Greater(t, words[0].Z, 4.0)
	require.LessOrEqual(t, len(words), 6, "parts of a phrase are not told beside it")
}

func TestWordsAreSilentWhenNothingIsTheMatter(t *testing.T) {
	t.Parallel()
	told := 0
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		told += len(Words(pile(r, 150, "", 0), pile(r, 600, "", 0), Options{}))
	}
	require.LessOrEqual(t, told, 4)
}

// R210
func TestBurstsAreFoundAndFewAreFalse(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	var all []Series
	for i := range 300 {
		s := Series{Key: fmt.Sprintf("product%d", i), Evidence: []string{"a", "b", "c", "d"}}
		for range 12 {
			s.Counts = append(s.Counts, poisson(r, 2))
		}
		s.Counts = append(s.Counts, poisson(r, 2))
		if i < 10 {
			s.Counts[12] = 15
		}
		all = append(all, s)
	}
	found := Bursts(all, BurstOptions{})
	real := 0
	for _, b := range found {
		if b.Count == 15 {
			real++
		}
		require.LessOrEqual(t, len(b.Evidence), 3)
	}
	require.Equal(t, 10, real)
	require.LessOrEqual(t, len(found), 12)
}

func TestSmallCountsAreNoBurst(t *testing.T) {
	t.Parallel()
	require.Empty(t, Bursts([]Series{{Key: "a", Counts: []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3}}}, BurstOptions{}))
	require.Empty(t, Bursts([]Series{{Key: "a", Counts: []int{5}}}, BurstOptions{}))
}

func TestNegativeBinomialTail(t *testing.T) {
	t.Parallel()
	require.InDelta(t, 1, upperNegativeBinomial(0, 3, 0.5), 1e-12)
	require.InDelta(t, 0.875, upperNegativeBinomial(1, 3, 0.5), 1e-12)
	require.InDelta(t, 0.6875, upperNegativeBinomial(2, 3, 0.5), 1e-12)
}

func poisson(r *rand.Rand, mean float64) int {
	n, t := 0, r.ExpFloat64()
	for t < mean {
		n++
		t += r.ExpFloat64()
	}
	return n
}
