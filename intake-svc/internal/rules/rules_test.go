package rules

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

func engine(t *testing.T) *Engine {
	t.Helper()
	e, err := NewEngine()
	require.NoError(t, err)
	return e
}

func shippedRules(t *testing.T) []Rule {
	t.Helper()
	all, err := Shipped(time.Unix(0, 0))
	require.NoError(t, err)
	return all
}

func TestShippedRulesAreValid(t *testing.T) {
	t.Parallel()
	e := engine(t)
	codes := map[string]bool{}
	for _, r := range shippedRules(t) {
		require.NoError(t, e.Check(&r), r.Code)
		require.False(t, codes[r.Code], "twice: %s", r.Code)
		codes[r.Code] = true
		require.NotEmpty(t, r.TitleZH)
		require.NotEmpty(t, r.TitleEN)
	}
}

// Every fact is declared, and every declared one is there: a rule can rely on what it may name.
func TestFactsAreAsDeclared(t *testing.T) {
	t.Parallel()
	facts := FactsOf(&casefile.Case{})
	require.Len(t, facts, len(declared))
	for _, name := range Names() {
		require.Contains(t, facts, name)
	}
}

// R74, R75, R76: the routing rules of the laboratory; R57-R61 of appliances.
func TestRouting(t *testing.T) {
	t.Parallel()
	e, all := engine(t), shippedRules(t)
	for class, want := range map[string][2]string{
		"EQUIPMENT_FAULT":   {"technical_support", "DETAILED_DIAGNOSIS"},   // R74
		"OPERATION":         {"technical_support", "TRAIN_OR_SEND_MANUAL"}, // R75
		"SERVICE":           {"investigator", "ANALYSE_TO_THE_ROOT"},       // R76
		"TECHNICAL_SUPPORT": {"investigator", "ANALYSE_TO_THE_ROOT"},       // R76
		"REPAIR_QUALITY":    {"investigator", "CHECK_REPAIR_RECORDS"},
		"PARTS":             {"investigator", "CHECK_PART_RECORDS"},
		"ATTITUDE":          {"manager", "HEAR_BOTH_SIDES"},
		"PROCESS":           {"dispatcher", "CHECK_BOOKINGS"},
		"FEE":               {"investigator", "CHECK_FEES"},
		"INCIDENT":          {"manager", "ASSESS_ON_SITE"}, // R95
	} {
		c := &casefile.Case{Kind: casefile.Complaint, ContentClass: class}
		out := Outcome(e.Evaluate(t.Context(), all, FactsOf(c)), Routing)
		require.Equal(t, want, [2]string{out[OutcomeTeam], out[OutcomeAdvice]}, class)
	}
	c := &casefile.Case{ContentClass: "OTHER"}
	require.Nil(t, Outcome(e.Evaluate(t.Context(), all, FactsOf(c)), Routing))
}

// Of two that match the lower rank decides: software is guided by phone before it is diagnosed (R81).
func TestTheLowestRankDecides(t *testing.T) {
	t.Parallel()
	e := engine(t)
	c := &casefile.Case{ContentClass: "EQUIPMENT_FAULT", ProblemNature: "SOFTWARE"}
	verdicts := e.Evaluate(t.Context(), shippedRules(t), FactsOf(c))
	require.Equal(t, "GUIDE_BY_PHONE", Outcome(verdicts, Routing)[OutcomeAdvice])
	matched, deciding := 0, 0
	for _, v := range verdicts {
		if v.Rule.Kind == Routing && v.Matched {
			matched++
		}
		if v.Rule.Kind == Routing && v.Decides {
			deciding++
		}
	}
	require.Equal(t, 2, matched)
	require.Equal(t, 1, deciding)
}

func TestExplanations(t *testing.T) {
	t.Parallel()
	e := engine(t)
	c := &casefile.Case{ContentClass: "OPERATION"}
	c.Repeat = &casefile.Repeat{Failures: 3}
	rule := Rule{Code: "x", Kind: Priority, Rank: 7, Active: true, Expression: `case.content_class == "OPERATION" && case.repeat_failures >= 2`, Outcome: map[string]string{"urgency": "HIGH"}}
	v := e.Evaluate(t.Context(), []Rule{rule}, FactsOf(c))[0]
	require.Equal(t, `rule 7 (x) matched because case.content_class = "OPERATION", case.repeat_failures = 3`, v.Explanation)
	c.Repeat = nil
	v = e.Evaluate(t.Context(), []Rule{rule}, FactsOf(c))[0]
	require.False(t, v.Matched)
	require.Equal(t, `rule 7 (x) did not match because case.content_class = "OPERATION", case.repeat_failures = 0`, v.Explanation)
	rule.Active = false
	require.Empty(t, e.Evaluate(t.Context(), []Rule{rule}, FactsOf(c)), "a rule that is switched off says nothing")
}

func TestRulesThatAreRefused(t *testing.T) {
	t.Parallel()
	e := engine(t)
	urgency := map[string]string{"urgency": "HIGH"}
	for name, r := range map[string]Rule{
		"syntax":         {Kind: Priority, Expression: `case.kind ==`, Outcome: urgency},
		"unknown fact":   {Kind: Priority, Expression: `case.colour == "red"`, Outcome: urgency},
		"wrong type":     {Kind: Priority, Expression: `case.repeat_failures == "2"`, Outcome: urgency},
		"not a bool":     {Kind: Priority, Expression: `case.kind`, Outcome: urgency},
		"too long":       {Kind: Priority, Expression: `case.kind == "` + strings.Repeat("x", 3000) + `"`, Outcome: urgency},
		"too deep":       {Kind: Priority, Expression: strings.Repeat("true ? (", 60) + "true" + strings.Repeat(") : false", 60), Outcome: urgency},
		"too costly":     {Kind: Priority, Expression: `case.core_problems.exists(a, case.core_problems.exists(b, case.core_problems.exists(c, case.core_problems.exists(d, case.problem.matches(a + b + c + d)))))`, Outcome: urgency},
		"no outcome":     {Kind: Routing, Expression: `true`, Outcome: urgency},
		"no kind":        {Expression: `true`, Outcome: urgency},
		"negative limit": {Kind: Authority, Expression: `true`, Outcome: map[string]string{"limit_fen": "-1"}},
	} {
		require.Equal(t, "RULE_INVALID", apierr.Reason(e.Check(&r)), name)
	}
	require.NoError(t, e.Check(&Rule{Kind: Priority, Expression: `case.problem.contains("爆炸") || case.problem.matches("漏.?水")`, Outcome: urgency}))
}

// A rule that is bad nevertheless, because it came by another way, does not match and stops nobody.
func TestABadRuleStopsNobody(t *testing.T) {
	t.Parallel()
	e := engine(t)
	rules := []Rule{
		{Code: "bad", Kind: Routing, Active: true, Expression: `case.colour`},
		{Code: "fails", Kind: Routing, Active: true, Expression: `1 / case.repeat_failures > 0`},
		{Code: "good", Kind: Routing, Active: true, Expression: `true`, Outcome: map[string]string{"team": "manager"}},
	}
	verdicts := e.Evaluate(t.Context(), rules, FactsOf(&casefile.Case{}))
	require.Error(t, verdicts[0].Err)
	require.Error(t, verdicts[1].Err)
	require.Equal(t, "manager", Outcome(verdicts, Routing)[OutcomeTeam])
}
