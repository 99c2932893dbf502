package intake

import (
	"fmt"
	"maps"
	"time"
	_ "time/tzdata" // a slim image has no zones

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/promise"
)

// Config of the intake service. Every zero value is usable: periods and limits then are casefile.DefaultPolicy's.
type Config struct {
	Zone              string           `kong:"-"` // the common key time-zone, handed on by the program; empty is Asia/Shanghai
	AcknowledgeWithin time.Duration    `help:"受理时限（工作时间），0 为 1 小时 / Working time from registration to acceptance; 0 is 1 h."`
	ResolveHours      map[string]int   `help:"按紧急程度的解决时限（小时） / Hours from acceptance to resolution, by urgency." placeholder:"URGENCY=HOURS"`
	CompensationLimit map[string]int64 `help:"按角色的补偿权限（分） / Highest compensation in fen, by role." placeholder:"ROLE=FEN"`
	SettleLimit       int64            `help:"当场了结的金额上限（分），0 为 50000 / The most that is settled at once, in fen; 0 is 50000."`
	VisitFee          int64            `help:"上门费（分），0 为 5000 / Fee of a visit in fen; 0 is 5000."`
	LabourFee         int64            `help:"人工费（分），0 为 8000 / Fee of labour in fen; 0 is 8000."`
	NoticeFont        string           `help:"决定书的中文字体文件（TTF 或 TTC），空为系统常见位置 / Font of written decisions (TTF or TTC); empty looks in the usual places." placeholder:"FILE"`
	ApprovalHours     int              `help:"上级答复时限（小时），0 为 24 / Hours within which a superior answers; 0 is 24."`
	NoReplyAttempts   int              `help:"按无回应关闭所需的失败联系次数（不同半天），0 为 3 / Failed attempts in different half-days; 0 is 3."`
	NoReplyWait       time.Duration    `help:"书面通知后的等待时间，0 为 7 天 / Waiting time after the written notice; 0 is 7 days."`
	CallBackWeek      time.Duration    `help:"一周回访的间隔，0 为 7 天 / Delay of the one-week call-back; 0 is 7 days."`
	CallBackMonth     time.Duration    `help:"一月回访的间隔，0 为 30 天 / Delay of the one-month call-back; 0 is 30 days."`
	KeepEnquiriesOpen bool             `help:"当场解决的咨询不自动关闭 / Enquiries resolved at once are not closed by policy."`
	SelfApproval      bool             `help:"允许经办人审批关闭（被投诉人除外） / A handler may approve a closing; never the one complained about."`
	ChannelConfig     `embed:""`
	ClosingConfig     `embed:""`
	SweepEvery        time.Duration `help:"检查到期事项的间隔，0 为 1 秒 / How often overdue steps are looked for; 0 is 1 s."`
}

const (
	defaultSweep = time.Second // warnings and breaches are told at the second
	pruneEvery   = time.Hour
	codesEvery   = 30 * time.Second

	defaultVisitFee  = 50_00 // fen
	defaultLabourFee = 80_00
)

// policy is the configuration as the domain takes it.
func (c Config) policy() (*casefile.Policy, error) {
	p := casefile.DefaultPolicy()
	p.Promises = &promise.Table{}
	if c.Zone != "" {
		zone, err := time.LoadLocation(c.Zone)
		if err != nil {
			return nil, fmt.Errorf("intake: zone: %w", err)
		}
		p.Zone = zone
	}
	maps.Copy(p.CompensationLimit, c.CompensationLimit)
	setDuration(&p.NoReplyWait, c.NoReplyWait)
	setDuration(&p.CallBackWeek, c.CallBackWeek)
	setDuration(&p.CallBackMonth, c.CallBackMonth)
	if c.NoReplyAttempts > 0 {
		p.NoReplyAttempts = c.NoReplyAttempts
	}
	if c.SettleLimit > 0 {
		p.SettleLimit = c.SettleLimit
	}
	if c.ApprovalHours > 0 {
		p.ApprovalHours = c.ApprovalHours
	}
	p.SelfApproval, p.KeepEnquiriesOpen = c.SelfApproval, c.KeepEnquiriesOpen
	return &p, c.apply(&p.Hard)
}

// defaults are the general promises as the configuration has them.
func (c Config) defaults() promise.Defaults {
	d := promise.Defaults{Zone: c.Zone, Acknowledge: c.AcknowledgeWithin, Resolve: map[string]time.Duration{}}
	for urgency, hours := range c.ResolveHours {
		d.Resolve[urgency] = time.Duration(hours) * time.Hour
	}
	return d
}

func setDuration(to *time.Duration, given time.Duration) {
	if given > 0 {
		*to = given
	}
}

func (c Config) sweepEvery() time.Duration {
	if c.SweepEvery > 0 {
		return c.SweepEvery
	}
	return defaultSweep
}
