package jobs

import (
	"fmt"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
)

// contactNotice is the text of a notice of first contact and merging; ok is false for other notices.
func contactNotice(english bool, c *casefile.Case, t casefile.Task, zone *time.Location) (text string, ok bool) {
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
	case casefile.NoticePartAwaited:
		return partAwaited(english, c, t, zone), true
	case casefile.NoticePartArrived:
		at := local(t.NotBefore, zone)
		return pick(english, fmt.Sprintf("案件 %s 所需配件已到,上门时间已预约为 %s,如不方便请联系我们改约。", c.Number, at),
			fmt.Sprintf("The part for case %s has arrived. The visit is booked for %s; please tell us if that does not suit you.", c.Number, at)), true
	case casefile.NoticeIncident:
		return pick(english, fmt.Sprintf("关于案件 %s 的同类问题,查明原因:%s;统一处理措施:%s。", c.Number, t.Reason, t.Instruction),
			fmt.Sprintf("Case %s is one of several of the same kind. What was found: %s. What is done: %s.", c.Number, t.Reason, t.Instruction)), true
	case casefile.NoticeMergedResult:
		number, _, _ := strings.Cut(t.Reason, " ")
		return pick(english, fmt.Sprintf("您的案件 %s(并入 %s)已办结。", number, c.Number), fmt.Sprintf("Your case %s (joined into %s) is closed.", number, c.Number)), true
	}
	return "", false
}

// partAwaited says until when the part should be there, and what we suggest meanwhile; also when the date has moved.
func partAwaited(english bool, c *casefile.Case, t casefile.Task, zone *time.Location) string {
	when := t.Reason
	if at, err := time.Parse(time.RFC3339, t.Reason); err == nil {
		when = local(at, zone)
	}
	text := pick(english, fmt.Sprintf("案件 %s 所需配件暂缺,预计 %s 到货,到货后将自动为您预约上门。", c.Number, when),
		fmt.Sprintf("A part for case %s is missing and expected by %s. The visit is booked as soon as it is there.", c.Number, when))
	if t.Instruction != "" {
		text += pick(english, "在此期间我们建议:"+t.Instruction, " Meanwhile we suggest: "+t.Instruction)
	}
	return text
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
