package promise

import (
	"cmp"
	"sync"
	"time"

	"github.com/aftersales-suite/aftersales/platform/worktime"
)

// Office is the id of the shipped calendar of office hours.
const Office = "office"

// Defaults are what the installation's configuration says; zero values are filled.
type Defaults struct {
	Zone        string                   // of the office calendar; Asia/Shanghai when empty
	Acknowledge time.Duration            // 0: one working hour (R192)
	Resolve     map[string]time.Duration // by urgency, from acceptance
	Hotline     Hotline
}

// Hotline is how long a caller waits, and from where to where that is measured (R191).
type Hotline struct {
	Limit    time.Duration
	From, To string
}

const (
	day          = 24 * time.Hour
	hotlineLimit = 30 * time.Second // R191
)

// resolveWithin are the shipped times to resolve, day and night.
var resolveWithin = map[string]time.Duration{"CRITICAL": day, "HIGH": 3 * day, "NORMAL": 7 * day, "LOW": 15 * day}

// Online are the channels by which a complaint comes online (R192).
var Online = []string{
	"ONLINE_CHAT", "EMAIL", "WECHAT_OA", "MINI_PROGRAM", "WEB_FORM", "APP", "SOCIAL_MEDIA", "PARTNER_PLATFORM",
}

var (
	handled  = []string{"COMPLAINT", "SERVICE_REQUEST"}
	standing = []string{WaitingForCustomer, Unreachable, WaitingForAppraisal, CustomerAskedLater}
)

// Policies gives the general policies of an installation.
func (d Defaults) Policies() []Policy {
	acknowledge := d.Acknowledge
	if acknowledge <= 0 {
		acknowledge = time.Hour
	}
	all := []Policy{
		{ // R192
			ID: "acknowledge", Promise: Acknowledge, LabelZH: "受理时限", LabelEN: "acknowledge", Kinds: handled, Within: acknowledge, Calendar: Office,
			Warn: acknowledge / 4, Tiers: []Tier{{0, "manager"}, {2 * time.Hour, "quality"}},
		},
		{ // R192
			ID: "acknowledge-online", Promise: Acknowledge, LabelZH: "在线投诉确认时限", LabelEN: "acknowledge online complaints", Kinds: []string{"COMPLAINT"},
			Channels: Online, Within: acknowledge, Calendar: Office, Warn: acknowledge / 4, Tiers: []Tier{{0, "manager"}, {2 * time.Hour, "quality"}},
		},
		{ // R196
			ID: "respond", Promise: Respond, LabelZH: "响应时限", LabelEN: "respond", Kinds: []string{"COMPLAINT"}, Within: day, Warn: 2 * time.Hour,
			PauseFor: standing, Tiers: []Tier{{0, "manager"}},
		},
		{ // R191
			ID: "hotline-answer", Promise: HotlineAnswer, LabelZH: "热线应答时限", LabelEN: "answer the hotline", Channels: []string{"HOTLINE"},
			Within: cmp.Or(d.Hotline.Limit, hotlineLimit), StartEvent: cmp.Or(d.Hotline.From, "CALL_CONNECTED"), EndEvent: cmp.Or(d.Hotline.To, "AGENT_ANSWERED"),
		},
	}
	all = append(all, d.resolve()...)
	for i := range all {
		all[i].Active, all[i].Version = true, 1
	}
	return all
}

// resolve gives the times to resolve and of the news, by urgency (R161, R198).
func (d Defaults) resolve() (all []Policy) {
	news := map[string]time.Duration{ // of the office: a working day has 7 h 30 min
		"CRITICAL": 4 * time.Hour, "HIGH": 7*time.Hour + 30*time.Minute, "NORMAL": 15 * time.Hour, "LOW": 22*time.Hour + 30*time.Minute,
	}
	for _, urgency := range []string{"CRITICAL", "HIGH", "NORMAL", "LOW"} {
		within := resolveWithin[urgency]
		if set, ok := d.Resolve[urgency]; ok {
			within = set
		}
		of, id := []string{urgency}, "-"+lower(urgency)
		if urgency == "NORMAL" { // holds for urgencies that an installation added, too
			of, id = nil, ""
		}
		all = append(all, Policy{
			ID: "resolve" + id, Promise: Resolve, LabelZH: "解决时限", LabelEN: "resolve", Kinds: handled, Urgencies: of,
			Within: within, Warn: within / 6, PauseFor: standing, Tiers: []Tier{{0, "manager"}, {day, "quality"}},
		}, Policy{
			ID: "news" + id, Promise: News, LabelZH: "进展通报时限", LabelEN: "news of the progress", Kinds: handled, Urgencies: of,
			Within: news[urgency], Calendar: Office, Warn: time.Hour, PauseFor: standing, Tiers: []Tier{{0, "manager"}},
		})
	}
	return all
}

// Calendars gives the general calendars.
func (d Defaults) Calendars() []Calendar {
	zone := d.Zone
	if zone == "" {
		zone = "Asia/Shanghai"
	}
	hours := []string{"09:00-12:00", "13:30-18:00"}
	week := map[string][]string{}
	for _, name := range []string{"mon", "tue", "wed", "thu", "fri"} {
		week[name] = hours
	}
	return []Calendar{{
		ID: Office, LabelZH: "办公时间", LabelEN: "office hours", Region: China, Spec: worktime.Spec{Zone: zone, Week: week}, Version: 1,
	}}
}

func lower(urgency string) string {
	text := []byte(urgency)
	for i, c := range text {
		text[i] = c | 0x20
	}
	return string(text)
}

// shippedBook is what holds where nothing was loaded.
var shippedBook = sync.OnceValue(func() *Book {
	b, err := NewBook(Defaults{}.Policies(), Defaults{}.Calendars(), nil, time.Unix(0, 0))
	if err != nil {
		panic(err.Error()) // a test makes one
	}
	return b
})
