package intake

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/auth"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

func (w *world) found(by auth.Principal, filter string) (names []string) {
	w.t.Helper()
	require.NoError(w.t, w.svc.api.RollUp(w.t.Context()))
	token := ""
	for {
		list, err := w.cases.ListCases(w.as(by), &intakev1.ListCasesRequest{Filter: filter, PageSize: 2, PageToken: token})
		require.NoError(w.t, err)
		for _, c := range list.GetCases() {
			names = append(names, c.GetName())
		}
		if token = list.GetNextPageToken(); token == "" {
			return names
		}
	}
}

// R185, R189: cases are found by what was said and written, by number, serial, phone, name and address; open ones and closed ones.
func TestCasesAreFoundByWords(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		leaking := w.resolved()
		var last string
		for range 4 {
			last = w.file(agent, complaint()).GetName()
		}
		smoking := complaint()
		smoking.Problem, smoking.Customer.DisplayName, smoking.Customer.Email = "插座冒烟", "欧阳修远", "Ou.Yang@Example.com"
		burnt := w.file(agent, smoking)
		require.Len(t, w.found(agent, `text:"漏水"`), 5)
		require.Equal(t, last, w.found(agent, `text:"漏水"`)[0], "newest first")
		require.Len(t, w.found(agent, `text:"漏水" AND state=RECEIVED`), 4)
		require.Equal(t, []string{leaking.GetName()}, w.found(agent, `text:"密封圈破裂"`), "findings too")
		for _, filter := range []string{`text:"冒煙"`, `customer_name="欧阳修远"`, `email="ou.yang@example.COM"`, `text:"冒烟 插座" AND customerName="欧阳修远"`} {
			require.Equal(t, []string{burnt.GetName()}, w.found(agent, filter), filter)
		}
		require.Empty(t, w.found(agent, `text:"冒烟" AND customer_name="王小明"`))
		require.Empty(t, w.found(agent, `customer_name="欧阳"`), "whole names only")
		require.Empty(t, w.found(providerDesk, `text:"漏水"`))
		require.Len(t, w.found(mall, `text:"漏水"`), 0, "a partner finds what it filed")
		filed := complaint()
		filed.Channel = "PARTNER_PLATFORM"
		own := w.file(mall, filed)
		require.Equal(t, []string{own.GetName()}, w.found(mall, `text:"漏水"`))

		_, err := w.cases.ListCases(w.as(agent), &intakev1.ListCasesRequest{Filter: `text:"水"`})
		requireReason(t, err, "FILTER_INVALID")
		_, err = w.cases.ListCases(w.as(agent), &intakev1.ListCasesRequest{Filter: `text:"漏水"`, OrderBy: "update_time desc"})
		requireReason(t, err, "ORDER_BY_INVALID")
		_, err = w.cases.ListCases(w.as(agent), &intakev1.ListCasesRequest{Filter: `text:"漏水"`, PageToken: "AAAA"})
		requireReason(t, err, "PAGE_TOKEN_INVALID")
	})
}

// R188: the confidentiality of a case binds searches: whom it hides is not found by asking for the person.
func TestSearchesHideWhoIsProtected(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.accepted(complaint())
		about := staffOf("users/about", brand, auth.RoleAgent)
		for _, filter := range []string{`customer_name="王小明"`, `phone="13800138000"`} {
			require.Len(t, w.found(about, filter), 1, filter)
		}
		secret := complaint()
		secret.ComplainedAbout, secret.Confidentiality = []string{"users/about"}, intakev1.Case_PROTECTED
		hidden := w.file(agent, secret)
		for _, filter := range []string{`customer_name="王小明"`, `phone="13800138000"`, `phone="13800138000" AND text:"漏水"`} {
			require.Equal(t, []string{c.GetName()}, w.found(about, filter), filter)
			require.Contains(t, w.found(agent, filter), hidden.GetName(), filter)
		}
		_, err := w.custody.SetConfidentiality(w.as(quality), &intakev1.SetConfidentialityRequest{
			Name: hidden.GetName(), Confidentiality: intakev1.Case_RESTRICTED, Reason: "担心报复", Readers: []string{"users/quality"},
		})
		require.NoError(t, err)
		require.NotContains(t, w.found(otherAgent, `text:"漏水"`), hidden.GetName())
		require.Contains(t, w.found(quality, `text:"漏水"`), hidden.GetName())
	})
}
