package intake

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/auth"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// R134, R151: the code goes to the customer, five tries are counted although the call is refused, a repeated request is not a second try.
func TestConsentByAcceptanceCode(t *testing.T) {
	everywhere(t, Config{DemoShowsCode: true}, func(t *testing.T, w *world) {
		c := w.concluded()
		s, err := w.solutions.CreateSolution(w.as(investigator), &intakev1.CreateSolutionRequest{Parent: c.GetName(), Solution: &intakev1.Solution{
			Kind: "REPAIR_AGAIN", Explanation: "更换密封圈", Fee: &commonv1.Money{Currency: "CNY", AmountFen: 12000},
		}})
		require.NoError(t, err)
		sent, err := w.solutions.SendConsentCode(w.as(agent), &intakev1.SendConsentCodeRequest{Name: s.GetName(), RequestId: "send"})
		require.NoError(t, err)
		require.Equal(t, "138****8000", sent.GetPhone())
		again, err := w.solutions.SendConsentCode(w.as(agent), &intakev1.SendConsentCodeRequest{Name: s.GetName(), RequestId: "send"})
		require.NoError(t, err)
		require.Equal(t, sent.GetAcceptanceCode(), again.GetAcceptanceCode(), "a repeat sends nothing")
		require.EqualValues(t, 4, again.GetCodesLeft())
		w.untilEvent(c.GetName(), "NOTICE_DELIVERED")

		bad := strings.Repeat("9", 6)
		if sent.GetAcceptanceCode() == bad {
			bad = strings.Repeat("8", 6)
		}
		for n := range 4 {
			_, err = w.solutions.AgreeSolution(w.as(agent), &intakev1.AgreeSolutionRequest{Name: s.GetName(), AcceptanceCode: bad, RequestId: uuid.NewString()})
			requireReason(t, err, "CONSENT_CODE_WRONG")
			require.Equal(t, n+1, strings.Count(strings.Join(w.eventNames(c.GetName()), " "), "CONSENT_CODE_WRONG"))
		}
		agree := &intakev1.AgreeSolutionRequest{
			Name: s.GetName(), AcceptanceCode: sent.GetAcceptanceCode(), RequestId: "agree", Consent: &intakev1.ConsentRecord{Channel: "HOTLINE"}, Etag: s.GetEtag(),
		}
		for range 2 {
			agreed, err := w.solutions.AgreeSolution(w.as(agent), agree)
			require.NoError(t, err)
			require.Equal(t, "ACCEPTANCE_CODE", agreed.GetConsent().GetMethod())
			require.Equal(t, "users/agent", agreed.GetConsent().GetRecorder())
			require.NotNil(t, agreed.GetConsent().GetConsentTime())
		}
		for _, e := range w.entries(c.GetName()) {
			require.NotContains(t, e.GetPoints()+e.GetMeasures(), sent.GetAcceptanceCode(), e.GetEvent())
		}
		require.NotContains(t, w.unsealed(c.GetName()), sent.GetAcceptanceCode())
	})
}

// Elsewhere than in a demo only the customer knows the code.
func TestTheCodeIsTheCustomers(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.concluded()
		s := w.propose(c.GetName(), "REPAIR_AGAIN")
		sent, err := w.solutions.SendConsentCode(w.as(agent), &intakev1.SendConsentCodeRequest{Name: s.GetName()})
		require.NoError(t, err)
		require.Empty(t, sent.GetAcceptanceCode())
		_, err = w.solutions.SendConsentCode(w.as(mall), &intakev1.SendConsentCodeRequest{Name: s.GetName()})
		requireReason(t, err, "PERMISSION_DENIED")
	})
}

// R134: in the mini-program the customer agrees, signed in or through the partner's back end: the record says who.
func TestConsentInTheMiniProgram(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		filing := complaint()
		filing.Channel = "MINI_PROGRAM"
		acting := mall
		acting.OnBehalfOf = "wechat:openid-1"
		for _, by := range []struct {
			who    auth.Principal
			method string
			person string
		}{
			{acting, "PARTNER", "wechat:openid-1"},
			{auth.Principal{Kind: auth.Customer, Subject: "customers/1", Org: brand}, "CUSTOMER", "customers/1"},
		} {
			c := w.file(by.who, filing)
			_, err := w.cases.AcceptCase(w.as(agent), &intakev1.AcceptCaseRequest{Name: c.GetName(), ContentClass: "REPAIR_QUALITY"})
			require.NoError(t, err)
			_, err = w.cases.StartInvestigation(w.as(investigator), &intakev1.StartInvestigationRequest{Name: c.GetName()})
			require.NoError(t, err)
			w.conclude(c.GetName())
			s := w.propose(c.GetName(), "REPAIR_AGAIN")
			_, err = w.solutions.AgreeSolution(w.as(by.who), &intakev1.AgreeSolutionRequest{Name: s.GetName()})
			require.NoError(t, err)
			agreed, err := w.solutions.GetSolution(w.as(agent), &intakev1.GetSolutionRequest{Name: s.GetName()})
			require.NoError(t, err)
			require.Equal(t, by.method, agreed.GetConsent().GetMethod())
			require.Equal(t, by.person, agreed.GetConsent().GetPerson())
			require.Equal(t, by.who.Subject, agreed.GetConsent().GetRecorder())
		}
	})
}
