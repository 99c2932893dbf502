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
	case casefile.NoticeManual:
		return pick(english, fmt.Sprintf("案件 %s:操作手册已发送给您,如仍有疑问我们可以电话或视频指导。", c.Number),
			fmt.Sprintf("Case %s: the manual has been sent to you. We gladly guide you by phone or video.", c.Number)), true
	case casefile.NoticeMerged:
		return pick(english, fmt.Sprintf("您的案件 %s 与 %s 为同一事项,已合并处理,凭任一编号均可查询进度。", c.Number, t.Reason),
			fmt.Sprintf("Your cases %s and %s are the same matter and are handled together; either number tells the progress.", c.Number, t.Reason)), true
	case casefile.NoticeIncident:
		return pick(english, fmt.Sprintf("关于案件 %s 的同类问题,查明原因:%s;统一处理措施:%s。", c.Number, t.Reason, t.Instruction),
			fmt.Sprintf("Case %s is one of several of the same kind. What was found: %s. What is done: %s.", c.Number, t.Reason, t.Instruction)), true
	case casefile.NoticeMergedResult:
		number, _, _ := strings.Cut(t.Reason, " ")
		return pick(english, fmt.Sprintf("您的案件 %s(并入 %s)已办结。", number, c.Number), fmt.Sprintf("Your case %s (joined into %s) is closed.", number, c.Number)), true
	}
	return "", false
}
