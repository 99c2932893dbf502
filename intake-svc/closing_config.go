package intake

import (
	"fmt"
	"slices"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
)

// ClosingConfig decides who approves what at the end of a case.
type ClosingConfig struct {
	AutoCloseKinds  []string `help:"客户确认满意后无需审批自动关闭的案件类型 / Kinds that close without an approver once the customer confirmed everything." placeholder:"KIND"`
	AutoCloseExcept []string `help:"总须审批的内容类别 / Content classes that always have an approver." placeholder:"CLASS"`
	SamplePercent   int      `help:"自动关闭的抽检比例，0 为 10，负数为不抽检 / Per cent of those closings that are reviewed; 0 is 10, negative is none."`
	ReplyApprovers  []string `help:"审核监管答复的角色，空为 legal / Roles that approve a reply to a regulator; empty is legal." placeholder:"ROLE"`
}

// apply writes what is configured into the policy.
func (c ClosingConfig) apply(p *casefile.HardPolicy) error {
	for _, name := range c.AutoCloseKinds {
		if !slices.Contains(casefile.Kinds, casefile.Kind(name)) {
			return fmt.Errorf("intake: auto-close-kinds: %q is no kind", name)
		}
		p.AutoCloseKinds = append(p.AutoCloseKinds, casefile.Kind(name))
	}
	p.AutoCloseExcept = append(p.AutoCloseExcept, c.AutoCloseExcept...)
	if c.SamplePercent != 0 {
		p.SamplePercent = max(c.SamplePercent, 0)
	}
	if len(c.ReplyApprovers) > 0 {
		p.ReplyApprovers = c.ReplyApprovers
	}
	return nil
}
