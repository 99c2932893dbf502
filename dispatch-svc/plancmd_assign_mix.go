package dispatch

import (
	"iter"
	"math/rand/v2"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/generate"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

const (
	benchHour = int64(3600)
	benchDay  = 24 * benchHour
	// rareSkill is what one engineer in rareEvery has.
	rareSkill = "gas-licence"
	rareEvery = 2000
)

// kinds of jobs that the bench asks for in turn: half of them friendly, half of them what makes a search long.
var kinds = []struct {
	name   string
	share  int // of the sum of shares
	change func(*rand.Rand, *model.Visit)
}{
	{"friendly", 10, func(*rand.Rand, *model.Visit) {}},
	{"scarce skill", 2, scarceJob},
	{"remote place", 2, remoteJob},
	{"short window", 2, shortJob},
	{"all busy", 2, busyJob},
	{"nobody at all", 1, nobodyJob},
	{"long and anybody", 1, anybodyJob},
}

// scarceJob needs what few can.
func scarceJob(_ *rand.Rand, v *model.Visit) {
	v.Needs = append(v.Needs, model.Need{Name: rareSkill, Level: 1})
}

// remoteJob is 40 to 150 km outside the city, one in five 1,000 km away.
func remoteJob(rng *rand.Rand, v *model.Visit) {
	off := 0.4 + rng.Float64()
	if rng.IntN(5) == 0 {
		off = 9
	}
	v.Place.Y += off
}

// shortJob must begin within ten minutes of some time today or tomorrow.
func shortJob(rng *rand.Rand, v *model.Visit) {
	from := int64(rng.IntN(2))*benchDay + 9*benchHour + int64(rng.IntN(28))*benchHour/4
	v.Windows = []model.Window{{From: from, To: from + benchHour/6}}
}

// busyJob is too long for nearly every gap of its day.
func busyJob(rng *rand.Rand, v *model.Visit) {
	from := int64(rng.IntN(3))*benchDay + int64(9+rng.IntN(4))*benchHour
	v.Windows = []model.Window{{From: from, To: from + 2*benchHour}}
	v.Duration = 3*benchHour + benchHour/2
}

// nobodyJob fits nobody: too long for every gap of the hour, in the busiest places, whatever the skill.
func nobodyJob(rng *rand.Rand, v *model.Visit) {
	from := int64(rng.IntN(3))*benchDay + 8*benchHour
	v.Needs, v.Parts = nil, nil
	v.Windows = []model.Window{{From: from, To: from + 4*benchHour}}
	v.Duration = 9*benchHour + benchHour/2
}

// anybodyJob asks for no skill at all in a window of an hour, with nearly everybody in question and few gaps that fit.
func anybodyJob(rng *rand.Rand, v *model.Visit) {
	from := int64(rng.IntN(3))*benchDay + int64(9+rng.IntN(6))*benchHour
	v.Needs, v.Parts = nil, nil
	v.Windows = []model.Window{{From: from, To: from + benchHour/2}}
	v.Duration = 2*benchHour + benchHour/2
}

// mixedJobs draws n jobs with the number of their kind.
func mixedJobs(n int, seed uint64) iter.Seq2[int, model.Visit] {
	sum := 0
	for _, k := range kinds {
		sum += k.share
	}
	return func(yield func(int, model.Visit) bool) {
		rng := rand.New(rand.NewPCG(seed, 9))
		for v := range generate.Jobs(n, seed) {
			k, left := 0, rng.IntN(sum)
			for left >= kinds[k].share {
				left -= kinds[k].share
				k++
			}
			kinds[k].change(rng, &v)
			if !yield(k, v) {
				return
			}
		}
	}
}

// toBooked turns a generated engineer into the index's; some get the rare skill.
func toBooked(i int, b generate.Booked) plan.Booked {
	out := plan.Booked{Engineer: b.Engineer}
	if i%rareEvery == 0 {
		out.Engineer.Skills = append(out.Engineer.Skills, model.Skill{Name: rareSkill, Level: 1})
	}
	for _, t := range b.Tours {
		bt := plan.BookedTour{Shift: t.Shift}
		for _, s := range t.Stops {
			bt.Stops = append(bt.Stops, plan.BookedStop{Visit: s.Visit, Place: s.Place, Window: s.Window, Duration: s.Duration})
		}
		out.Tours = append(out.Tours, bt)
	}
	return out
}
