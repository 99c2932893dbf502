package entitlement

import (
	"cmp"
	"slices"
	"strconv"
)

// Machine is what is known of a device.
type Machine struct {
	Brand, Model, Category string
	Purchased, Installed   Date
	Exchanged              []Date   // days on which it came as a replacement
	Repairs                []Repair // in any order
}

// Repair is one stay in repair. The first and the last day count.
type Repair struct {
	From, To Date // To is zero while it lasts
	Counts   bool // a repair that counts for the number of repairs
}

// Line is a sentence in both languages.
type Line struct{ ZH, EN string }

// Coverage is what one rule gives.
type Coverage struct {
	Rule    Rule
	Covered bool
	From    Date // zero when the day is not known
	Until   Date // last day
	Paused  int  // days that repairs added
	Reasons []Line
}

// Remedy is what the customer may ask for.
type Remedy struct {
	Policy Policy
	Until  Date // zero when the policy counts no days from the start
	Reason Line
}

// Answer is what a machine is entitled to on a day.
type Answer struct {
	On        Date
	Coverages []Coverage // the whole machine first
	Remedies  []Remedy   // strongest first
	Repairs   int        // within the warranty
	Reasons   []Line
}

// InWarranty says that the whole machine is covered.
func (a *Answer) InWarranty() bool { return a.Covers("") }

// Covers says that a part is covered: by a rule of its own, or with the whole machine.
func (a *Answer) Covers(part string) bool {
	return slices.ContainsFunc(a.Coverages, func(c Coverage) bool { return c.Covered && (c.Rule.Part == part || c.Rule.Part == "") })
}

// Ask applies the rules.
func Ask(m Machine, rules []Rule, policies []Policy, on Date) Answer {
	a := Answer{On: on}
	best := chosen(rules, func(r Rule) bool { return r.Covers(m) }, func(r Rule) string { return r.Part })
	slices.SortStableFunc(best, func(x, y Rule) int { return cmp.Compare(x.Part, y.Part) })
	for _, r := range best {
		a.Coverages = append(a.Coverages, cover(m, r, on))
	}
	if len(a.Coverages) == 0 {
		a.Reasons = append(a.Reasons, Line{"没有适用于该产品的保修规则", "no warranty rule is about this product"})
	}
	a.remedies(m, policies)
	return a
}

func cover(m Machine, r Rule, on Date) Coverage {
	c := Coverage{Rule: r}
	if c.begin(m, on); c.From == 0 {
		c.Reasons = append(c.Reasons, Line{"购买或安装日期未知,不能判断", "the day of purchase or installation is not known"})
		return c
	}
	c.Until = c.From.addMonths(r.Months) - 1
	c.Reasons = append(c.Reasons, Line{
		strconv.Itoa(r.Months) + " 个月,至 " + c.Until.String(), strconv.Itoa(r.Months) + " months, up to " + c.Until.String(),
	})
	if r.Paused {
		c.pause(m.Repairs, on)
	}
	c.Covered = on >= c.From && on <= c.Until
	c.verdict(on)
	return c
}

// begin finds the first day of the warranty.
func (c *Coverage) begin(m Machine, on Date) {
	switch {
	case c.Rule.Start == StartInstallation && m.Installed != 0:
		c.From = m.Installed
		c.Reasons = append(c.Reasons, Line{"自安装日 " + c.From.String() + " 起", "from the installation on " + c.From.String()})
	case m.Purchased != 0:
		c.From = m.Purchased
		c.Reasons = append(c.Reasons, Line{"自购买日 " + c.From.String() + " 起", "from the purchase on " + c.From.String()})
	}
	if !c.Rule.Restarted {
		return
	}
	for _, d := range m.Exchanged {
		if d > c.From && d <= on {
			c.From = d
			c.Reasons = append(c.Reasons, Line{"换货后自 " + d.String() + " 重新计算", "anew from the exchange on " + d.String()})
		}
	}
}

// pause adds the days in repair. A repair that begins after the last day adds nothing; one that begins before it moves it, and may bring the
// next one within.
func (c *Coverage) pause(repairs []Repair, on Date) {
	for _, r := range merged(repairs, on) {
		from := max(r.From, c.From)
		if r.To < from || from > c.Until {
			continue
		}
		days := int(r.To-from) + 1
		c.Paused += days
		c.Until += Date(days)
		c.Reasons = append(c.Reasons, Line{
			from.String() + " 至 " + r.To.String() + " 维修占用 " + strconv.Itoa(days) + " 天,顺延至 " + c.Until.String(),
			strconv.Itoa(days) + " days in repair from " + from.String() + " to " + r.To.String() + ": up to " + c.Until.String(),
		})
	}
}

// merged are the stays in repair up to a day, in order, those that touch as one.
func merged(repairs []Repair, on Date) []Repair {
	var all []Repair
	for _, r := range repairs {
		if r.To == 0 || r.To > on {
			r.To = on
		}
		if r.From != 0 && r.From <= r.To {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b Repair) int { return cmp.Compare(a.From, b.From) })
	var out []Repair
	for _, r := range all {
		if n := len(out); n > 0 && r.From <= out[n-1].To+1 {
			out[n-1].To = max(out[n-1].To, r.To)
			continue
		}
		out = append(out, r)
	}
	return out
}

func (c *Coverage) verdict(on Date) {
	switch {
	case c.Covered:
		c.Reasons = append(c.Reasons, Line{on.String() + " 在保修期内", on.String() + " lies within"})
	case on < c.From:
		c.Reasons = append(c.Reasons, Line{on.String() + " 保修尚未开始", on.String() + " lies before it begins"})
	default:
		c.Reasons = append(c.Reasons, Line{on.String() + " 已过保修期", on.String() + " lies after it"})
	}
}
