package dispatch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/check"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/format"
)

// PlanCheckCmd checks a solution.
type PlanCheckCmd struct {
	Format   string `enum:"solomon,trsp" default:"solomon" help:"Form of the problem: ${enum}."`
	File     string `arg:"" type:"existingfile" help:"The problem."`
	Solution string `arg:"" optional:"" default:"-" help:"What plan solve printed; - is standard input."`
}

// ErrPlanRefused says that the checker found faults.
var ErrPlanRefused = errors.New("the checker refuses the plan")

// Run prints the verdict; faults make it fail.
func (c *PlanCheckCmd) Run() error {
	f, err := format.Open(format.Kind(c.Format), c.File)
	if err != nil {
		return err
	}
	in := io.Reader(os.Stdin)
	if c.Solution != "-" {
		file, err := os.Open(c.Solution)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	var a format.Answer
	if err := json.NewDecoder(in).Decode(&a); err != nil {
		return fmt.Errorf("solution: %w", err)
	}
	return verdict(os.Stdout, f, &a)
}

// verdict checks feasibility, completeness and the stated objective.
func verdict(w io.Writer, f *format.File, a *format.Answer) error {
	var tours []check.Sequence
	for _, t := range a.Routes {
		s := check.Sequence{Engineer: strconv.Itoa(t.Engineer)}
		for _, v := range t.Visits {
			if id := strconv.Itoa(v); v != 0 || f.Kind == format.KindSolomon {
				s.Visits = append(s.Visits, id)
			} else {
				s.Visits = append(s.Visits, "")
			}
		}
		tours = append(tours, s)
	}
	plan := check.Schedule(f.Problem, tours)
	report := check.Check(f.Problem, &plan)
	value := f.Objective(a.Routes)
	if math.Abs(value-a.Objective) > 1e-3 {
		report.Faults = append(report.Faults, check.Fault{Route: -1, Stop: -1,
			Text: fmt.Sprintf("states the objective %.3f, it is %.3f", a.Objective, value)})
	}
	if len(plan.Unassigned) != len(a.Unassigned) {
		report.Faults = append(report.Faults, check.Fault{Route: -1, Stop: -1,
			Text: fmt.Sprintf("states %d visits left over, there are %d", len(a.Unassigned), len(plan.Unassigned))})
	}
	for _, fault := range report.Faults {
		fmt.Fprintln(w, fault.Error())
	}
	if !report.OK() {
		return ErrPlanRefused
	}
	fmt.Fprintf(w, "ok: %s, objective %.3f, %d tours, %d left over\n", f.Problem.Name, value, len(a.Routes), len(a.Unassigned))
	return nil
}
