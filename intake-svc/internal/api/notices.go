package api

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/notice"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// decisionOf writes the decision of a case's round as a letter (R112-R114): upheld with the corrective measures, not upheld with the reason.
func (s *Server) decisionOf(ctx context.Context, c *casefile.Case, language string, when time.Time) (notice.Letter, error) {
	if !c.Decided() {
		return notice.Letter{}, casefile.ErrDecisionOpen.New()
	}
	complainant := c.Personal.Party(casefile.PartyComplainant)
	if language == "" && complainant != nil {
		language = complainant.Locale
	}
	locale := "zh-CN"
	if strings.HasPrefix(language, "en") {
		locale = apierr.EN
	}
	p := s.presenter(ctx)
	p.locale = locale
	t := func(zh, en string) string { return label{zh, en}.in(locale) }
	l := notice.Letter{
		English: locale == apierr.EN, Title: t("投诉处理决定书", "Decision on your complaint"), Number: c.Number, Date: s.dateOf(when),
		Greeting: t("尊敬的客户:", "Dear customer,"),
		Closing: []string{
			t("如对本决定有异议,请在收到之日起与我们联系;您也可以向 12315 平台、消费者协会投诉或依法提起诉讼。", "If you do not agree, please contact us. You may also turn to the 12315 platform, the consumers' association or a court."),
			s.Orgs.Called(c.OwnerOrg),
		},
	}
	if complainant != nil && complainant.DisplayName != "" && p.related(c) {
		l.Greeting = t("尊敬的 ", "Dear ") + complainant.DisplayName + t(":", ",")
	}
	l.Facts = s.letterFacts(p, c, t)
	l.Paragraphs = s.letterText(p, c, t)
	return l, nil
}

func (s *Server) letterFacts(p *presenter, c *casefile.Case, t func(zh, en string) string) []notice.Row {
	rows := []notice.Row{{Name: t("受理编号", "Case"), Value: c.Number}, {Name: t("登记日期", "Registered"), Value: s.dateOf(c.Created)}}
	if len(c.Items) > 0 {
		i := c.Items[0]
		rows = append(rows, notice.Row{Name: t("产品", "Product"), Value: strings.TrimSpace(i.Brand + " " + i.Model + " " + i.Serial)})
	}
	rows = append(rows, notice.Row{Name: t("投诉内容", "Complaint"), Value: c.Problem})
	if c.Expectation != "" {
		rows = append(rows, notice.Row{Name: t("您的诉求", "Your wish"), Value: c.Expectation})
	}
	if inv := c.Round().Investigation; inv != nil && inv.Conclusion != nil {
		rows = append(rows, notice.Row{Name: t("原因", "Cause"), Value: p.code(codes.Cause, inv.Conclusion.Cause)},
			notice.Row{Name: t("责任", "Responsible"), Value: p.code(codes.Liability, inv.Conclusion.Liability)})
	}
	return rows
}

func (s *Server) letterText(p *presenter, c *casefile.Case, t func(zh, en string) string) (all []notice.Section) {
	upheld := false
	if inv := c.Round().Investigation; inv != nil && inv.Conclusion != nil {
		upheld = inv.Conclusion.Upheld && c.State != casefile.Rejected
		all = append(all, notice.Section{Heading: t("调查情况", "What we found"), Text: inv.Conclusion.Findings})
	}
	decision := t("经核查,您的投诉成立。对给您带来的不便,我们深表歉意。", "Your complaint is upheld. We apologise for the trouble.")
	if !upheld {
		decision = t("经核查,您的投诉未获支持。", "Your complaint is not upheld.")
	}
	all = append(all, notice.Section{Heading: t("处理决定", "Our decision"), Text: decision})
	if c.Rejection != "" {
		all = append(all, notice.Section{Heading: t("理由", "Reasons"), Text: c.Rejection})
	}
	if q := c.Current(); q != nil && q.State != casefile.SolutionAwaiting && c.State != casefile.Rejected {
		heading := t("纠正措施", "What we do")
		if !upheld {
			heading = t("说明", "Explanation")
		}
		text := cmp.Or(q.Timetable, "")
		if text != "" {
			text = "\n" + t("时间安排:", "When: ") + text
		}
		all = append(all, notice.Section{Heading: heading, Text: p.code(codes.SolutionKind, q.Kind) + ": " + q.Explanation + text})
	}
	return all
}
