package dispatch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/format"
)

// PlanBenchCmd solves every file of a folder.
type PlanBenchCmd struct {
	PlanBudget
	Best string `type:"path" help:"CSV of instance and best known value, or lines of instance = value; the folder's name with -bks.csv or .sol beside it when absent."`
	Only string `help:"Only instances whose names begin so."`
	Dir  string `arg:"" type:"existingdir" help:"The folder."`
}

// benchRow is one line of the table.
type benchRow struct {
	answer format.Answer
	best   float64
	known  bool
}

// benchLine is the form of a line: eight columns of text.
const benchLine = "%-12s %12s %12s %8s %6s %5s %11s %7s\n"

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
	w := os.Stdout // line by line: a long run that is interrupted has printed what it found
	fmt.Fprintf(w, benchLine, "instance", "objective", "best known", "gap %", "tours", "left", "iterations", "CPU s")
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
	return nil
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
	paths := []string{c.Best}
	if c.Best == "" {
		paths = []string{filepath.Clean(c.Dir) + "-bks.csv", filepath.Clean(c.Dir) + ".sol"}
	}
	for _, path := range paths {
		f, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) && c.Best == "" {
			continue
		}
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }()
		return readBest(f)
	}
	return nil, nil
}

// readBest reads an instance and its value, between them a comma or an equals sign; other lines are passed over.
func readBest(r io.Reader) (map[string]float64, error) {
	best := map[string]float64{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		fields := strings.FieldsFunc(lines.Text(), func(c rune) bool { return c == ',' || c == '=' })
		if len(fields) < 2 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if v, err := strconv.ParseFloat(strings.TrimSpace(fields[1]), 64); err == nil {
			best[strings.TrimSpace(fields[0])] = v
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("best known values: %w", err)
	}
	return best, nil
}

func (r *benchRow) print(w io.Writer) {
	best, gap := "-", "-"
	if r.known {
		best, gap = fmt.Sprintf("%.3f", r.best), fmt.Sprintf("%.3f", r.gap())
	}
	a := &r.answer
	fmt.Fprintf(w, benchLine, a.Instance, fmt.Sprintf("%.3f", a.Objective), best, gap, strconv.Itoa(len(a.Routes)),
		strconv.Itoa(len(a.Unassigned)), strconv.FormatInt(a.Iterations, 10), fmt.Sprintf("%.2f", a.CPUSeconds))
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
