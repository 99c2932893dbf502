package dispatch

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/format"
)

// PlanBenchCmd solves every file of a folder.
type PlanBenchCmd struct {
	PlanBudget
	Best string `type:"path" help:"CSV of instance and best known value; the folder's name with -bks.csv beside it when absent."`
	Only string `help:"Only instances whose names begin so."`
	Dir  string `arg:"" type:"existingdir" help:"The folder."`
}

// benchRow is one line of the table.
type benchRow struct {
	answer format.Answer
	best   float64
	known  bool
}

func (r *benchRow) gap() float64 { return 100 * (r.answer.Objective/r.best - 1) }

// Run prints the gap table, the mean, the worst and CPU seconds.
func (c *PlanBenchCmd) Run() error {
	best, err := c.bestKnown()
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(c.Dir, "*.txt"))
	if err != nil {
		return err
	}
	var rows []benchRow
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "instance\tobjective\tbest known\tgap %\ttours\tleft\titerations\tCPU s\t")
	for _, path := range files {
		if !strings.HasPrefix(filepath.Base(path), c.Only) {
			continue
		}
		row, err := c.one(path, best)
		if err != nil {
			return err
		}
		row.print(w)
		rows = append(rows, row)
	}
	summary(w, rows)
	return w.Flush()
}

func (c *PlanBenchCmd) one(path string, best map[string]float64) (benchRow, error) {
	begin := cpuTime()
	f, err := format.Open(format.Kind(c.Format), path)
	if err != nil {
		return benchRow{}, err
	}
	_, a, err := c.solve(context.Background(), f, begin)
	if err != nil {
		return benchRow{}, fmt.Errorf("%s: %w", path, err)
	}
	value, known := best[a.Instance]
	return benchRow{a, value, known}, nil
}

// bestKnown reads the table of best known values; without one no gaps are printed.
func (c *PlanBenchCmd) bestKnown() (map[string]float64, error) {
	path := c.Best
	if path == "" {
		path = filepath.Clean(c.Dir) + "-bks.csv"
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && c.Best == "" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return readBest(f)
}

func readBest(r io.Reader) (map[string]float64, error) {
	lines := csv.NewReader(r)
	lines.Comment, lines.FieldsPerRecord = '#', -1
	all, err := lines.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("best known values: %w", err)
	}
	best := map[string]float64{}
	for _, l := range all {
		if len(l) < 2 {
			continue
		}
		if v, err := strconv.ParseFloat(l[1], 64); err == nil {
			best[l[0]] = v
		}
	}
	return best, nil
}

func (r *benchRow) print(w io.Writer) {
	best, gap := "-", "-"
	if r.known {
		best, gap = fmt.Sprintf("%.3f", r.best), fmt.Sprintf("%.3f", r.gap())
	}
	fmt.Fprintf(w, "%s\t%.3f\t%s\t%s\t%d\t%d\t%d\t%.2f\t\n", r.answer.Instance, r.answer.Objective, best, gap, len(r.answer.Routes),
		len(r.answer.Unassigned), r.answer.Iterations, r.answer.CPUSeconds)
}

func summary(w io.Writer, rows []benchRow) {
	sum, worst, known, left, cpu := 0.0, math.Inf(-1), 0, 0, 0.0
	for i := range rows {
		cpu += rows[i].answer.CPUSeconds
		left += len(rows[i].answer.Unassigned)
		if rows[i].known {
			known++
			sum += rows[i].gap()
			worst = max(worst, rows[i].gap())
		}
	}
	fmt.Fprintf(w, "\ninstances %d, left over %d, CPU seconds %.1f, mean %.2f\n", len(rows), left, cpu, cpu/float64(max(1, len(rows))))
	if known > 0 {
		fmt.Fprintf(w, "mean gap %.4f %%, worst %.3f %%, over %d\n", sum/float64(known), worst, known)
	}
}
