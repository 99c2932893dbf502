package survey

import (
	"time"

	"github.com/aftersales-suite/aftersales/survey-svc/internal/callback"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

// Config of the survey service. Every zero value is usable.
type Config struct {
	DemoShowsTokens bool   `help:"演示：向员工显示邀请链接的令牌 / Demo: show staff the tokens of invitations' links."`
	LinkBase        string `help:"邀请链接前缀，后接令牌 / Beginning of invitations' links; the token is appended." placeholder:"URL"`

	OpenFor          time.Duration `help:"满意度调查有效期，0 为 30 天 / How long a survey may be answered; 0 is 30 days."`
	CallBackOpenFor  time.Duration `help:"回访到期后仍可进行的时间，0 为 14 天 / How long after its due time a call-back may be answered; 0 is 14 days."`
	AmendFor         time.Duration `help:"首次评价后可修改的时间，0 为 24 小时，负数为不可修改 / How long an answer may be amended; 0 is 24 h, negative not at all."`
	WeekAfter        time.Duration `help:"一周回访的间隔，0 为 7 天 / Delay of the one-week call-back; 0 is 7 days."`
	MonthAfter       time.Duration `help:"一月回访的间隔，0 为 30 天 / Delay of the one-month call-back; 0 is 30 days."`
	SkipShare        float64       `help:"不发送调查的工单比例,0 到 1 / Share of cases that are not surveyed, 0 to 1."`
	CallBackShare    float64       `name:"call-back-skip-share" help:"不回访的工单比例,0 到 1 / Share of cases that are not called back, 0 to 1."`
	DeliveryAttempts int           `help:"发送邀请的最多次数，0 为 5 / Attempts to deliver a message; 0 is 5."`
	DeliveryRetry    time.Duration `help:"首次发送失败后的等待，之后加倍，0 为 2 分钟 / Pause after the first failed attempt, doubled with each; 0 is 2 minutes."`

	CallClaimFor   time.Duration `help:"领取回访任务的有效时间，0 为 30 分钟 / How long a claimed call-back is reserved; 0 is 30 minutes."`
	CallRetryAfter time.Duration `help:"未接通后再次回访的间隔，0 为 4 小时 / Pause after an unanswered call; 0 is 4 h."`
	CallAttempts   int           `help:"未接通的最多次数，之后改发链接，0 为 3 / Unanswered calls until the link is sent instead; 0 is 3."`

	SweepEvery time.Duration `help:"检查到期事项的间隔，0 为 5 秒 / How often overdue steps are looked for; 0 is 5 s."`
}

const (
	defaultSweep = 5 * time.Second
	pruneEvery   = time.Hour
	// defaultLinkBase serves the all-in-one on its own machine.
	defaultLinkBase = "http://127.0.0.1:8080/v1/invitations/"
)

func (c Config) withDefaults() Config {
	if c.SweepEvery <= 0 {
		c.SweepEvery = defaultSweep
	}
	if c.LinkBase == "" {
		c.LinkBase = defaultLinkBase
	}
	return c
}

func (c Config) policy() survey.Policy {
	return survey.Policy{
		SurveyOpenFor: c.OpenFor, CallBackOpenFor: c.CallBackOpenFor, AmendFor: c.AmendFor, WeekAfter: c.WeekAfter,
		MonthAfter: c.MonthAfter, SurveySkipShare: c.SkipShare, CallBackSkipShare: c.CallBackShare,
		DeliveryAttempts: c.DeliveryAttempts, DeliveryRetry: c.DeliveryRetry,
	}
}

func (c Config) calls() callback.Policy {
	return callback.Policy{ClaimFor: c.CallClaimFor, RetryAfter: c.CallRetryAfter, Attempts: c.CallAttempts}
}
