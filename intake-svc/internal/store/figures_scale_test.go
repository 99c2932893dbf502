package store

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/figures"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

// factCounts are how many facts the test works on; AFTERSALES_TEST_FACTS=100000,10000000 compares what is promised.
func factCounts(t *testing.T) (counts []int) {
	t.Helper()
	for text := range strings.SplitSeq(os.Getenv("AFTERSALES_TEST_FACTS"), ",") {
		if n, err := strconv.Atoi(text); err == nil {
			counts = append(counts, n)
		}
	}
	if counts == nil {
		return []int{5000}
	}
	return counts
}

const scaleDays = 3 * 365

var (
	scaleToday = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	scaleOrg   = "organisations/scale"
	scaleSizes = map[string]int{
		figures.Class: 10, figures.Product: 5, figures.Model: 100, figures.Fault: 20, figures.Region: 300, figures.Channel: 12, figures.Engineer: 2000, figures.Kind: 4,
	}
)

// scaleFact is one case of a brand with 2000 engineers in 300 regions, registered evenly over three years.
func scaleFact(r *rand.Rand, day int) figures.Fact {
	f := figures.Fact{Org: scaleOrg, Day: scaleToday.AddDate(0, 0, -day).Format(time.DateOnly), Secret: r.IntN(200) == 0, Values: map[string]string{}}
	for dim, n := range scaleSizes {
		f.Values[dim] = fmt.Sprintf("%s-%d", dim, min(r.IntN(n), r.IntN(n)))
	}
	open := int64(0)
	if day < 40 && r.IntN(3) == 0 {
		open = 1
	}
	f.Measures = figures.Measures{Cases: 1, Open: open, Closed: 1 - open, Resolved: 1 - open, InTime: int64(r.IntN(2)) * (1 - open), ResolveSeconds: 86400 * (1 - open)}
	return f
}

// dashboard is what a manager's page asks.
func dashboard() map[string]FigureQuery {
	first := time.Date(scaleToday.Year(), scaleToday.Month(), 1, 0, 0, 0, 0, time.UTC)
	quarter := figures.Months(first.AddDate(0, -3, 0), scaleToday, scaleToday) // what is answered when no days are given
	year := figures.Months(first.AddDate(-1, 0, 0), scaleToday, scaleToday)
	ask := func(span figures.Span, dims ...string) FigureQuery {
		q := FigureQuery{Orgs: []string{scaleOrg}, Span: span}
		if len(dims) > 0 {
			q.Dim1 = dims[0]
		}
		if len(dims) > 1 {
			q.Dim2 = dims[1]
		}
		return q
	}
	byMonth, byDay, ages := ask(year), ask(figures.Days(scaleToday.AddDate(0, 0, -30), scaleToday)), ask(figures.Ages(scaleToday))
	byMonth.Time, byDay.Time, ages.Ages = len("2006-01"), len(time.DateOnly), figures.AgeClasses(scaleToday)
	return map[string]FigureQuery{
		"total": ask(quarter), "class": ask(quarter, figures.Class), "product": ask(quarter, figures.Product), "model": ask(quarter, figures.Model), "fault": ask(quarter, figures.Fault),
		"region": ask(quarter, figures.Region), "channel": ask(quarter, figures.Channel), "class and fault": ask(quarter, figures.Class, figures.Fault),
		"by month": byMonth, "by day": byDay, "ages": ages, "engineer, a year": ask(year, figures.Engineer),
	}
}

// fillFacts loads the sums of many facts as far as the dashboard reads them: of the dimensions that it asks for, by month, and by day for the last
// months. The others stand apart in the index and are not touched.
func fillFacts(t *testing.T, db sqldb.DB, many int) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	asked := map[[2]string]bool{}
	for _, q := range dashboard() {
		asked[[2]string{q.Dim1, q.Dim2}] = true
	}
	const stretch, byDay = 15, 75 // days that are loaded at once; days that have sums of their own
	for first := 0; first < scaleDays; first += stretch {
		sums := map[figures.Key]*figures.Measures{}
		for day := first; day < min(first+stretch, scaleDays); day++ {
			for range many*(day+1)/scaleDays - many*day/scaleDays {
				f := scaleFact(r, day)
				for dims := range asked {
					for _, at := range []string{f.Day, figures.Month(f.Day)}[min(1, day/byDay):] {
						k := figures.Key{Org: f.Org, Dim1: dims[0], Dim2: dims[1], Day: at, Val1: f.Values[dims[0]], Val2: f.Values[dims[1]], Secret: f.Secret}
						if sums[k] == nil {
							sums[k] = &figures.Measures{}
						}
						sums[k].Add(f.Measures, 1)
					}
				}
			}
		}
		require.NoError(t, db.InTx(t.Context(), func(tx sqldb.Tx) error {
			var b sqldb.Batch
			addSums(&b, tx.Engine(), sums)
			return tx.Send(t.Context(), &b)
		}))
	}
	require.NoError(t, db.InTx(t.Context(), func(tx sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), "ANALYZE stats_rollup")
		return err
	}))
}

// R208-R211: the dashboard reads sums through an index, and costs the same however many cases there are.
func TestDashboardOverManyFacts(t *testing.T) {
	files, err := fs.Sub(Migrations, "migrations")
	require.NoError(t, err)
	ring := testkit.Keys(t)
	for _, many := range factCounts(t) {
		t.Run(strconv.Itoa(many), func(t *testing.T) {
			testkit.Engines(t, files, func(t *testing.T, db sqldb.DB) {
				s := NewSQL(ring.Sealer(), ring.Indexer())
				fillFacts(t, db, many)
				var all time.Duration
				for _, name := range sortedNames(dashboard()) {
					q := dashboard()[name]
					text, args := figuresSQL(db.Engine(), q, 10_000)
					plan := explain(t, db, text, args)
					if os.Getenv("AFTERSALES_TEST_FACTS") == "" { // where few dimensions are loaded, one of them is much of the table
						require.NotContains(t, plan, "Seq Scan on stats_rollup", name)
						require.NotContains(t, plan, "SCAN stats_rollup\n", name)
					}
					rows, took := fastestFigures(t, s, db, q)
					t.Logf("%-16s %5d groups %s", name, rows, took)
					all += took
				}
				t.Logf("dashboard over %d facts: %s", many, all)
			})
		})
	}
}

func sortedNames(queries map[string]FigureQuery) (names []string) {
	for name := range queries {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func fastestFigures(t *testing.T, s *SQL, db sqldb.DB, q FigureQuery) (groups int, took time.Duration) {
	t.Helper()
	took = time.Hour
	for range 7 {
		begun := time.Now()
		rows, err := s.Figures(t.Context(), db, q, 10_000)
		require.NoError(t, err)
		require.NotEmpty(t, rows)
		groups, took = len(rows), min(took, time.Since(begun))
	}
	return groups, took
}
