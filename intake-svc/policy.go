package intake

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/auth"
)

// PolicyConfig is the part of the configuration that says what an organisation decides about hazards, transfers, closings, reopening,
// urging and retention. Every zero value stands for what casefile.DefaultPolicy has.
type PolicyConfig struct {
	DutyTiers          []string          `help:"值班呼叫的角色次序，空为 quality,manager,admin / Roles of the duty call, in order."`
	DutyAfter          time.Duration     `help:"值班无人确认时呼叫下一级的间隔，0 为 15 分钟 / Time until the next tier is called; 0 is 15 min."`
	TransferWithin     time.Duration     `help:"移交的答复时限，0 为 4 小时 / Time to answer a transfer; 0 is 4 h."`
	SecondAbove        int64             `help:"补偿高于此金额（分）的关闭需两人审批，0 为 2000000，负数为从不 / Compensation in fen above which two approve a closing; 0 is 2000000, negative never."`
	AutoCloseKinds     []string          `help:"条件满足即自动关闭的案件类型 / Kinds that close by themselves when all conditions hold."`
	AutoCloseExcept    []string          `help:"始终需要审批的内容分类 / Content classes that always have an approver."`
	SamplePercent      int               `help:"自动关闭的抽查百分比，0 为 10，负数为不抽查 / Share of automatic closings that is reviewed, in per cent; 0 is 10, negative none."`
	RetentionYears     map[string]int    `help:"按内容分类的保存年限，键 DEFAULT 为其他分类（3 年） / Years a closed case is kept, by content class; DEFAULT for the others (3)." placeholder:"CLASS=YEARS"`
	ClassApprovers     map[string]string `help:"按内容分类限定关闭审批角色，用 + 分隔 / Roles that alone approve closings of a class." placeholder:"CLASS=ROLE+ROLE"`
	RegulatorApprovers []string          `help:"监管渠道案件的关闭审批角色 / Roles that alone approve closings of a regulator's matters."`
	ReplyApprovers     []string          `help:"审核监管答复的角色，空为 legal / Roles that approve a reply to a regulator; empty is legal." placeholder:"ROLE"`
	ReopenWithin       time.Duration     `help:"客户自助重新打开的期限，0 为不限 / Time within which the customer reopens; 0 is any."`
	UrgesToManager     int               `help:"第几次催办起交服务经理，0 为 3 / From which urging on the manager is called; 0 is 3."`
	UrgeInterval       time.Duration     `help:"进度链接催办的计数间隔，0 为 10 分钟 / Time in which urging by the link counts once; 0 is 10 min."`
}

// defaultYears is the key of the classes without years of their own.
const defaultYears = "DEFAULT"

// apply puts what is configured into the policy.
func (c PolicyConfig) apply(p *casefile.Policy) error {
	h := &p.Hard
	setDuration(&h.DutyAfter, c.DutyAfter)
	setDuration(&h.TransferWithin, c.TransferWithin)
	setDuration(&h.ReopenWithin, c.ReopenWithin)
	setDuration(&p.UrgeInterval, c.UrgeInterval)
	setNumber(&h.SecondAbove, c.SecondAbove)
	setNumber(&h.SamplePercent, c.SamplePercent)
	setNumber(&p.UrgesToManager, c.UrgesToManager)
	if len(c.DutyTiers) > 0 {
		h.DutyTiers = c.DutyTiers
	}
	if len(c.ReplyApprovers) > 0 {
		h.ReplyApprovers = c.ReplyApprovers
	}
	h.RegulatorApprovers, h.AutoCloseExcept = c.RegulatorApprovers, c.AutoCloseExcept
	for _, kind := range c.AutoCloseKinds {
		h.AutoCloseKinds = append(h.AutoCloseKinds, casefile.Kind(kind))
	}
	h.RetentionYears = maps.Clone(h.RetentionYears)
	for class, years := range c.RetentionYears {
		h.RetentionYears[strings.TrimPrefix(class, defaultYears)] = years
	}
	for class, roles := range c.ClassApprovers {
		if h.ClassApprovers == nil {
			h.ClassApprovers = map[string][]string{}
		}
		h.ClassApprovers[class] = strings.Split(roles, "+")
	}
	return c.check(h)
}

// check refuses at start-up what could never hold.
func (c PolicyConfig) check(h *casefile.HardPolicy) error {
	roles := slices.Concat(h.DutyTiers, h.RegulatorApprovers, h.ReplyApprovers)
	for _, more := range h.ClassApprovers {
		roles = append(roles, more...)
	}
	for _, role := range roles {
		if !slices.Contains(auth.Roles, role) {
			return fmt.Errorf("intake: policy: %q is no role", role)
		}
	}
	for _, kind := range h.AutoCloseKinds {
		if !slices.Contains(casefile.Kinds, kind) {
			return fmt.Errorf("intake: policy: %q is no kind of case", kind)
		}
	}
	for class, years := range h.RetentionYears {
		if years < 1 {
			return fmt.Errorf("intake: policy: retention of %q: %d years", class, years)
		}
	}
	return nil
}

// setNumber takes a value that was given; a negative one stands for none at all.
func setNumber[N int | int64](to *N, given N) {
	switch {
	case given > 0:
		*to = given
	case given < 0:
		*to = 0
	}
}
