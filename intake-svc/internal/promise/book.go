package promise

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aftersales-suite/aftersales/platform/worktime"
)

// Book is a checked, unchangeable copy of all policies, calendars and holidays.
type Book struct {
	policies  []Policy
	calendars map[string]*worktime.Calendar
	holidays  map[string]*worktime.Holidays
}

// NewBook makes a book. Imported holidays replace the shipped ones year by year. A calendar that cannot be used is left out and named in
// the error; the book can be used all the same, its clocks then run day and night.
func NewBook(policies []Policy, calendars []Calendar, spans []HolidaySpan, now time.Time) (*Book, error) {
	b := &Book{policies: slices.Clone(policies), calendars: map[string]*worktime.Calendar{}, holidays: map[string]*worktime.Holidays{}}
	slices.SortFunc(b.policies, func(x, y Policy) int { return before(&x, &y) })
	byRegion := map[string][]HolidaySpan{}
	for _, s := range spans {
		byRegion[s.Region] = append(byRegion[s.Region], s)
	}
	var wrong []string
	for region, rows := range byRegion {
		imported, err := ReadHolidays(rows)
		if err != nil {
			wrong = append(wrong, region+": "+err.Error())
			continue
		}
		b.holidays[region] = shippedHolidays(region).Merge(imported)
	}
	for _, c := range calendars {
		built, err := c.Build(b.Holidays(c.Region), now)
		if err != nil {
			wrong = append(wrong, c.ID+": "+err.Error())
			continue
		}
		b.calendars[c.ID] = built
	}
	if len(wrong) > 0 {
		return b, fmt.Errorf("promise: %s", strings.Join(wrong, "; "))
	}
	return b, nil
}

// Holidays are those of a region, imported and shipped.
func (b *Book) Holidays(region string) *worktime.Holidays {
	if h, ok := b.holidays[region]; ok {
		return h
	}
	return shippedHolidays(region)
}

// Calendar finds a calendar; day and night when there is none of the id.
func (b *Book) Calendar(id string) *worktime.Calendar {
	if c, ok := b.calendars[id]; ok {
		return c
	}
	return worktime.Always()
}

// Has says that a calendar is there and can be used.
func (b *Book) Has(id string) bool {
	_, ok := b.calendars[id]
	return ok
}

// Terms are what holds for one promise in one matter.
type Terms struct {
	Policy
	ZH, EN string // why this policy
}

// Terms finds the policy that holds. ok is false when nothing is promised.
func (b *Book) Terms(promise string, m Matter) (t Terms, ok bool) {
	fitting := b.fitting(promise, m)
	if len(fitting) == 0 || fitting[0].Within <= 0 {
		return Terms{}, false
	}
	t.Policy = *fitting[0]
	t.ZH, t.EN = t.why(m, len(fitting)-1)
	return t, true
}

// fitting are the policies that fit, the one that holds first.
func (b *Book) fitting(promise string, m Matter) (found []*Policy) {
	for i := range b.policies {
		if b.policies[i].fits(promise, m) {
			found = append(found, &b.policies[i])
		}
	}
	return found
}

// Overruled names the policies that fit too, but less closely.
func (b *Book) Overruled(promise string, m Matter) (names []string) {
	for n, p := range b.fitting(promise, m) {
		if n > 0 {
			names = append(names, p.ID)
		}
	}
	return names
}

// why tells in one line why a policy holds.
func (p *Policy) why(m Matter, others int) (zh, en string) {
	value := map[string]string{conditionClass: m.Class, conditionUrgency: m.Urgency, conditionChannel: m.Channel, conditionKind: m.Kind}
	names := map[string]string{conditionClass: "投诉类别", conditionUrgency: "紧急程度", conditionChannel: "渠道", conditionKind: "类型"}
	var inZH, inEN []string
	if p.Org != "" {
		inZH, inEN = append(inZH, "本组织"), append(inEN, "own organisation")
	}
	for _, name := range p.conditions() {
		inZH = append(inZH, names[name]+" "+value[name])
		inEN = append(inEN, name+" "+value[name])
	}
	if len(inZH) == 0 {
		inZH, inEN = []string{"通用"}, []string{"general"}
	}
	zh = fmt.Sprintf("%s:%s,依据策略 slaPolicies/%s(%s)", p.LabelZH, lengthZH(p.Within), p.ID, strings.Join(inZH, ","))
	en = fmt.Sprintf("%s: %s, by slaPolicies/%s (%s)", p.LabelEN, p.Within, p.ID, strings.Join(inEN, ", "))
	if others > 0 {
		zh += fmt.Sprintf(",比其他 %d 条适用策略更具体", others)
		en += fmt.Sprintf(", more specific than %d other(s) that fit", others)
	}
	return zh, en
}

// lengthZH tells a length of time in Chinese.
func lengthZH(d time.Duration) string {
	text := ""
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{time.Hour, "小时"}, {time.Minute, "分钟"}, {time.Second, "秒"}} {
		if n := d / unit.of; n > 0 {
			text += fmt.Sprintf("%d %s", n, unit.name)
			d -= n * unit.of
		}
	}
	return text
}

// Table keeps the current book, safe for concurrent use. Its zero value gives what is shipped.
type Table struct{ current atomic.Pointer[Book] }

// Load replaces the book.
func (t *Table) Load(b *Book) { t.current.Store(b) }

// Book is the current one.
func (t *Table) Book() *Book {
	if t != nil {
		if b := t.current.Load(); b != nil {
			return b
		}
	}
	return shippedBook()
}
