package plan

import (
	"math/bits"
	"slices"
	"sync/atomic"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

func member[K comparable](m map[K]*bitmap, k K) *bitmap {
	b := m[k]
	if b == nil {
		b = new(bitmap)
		m[k] = b
	}
	return b
}

// graded sets i in the sets for 1 to level pieces or levels.
func graded(m map[string][]bitmap, name string, i int32, level, most int) {
	b := m[name]
	for l := range min(level, most) {
		if l == len(b) {
			b = append(b, nil)
		}
		b[l].set(i)
	}
	m[name] = b
}

func (x *Index) addSkills(i int32, who *model.Engineer) {
	x.all.set(i)
	if len(who.Territory) == 0 {
		x.roaming.set(i)
	}
	for _, t := range who.Territory {
		member(x.territory, t).set(i)
	}
	for _, s := range who.Skills {
		graded(x.skill, s.Name, i, s.Level, maxLevel)
		x.eng[i].holders = append(x.eng[i].holders, x.holder(s.Name))
		if s.Expires != 0 {
			x.eng[i].expires = true
			x.addExpiry(i, expiryKey{s.Name, x.day(s.Expires)})
		}
	}
	for _, t := range who.Tools {
		member(x.tool, t).set(i)
	}
	for _, p := range who.Kit {
		graded(x.part, p.Part, i, p.Count, maxPieces)
	}
	for c := range loadClasses(who.Capacity) {
		if c == len(x.carries) {
			x.carries = append(x.carries, nil)
		}
		x.carries[c].set(i)
	}
}

// loadClasses is how many powers of two a van's capacity reaches; without a limit it reaches all.
func loadClasses(capacity int) int {
	if capacity <= 0 {
		return maxLoads
	}
	return min(bits.Len(uint(capacity)), maxLoads)
}

// holder counts one more who has a skill.
func (x *Index) holder(skill string) *atomic.Int64 {
	n := x.holders[skill]
	if n == nil {
		n = new(atomic.Int64)
		x.holders[skill] = n
	}
	n.Add(1)
	return n
}

func (x *Index) dropSkills(i int32, who *model.Engineer) {
	x.all.clear(i)
	x.roaming.clear(i)
	for _, t := range who.Territory {
		x.territory[t].clear(i)
	}
	for _, s := range who.Skills {
		x.holders[s.Name].Add(-1)
		for _, b := range x.skill[s.Name] {
			b.clear(i)
		}
		k := expiryKey{s.Name, x.day(s.Expires)}
		x.expiry[k] = slices.DeleteFunc(x.expiry[k], func(j int32) bool { return j == i })
	}
	for _, t := range who.Tools {
		x.tool[t].clear(i)
	}
	for _, p := range who.Kit {
		for _, b := range x.part[p.Part] {
			b.clear(i)
		}
	}
	for _, b := range x.carries {
		b.clear(i)
	}
}

func (x *Index) addExpiry(i int32, k expiryKey) {
	if _, known := x.expiry[k]; !known {
		at, _ := slices.BinarySearch(x.expiries[k.skill], k.day)
		x.expiries[k.skill] = slices.Insert(x.expiries[k.skill], at, k.day)
	}
	x.expiry[k] = append(x.expiry[k], i)
}
