package casefile

import (
	"slices"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/promise"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// What an external deadline may answer instead.
var (
	// ErrDeadlineOver is a deadline that does not run any more.
	ErrDeadlineOver = apierr.Define(codes.FailedPrecondition, "DEADLINE_OVER", "该时限已结束", "the deadline does not run any more")
	// ErrDeadlineType is a promise: it is met by doing what was promised.
	ErrDeadlineType = apierr.Define(codes.FailedPrecondition, "DEADLINE_TYPE_INVALID", "{code} 是内部承诺,不能手工标记完成", "{code} is a promise: it is met by doing what was promised")
)

func (in External) valid(m Moment) error {
	switch {
	case !in.Due.After(m.At):
		return apierr.Invalid("deadline.due_time", "必须晚于当前时间", "must lie in the future")
	case slices.Contains(promise.All, in.Code) || in.Code == ClockNoReply:
		return apierr.Invalid("deadline.code", "该代码用于内部承诺", "is the code of a promise")
	case m.By.Kind == ActorPartner && in.Type != ClockPlatform:
		return apierr.Invalid("deadline.type", "合作平台只能设置 PLATFORM 时限", "a partner sets PLATFORM deadlines only")
	}
	return nil
}

// MeetDeadline records that an external deadline was met.
func (c *Case) MeetDeadline(m Moment, n int, note string) (Change, error) {
	if _, err := c.check(SetDeadline, m.By); err != nil {
		return Change{}, err
	}
	if n < 0 || n >= len(c.Clocks) {
		return Change{}, apierr.NotFound(c.ClockName(n))
	}
	k := &c.Clocks[n]
	switch {
	case k.Type == ClockPromise || k.Code == ClockNoReply:
		return Change{}, ErrDeadlineType.New("code", k.Code)
	case !k.Ended.IsZero():
		return Change{}, ErrDeadlineOver.New()
	}
	s := c.begin(m)
	s.end(n)
	s.tell("meetDeadline", "DEADLINE_MET", timeline.Entry{Points: note, Facts: k.facts("state", k.State())})
	return s.change, nil
}

// ChangeUrgency gives the case another urgency; what is promised follows it (R42, R80).
func (c *Case) ChangeUrgency(m Moment, urgency, reason string) (Change, error) {
	if _, err := c.check(ChangeUrgency, m.By); err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	before := c.Urgency
	c.Urgency = urgency
	s.reprice()
	s.tell(ChangeUrgency, "URGENCY_CHANGED", timeline.Entry{Points: reason, Facts: map[string]string{"from": before, "to": urgency}})
	return s.change, nil
}

func itoa(n int) string { return strconv.Itoa(n) }

// Urges is how often the case was urged in its round (催办).
type Urges struct {
	Count int       `json:"n"`
	Last  time.Time `json:"last"`
}

// Urge urges: counted, written down, and on the work list of who is responsible; from the policy's number on of the manager (R195).
func (c *Case) Urge(m Moment, words string) (Change, error) {
	if _, err := c.check(Urge, m.By); err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	if c.Urges == nil {
		c.Urges = &Urges{}
	}
	c.Urges.Count++
	c.Urges.Last = m.At
	role, assignee := c.responsible()
	if c.Urges.Count >= m.Policy.UrgesToManager {
		role, assignee = RoleManager, ""
	}
	s.alert(Alert{Reason: AlertUrged, Role: role, Assignee: assignee, Clock: -1, Due: c.Deadline()})
	s.tell(Urge, "CASE_URGED", timeline.Entry{Points: words, Facts: map[string]string{"count": itoa(c.Urges.Count), "role": role}})
	s.change.Quiet = true // nobody writes on the basis of it
	return s.change, nil
}

// UrgedJustNow says that urging by the progress link would not count yet.
func (c *Case) UrgedJustNow(m Moment) bool {
	return c.Urges != nil && m.At.Before(c.Urges.Last.Add(m.Policy.UrgeInterval))
}

// News is what the customer is told of the progress (R161-R168); the store keeps each as a row.
type News struct {
	ID         string
	Round      int
	Doing      string // personal
	Difficulty string // personal
	Next       time.Time
	Expected   time.Time // when it should be resolved
	Author     string
	At         time.Time
}

// farthestNews is how far ahead the next news may be promised.
const farthestNews = 60 * 24 * time.Hour

// TellNews takes news for the customer: the promise of it is met, the next one starts, and the news is delivered.
func (c *Case) TellNews(m Moment, news *News) (Change, error) {
	if _, err := c.check(TellNews, m.By); err != nil {
		return Change{}, err
	}
	if !news.Next.IsZero() && (!news.Next.After(m.At) || news.Next.After(m.At.Add(farthestNews))) {
		return Change{}, apierr.Invalid("progress_news.next_news_time", "须在当前时间之后 60 天之内", "must lie within the next 60 days")
	}
	s := c.begin(m)
	news.ID, news.Round, news.Author, news.At = m.NewID(), c.RoundNumber(), m.By.Name, m.At
	s.endClock(ClockRespond)
	s.nextNews(news)
	news.Expected = c.Promise(ClockResolve)
	facts := map[string]string{"news": news.ID}
	if !news.Next.IsZero() {
		facts["next"] = news.Next.Format(time.RFC3339)
	}
	s.tell(TellNews, "PROGRESS_NEWS", timeline.Entry{Points: news.Doing, Measures: news.Difficulty, Facts: facts})
	s.task(Task{Kind: TaskDeliverNotice, Notice: NoticeNews, News: news.ID})
	s.change.Heard = true
	return s.change, nil
}

// nextNews promises the next news: at the time that was said, else by policy. After RESOLVED there is nothing more to tell.
func (s *step) nextNews(news *News) {
	s.promiseIn(ClockNews)
	if s.State == Resolved {
		s.endClock(ClockNews)
		news.Next = time.Time{}
		return
	}
	if k := s.runningClock(ClockNews); k != nil && !news.Next.IsZero() {
		// What was said to the customer counts, day and night; the policy's pauses and tiers stay.
		k.Within, k.Calendar, k.Told = news.Next.Sub(s.At), "", true
		k.ZH, k.EN = "已告知客户下次通报时间", "the customer was told this time"
		k.Explanation = []string{k.ZH}
		s.recompute(k)
	}
	if news.Next.IsZero() {
		news.Next = s.Promise(ClockNews)
	}
}
