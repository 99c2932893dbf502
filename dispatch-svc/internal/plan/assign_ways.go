package plan

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// oneByOne gives each job in the order given to whoever is best for it then, without prices: what a dispatcher does with
// suggestions. It is exact: no engineer of the index would score better at that moment.
func (b *crowd) oneByOne(ctx context.Context) error {
	for i, t := range b.tasks {
		if err := ctx.Err(); err != nil {
			return err
		}
		options, err := b.options(ctx, t, false)
		if err != nil {
			return err
		}
		for k := range options {
			if b.put(i, &options[k]) == nil {
				break
			}
		}
	}
	return nil
}

// options are what everybody asked, and everybody who works nearby by now, can do for a job, best first. While the best is no
// better than the worst of those asked was at first, more are asked: somebody unasked may be better.
func (b *crowd) options(ctx context.Context, t *task, priced bool) ([]option, error) {
	for {
		t.options = t.options[:0]
		for _, m := range t.cands {
			b.offer(t, m, math.Inf(-1), priced)
		}
		slices.SortFunc(t.options, byScoreThenName(b))
		floor := floorOf(t.options)
		for _, m := range b.busy {
			if b.nearby(t, m, floor) && !slices.Contains(t.cands, m) && suits(b.team[m].who, &t.q.Visit) {
				b.offer(t, m, floor, priced)
			}
		}
		slices.SortFunc(t.options, byScoreThenName(b))
		if t.all || t.asked >= mostAsked || len(t.options) > 0 && t.options[0].score-t.options[0].points[reasonPrice] >= t.cutoff {
			return t.options, nil
		}
		var without []string
		for _, m := range t.cands {
			without = append(without, b.team[m].who.ID)
		}
		if err := b.ask(ctx, t, without); err != nil {
			return nil, err
		}
	}
}

// floorOf is the score below which another option is of no interest.
func floorOf(sorted []option) float64 {
	if len(sorted) < regretDepth+1 {
		return math.Inf(-1)
	}
	return sorted[regretDepth].score
}

// nearby says whether a member may score above floor by where he works.
func (b *crowd) nearby(t *task, m int, floor float64) bool {
	s := &b.team[m].spot
	way := max(int64(t.judge.about(s.x, s.y))-int64(s.radius), 0)
	return way <= t.judge.reach && 100+preferPoints-t.judge.travelAt*float64(way) > floor
}

func (b *crowd) offer(t *task, m int, floor float64, priced bool) {
	if o, ok := b.option(t, m, floor, priced); ok {
		t.options = append(t.options, o)
	}
}

// regretDepth is how many options of a job are compared.
const regretDepth = 3

// byRegret always gives that job away next that would lose most by waiting: the sum of what its second and third options are worse
// than its best (Potvin and Rousseau 1993), with scarce skills priced.
func (b *crowd) byRegret(ctx context.Context) error {
	open := make([]int, 0, len(b.tasks))
	for i, t := range b.tasks {
		if _, err := b.options(ctx, t, true); err != nil {
			return err
		}
		open = append(open, i)
	}
	for len(open) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		at := b.mostRegret(open)
		i := open[at]
		open = slices.Delete(open, at, at+1)
		t := b.tasks[i]
		for len(t.options) > 0 && b.put(i, &t.options[0]) != nil {
			t.options = t.options[1:]
		}
		if t.chosen >= 0 {
			if err := b.refresh(ctx, open, t.chosen); err != nil {
				return err
			}
		}
	}
	return nil
}

// mostRegret is the place in open of the job to give away next; jobs with few options first.
func (b *crowd) mostRegret(open []int) int {
	best, at := math.Inf(-1), 0
	for k, i := range open {
		o := b.tasks[i].options
		if len(o) == 0 {
			continue
		}
		regret := 0.0
		for d := 1; d < regretDepth; d++ {
			if d < len(o) {
				regret += o[0].score - o[d].score
			} else {
				regret += b.worth(i)
			}
		}
		if regret > best {
			best, at = regret, k
		}
	}
	return at
}

func (b *crowd) worth(i int) float64 {
	if p := b.tasks[i].q.Visit.Price; p != 0 {
		return float64(p)
	}
	return worthOfServing
}

// refresh looks again at one member for all jobs still open.
func (b *crowd) refresh(ctx context.Context, open []int, m int) error {
	for _, i := range open {
		t := b.tasks[i]
		floor := floorOf(t.options)
		at := slices.IndexFunc(t.options, func(o option) bool { return int(o.eng) == m })
		if at < 0 && !(b.nearby(t, m, floor) && suits(b.team[m].who, &t.q.Visit)) {
			continue
		}
		if at >= 0 {
			t.options, floor = slices.Delete(t.options, at, at+1), math.Inf(-1)
		}
		b.offer(t, m, floor, true)
		slices.SortFunc(t.options, byScoreThenName(b))
		if !t.all && t.asked < mostAsked && (len(t.options) == 0 || t.options[0].score-t.options[0].points[reasonPrice] < t.cutoff) {
			if _, err := b.options(ctx, t, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// byMatching gives in each round every engineer at most one job, by the best matching of jobs and engineers at what they score and
// what skills cost; the next round begins with the tours as they are then.
func (b *crowd) byMatching(ctx context.Context) error {
	open := make([]int, len(b.tasks))
	for i := range open {
		open[i] = i
	}
	for len(open) > 0 {
		rows := make([][]edge, len(open))
		for r, i := range open {
			options, err := b.options(ctx, b.tasks[i], true)
			if err != nil {
				return err
			}
			for _, o := range options {
				rows[r] = append(rows[r], edge{int(o.eng), b.worth(i) + o.score})
			}
		}
		before := len(open)
		open = b.settle(open, match(rows, len(b.team)))
		if len(open) == before {
			return nil
		}
	}
	return nil
}

// settle books a matching and gives the jobs that are still open.
func (b *crowd) settle(open, cols []int) []int {
	var left []int
	for r, i := range open {
		t := b.tasks[i]
		at := slices.IndexFunc(t.options, func(o option) bool { return int(o.eng) == cols[r] })
		if at < 0 || b.put(i, &t.options[at]) != nil {
			left = append(left, i)
		}
	}
	return left
}

// improve moves single jobs to where the whole plan is worth more, and makes room for jobs that were left over, until nothing helps.
func (b *crowd) improve(ctx context.Context) (int, error) {
	moves := 0
	for range 4 {
		found := 0
		for i := range b.tasks {
			if err := ctx.Err(); err != nil {
				return moves, err
			}
			better, err := b.move(ctx, i)
			if err != nil {
				return moves, err
			}
			if better {
				found++
			}
		}
		moves += found
		if found == 0 {
			break
		}
	}
	return moves, nil
}

// kept is a member's tours before a move.
type kept struct {
	m     int
	tours []tour
	spot  spot
}

// move tries a job elsewhere and keeps what is worth more.
func (b *crowd) move(ctx context.Context, i int) (bool, error) {
	t := b.tasks[i]
	from, was := t.chosen, 0.0
	var undo []kept
	if from >= 0 {
		was = b.valueOf(b.team[from])
		undo = append(undo, kept{from, slices.Clone(b.team[from].tours), b.team[from].spot})
		b.take(i)
	}
	rest := 0.0
	if from >= 0 {
		rest = b.valueOf(b.team[from])
	}
	options, err := b.options(ctx, t, false)
	if err != nil {
		return false, err
	}
	for k := range min(len(options), 4) {
		o := options[k]
		to := int(o.eng)
		before := b.valueOf(b.team[to])
		saved := kept{to, slices.Clone(b.team[to].tours), b.team[to].spot}
		if b.put(i, &o) != nil {
			continue
		}
		if gain := b.valueOf(b.team[to]) - before - (was - rest); gain > 1e-6 {
			return true, nil
		}
		b.team[to].tours, b.team[to].spot = saved.tours, saved.spot
		t.chosen = -1
	}
	for _, u := range undo {
		b.team[u.m].tours, b.team[u.m].spot = u.tours, u.spot
		t.chosen = u.m
	}
	return false, nil
}

// answer tells who does what, from the plan as a whole.
func (b *crowd) answer(ctx context.Context) BatchPlan {
	out := BatchPlan{Value: b.value()}
	for i, t := range b.tasks {
		if t.chosen < 0 {
			out.Unserved = append(out.Unserved, Unserved{Visit: t.q.Visit.ID, Rejected: b.refusals(ctx, i)})
			continue
		}
		out.Assigned = append(out.Assigned, b.assigned(ctx, i))
	}
	for _, p := range b.prices {
		out.Prices = append(out.Prices, p)
	}
	slices.SortFunc(out.Prices, func(x, y SkillPrice) int { return cmp.Compare(x.Skill, y.Skill) })
	return out
}

// assigned explains one job by what the others leave: it is taken out, its own place scored, and who would be next.
func (b *crowd) assigned(ctx context.Context, i int) Assigned {
	t := b.tasks[i]
	m := b.team[t.chosen]
	chosen, tours, spot := t.chosen, slices.Clone(m.tours), m.spot
	k, gap := b.where(m, i)
	b.take(i)
	o := b.inPlace(t, m, option{eng: int32(chosen), tour: k, gap: gap})
	price, skill := b.price(m, &t.q.Visit)
	o.points[reasonPrice] = -price
	o.score -= price
	a := Assigned{Visit: t.q.Visit.ID, Suggestion: Suggestion{Engineer: m.who.ID, Shift: int(m.tours[k].shift), EarliestArrival: o.begin,
		TravelTicks: o.added, Score: o.score, Reasons: t.judge.reasons(&o, &m.entry)}}
	b.namePrice(t, a.Reasons, skill)
	if options, err := b.options(ctx, t, true); err == nil {
		for _, other := range options {
			if int(other.eng) != chosen {
				a.Second = &Choice{b.team[other.eng].who.ID, other.score}
				break
			}
		}
	}
	m.tours, m.spot, t.chosen = tours, spot, chosen
	a.After = b.public(m.tours[k].after(gap))
	a.EarliestArrival = m.tours[k].open + int64(m.tours[k].stops[gap].dep-m.tours[k].stops[gap].dur)
	return a
}

// inPlace scores a job in the gap that it has been taken out of; where a break has moved, in the member's best gap.
func (b *crowd) inPlace(t *task, m *mate, o option) option {
	for _, w := range t.judge.windows {
		if o.gap >= len(m.tours[o.tour].stops) {
			break
		}
		if reason, _ := t.judge.try(&m.entry, &m.tours[o.tour], o.gap, w, &o); reason == whyFits {
			t.judge.rate(&o, &m.entry, &m.tours[o.tour])
			return o
		}
	}
	o, _ = t.judge.best(o.eng, &m.entry, math.Inf(-1), func(o *option, tr *tour) { t.judge.rate(o, &m.entry, tr) })
	return o
}

// where finds a job in a member's tours.
func (b *crowd) where(m *mate, i int) (tourAt, gap int) {
	for k := range m.tours {
		for g := range m.tours[k].stops {
			if v := m.tours[k].stops[g].visit; v >= 0 && m.tours[k].names[v] == booking(b.tasks[i].q.Visit.ID) {
				return k, g
			}
		}
	}
	return 0, 1
}

// public takes the mark off the name of a job of the batch.
func (b *crowd) public(name string) string {
	if _, ours := b.named[name]; ours {
		return name[1:]
	}
	return name
}

// refusals says why nobody is left: those asked first, as they are now, then the rest as at the beginning.
func (b *crowd) refusals(ctx context.Context, i int) []Rejected {
	t := b.tasks[i]
	if len(t.cands) == 0 {
		return t.first.Rejected
	}
	now := NewIndex(b.x.opt)
	for _, m := range t.cands {
		who := b.team[m]
		booked := Booked{Engineer: *who.who}
		for k := range who.tours {
			booked.Tours = append(booked.Tours, BookedTour{Shift: int(who.tours[k].shift), Stops: who.tours[k].booked()})
		}
		if now.Put(booked) != nil {
			continue
		}
	}
	s, err := now.Suggest(ctx, t.q)
	if err != nil {
		return t.first.Rejected
	}
	return s.Rejected
}

// namePrice says in a reason which skill was kept.
func (b *crowd) namePrice(t *task, reasons []Reason, skill string) {
	p := b.prices[skill]
	for i := range reasons {
		if reasons[i].Code == reasonCodes[reasonPrice] {
			reasons[i].Text = t.judge.say("keeps %s for the %d jobs that need it: %d engineers near enough", p.Skill, p.Demand, p.Supply)
		}
	}
}
