package jobs

import (
	"fmt"
	"strings"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
)

// contactNotice is the text of a notice of first contact and merging; ok is false for other notices.
func contactNotice(english bool, c *casefile.Case, t casefile.Task) (text string, ok bool) {
	switch t.Notice {
	case casefile.NoticeInfoRequest:
		question := ""
		if c.InfoRequest != nil {
			question = c.InfoRequest.Question
		}
		return pick(english, fmt.Sprintf("为尽快处理您的案件 %s,请补充:%s", c.Number, question),
			fmt.Sprintf("To go on with your case %s we need: %s", c.Number, question)), true
	case casefile.NoticePartyDecision: // R261: the decision without the person
		return pick(english, fmt.Sprintf("贵方相关的案件 %s 已作出处理决定:%s。", ref(c), verdict(c, english)),
			fmt.Sprintf("The case %s that concerns you was decided: %s.", ref(c), verdict(c, english))), true
	case casefile.NoticePartyClosed:
		return pick(english, fmt.Sprintf("贵方相关的案件 %s 已办结:%s。", ref(c), verdict(c, english)),
			fmt.Sprintf("The case %s that concerns you is closed: %s.", ref(c), verdict(c, english))), true
	case casefile.NoticeConsentCode:
		code := c.Personal.Codes[t.ID]
		return pick(english, fmt.Sprintf("案件 %s 的处理方案:%s。如您同意,请将验证码 %s 告知客服;72 小时内有效,不同意请勿提供。", c.Number, explanationOf(c, t), code),
			fmt.Sprintf("Case %s, our proposal: %s. If you agree, read out the code %s within 72 hours; if not, tell it to nobody.", c.Number, explanationOf(c, t), code)), true
	case casefile.NoticeManual:
		return pick(english, fmt.Sprintf("案件 %s:操作手册已发送给您,如仍有疑问我们可以电话或视频指导。", c.Number),
			fmt.Sprintf("Case %s: the manual has been sent to you. We gladly guide you by phone or video.", c.Number)), true
	case casefile.NoticeMerged:
		return pick(english, fmt.Sprintf("您的案件 %s 与 %s 为同一事项,已合并处理,凭任一编号均可查询进度。", c.Number, t.Reason),
			fmt.Sprintf("Your cases %s and %s are the same matter and are handled together; either number tells the progress.", c.Number, t.Reason)), true
	case casefile.NoticeMergedResult:
		number, _, _ := strings.Cut(t.Reason, " ")
		return pick(english, fmt.Sprintf("您的案件 %s(并入 %s)已办结。", number, c.Number), fmt.Sprintf("Your case %s (joined into %s) is closed.", number, c.Number)), true
	}
	return "", false
}

// ref names the case as others know it: our number, and theirs.
func ref(c *casefile.Case) string {
	name := c.Number
	if len(c.ExternalRefs) > 0 && c.ExternalRefs[0].AfterSaleID != "" {
		name += "(" + c.ExternalRefs[0].AfterSaleID + ")"
	}
	if c.Regulator != nil && c.Regulator.DocumentNumber != "" {
		name += "(" + c.Regulator.DocumentNumber + ")"
	}
	return name
}

// verdict is what was decided, in few words.
func verdict(c *casefile.Case, english bool) string {
	switch {
	case c.State == casefile.Rejected:
		return pick(english, "诉求不予支持", "not supported")
	case c.Decision() == casefile.Upheld:
		return pick(english, "投诉成立,已采取纠正措施", "upheld, corrective action was taken")
	case c.Decision() == casefile.NotUpheld:
		return pick(english, "投诉不成立,已向客户说明", "not upheld, explained to the customer")
	}
	return pick(english, "已处理完毕", "handled")
}
