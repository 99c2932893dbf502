package entitlement

import (
	"cmp"
	"slices"
	"strconv"
)

// strength orders remedies: what gives the customer more comes first.
var strength = map[string]int{"RETURN_REFUND": 3, "EXCHANGE": 2, "REPAIR": 1}

// remedies applies the policies. All but the days since the start hold within the warranty of the whole machine only.
func (a *Answer) remedies(m Machine, policies []Policy) {
	i := slices.IndexFunc(a.Coverages, func(c Coverage) bool { return c.Rule.Part == "" && c.From != 0 })
	if i < 0 {
		return
	}
	whole := &a.Coverages[i]
	longest := a.count(m.Repairs, whole)
	best := chosen(policies, func(p Policy) bool { return p.Covers(m) }, func(p Policy) string { return p.Remedy + p.Condition })
	for _, p := range best {
		if r, ok := a.remedy(p, whole, longest); ok {
			a.Remedies = append(a.Remedies, r)
		}
	}
	slices.SortStableFunc(a.Remedies, func(x, y Remedy) int { return cmp.Compare(strength[y.Policy.Remedy], strength[x.Policy.Remedy]) })
}

// count counts the repairs within the warranty up to the day, and answers the days of the longest.
func (a *Answer) count(repairs []Repair, whole *Coverage) (longest int) {
	for _, r := range repairs {
		if r.From < whole.From || r.From > whole.Until || r.From > a.On {
			continue
		}
		if r.Counts && r.To != 0 && r.To <= a.On {
			a.Repairs++
		}
		to := r.To
		if to == 0 || to > a.On {
			to = a.On
		}
		longest = max(longest, int(to-r.From)+1)
	}
	return longest
}

func (a *Answer) remedy(p Policy, whole *Coverage, longest int) (r Remedy, ok bool) {
	limit := strconv.Itoa(p.Limit)
	r.Policy = p
	switch p.Condition {
	case DaysSinceStart:
		r.Until = whole.From + Date(p.Limit) - 1
		r.Reason = Line{"自 " + whole.From.String() + " 起 " + limit + " 日内,至 " + r.Until.String(), "within " + limit + " days from " + whole.From.String() + ", up to " + r.Until.String()}
		return r, a.On >= whole.From && a.On <= r.Until
	case Repairs:
		n := strconv.Itoa(a.Repairs)
		r.Reason = Line{"保修期内已修 " + n + " 次(规定 " + limit + " 次)", n + " repairs within the warranty, " + limit + " are enough"}
		return r, whole.Covered && a.Repairs >= p.Limit
	case DaysInRepair:
		n := strconv.Itoa(longest)
		r.Reason = Line{"一次维修已 " + n + " 天(超过 " + limit + " 天)", n + " days in one repair, more than " + limit}
		return r, whole.Covered && longest > p.Limit
	}
	return r, false
}
