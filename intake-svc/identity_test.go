package intake

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/auth"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

var (
	providerAgent  = staffOf("users/pd", provider, auth.RoleDispatcher)
	fieldEngineer  = auth.Principal{Kind: auth.Staff, Subject: "users/e1", Org: provider, Roles: []string{auth.RoleEngineer}, Engineer: "engineers/e1"}
	secondEngineer = auth.Principal{Kind: auth.Staff, Subject: "users/e2", Org: provider, Roles: []string{auth.RoleEngineer}, Engineer: "engineers/e2"}
)

// protectedVisit is a PROTECTED complaint that a provider's engineer visits.
func (w *world) protectedVisit() *intakev1.Case {
	w.t.Helper()
	filing := complaint()
	c := w.file(agent, filing)
	_, err := w.custody.SetConfidentiality(w.as(quality), &intakev1.SetConfidentialityRequest{
		Name: c.GetName(), Confidentiality: intakev1.Case_PROTECTED, Reason: "担心报复",
	})
	require.NoError(w.t, err)
	_, err = w.cases.AcceptCase(w.as(agent), &intakev1.AcceptCaseRequest{Name: c.GetName(), ContentClass: "REPAIR_QUALITY"})
	require.NoError(w.t, err)
	_, err = w.cases.StartInvestigation(w.as(investigator), &intakev1.StartInvestigationRequest{Name: c.GetName()})
	require.NoError(w.t, err)
	w.conclude(c.GetName())
	w.agree(w.propose(c.GetName(), "REPAIR_AGAIN"))
	w.until(c.GetName(), "in_service")
	w.visitedBy(c.GetName(), "engineers/e1")
	return w.get(c.GetName())
}

func (w *world) visitedBy(name, engineer string) {
	w.t.Helper()
	c := w.get(name)
	e := envelope(w.t, &eventv1.WorkOrderChanged{
		WorkOrder: w.dispatch.last(name), Case: name, State: "ASSIGNED", Round: c.GetRound(), OpenWorkOrders: 1, Solution: c.GetCurrentSolution(),
		Engineer: engineer, Step: &commonv1.Step{Event: "WORK_ORDER_ASSIGNED", Actor: "users/dispatcher", OccurredUs: w.clock.Now().UnixMicro()},
	}, "aftersales/dispatch", name, w.dispatch.next())
	e.ServingOrg = provider
	_, err := w.inbox.Deliver(w.t.Context(), &eventv1.DeliverRequest{Envelopes: []*eventv1.Envelope{e}})
	require.NoError(w.t, err)
}

func (w *world) release(p auth.Principal, name string, part intakev1.IdentityRelease_Part, to string) error {
	_, err := w.custody.ReleaseIdentity(w.as(p), &intakev1.ReleaseIdentityRequest{Name: name, Part: part, Receiver: to, Reason: "上门需要"})
	return err
}

func (w *world) seenBy(p auth.Principal, name string) *intakev1.Case {
	w.t.Helper()
	c, err := w.cases.GetCase(w.as(p), &intakev1.GetCaseRequest{Name: name})
	require.NoError(w.t, err)
	return c
}

// R188: name, phone and address are told one by one to who serves, each is an entry, and it ends with the visit.
func TestIdentityIsReleasedStepByStep(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.protectedVisit()
		order := w.dispatch.orders(c.GetName())[0]
		require.Empty(t, order.GetCustomer().GetDisplayName()+order.GetCustomer().GetPhone()+order.GetCustomer().GetAddress().GetLine(), "dispatch is told the region only")
		require.Equal(t, "310115", order.GetCustomer().GetAddress().GetRegionCode())
		require.Nil(t, w.seenBy(fieldEngineer, c.GetName()).GetCustomer())

		require.NoError(t, w.release(manager, c.GetName(), intakev1.IdentityRelease_ADDRESS, "engineers/e1"))
		seen := w.seenBy(fieldEngineer, c.GetName())
		require.Equal(t, "世纪大道1号", seen.GetCustomer().GetAddress().GetLine())
		require.Empty(t, seen.GetCustomer().GetPhone()+seen.GetCustomer().GetDisplayName())
		require.Nil(t, w.seenBy(providerAgent, c.GetName()).GetCustomer(), "the engineer alone was told")
		require.NoError(t, w.release(manager, c.GetName(), intakev1.IdentityRelease_PHONE, "engineers/e1"))
		require.NoError(t, w.release(manager, c.GetName(), intakev1.IdentityRelease_NAME, provider))
		seen = w.seenBy(fieldEngineer, c.GetName())
		require.Equal(t, "王小明 13800138000", seen.GetCustomer().GetDisplayName()+" "+seen.GetCustomer().GetPhone())
		require.Empty(t, seen.GetIdentityReleases(), "who else was told is the owner's to know")
		require.Equal(t, "王小明", w.seenBy(providerAgent, c.GetName()).GetCustomer().GetDisplayName())

		count := 0
		for _, event := range w.eventNames(c.GetName()) {
			if event == "IDENTITY_RELEASED" {
				count++
			}
		}
		require.Equal(t, 3, count)
		requireReason(t, w.release(manager, c.GetName(), intakev1.IdentityRelease_NAME, "engineers/e2"), "IDENTITY_RECEIVER_INVALID")
		requireReason(t, w.release(providerAgent, c.GetName(), intakev1.IdentityRelease_PHONE, provider), "CONFIDENTIAL")
		requireReason(t, w.release(agent, c.GetName(), intakev1.IdentityRelease_PHONE, provider), "PERMISSION_DENIED")

		_, err := w.custody.WithdrawIdentity(w.as(manager), &intakev1.WithdrawIdentityRequest{
			Name: c.GetName(), Part: intakev1.IdentityRelease_PHONE, Reason: "改由客服联系",
		})
		require.NoError(t, err)
		require.Empty(t, w.seenBy(fieldEngineer, c.GetName()).GetCustomer().GetPhone())
		w.visitedBy(c.GetName(), "engineers/e2")
		require.Empty(t, w.seenBy(secondEngineer, c.GetName()).GetCustomer().GetAddress().GetLine(), "another engineer was told nothing but what the organisation was")
		for _, r := range w.get(c.GetName()).GetIdentityReleases() {
			require.Equal(t, r.GetReceiver() != provider, r.GetEndTime() != nil, r.GetPart().String())
		}
	})
}

// R188: the phone finds a PROTECTED case for its owner only, not for who serves, nor for the one complained about; the page tells nothing of it.
func TestAProtectedCaseIsNotFoundByPhone(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.protectedVisit()
		search := func(p auth.Principal) *intakev1.ListCasesResponse {
			list, err := w.cases.ListCases(w.as(p), &intakev1.ListCasesRequest{Filter: `phone = "13800138000"`, PageSize: 1})
			require.NoError(t, err)
			return list
		}
		all, err := w.cases.ListCases(w.as(providerAgent), &intakev1.ListCasesRequest{})
		require.NoError(t, err)
		require.Len(t, all.GetCases(), 1, "it serves the case")
		for _, p := range []auth.Principal{providerAgent, fieldEngineer} {
			require.Empty(t, search(p).GetCases())
			require.Empty(t, search(p).GetNextPageToken())
		}
		require.Equal(t, c.GetName(), search(agent).GetCases()[0].GetName())
		about, err := w.cases.AcceptCase(w.as(agent), &intakev1.AcceptCaseRequest{
			Name: w.file(agent, complaint()).GetName(), ContentClass: "ATTITUDE", ComplainedAbout: []string{"users/agent2"},
		})
		require.NoError(t, err)
		accused := staffOf("users/agent2", brand, auth.RoleAgent)
		require.Equal(t, about.GetName(), search(accused).GetCases()[0].GetName(), "a NORMAL case hides nobody")
		_, err = w.custody.SetConfidentiality(w.as(quality), &intakev1.SetConfidentialityRequest{
			Name: about.GetName(), Confidentiality: intakev1.Case_PROTECTED, Reason: "担心报复",
		})
		require.NoError(t, err)
		require.Equal(t, c.GetName(), search(accused).GetCases()[0].GetName())
		require.Empty(t, search(accused).GetNextPageToken())
	})
}

// A visit of a case that is not PROTECTED needs no release.
func TestOnlyAProtectedIdentityIsReleased(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c, _ := w.inService()
		requireReason(t, w.release(manager, c.GetName(), intakev1.IdentityRelease_NAME, provider), "IDENTITY_NOT_PROTECTED")
	})
}
