package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
)

// Facts are what rules read, by the name that expressions use.
type Facts map[string]any

// declared are the names and types of the facts: an expression that reads another is refused.
var declared = map[string]*cel.Type{
	"case.kind": cel.StringType, "case.state": cel.StringType, "case.channel": cel.StringType, "case.content_class": cel.StringType,
	"case.common_class": cel.StringType, "case.secondary_classes": cel.ListType(cel.StringType), "case.nature": cel.StringType,
	"case.urgency": cel.StringType, "case.severity": cel.StringType, "case.scope": cel.StringType, "case.problem_nature": cel.StringType,
	"case.suspected_liability": cel.StringType, "case.hazard": cel.StringType, "case.region": cel.StringType, "case.brand": cel.StringType,
	"case.model": cel.StringType, "case.category": cel.StringType, "case.partner": cel.StringType, "case.problem": cel.StringType,
	"case.core_problems": cel.ListType(cel.StringType), "case.motives": cel.ListType(cel.StringType),
	"case.complex": cel.BoolType, "case.complained_about": cel.BoolType, "case.during_service": cel.BoolType, "case.round": cel.IntType,
	"case.repeat_complaints": cel.IntType, "case.repeat_failures": cel.IntType, "case.compensation_fen": cel.IntType,
}

// Names are the names of all facts.
func Names() []string { return slices.Sorted(maps.Keys(declared)) }

// FactsOf reads a case.
func FactsOf(c *casefile.Case) Facts {
	f := Facts{
		"case.kind": string(c.Kind), "case.state": string(c.State), "case.channel": c.Channel, "case.content_class": c.ContentClass,
		"case.common_class": c.CommonClass, "case.secondary_classes": list(c.SecondaryClasses), "case.nature": c.Nature, "case.urgency": c.Urgency,
		"case.severity": c.Severity, "case.scope": c.Scope, "case.problem_nature": c.ProblemNature, "case.suspected_liability": c.SuspectedLiability,
		"case.hazard": "", "case.region": c.Region, "case.brand": "", "case.model": "", "case.category": "", "case.partner": c.Partner,
		"case.problem": c.Problem, "case.core_problems": list(c.CoreProblems), "case.motives": list(c.Motives),
		"case.complex": c.Complex(), "case.complained_about": len(c.ComplainedAbout) > 0, "case.during_service": c.Flagged(casefile.FlagDuringService),
		"case.round": int64(len(c.Rounds)), "case.repeat_complaints": int64(0), "case.repeat_failures": int64(0), "case.compensation_fen": int64(0),
	}
	if c.Hazard != nil {
		f["case.hazard"] = c.Hazard.Kind
	}
	if len(c.Items) > 0 {
		f["case.brand"], f["case.model"], f["case.category"] = c.Items[0].Brand, c.Items[0].Model, c.Items[0].Category
	}
	if c.Repeat != nil {
		f["case.repeat_complaints"], f["case.repeat_failures"] = int64(c.Repeat.Complaints), int64(c.Repeat.Failures)
	}
	if len(c.Rounds) > 0 {
		if p := c.Current(); p != nil {
			f["case.compensation_fen"] = p.Compensation.Fen
		}
	}
	return f
}

// list is never nil: the evaluation asks for a list.
func list(values []string) []string { return slices.Clone(append([]string{}, values...)) }

// Text is one fact as explanations show it.
func (f Facts) Text(name string) string {
	switch v := f[name].(type) {
	case string:
		return fmt.Sprintf("%q", short(v))
	case []string:
		return "[" + strings.Join(v, " ") + "]"
	default:
		return fmt.Sprint(v)
	}
}

// shownRunes bounds what an explanation quotes.
const shownRunes = 40

func short(text string) string {
	if runes := []rune(text); len(runes) > shownRunes {
		return string(runes[:shownRunes]) + "…"
	}
	return text
}
