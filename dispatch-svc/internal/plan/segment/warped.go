package segment

// Warped is a segment that may be late: where a stop begins too late, time is turned back to its latest begin, and the ticks
// turned back are counted (time warp, Vidal, Crainic, Gendreau and Prins 2013, section 4.2). A search that passes through such
// rows pays for Warp.
type Warped struct {
	Work  int32 // ticks from the first begin to the last end, waiting included
	Warp  int32 // ticks turned back
	Open  int32 // earliest begin with least Work and least Warp
	Close int32 // latest begin with least Warp
}

// WarpedSingle is one stop that begins within [from, to] and lasts work ticks.
func WarpedSingle(from, to, work int32) Warped { return Warped{Work: work, Open: from, Close: to} }

// Then puts b behind a after travel ticks.
func (a *Warped) Then(b *Warped, travel int32) Warped {
	gap := a.Work - a.Warp + travel
	wait := max(b.Open-gap-a.Close, 0)
	warp := max(a.Open+gap-b.Close, 0)
	return Warped{
		Work:  a.Work + b.Work + travel + wait,
		Warp:  a.Warp + b.Warp + warp,
		Open:  max(b.Open-gap, a.Open) - wait,
		Close: min(b.Close-gap, a.Close) + warp,
	}
}

// WarpThen is the Warp of a.Then(b, travel).
func (a *Warped) WarpThen(b *Warped, travel int32) int32 {
	return a.Warp + b.Warp + max(a.Open+a.Work-a.Warp+travel-b.Close, 0)
}
