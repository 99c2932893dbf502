package format

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// SolomonScale is the number of ticks in a unit of Solomon's files: distances are truncated to one decimal (DIMACS).
const SolomonScale = 10

// Solomon reads a problem of Solomon's or Homberger's form. Visits are named by their customer numbers; every vehicle is an
// engineer with one shift, named by its number from 1.
func Solomon(r io.Reader) (*model.Problem, error) {
	sc := bufio.NewScanner(r)
	var name string
	var rows [][]float64
	for sc.Scan() {
		line := strings.TrimSpace(sc.Text())
		if name == "" && line != "" {
			name = line
			continue
		}
		if row, ok := numbers(line); ok {
			rows = append(rows, row)
		}
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	return solomonProblem(name, rows)
}

// numbers splits a line that holds numbers only.
func numbers(line string) ([]float64, bool) {
	var row []float64
	for _, f := range strings.Fields(line) {
		x, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return nil, false
		}
		row = append(row, x)
	}
	return row, len(row) > 0
}

func solomonProblem(name string, rows [][]float64) (*model.Problem, error) {
	if len(rows) < 3 || len(rows[0]) != 2 {
		return nil, fmt.Errorf("%s: no vehicle line, or no customers", name)
	}
	for i, row := range rows[1:] {
		if len(row) != 7 {
			return nil, fmt.Errorf("%s: customer line %d has %d columns, not 7", name, i, len(row))
		}
	}
	vehicles, capacity, depot := int(rows[0][0]), int(rows[0][1]), rows[1]
	p := &model.Problem{Name: name, Travel: model.Plane{Scale: SolomonScale, Trunc: true},
		Weights: model.Weights{Travel: 1, Unserved: 100_000_000}}
	home := model.Point{X: depot[1], Y: depot[2]}
	shift := model.Shift{Start: ticks(depot[4]), End: ticks(depot[5])}
	for k := range vehicles {
		p.Engineers = append(p.Engineers, model.Engineer{ID: strconv.Itoa(k + 1), Home: home, Capacity: capacity,
			Shifts: []model.Shift{shift}})
	}
	for _, c := range rows[2:] {
		p.Visits = append(p.Visits, model.Visit{ID: strconv.Itoa(int(c[0])), Place: model.Point{X: c[1], Y: c[2]}, Load: int(c[3]),
			Windows: []model.Window{{From: ticks(c[4]), To: ticks(c[5])}}, Duration: ticks(c[6])})
	}
	return p, nil
}

func ticks(x float64) int64 { return int64(x*SolomonScale + 0.5) }
