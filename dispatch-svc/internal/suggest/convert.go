package suggest

import (
	"slices"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/engineer"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/geo"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/region"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
)

// anyLevel is what somebody who can do everything has of each skill.
const anyLevel = 5

// vocabulary is every skill and region that an order has named.
type vocabulary struct{ skills, regions map[string]bool }

func newVocabulary() vocabulary {
	return vocabulary{skills: map[string]bool{}, regions: map[string]bool{}}
}

// learn takes the words of an order and says whether one was new.
func (v *vocabulary) learn(o *workorder.Order) bool {
	before := len(v.skills) + len(v.regions)
	for _, s := range o.Skills {
		v.skills[s.Skill] = true
	}
	if o.Region != "" {
		v.regions[o.Region] = true
	}
	return len(v.skills)+len(v.regions) != before
}

// homes keeps the middle of all homes, the best guess for an address in an unknown place.
type homes struct {
	lat, lon float64
	n        int
}

func (h *homes) add(p geo.Point)  { h.lat, h.lon, h.n = h.lat+p.Lat, h.lon+p.Lon, h.n+1 }
func (h *homes) drop(p geo.Point) { h.lat, h.lon, h.n = h.lat-p.Lat, h.lon-p.Lon, h.n-1 }

// place is where an order is done: the door, else its region's centre, else the middle of all homes.
func (b *Board) place(o *workorder.Order) model.Point {
	p := o.Contact.Location
	if !o.Contact.LocationIsAccurate {
		p, _ = region.Centre(o.Region)
	}
	if p.IsZero() && b.homes.n > 0 {
		p = geo.Point{Lat: b.homes.lat / float64(b.homes.n), Lon: b.homes.lon / float64(b.homes.n)}
	}
	return point(p)
}

func point(p geo.Point) model.Point { return model.Point{X: p.Lon, Y: p.Lat} }

// query is an order in the planner's terms.
func (b *Board) query(o *workorder.Order, now time.Time) plan.Query {
	v := model.Visit{
		ID: o.ID, Place: b.place(o), Duration: int64(o.Purpose.Duration().Seconds()), Territory: o.Region,
	}
	if o.Earliest.After(now) {
		v.Release = o.Earliest.Unix()
	}
	if o.Latest.After(now) {
		v.Promise = o.Latest.Unix()
	}
	for _, s := range o.Skills {
		v.Needs = append(v.Needs, model.Need{Name: s.Skill, Level: max(1, s.Level)})
	}
	return plan.Query{Visit: v, Now: now.Unix(), Horizon: days * 86_400}
}

// booked is an engineer in the planner's terms: the shifts of the next days with what is promised on them.
func (b *Board) booked(e *engineer.Engineer, orders []*workorder.Order) plan.Booked {
	m := model.Engineer{ID: e.Resource(), Home: point(e.Home), Skills: b.skills(e), Territory: b.territory(e)}
	out := plan.Booked{}
	for i, w := range e.Working(b.day, b.day.AddDate(0, 0, days+1), b.zone) {
		shift := model.Shift{Start: w.Start.Unix(), End: w.End.Unix()}
		m.Shifts = append(m.Shifts, shift)
		if stops := b.stops(shift, orders); len(stops) > 0 {
			out.Tours = append(out.Tours, plan.BookedTour{Shift: i, Stops: stops})
		}
	}
	out.Engineer = m
	return out
}

// stops are the bookings that begin on a shift, by the beginning of their windows, as they come from the store.
func (b *Board) stops(shift model.Shift, orders []*workorder.Order) []plan.BookedStop {
	var stops []plan.BookedStop
	for _, o := range orders {
		window := model.Window{From: max(o.WindowStart.Unix(), shift.Start), To: min(o.WindowEnd.Unix(), shift.End)}
		if o.WindowStart.Unix() >= shift.End || window.From > window.To {
			continue
		}
		taken := slices.ContainsFunc(stops, func(s plan.BookedStop) bool { return s.Visit == o.ID })
		if o.WindowEnd.Unix() > shift.Start && !taken {
			stops = append(stops, plan.BookedStop{Visit: o.ID, Place: b.place(o), Window: window,
				Duration: int64(o.Purpose.Duration().Seconds())})
		}
	}
	return stops
}

func (b *Board) skills(e *engineer.Engineer) []model.Skill {
	var out []model.Skill
	for _, s := range e.Skills {
		expires := int64(0)
		if !s.Expires.IsZero() {
			expires = s.Expires.Unix()
		}
		if s.Name != engineer.AnySkill {
			out = append(out, model.Skill{Name: s.Name, Level: s.Level, Expires: expires})
			continue
		}
		for name := range b.words.skills {
			out = append(out, model.Skill{Name: name, Level: anyLevel, Expires: expires})
		}
	}
	return out
}

// territory spells beginnings of codes out by the regions that orders named; nil is everywhere.
func (b *Board) territory(e *engineer.Engineer) []string {
	if len(e.Territories) == 0 {
		return nil
	}
	out := slices.Clone(e.Territories)
	for r := range b.words.regions {
		if e.Covers(r) && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return slices.DeleteFunc(out, func(t string) bool { return strings.TrimSpace(t) == "" })
}

func withoutBookedShifts(b plan.Booked) plan.Booked {
	full := map[int]bool{}
	for _, t := range b.Tours {
		full[t.Shift] = true
	}
	free := b.Engineer
	free.Shifts = nil
	for i, s := range b.Engineer.Shifts {
		if !full[i] {
			free.Shifts = append(free.Shifts, s)
		}
	}
	return plan.Booked{Engineer: free}
}
