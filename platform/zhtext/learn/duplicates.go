package learn

import (
	"github.com/aftersales-suite/aftersales/platform/zhtext/linear"
	"github.com/aftersales-suite/aftersales/platform/zhtext/minhash"
)

// The similarities from which on two texts are the same for training, or must not be parted by a split.
const (
	sameText  = 0.9
	sameGroup = 0.6
)

// WithoutDuplicates leaves out of near-equal texts with one label all but the first, and ties what is still alike into
// groups, so that no split has a text on one side and its twin on the other.
func WithoutDuplicates(all []linear.Example) (kept []linear.Example, removed int) {
	texts := make([]string, len(all))
	for i, e := range all {
		texts[i] = e.Text
	}
	groups := make([]int, len(all))
	for i, twin := range minhash.Twins(texts, sameGroup) {
		groups[i] = i + 1
		if twin.Index >= 0 {
			groups[i] = groups[twin.Index]
			if twin.Similarity >= sameText && all[twin.Index].Label == all[i].Label {
				removed++
				continue
			}
		}
		e := all[i]
		e.Group = groups[i]
		kept = append(kept, e)
	}
	return kept, removed
}
