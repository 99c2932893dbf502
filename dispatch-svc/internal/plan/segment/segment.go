// Package segment is the insertion evaluator: what must be known of a row of stops to join it to another row in constant
// time (Vidal, Crainic, Gendreau and Prins 2013, section 4.2). Immediate assignment and the optimiser check every
// insertion with it; tours that only need feasibility read two of its fields, as Leave and Close.
//
// Times are ticks below 2^30 as int32, so that sums of two do not overflow.
package segment

// Segment is a row of stops in a fixed order that can be carried out in time. Begun anywhere in [Open, Close] it lasts Work
// ticks, the least possible; begun before Open it waits and ends at the same time, Open+Work.
type Segment struct {
	Work  int32 // least ticks from the first begin to the last end
	Open  int32 // earliest begin without needless waiting
	Close int32 // latest begin
}

// Single is one stop that begins within [from, to] and lasts work ticks.
func Single(from, to, work int32) Segment { return Segment{Work: work, Open: from, Close: to} }

// Leave is the earliest tick at which the segment can be over.
func (s Segment) Leave() int32 { return s.Open + s.Work }

// Join puts b behind a after travel ticks and says whether that can be in time.
func Join(a, b Segment, travel int32) (Segment, bool) {
	gap := a.Work + travel // from the begin of a to the arrival at b
	if a.Open+gap > b.Close {
		return Segment{}, false
	}
	wait := max(b.Open-gap-a.Close, 0)
	return Segment{
		Work:  gap + wait + b.Work,
		Open:  max(b.Open-gap-wait, a.Open),
		Close: min(b.Close-gap, a.Close),
	}, true
}

// Begin is the earliest begin of a stop that opens at from, when the stop before it is left at leave.
func Begin(leave, travel, from int32) int32 { return max(leave+travel, from) }

// Fits says whether a stop begun at begin that lasts work ticks leaves the row behind it, travel ticks away, in time.
func Fits(begin, work, travel, closes int32) bool { return begin+work+travel <= closes }
