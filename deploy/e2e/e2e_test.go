package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/deploy/story"
)

// results is the table that is printed at the end: one row a story, one column a form and protocol.
type results struct {
	mu      sync.Mutex
	columns []string
	rows    map[string]map[string]string
}

func (r *results) set(row, column, value string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.columns, column) {
		r.columns = append(r.columns, column)
	}
	if r.rows[row] == nil {
		r.rows[row] = map[string]string{}
	}
	r.rows[row][column] = value
}

func (r *results) String() string {
	var out strings.Builder
	for i, column := range r.columns {
		fmt.Fprintf(&out, "  [%d] %s\n", i+1, column)
	}
	names := make([]string, 0, len(r.rows))
	for name := range r.rows {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&out, "  %-20s", name)
		for i, column := range r.columns {
			value := r.rows[name][column]
			if value == "" {
				value = "-"
			}
			fmt.Fprintf(&out, " [%d] %-5s", i+1, value)
		}
		out.WriteString("\n")
	}
	return out.String()
}

// Every story holds in every form over both protocols.
func TestStories(t *testing.T) {
	stories, err := story.All()
	require.NoError(t, err)
	table := &results{rows: map[string]map[string]string{}}
	t.Cleanup(func() { fmt.Printf("\nblack-box stories\n%s\n", table) })
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			d := deploy(t, f)
			for _, caller := range d.callers() {
				column := f.name + ", " + caller.Protocol()
				t.Run(caller.Protocol(), func(t *testing.T) { playAll(t, d, caller, stories, column, table) })
			}
		})
	}
}

// playAll plays those that leave the clock alone side by side, then the others one after the other.
func playAll(t *testing.T, d *deployment, caller story.Caller, stories []story.Case, column string, table *results) {
	t.Run("together", func(t *testing.T) {
		for _, c := range stories {
			if !c.MovesClock() && len(c.Env) == 0 {
				t.Run(c.File, func(t *testing.T) {
					t.Parallel()
					play(t, d, caller, c, column, table)
				})
			}
		}
	})
	for _, c := range stories {
		if c.MovesClock() && len(c.Env) == 0 {
			t.Run(c.File, func(t *testing.T) { play(t, d, caller, c, column, table) })
		}
	}
}

// Stories that need another configuration hold in one process on SQLite, each on a deployment of its own.
func TestStoriesConfigured(t *testing.T) {
	stories, err := story.All()
	require.NoError(t, err)
	table := &results{rows: map[string]map[string]string{}}
	t.Cleanup(func() { fmt.Printf("\nblack-box stories with a configuration of their own\n%s\n", table) })
	for _, c := range stories {
		if len(c.Env) == 0 {
			continue
		}
		t.Run(c.File, func(t *testing.T) {
			d := deploy(t, forms[0], c.Env...)
			for _, caller := range d.callers() {
				t.Run(caller.Protocol(), func(t *testing.T) { play(t, d, caller, c, forms[0].name+", "+caller.Protocol(), table) })
			}
		})
	}
}

func play(t *testing.T, d *deployment, caller story.Caller, c story.Case, column string, table *results) {
	t.Helper()
	if c.Only != "" && c.Only != caller.Protocol() {
		return
	}
	player := &story.Player{Caller: caller, ClockFile: d.clock}
	if err := player.Play(t.Context(), c); err != nil {
		table.set(c.File, column, "FAIL")
		t.Fatalf("%s\n%v\n%s", c.Name, err, d.Output())
	}
	table.set(c.File, column, "ok")
}
