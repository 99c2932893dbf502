package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
)

// noticeText is what the customer is told, in the customer's language.
func (w *Worker) noticeText(ctx context.Context, c *casefile.Case, t casefile.Task) (string, error) {
	english := false
	if p := c.Personal.Party(casefile.PartyComplainant); p != nil {
		english = len(p.Locale) >= 2 && p.Locale[:2] == "en"
	}
	if text, ok, err := w.ownText(ctx, c, t, english); ok || err != nil {
		return text, err
	}
	if told, ok := contactNotice(english, c, t, w.Policy.Zone); ok {
		return told, nil
	}
	switch t.Notice {
	case casefile.NoticeExplanation:
		return pick(english, fmt.Sprintf("关于案件 %s:%s", c.Number, explanationOf(c, t)), fmt.Sprintf("About case %s: %s", c.Number, explanationOf(c, t))), nil
	case casefile.NoticeStopUse:
		return pick(english, fmt.Sprintf("案件 %s：您反映的情况可能有安全风险，请立即停止使用该产品，切断电源和气源，不要自行拆修，我们会马上联系您。", c.Number),
			fmt.Sprintf("Case %s: what you describe may be dangerous. Stop using the product at once, cut power and gas, and do not open it. We will call you right away.", c.Number)), nil
	case casefile.NoticeTransferred:
		return w.transferred(c, english), nil
	case casefile.NoticeClosed:
		return pick(english, fmt.Sprintf("案件 %s 已结案。如问题再次出现，请凭案件号联系我们，可随时重新打开。", c.Number),
			fmt.Sprintf("Case %s is closed. Should the problem come back, name this number and we will open it again.", c.Number)), nil
	case casefile.NoticeNoReply:
		return pick(english, fmt.Sprintf("我们多次联系您未果。案件 %s 将在等待期满后结案,如仍需帮助请随时联系我们。", c.Number),
			fmt.Sprintf("We tried to reach you several times. Case %s will be closed after the waiting time; please contact us if you still need help.", c.Number)), nil
	case casefile.NoticeResult: // R164
		return pick(english, fmt.Sprintf("案件 %s 已处理完毕:%s。如有疑问或仍需帮助,请告诉我们。", c.Number, explanationOf(c, t)),
			fmt.Sprintf("Case %s is resolved: %s. Please tell us if anything is left.", c.Number, explanationOf(c, t))), nil
	case casefile.NoticeNews:
		return w.newsText(ctx, c, t, english)
	case casefile.NoticeAuthority, casefile.NoticeRejection, casefile.NoticeDecision:
		return decisionText(c, t, english), nil
	}
	return acknowledgement(c, english, w.Policy.Zone), nil
}

// transferred tells who answers from now on: the organisation and, where it is known, the person by name.
func (w *Worker) transferred(c *casefile.Case, english bool) string {
	who, person := w.Orgs.Called(c.OwnerOrg), ""
	if n := len(c.Transfers); n > 0 && c.Transfers[n-1].AnswererName != "" {
		person = pick(english, "(经办人 "+c.Transfers[n-1].AnswererName+")", " ("+c.Transfers[n-1].AnswererName+")")
	}
	return pick(english, fmt.Sprintf("案件 %s 已由%s接手%s,约定的处理时限不变。", c.Number, who, person),
		fmt.Sprintf("Case %s is now handled by %s%s. The times we promised you stay.", c.Number, who, person))
}

// decisionText tells who decides and by when (R130), that it was refused and why (R112), or that the decision is there in writing (R114).
func decisionText(c *casefile.Case, t casefile.Task, english bool) string {
	switch t.Notice {
	case casefile.NoticeAuthority:
		path := casefile.PathLabel(t.Reason, english)
		return pick(english, fmt.Sprintf("您的诉求超出经办人权限,已按流程上报(%s),预计 %s 前答复。案件 %s。", path, t.Instruction, c.Number),
			fmt.Sprintf("Your claim is beyond the handler's authority and was passed on (%s); expect an answer by %s. Case %s.", path, t.Instruction, c.Number))
	case casefile.NoticeRejection:
		return pick(english, fmt.Sprintf("经核查,案件 %s 的诉求不予支持:%s", c.Number, c.Rejection), fmt.Sprintf("After review, case %s is not supported: %s", c.Number, c.Rejection))
	}
	return pick(english, fmt.Sprintf("案件 %s 的书面处理决定已作出,请查收。", c.Number), fmt.Sprintf("The written decision on case %s was made.", c.Number))
}

// explanationOf is the solution that a notice is about: the task's, else the current one.
func explanationOf(c *casefile.Case, t casefile.Task) string {
	if p := c.Solution(t.Solution); p != nil {
		return p.Explanation
	}
	if p := c.Current(); p != nil {
		return p.Explanation
	}
	return ""
}

// acknowledgement tells the expected time and when the next news comes, so that nobody waits without knowing (R163, R167, R193).
func acknowledgement(c *casefile.Case, english bool, zone *time.Location) string {
	text := pick(english, fmt.Sprintf("您的案件 %s 已受理,我们会尽快处理并告知进展。", c.Number),
		fmt.Sprintf("Your case %s has been accepted. We will keep you informed.", c.Number))
	if due := c.Promise(casefile.ClockResolve); !due.IsZero() {
		text += pick(english, "预计 "+local(due, zone)+" 前处理完毕。", " We expect to be done by "+local(due, zone)+".")
	}
	if next := c.Promise(casefile.ClockNews); !next.IsZero() {
		text += pick(english, "最迟 "+local(next, zone)+" 向您通报进展。", " You hear from us by "+local(next, zone)+".")
	}
	return text
}

// newsText says what is being done, what is difficult, and when the next news comes (R163, R166).
func (w *Worker) newsText(ctx context.Context, c *casefile.Case, t casefile.Task, english bool) (string, error) {
	news, err := w.News.OneNews(ctx, w.DB, c.ID, t.News)
	if err != nil {
		return "", err
	}
	text := pick(english, fmt.Sprintf("案件 %s 进展:%s", c.Number, news.Doing), fmt.Sprintf("News of case %s: %s", c.Number, news.Doing))
	if news.Difficulty != "" {
		text += pick(english, ";目前的困难:"+news.Difficulty, "; difficulties: "+news.Difficulty)
	}
	if !news.Next.IsZero() {
		text += pick(english, "。最迟 "+local(news.Next, w.Policy.Zone)+" 再次通报。", ". You hear from us again by "+local(news.Next, w.Policy.Zone)+".")
	}
	return text, nil
}

func local(t time.Time, zone *time.Location) string { return t.In(zone).Format("2006-01-02 15:04") }
