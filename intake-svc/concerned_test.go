package intake

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// R261: platform, regulator, provider and dealer are on the case and get the decision and the end notice, each with a record, none with the person.
func TestPartiesConcernedGetTheDecision(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		filing := complaint()
		filing.Channel = "PARTNER_PLATFORM"
		filing.ExternalRef = mallRef("A-261")
		c := w.file(mall, filing)
		_, err := w.cases.AcceptCase(w.as(agent), &intakev1.AcceptCaseRequest{Name: c.GetName(), ContentClass: "REPAIR_QUALITY"})
		require.NoError(t, err)
		_, err = w.custody.AddConcernedParty(w.as(agent), &intakev1.AddConcernedPartyRequest{
			Name: c.GetName(), ConcernedParty: &intakev1.ConcernedParty{Kind: intakev1.ConcernedParty_DEALER, DisplayName: "海风专卖店", Email: "not an address"},
		})
		requireReason(t, err, "FIELD_INVALID")
		got, err := w.custody.AddConcernedParty(w.as(agent), &intakev1.AddConcernedPartyRequest{
			Name: c.GetName(), ConcernedParty: &intakev1.ConcernedParty{Kind: intakev1.ConcernedParty_DEALER, DisplayName: "海风专卖店", Email: "dealer@example.com"},
		})
		require.NoError(t, err)
		require.Equal(t, []string{"mall", "海风专卖店"}, namesOf(got.GetConcernedParties()))
		require.True(t, got.GetConcernedParties()[0].GetInherent())
		_, err = w.custody.RemoveConcernedParty(w.as(agent), &intakev1.RemoveConcernedPartyRequest{Name: c.GetName(), PartyId: "platform"})
		requireReason(t, err, "RESOURCE_NOT_FOUND")

		_, err = w.cases.StartInvestigation(w.as(investigator), &intakev1.StartInvestigationRequest{Name: c.GetName()})
		require.NoError(t, err)
		w.conclude(c.GetName())
		_, err = w.inquiry.IssueDecisionNotice(w.as(investigator), &intakev1.IssueDecisionNoticeRequest{Name: c.GetName()})
		require.NoError(t, err)
		told := w.toldTo(c.GetName(), "PARTY_DECISION", 2)
		require.Len(t, told["mall"], 1)
		require.Contains(t, told["海风专卖店"][0], "投诉成立")
		for _, texts := range told {
			require.NotContains(t, strings.Join(texts, ""), "王小明")
		}
		for _, p := range w.get(c.GetName()).GetConcernedParties() {
			require.NotNil(t, p.GetNotifyTime(), p.GetDisplayName())
		}
		_, err = w.inquiry.RejectCase(w.as(manager), &intakev1.RejectCaseRequest{Name: c.GetName(), Explanation: "不属于保修范围"})
		require.NoError(t, err)
		require.Contains(t, w.toldTo(c.GetName(), "PARTY_DECISION", 4)["mall"][1], "不予支持")
	})
}

func namesOf(parties []*intakev1.ConcernedParty) (names []string) {
	for _, p := range parties {
		names = append(names, p.GetDisplayName())
	}
	return names
}

// toldTo waits until so many notices of the kind are records, and answers their texts by who got them.
func (w *world) toldTo(name, notice string, n int) (told map[string][]string) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		list, err := w.contacts.ListContactAttempts(w.as(agent), &intakev1.ListContactAttemptsRequest{Parent: name, PageSize: 100})
		require.NoError(w.t, err)
		told = map[string][]string{}
		count := 0
		for _, a := range list.GetContactAttempts() {
			if a.GetNotice() == notice {
				told[a.GetPerson()] = append(told[a.GetPerson()], a.GetPoints())
				count++
			}
		}
		return count == n
	}, patience, 20*time.Millisecond)
	return told
}

// The same matter by two channels: the partner whose case was merged goes on hearing of the survivor, by its own case and reference.
func TestAMergedPartnerHearsOfTheSurvivor(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		own := w.accepted(complaint())
		filing := complaint()
		filing.Channel, filing.ExternalRef = "PARTNER_PLATFORM", mallRef("A-77")
		theirs := w.file(mall, filing)
		_, err := w.relations.MergeCase(w.as(agent), &intakev1.MergeCaseRequest{Name: theirs.GetName(), Into: own.GetName(), Reason: "同一事项"})
		require.NoError(t, err)
		_, err = w.cases.StartInvestigation(w.as(investigator), &intakev1.StartInvestigationRequest{Name: own.GetName()})
		require.NoError(t, err)
		w.conclude(own.GetName())
		w.propose(own.GetName(), "REPAIR_AGAIN")
		var states []string
		w.gateway.wait(t, func(e *eventv1.Envelope) bool {
			if e.GetSubject() != theirs.GetName() {
				return false
			}
			var p eventv1.CaseChanged
			require.NoError(t, e.GetData().UnmarshalTo(&p))
			require.Equal(t, mall.Subject, e.GetPartner())
			require.Equal(t, "A-77", p.GetExternalRef().GetAfterSaleId())
			require.Equal(t, theirs.GetCaseNumber(), p.GetCaseNumber())
			states = append(states, p.GetState())
			return p.GetState() == "SOLUTION_PROPOSED"
		})
		require.Contains(t, states, "MERGED")
		require.Equal(t, "MERGED", w.state(theirs.GetName()), "its own case stays merged")
	})
}

func mallRef(afterSale string) *commonv1.ExternalRef {
	return &commonv1.ExternalRef{Platform: "mall", OrderId: "E" + afterSale, AfterSaleId: afterSale}
}
