package format

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
)

// Kind is a file format.
type Kind string

// The formats.
const (
	KindSolomon Kind = "solomon"
	KindTRSP    Kind = "trsp"
)

// ErrKind says that a format is unknown.
var ErrKind = errors.New("format: neither solomon nor trsp")

// File is a problem read from a file, with what is needed to write answers in the file's own numbers.
type File struct {
	Kind    Kind
	Problem *model.Problem
	scale   float64 // ticks in a unit of the file
}

// Read reads a problem.
func Read(kind Kind, r io.Reader) (*File, error) {
	f := &File{Kind: kind}
	var err error
	switch kind {
	case KindSolomon:
		f.Problem, err = Solomon(r)
		f.scale = SolomonScale
	case KindTRSP:
		if f.Problem, err = TRSP(r); err == nil {
			f.scale = f.Problem.Travel.(model.Plane).Scale
		}
	default:
		err = ErrKind
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Open reads a problem from a path and names it after the file, up to the first dot.
func Open(kind Kind, path string) (*File, error) {
	r, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	f, err := Read(kind, r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f.Problem.Name, _, _ = strings.Cut(filepath.Base(path), ".")
	return f, nil
}

// Answer is a plan in the numbers of the file: 0 among the visits is the stop at the main depot.
type Answer struct {
	Instance   string       `json:"instance"`
	Objective  float64      `json:"objective"`
	CPUSeconds float64      `json:"cpuSeconds"`
	Iterations int64        `json:"iterations"`
	Routes     []AnswerTour `json:"routes"`
	Unassigned []AnswerLeft `json:"unassigned"`
}

// AnswerTour is one tour.
type AnswerTour struct {
	Engineer int   `json:"engineer"`
	Visits   []int `json:"visits"`
}

// AnswerLeft is a visit that is left over.
type AnswerLeft struct {
	Visit          int    `json:"visit"`
	Reason         string `json:"reason"`
	Counterfactual string `json:"counterfactual"`
}

// Answer writes a plan in the numbers of the file.
func (f *File) Answer(plan *model.Plan) Answer {
	a := Answer{Instance: f.Problem.Name, Routes: []AnswerTour{}, Unassigned: []AnswerLeft{}}
	for i := range plan.Routes {
		t := AnswerTour{Engineer: number(plan.Routes[i].Engineer)}
		for _, s := range plan.Routes[i].Stops {
			t.Visits = append(t.Visits, number(s.ID))
		}
		a.Routes = append(a.Routes, t)
	}
	for _, u := range plan.Unassigned {
		a.Unassigned = append(a.Unassigned, AnswerLeft{number(u.Visit), u.Reason, u.Counterfactual})
	}
	a.Objective = f.Objective(a.Routes)
	return a
}

func number(id string) int {
	n, _ := strconv.Atoi(id)
	return n
}

// Objective computes the value of tours as the literature does: truncated distance for Solomon, unrounded durations for TRSP.
func (f *File) Objective(tours []AnswerTour) float64 {
	at := map[string]*model.Visit{}
	for i := range f.Problem.Visits {
		at[f.Problem.Visits[i].ID] = &f.Problem.Visits[i]
	}
	var sum float64
	for _, t := range tours {
		for i := range f.Problem.Engineers {
			if e := &f.Problem.Engineers[i]; number(e.ID) == t.Engineer {
				sum += f.tour(e, t.Visits, at)
			}
		}
	}
	if f.Kind == KindSolomon {
		return math.Round(sum*10) / 10
	}
	return sum
}

// leg is one stop of a tour in the file's units.
type leg struct{ way, from, to, work float64 }

func (f *File) tour(e *model.Engineer, visits []int, at map[string]*model.Visit) float64 {
	place, shift := e.Home, e.Shifts[0]
	var legs []leg
	distance := 0.0
	add := func(p model.Point, from, to, work int64) {
		d := math.Hypot(p.X-place.X, p.Y-place.Y)
		if f.Kind == KindSolomon {
			d = math.Floor(d*10+1e-9) / 10
		}
		distance += d
		legs = append(legs, leg{d, float64(from) / f.scale, float64(to) / f.scale, float64(work) / f.scale})
		place = p
	}
	for _, n := range visits {
		if d := f.Problem.Depots; n == 0 && len(d) > 0 {
			add(d[0].Place, d[0].Open.From, d[0].Open.To, d[0].Handling)
		} else if v := at[strconv.Itoa(n)]; v != nil {
			add(v.Place, v.Windows[0].From, v.Windows[0].To, v.Duration)
		}
	}
	add(e.Home, shift.Start, shift.End, 0)
	if f.Kind == KindSolomon {
		return distance
	}
	return duration(float64(shift.Start)/f.scale, legs)
}

// duration is the length of a tour that leaves as late as its earliest end allows.
func duration(start float64, legs []leg) float64 {
	now, slack, waited := start, math.Inf(1), 0.0
	for _, l := range legs {
		now += l.way
		if now < l.from {
			waited += l.from - now
			now = l.from
		}
		slack = math.Min(slack, waited+l.to-now)
		now += l.work
	}
	return now - start - math.Min(waited, math.Max(slack, 0))
}
