package entitlement

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func machine() Machine {
	return Machine{Brand: "海风", Model: "XQG100", Category: "washing machine", Purchased: ParseDate("2026-03-01"), Installed: ParseDate("2026-03-05")}
}

var year = Rule{Name: "w", Months: 12, Start: StartPurchase, Paused: true, Restarted: true}

func ask(m Machine, on string, rules ...Rule) Answer { return Ask(m, rules, nil, ParseDate(on)) }

// R109: the last day is covered, the next is not, and the answer says which days these are.
func TestTheLastDayIsCovered(t *testing.T) {
	t.Parallel()
	a := ask(machine(), "2027-02-28", year)
	require.True(t, a.InWarranty())
	require.Equal(t, "2027-02-28", a.Coverages[0].Until.String())
	after := ask(machine(), "2027-03-01", year)
	require.False(t, after.InWarranty())
	earlier := ask(machine(), "2026-02-28", year)
	require.False(t, earlier.InWarranty(), "before the purchase nothing is covered")
	require.Equal(t, Line{"2027-02-28 在保修期内", "2027-02-28 lies within"}, a.Coverages[0].Reasons[len(a.Coverages[0].Reasons)-1])
}

func TestMonthsEndWithTheMonth(t *testing.T) {
	t.Parallel()
	for from, until := range map[string]string{"2024-02-29": "2025-02-27", "2026-08-31": "2027-08-30", "2026-01-31": "2027-01-30"} {
		a := ask(Machine{Purchased: ParseDate(from)}, from, year)
		require.Equal(t, until, a.Coverages[0].Until.String(), from)
	}
	require.Equal(t, "2026-02-28", ParseDate("2026-01-31").addMonths(1).String())
}

// By purchase or by installation; where the installation is not known, by purchase.
func TestWhatItBeginsWith(t *testing.T) {
	t.Parallel()
	rule := year
	rule.Start = StartInstallation
	require.Equal(t, "2026-03-05", ask(machine(), "2026-04-01", rule).Coverages[0].From.String())
	m := machine()
	m.Installed = 0
	require.Equal(t, "2026-03-01", ask(m, "2026-04-01", rule).Coverages[0].From.String())
	m.Purchased = 0
	unknown := ask(m, "2026-04-01", rule)
	require.False(t, unknown.InWarranty())
	require.Contains(t, unknown.Coverages[0].Reasons[0].EN, "not known")
}

// Paused during repair: ten days in repair are ten days more.
func TestRepairPauses(t *testing.T) {
	t.Parallel()
	m := machine()
	m.Repairs = []Repair{{From: ParseDate("2026-06-01"), To: ParseDate("2026-06-10")}, {From: ParseDate("2026-06-05"), To: ParseDate("2026-06-08")}}
	c := ask(m, "2027-03-05", year).Coverages[0]
	require.Equal(t, 10, c.Paused, "two repairs at a time count once")
	require.Equal(t, "2027-03-10", c.Until.String())
	require.True(t, c.Covered)
	rule := year
	rule.Paused = false
	require.Equal(t, "2027-02-28", ask(m, "2027-03-05", rule).Coverages[0].Until.String())
}

// Restarted on exchange.
func TestExchangeRestarts(t *testing.T) {
	t.Parallel()
	m := machine()
	m.Exchanged = []Date{ParseDate("2026-09-01")}
	require.Equal(t, "2027-08-31", ask(m, "2026-10-01", year).Coverages[0].Until.String())
	require.Equal(t, "2027-02-28", ask(m, "2026-08-01", year).Coverages[0].Until.String(), "on a day before the exchange it had not happened")
}

// The organisation's own rule goes before the installation's, a model before a category before a brand.
func TestWhichRule(t *testing.T) {
	t.Parallel()
	rules := []Rule{
		{Name: "any", Months: 12}, {Name: "brand", Scope: Scope{Brand: "海风"}, Months: 13},
		{Name: "category", Scope: Scope{Category: "washing machine"}, Months: 24}, {Name: "model", Scope: Scope{Model: "XQG100"}, Months: 36},
		{Name: "other", Scope: Scope{Model: "KFR"}, Months: 120}, {Name: "motor", Part: "MOTOR", Months: 120},
	}
	a := ask(machine(), "2028-12-01", rules...)
	require.Equal(t, "model", a.Coverages[0].Rule.Name)
	require.Equal(t, "motor", a.Coverages[1].Rule.Name)
	require.True(t, a.Covers("MOTOR"))
	require.Equal(t, "any", ask(Machine{Purchased: 1}, "2026-01-01", rules...).Coverages[0].Rule.Name)
	own := append([]Rule{{Name: "own", Own: true, Months: 6}}, rules...)
	require.Equal(t, "own", ask(machine(), "2026-04-01", own...).Coverages[0].Rule.Name)
	require.NotEmpty(t, ask(machine(), "2026-04-01").Reasons)
}

func remedies(m Machine, on string) (all []string) {
	a := Ask(m, ShippedRules(), ShippedPolicies(), ParseDate(on))
	for _, r := range a.Remedies {
		all = append(all, r.Policy.Name)
	}
	return all
}

// The 7, 15, 30 and 90 days, and the two repairs.
func TestReturnAndExchange(t *testing.T) {
	t.Parallel()
	m := machine()
	require.Equal(t, []string{"shipped-7", "shipped-15"}, remedies(m, "2026-03-07"))
	require.Equal(t, []string{"shipped-15"}, remedies(m, "2026-03-08"))
	require.Equal(t, []string{"shipped-15"}, remedies(m, "2026-03-15"))
	require.Empty(t, remedies(m, "2026-03-16"))
	m.Repairs = []Repair{
		{From: ParseDate("2026-05-01"), To: ParseDate("2026-05-02"), Counts: true}, {From: ParseDate("2026-06-01"), To: ParseDate("2026-06-02"), Counts: true},
	}
	require.Equal(t, []string{"shipped-repairs"}, remedies(m, "2026-07-01"))
	require.Empty(t, remedies(m, "2028-07-01"), "after the warranty")
	m.Repairs = []Repair{{From: ParseDate("2026-05-01"), Counts: true}}
	require.Empty(t, remedies(m, "2026-05-30"))
	require.Equal(t, []string{"shipped-30"}, remedies(m, "2026-05-31"), "the thirty-first day")
	require.Equal(t, []string{"shipped-90", "shipped-30"}, remedies(m, "2026-07-30"))
}

// Whatever the repairs are, the last day is the one that a count of days finds.
func TestLastDayAgainstACountOfDays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := Machine{Purchased: Date(rapid.IntRange(18000, 18400).Draw(t, "purchased"))}
		for range rapid.IntRange(0, 6).Draw(t, "repairs") {
			from := m.Purchased + Date(rapid.IntRange(-40, 500).Draw(t, "from"))
			m.Repairs = append(m.Repairs, Repair{From: from, To: from + Date(rapid.IntRange(0, 60).Draw(t, "days"))})
		}
		rule := Rule{Months: rapid.IntRange(1, 14).Draw(t, "months"), Paused: true}
		on := m.Purchased + 2000
		got := Ask(m, []Rule{rule}, nil, on).Coverages[0]
		require.Equal(t, counted(m, rule).String(), got.Until.String())
		require.Equal(t, int(got.Until-(m.Purchased.addMonths(rule.Months)-1)), got.Paused)
	})
}

// counted walks day by day: a day in repair uses nothing up.
func counted(m Machine, r Rule) Date {
	left := int(m.Purchased.addMonths(r.Months) - m.Purchased)
	d := m.Purchased
	for ; left > 0; d++ {
		inRepair := false
		for _, p := range m.Repairs {
			inRepair = inRepair || d >= p.From && d <= p.To
		}
		if !inRepair {
			left--
		}
	}
	return d - 1
}

// A longer warranty, or one more repair, never ends earlier.
func TestMoreIsNeverLess(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := Machine{Purchased: 18000}
		months := rapid.IntRange(1, 60).Draw(t, "months")
		shorter := Ask(m, []Rule{{Months: months, Paused: true}}, nil, 20000).Coverages[0].Until
		require.Less(t, shorter, Ask(m, []Rule{{Months: months + 1, Paused: true}}, nil, 20000).Coverages[0].Until)
		m.Repairs = []Repair{{From: 18000 + Date(rapid.IntRange(0, 900).Draw(t, "from")), To: 19000}}
		require.LessOrEqual(t, shorter, Ask(m, []Rule{{Months: months, Paused: true}}, nil, 20000).Coverages[0].Until)
	})
}

func TestDates(t *testing.T) {
	t.Parallel()
	shanghai := time.FixedZone("CST", 8*60*60)
	require.Equal(t, "2026-11-23", DateOf(time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC), shanghai).String())
	require.Zero(t, DateOf(time.Time{}, shanghai))
	require.Zero(t, ParseDate("2026-02-30"))
	require.Empty(t, Date(0).String())
}
