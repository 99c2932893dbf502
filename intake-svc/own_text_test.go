package intake

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// R163: an organisation's own words are what its customers get; a variable that the case does not know brings the shipped ones back.
func TestNoticesUseTheOrganisationsWords(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		for id, text := range map[string]string{
			"NOTICE_ACKNOWLEDGEMENT": "{customer}您好,海风已受理 {case_number},{resolve_time} 前办结。", "NOTICE_REJECTION": "案件 {case_number}:{agent}",
		} {
			_, err := w.templates.UpdateTemplate(w.as(admin), &intakev1.UpdateTemplateRequest{
				Template: &intakev1.Template{Name: "templates/" + id, TextZh: text, TextEn: "{case_number}"},
			})
			require.NoError(t, err)
		}
		c := w.accepted(complaint())
		require.Equal(t, "王小明您好,海风已受理 "+c.GetCaseNumber(), w.notice(c.GetName(), "ACKNOWLEDGEMENT")[:len("王小明您好,海风已受理 "+c.GetCaseNumber())])
		_, err := w.inquiry.RejectCase(w.as(manager), &intakev1.RejectCaseRequest{Name: c.GetName(), Explanation: "不属于保修范围"})
		require.NoError(t, err)
		require.Contains(t, w.notice(c.GetName(), "REJECTION"), "不予支持:不属于保修范围")
	})
}

// notice waits for the first record of a notice and answers its words.
func (w *world) notice(name, kind string) (text string) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		list, err := w.contacts.ListContactAttempts(w.as(agent), &intakev1.ListContactAttemptsRequest{Parent: name, PageSize: 100})
		require.NoError(w.t, err)
		for _, a := range list.GetContactAttempts() {
			if a.GetNotice() == kind {
				text = a.GetPoints()
				return true
			}
		}
		return false
	}, patience, 20*time.Millisecond)
	return text
}
