package format

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// trspSpan is the number of ticks that the horizon of a TRSP file is stretched to at most: the finer the ticks, the closer to
// the unrounded distances.
const trspSpan = 1 << 28

// TRSP reads a technician routing and scheduling problem of Pillac's form. Engineers and visits are named by their numbers in
// the file, the main depot 0. Distances are Euclidean, rounded up to a tick, so that a plan in ticks is a plan unrounded.
func TRSP(r io.Reader) (*model.Problem, error) {
	f, err := readTRSP(r)
	if err != nil {
		return nil, err
	}
	if len(f.rows) == 0 || len(f.rows) <= f.crew {
		return nil, errors.New("trsp: fewer rows than the crew and a depot")
	}
	horizon := f.rows[0].to
	scale := 1.0
	for horizon*scale*10 < trspSpan && scale < 1e5 {
		scale *= 10
	}
	p := &model.Problem{Name: f.name, Travel: model.Plane{Scale: scale},
		Weights: model.Weights{Work: 1, Unserved: int64(10 * horizon * scale)}}
	depot := f.rows[0]
	p.Depots = []model.Depot{{ID: "0", Place: depot.place, AllTools: true, AllParts: true, Handling: int64(depot.service * scale),
		Open: model.Window{From: int64(depot.from * scale), To: int64(depot.to * scale)}}}
	for _, row := range f.rows[1 : f.crew+1] {
		p.Engineers = append(p.Engineers, row.engineer(scale))
	}
	for _, row := range f.rows[f.crew+1:] {
		p.Visits = append(p.Visits, row.visit(scale))
	}
	return p, nil
}

// trspRow is one line of the file.
type trspRow struct {
	id                string
	place             model.Point
	from, to, service float64
	skills, tools     []string
	parts             []model.Stock
}

type trspFile struct {
	name string
	crew int
	rows []trspRow
}

func readTRSP(r io.Reader) (*trspFile, error) {
	f := &trspFile{}
	sc := bufio.NewScanner(r)
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(sc.Text())
		switch {
		case f.name == "":
			f.name = line
		case strings.Contains(line, "["):
			row, err := parseTRSPRow(line)
			if err != nil {
				return nil, fmt.Errorf("trsp: line %d: %w", n, err)
			}
			f.rows = append(f.rows, row)
		case f.crew == 0:
			if v, ok := numbers(line); ok {
				f.crew = int(v[0])
			}
		}
	}
	return f, sc.Err()
}

func parseTRSPRow(line string) (trspRow, error) {
	at := strings.Index(line, "[")
	v, ok := numbers(line[:at])
	if !ok || len(v) != 6 {
		return trspRow{}, fmt.Errorf("six numbers expected before the lists: %q", line)
	}
	lists := strings.SplitAfter(line[at:], "]")
	if len(lists) < 3 {
		return trspRow{}, fmt.Errorf("three lists expected: %q", line)
	}
	row := trspRow{id: strconv.Itoa(int(v[0])), place: model.Point{X: v[1], Y: v[2]}, from: v[3], to: v[4], service: v[5]}
	row.skills, row.tools = items(lists[0]), items(lists[1])
	for i, s := range items(lists[2]) {
		n, err := strconv.Atoi(s)
		if err != nil {
			return trspRow{}, fmt.Errorf("spare parts: %w", err)
		}
		row.parts = append(row.parts, model.Stock{Part: strconv.Itoa(i), Count: n})
	}
	return row, nil
}

// items splits "[0,1,4]".
func items(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("[], \t", r) })
}

func (r *trspRow) engineer(scale float64) model.Engineer {
	e := model.Engineer{ID: r.id, Home: r.place, Tools: r.tools, Kit: r.parts,
		Shifts: []model.Shift{{Start: int64(r.from * scale), End: int64(r.to * scale)}}}
	for _, s := range r.skills {
		e.Skills = append(e.Skills, model.Skill{Name: s, Level: 1})
	}
	return e
}

func (r *trspRow) visit(scale float64) model.Visit {
	v := model.Visit{ID: r.id, Place: r.place, Duration: int64(r.service * scale), Tools: r.tools, Parts: r.parts,
		Windows: []model.Window{{From: int64(r.from * scale), To: int64(r.to * scale)}}}
	for _, s := range r.skills {
		v.Needs = append(v.Needs, model.Need{Name: s, Level: 1})
	}
	return v
}
