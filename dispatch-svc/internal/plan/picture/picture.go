// Package picture draws a plan as SVG: the tours on a map-like plane, and below them the day of every engineer as a Gantt chart.
package picture

import (
	"fmt"
	"html"
	"io"
	"math"
	"strings"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

const (
	side   = 720.0 // of the map, in pixels
	margin = 40.0
	row    = 18.0 // height of a Gantt line
)

// palette has hues that stay apart for people with colour-blind eyes next to each other.
var palette = []string{"#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#777777", "#ee8866", "#009988", "#332288"}

type drawing struct {
	p                *model.Problem
	plan             *model.Plan
	b                strings.Builder
	minX, minY, zoom float64
	from, to         int64
	visits           map[string]*model.Visit
	engineers        map[string]*model.Engineer
	depots           map[string]*model.Depot
}

// Draw writes the picture.
func Draw(w io.Writer, p *model.Problem, plan *model.Plan) error {
	d := &drawing{p: p, plan: plan, visits: map[string]*model.Visit{}, engineers: map[string]*model.Engineer{}, depots: map[string]*model.Depot{}}
	d.know()
	height := margin*3 + side + row*float64(len(plan.Routes)+2)
	fmt.Fprintf(&d.b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" font-family="sans-serif" font-size="10">`+"\n",
		side+2*margin, height, side+2*margin, height)
	fmt.Fprintf(&d.b, `<rect width="100%%" height="100%%" fill="white"/><text x="%.0f" y="20" font-size="14">%s: cost %d, %d tours, %d visits left over</text>`+"\n",
		margin, html.EscapeString(p.Name), plan.Cost.Total, len(plan.Routes), len(plan.Unassigned))
	for i := range plan.Routes {
		d.tour(i)
	}
	d.leftOver()
	d.gantt()
	d.b.WriteString("</svg>\n")
	_, err := io.WriteString(w, d.b.String())
	return err
}

// know indexes the problem and finds the frame of the map and of the chart.
func (d *drawing) know() {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	see := func(q model.Point) {
		x0, y0, x1, y1 = math.Min(x0, q.X), math.Min(y0, q.Y), math.Max(x1, q.X), math.Max(y1, q.Y)
	}
	for i := range d.p.Visits {
		d.visits[d.p.Visits[i].ID] = &d.p.Visits[i]
		see(d.p.Visits[i].Place)
	}
	for i := range d.p.Engineers {
		d.engineers[d.p.Engineers[i].ID] = &d.p.Engineers[i]
		see(d.p.Engineers[i].Home)
	}
	for i := range d.p.Depots {
		d.depots[d.p.Depots[i].ID] = &d.p.Depots[i]
		see(d.p.Depots[i].Place)
	}
	d.minX, d.minY = x0, y0
	d.zoom = side / math.Max(1e-9, math.Max(x1-x0, y1-y0))
	d.from, d.to = math.MaxInt64, math.MinInt64
	for _, r := range d.plan.Routes {
		d.from, d.to = min(d.from, r.Start), max(d.to, r.End)
	}
}

// at places a point; north is up.
func (d *drawing) at(q model.Point) (x, y float64) {
	return margin + (q.X-d.minX)*d.zoom, margin + side - (q.Y-d.minY)*d.zoom
}

func (d *drawing) place(s *model.Stop) (model.Point, bool) {
	switch s.Kind {
	case model.VisitStop:
		return d.visits[s.ID].Place, true
	case model.DepotStop:
		return d.depots[s.ID].Place, true
	default:
		return model.Point{}, false
	}
}

func (d *drawing) tour(i int) {
	r, colour := &d.plan.Routes[i], palette[i%len(palette)]
	home := d.engineers[r.Engineer].Home
	hx, hy := d.at(home)
	fmt.Fprintf(&d.b, `<polyline fill="none" stroke="%s" stroke-width="1.5"%s points="%.1f,%.1f`, colour, dashes(i), hx, hy)
	for j := range r.Stops {
		if q, ok := d.place(&r.Stops[j]); ok {
			x, y := d.at(q)
			fmt.Fprintf(&d.b, " %.1f,%.1f", x, y)
		}
	}
	fmt.Fprintf(&d.b, ` %.1f,%.1f"/><rect x="%.1f" y="%.1f" width="7" height="7" fill="%s"/>`+"\n", hx, hy, hx-3.5, hy-3.5, colour)
	for j := range r.Stops {
		s := &r.Stops[j]
		q, ok := d.place(s)
		if !ok {
			continue
		}
		x, y := d.at(q)
		fill := colour
		if s.Kind == model.DepotStop {
			fill = "black"
		}
		fmt.Fprintf(&d.b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"><title>%s, engineer %s, %d-%d</title></circle><text x="%.1f" y="%.1f" fill="#555" font-size="8">%s</text>`+"\n",
			x, y, fill, html.EscapeString(s.ID), html.EscapeString(r.Engineer), s.Begin, s.Finish, x+4, y-3, html.EscapeString(s.ID))
	}
}

// dashes tells tours of the same colour apart.
func dashes(i int) string {
	if n := i / len(palette); n > 0 {
		return fmt.Sprintf(` stroke-dasharray="%d 3"`, 10/n+1)
	}
	return ""
}

func (d *drawing) leftOver() {
	for _, u := range d.plan.Unassigned {
		if v := d.visits[u.Visit]; v != nil {
			x, y := d.at(v.Place)
			fmt.Fprintf(&d.b, `<circle cx="%.1f" cy="%.1f" r="5" fill="none" stroke="red" stroke-width="2"><title>%s left over: %s; %s</title></circle>`+"\n",
				x, y, html.EscapeString(u.Visit), html.EscapeString(u.Reason), html.EscapeString(u.Counterfactual))
		}
	}
}

// gantt draws a line per tour: travel and waiting thin, visits thick, depot stops black, breaks white.
func (d *drawing) gantt() {
	scale := (side - 60) / math.Max(1, float64(d.to-d.from))
	x := func(t int64) float64 { return margin + 60 + float64(t-d.from)*scale }
	for i := range d.plan.Routes {
		r := &d.plan.Routes[i]
		y := margin*2 + side + row*float64(i)
		fmt.Fprintf(&d.b, `<text x="%.0f" y="%.1f">%s/%d</text><line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" stroke="#999"/>`,
			margin, y+11, html.EscapeString(r.Engineer), r.Shift, x(r.Start), x(r.End), y+8, y+8)
		for j := range r.Stops {
			s := &r.Stops[j]
			fill := palette[i%len(palette)]
			switch s.Kind {
			case model.DepotStop:
				fill = "black"
			case model.BreakStop:
				fill = "white"
			}
			fmt.Fprintf(&d.b, `<rect x="%.1f" y="%.1f" width="%.1f" height="12" fill="%s" stroke="#333" stroke-width="0.5"><title>%s %d-%d</title></rect>`,
				x(s.Begin), y+2, math.Max(1, float64(s.Finish-s.Begin)*scale), fill, html.EscapeString(s.ID), s.Begin, s.Finish)
		}
		d.b.WriteString("\n")
	}
}
