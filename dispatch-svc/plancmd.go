package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/format"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/picture"
)

// PlanCmd is the command line of the planner.
type PlanCmd struct {
	Solve       PlanSolveCmd       `cmd:"" help:"求解一个问题 / Solve one problem and print the plan as JSON."`
	Bench       PlanBenchCmd       `cmd:"" help:"基准测试 / Solve every problem of a folder and print the gaps."`
	Check       PlanCheckCmd       `cmd:"" help:"检查方案 / Check a solution independently of the solver."`
	AssignBench PlanAssignBenchCmd `cmd:"" name:"assign-bench" help:"即时派单测速 / Measure immediate assignment."`
}

// PlanBudget bounds a search.
type PlanBudget struct {
	Format     string        `enum:"solomon,trsp" default:"solomon" help:"Form of the file: ${enum}."`
	CPU        time.Duration `name:"cpu" help:"CPU time of all threads; 5s when there is no bound by iterations either."`
	Iterations int64         `help:"Steps of ruin and recreate; with it the answer depends on the seed only."`
	Seed       uint64        `default:"1" help:"Seed of the random numbers."`
	Workers    int           `default:"1" help:"Searches that exchange the best plan."`
}

const defaultCPU = 5 * time.Second

func (b *PlanBudget) options() plan.Options {
	o := plan.Options{Seed: b.Seed, Iterations: b.Iterations, CPU: b.CPU, Clock: cpuTime, Workers: b.Workers}
	if o.CPU == 0 && o.Iterations == 0 {
		o.CPU = defaultCPU
	}
	return o
}

// solve plans one file within the budget, counted from begin.
func (b *PlanBudget) solve(ctx context.Context, f *format.File, begin time.Duration) (plan.Solution, format.Answer, error) {
	o := b.options()
	o.Clock = func() time.Duration { return cpuTime() - begin }
	if o.CPU > 0 { // what reading took counts, and writing the answer needs a little
		o.CPU = max(o.CPU-o.Clock()-endCPU, time.Millisecond)
	}
	s, err := plan.Solve(ctx, f.Problem, o)
	if err != nil {
		return s, format.Answer{}, err
	}
	a := f.Answer(&s.Plan)
	a.CPUSeconds, a.Iterations = (cpuTime() - begin).Seconds(), s.Iterations
	return s, a, nil
}

// endCPU is kept back for the end of a search: a batch of steps, the check and the answer.
const endCPU = 15 * time.Millisecond

// PlanSolveCmd solves one file.
type PlanSolveCmd struct {
	PlanBudget
	SVG  string `name:"svg" type:"path" help:"Also draw the plan into this file."`
	File string `arg:"" type:"existingfile" help:"The problem."`
}

// Run solves the file and prints one JSON object; an interrupt ends the search with the best plan so far.
func (c *PlanSolveCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	f, err := format.Open(format.Kind(c.Format), c.File)
	if err != nil {
		return err
	}
	s, a, err := c.solve(ctx, f, 0)
	if err != nil {
		return err
	}
	if c.SVG != "" {
		if err := drawFile(c.SVG, f, &s); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(a)
}

func drawFile(path string, f *format.File, s *plan.Solution) error {
	w, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("svg: %w", err)
	}
	return errors.Join(picture.Draw(w, f.Problem, &s.Plan), w.Close())
}
