package figures

import (
	"cmp"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
)

// Dimensions of a fact. The organisation and the day are keys of every sum.
const (
	Class    = "class"
	Product  = "product"
	Model    = "model"
	Fault    = "fault"
	Region   = "region"
	Channel  = "channel"
	Engineer = "engineer"
	Kind     = "kind"
)

// Dimensions lists them in the order of the pairs.
var Dimensions = []string{Class, Product, Model, Fault, Region, Channel, Engineer, Kind}

// Measures are the sums. Seconds and ratings are sums too; means are formed by who asks.
type Measures struct {
	Cases, Open, Closed, Exceptions, Resolved, InTime, FirstTime, Serials, Repeats, Reopened int64
	Accepted, AcceptSeconds, ResolveSeconds, Rated, Rating, Hazards                          int64
}

// Columns are the measures' columns, in the order of Values.
var Columns = []string{
	"cases", "open", "closed", "exceptions", "resolved", "in_time", "first_time", "serials", "repeats", "reopened", "accepted", "accept_s", "resolve_s",
	"rated", "rating", "hazards",
}

// Values points at the measures in the order of Columns.
func (m *Measures) Values() []*int64 {
	return []*int64{
		&m.Cases, &m.Open, &m.Closed, &m.Exceptions, &m.Resolved, &m.InTime, &m.FirstTime, &m.Serials, &m.Repeats, &m.Reopened, &m.Accepted,
		&m.AcceptSeconds, &m.ResolveSeconds, &m.Rated, &m.Rating, &m.Hazards,
	}
}

// Add adds other times sign.
func (m *Measures) Add(other Measures, sign int64) {
	to := m.Values()
	for n, v := range other.Values() {
		*to[n] += sign * *v
	}
}

// Zero says that nothing is counted.
func (m *Measures) Zero() bool { return *m == Measures{} }

// Fact is one case.
type Fact struct {
	Org    string            `json:"org"`
	Day    string            `json:"day"` // local day of registration
	Secret bool              `json:"secret,omitempty"`
	Values map[string]string `json:"values"`
	Measures
}

// Of is the fact of a case; repeat says that its serial had a case in the 90 days before.
func Of(c *casefile.Case, zone *time.Location, repeat bool) Fact {
	f := Fact{
		Org: c.OwnerOrg, Day: c.Created.In(zone).Format(time.DateOnly),
		Secret: c.Confidentiality == casefile.Protected || c.Confidentiality == casefile.Restricted,
		Values: map[string]string{Class: c.ContentClass, Region: c.Region, Channel: c.Channel, Kind: string(c.Kind)},
	}
	if len(c.Items) > 0 {
		f.Values[Product], f.Values[Model] = c.Items[0].Brand, c.Items[0].Model
	}
	if c.Visit != nil {
		f.Values[Engineer] = c.Visit.Engineer
	}
	for i := range c.Rounds {
		if v := c.Rounds[i].Investigation; v != nil && v.Conclusion != nil {
			f.Values[Fault] = v.Conclusion.Cause
		}
	}
	f.count(c, repeat)
	return f
}

func one(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func (f *Fact) count(c *casefile.Case, repeat bool) {
	serial := len(c.Items) > 0 && c.Items[0].Serial != ""
	closed := c.State == casefile.Closed || c.State == casefile.Archived
	f.Cases, f.Open, f.Closed = 1, one(c.State.Open()), one(closed)
	f.Serials, f.Repeats, f.Reopened = one(serial), one(serial && repeat), one(len(c.Rounds) > 1)
	f.Hazards = one(c.Hazard != nil || len(c.PastHazards) > 0)
	if !c.AcceptedAt.IsZero() {
		f.Accepted, f.AcceptSeconds = 1, int64(c.AcceptedAt.Sub(c.Created).Seconds())
	}
	if first := c.Rounds[0].ResolvedAt; !first.IsZero() {
		f.Resolved, f.ResolveSeconds, f.InTime = 1, int64(first.Sub(c.Created).Seconds()), one(kept(c))
	}
	switch c.Round().Basis {
	case casefile.BasisNoReply, casefile.BasisExhausted, casefile.BasisAnonymous:
		f.Exceptions = 1
	}
	f.FirstTime = one(closed && len(c.Rounds) == 1 && len(c.Orders) <= 1)
	for i := range c.Rounds {
		if s := c.Rounds[i].Satisfaction; s != nil && s.Overall > 0 {
			f.Rated, f.Rating = 1, int64(s.Overall)
		}
	}
}

// kept says that no promise of the case was missed.
func kept(c *casefile.Case) bool {
	for i := range c.Clocks {
		if k := &c.Clocks[i]; k.Type == casefile.ClockPromise && !k.Breached.IsZero() {
			return false
		}
	}
	return true
}

// Key is the key of one sum: of a day, or of a month, whose Day is MonthMark and YYYY-MM.
type Key struct {
	Org, Dim1, Dim2, Day, Val1, Val2 string
	Secret                           bool
}

// Compare orders keys.
func (k Key) Compare(o Key) int {
	return cmp.Or(cmp.Compare(k.Org, o.Org), cmp.Compare(k.Dim1, o.Dim1), cmp.Compare(k.Dim2, o.Dim2), cmp.Compare(k.Day, o.Day), cmp.Compare(k.Val1, o.Val1),
		cmp.Compare(k.Val2, o.Val2))
}

// Keys are the sums that a fact is part of: all, each dimension, each pair; of its day and of its month.
func (f *Fact) Keys() []Key {
	return append(f.keysOf(f.Day), f.keysOf(Month(f.Day))...)
}

func (f *Fact) keysOf(day string) []Key {
	base := Key{Org: f.Org, Day: day, Secret: f.Secret}
	keys := []Key{base}
	for i, a := range Dimensions {
		k := base
		k.Dim1, k.Val1 = a, f.Values[a]
		keys = append(keys, k)
		for _, b := range Dimensions[i+1:] {
			pair := k
			pair.Dim2, pair.Val2 = b, f.Values[b]
			keys = append(keys, pair)
		}
	}
	return keys
}
