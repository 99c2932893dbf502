package intake

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/status"

	"github.com/aftersales-suite/aftersales/platform/auth"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

func (w *world) untilEvent(name, event string) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		for _, e := range w.eventNames(name) {
			if e == event {
				return true
			}
		}
		return false
	}, patience, 20*time.Millisecond, event)
}

func (w *world) countEvents(name, event string) (n int) {
	for _, e := range w.eventNames(name) {
		if e == event {
			n++
		}
	}
	return n
}

// R189: a danger in the text is a hazard at once; the tiers are called one after the other while nobody acknowledges.
func TestAHazardFromText(t *testing.T) {
	everywhere(t, Config{SweepEvery: 50 * time.Millisecond}, func(t *testing.T, w *world) {
		filing := complaint()
		filing.Problem = "洗衣机插座冒烟了，有烧焦味，差点起火"
		c := w.file(agent, filing)
		require.NotNil(t, c.GetHazard())
		require.NotEmpty(t, c.GetHazard().GetFromText())
		w.untilEvent(c.GetName(), "DUTY_CALLED")
		w.untilEvent(c.GetName(), "NOTICE_DELIVERED")
		require.Equal(t, "quality", w.get(c.GetName()).GetHazard().GetDutyRole())
		w.clock.Advance(16 * time.Minute)
		require.Eventually(t, func() bool { return w.countEvents(c.GetName(), "DUTY_CALLED") == 2 }, patience, 20*time.Millisecond)
		require.Equal(t, "manager", w.get(c.GetName()).GetHazard().GetDutyRole())
		_, err := w.cases.WithdrawCase(w.as(agent), &intakev1.WithdrawCaseRequest{Name: c.GetName(), Reason: "算了"})
		requireReason(t, err, "HAZARD_OPEN")

		list, err := w.custody.ListWorkItems(w.as(manager), &intakev1.ListWorkItemsRequest{})
		require.NoError(t, err)
		require.Equal(t, "ACKNOWLEDGE_HAZARD", list.GetWorkItems()[0].GetStep())
		_, err = w.custody.AcknowledgeHazard(w.as(manager), &intakev1.AcknowledgeHazardRequest{Name: c.GetName(), Note: "已电话联系"})
		require.NoError(t, err)
		_, err = w.custody.ClearHazard(w.as(manager), &intakev1.ClearHazardRequest{Name: c.GetName(), Finding: "x"})
		requireReason(t, err, "PERMISSION_DENIED")
		cleared, err := w.custody.ClearHazard(w.as(quality), &intakev1.ClearHazardRequest{Name: c.GetName(), Finding: "插座老化，非本机"})
		require.NoError(t, err)
		require.Nil(t, cleared.GetHazard())
		require.Len(t, cleared.GetPastHazards(), 1)
	})
}

// R188: RESTRICTED is a named list; a manager who is not on it does not see it. An unrelated agent sees masked data and reveals with a reason.
func TestConfidentiality(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.file(agent, complaint())
		got, err := w.cases.GetCase(w.as(otherAgent), &intakev1.GetCaseRequest{Name: c.GetName()})
		require.NoError(t, err)
		require.Equal(t, "138****8000", got.GetCustomer().GetPhone())
		shown, err := w.custody.RevealContact(w.as(otherAgent), &intakev1.RevealContactRequest{Name: c.GetName(), Reason: "客户来电核实地址"})
		require.NoError(t, err)
		require.Equal(t, "13800138000", shown.GetParties()[0].GetPerson().GetPhone())
		w.untilEvent(c.GetName(), "CONTACT_REVEALED")

		_, err = w.custody.SetConfidentiality(w.as(quality), &intakev1.SetConfidentialityRequest{
			Name: c.GetName(), Confidentiality: intakev1.Case_RESTRICTED, Readers: []string{"users/other-agent"}, Reason: "涉及内部人员",
		})
		require.NoError(t, err)
		_, err = w.cases.GetCase(w.as(otherAgent), &intakev1.GetCaseRequest{Name: c.GetName()})
		require.NoError(t, err, "on the list")
		for _, p := range []auth.Principal{manager, investigator} {
			_, err = w.cases.GetCase(w.as(p), &intakev1.GetCaseRequest{Name: c.GetName()})
			requireReason(t, err, "RESOURCE_NOT_FOUND")
			list, err := w.cases.ListCases(w.as(p), &intakev1.ListCasesRequest{})
			require.NoError(t, err)
			require.Empty(t, list.GetCases())
			items, err := w.custody.ListWorkItems(w.as(p), &intakev1.ListWorkItemsRequest{})
			require.NoError(t, err)
			require.Empty(t, items.GetWorkItems())
		}
	})
}

// PROTECTED: who serves sees the matter, not the person.
func TestProtectedHidesTheComplainant(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c, order := w.inService()
		w.released(c, order, provider)
		_, err := w.custody.SetConfidentiality(w.as(quality), &intakev1.SetConfidentialityRequest{
			Name: c.GetName(), Confidentiality: intakev1.Case_PROTECTED, Reason: "担心报复",
		})
		require.NoError(t, err)
		got, err := w.cases.GetCase(w.as(providerDesk), &intakev1.GetCaseRequest{Name: c.GetName()})
		require.NoError(t, err)
		require.Empty(t, got.GetParties())
		require.Nil(t, got.GetCustomer())
		_, err = w.custody.RevealContact(w.as(providerDesk), &intakev1.RevealContactRequest{Name: c.GetName(), Reason: "上门"})
		requireReason(t, err, "CONFIDENTIAL")
	})
}

// Moved between organisations: offered, seen in the receiver's work list only, accepted, owned.
func TestTransferBetweenOrganisations(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.accepted(complaint())
		for _, nobody := range []string{"organisations/nowhere", "organisations/rival"} {
			_, err := w.custody.TransferCase(w.as(agent), &intakev1.TransferCaseRequest{Name: c.GetName(), Organisation: nobody, Reason: "x"})
			requireReason(t, err, "TRANSFER_TARGET_INVALID")
		}
		_, err := w.custody.TransferCase(w.as(agent), &intakev1.TransferCaseRequest{Name: c.GetName(), Organisation: provider, Reason: "由服务商处理"})
		require.NoError(t, err)
		_, err = w.cases.GetCase(w.as(providerDesk), &intakev1.GetCaseRequest{Name: c.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		items, err := w.custody.ListWorkItems(w.as(providerDesk), &intakev1.ListWorkItemsRequest{})
		require.NoError(t, err)
		require.Equal(t, c.GetName(), items.GetWorkItems()[0].GetCase())
		stranger := staffOf("users/x", "organisations/x", auth.RoleManager)
		_, err = w.custody.AcceptTransfer(w.as(stranger), &intakev1.AcceptTransferRequest{Name: c.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		got, err := w.custody.AcceptTransfer(w.as(providerDesk), &intakev1.AcceptTransferRequest{Name: c.GetName()})
		require.NoError(t, err)
		require.Equal(t, provider, got.GetOwnerOrg())
		require.Equal(t, c.GetStateDeadline().AsTime(), got.GetStateDeadline().AsTime(), "clocks run on")
		_, err = w.cases.GetCase(w.as(agent), &intakev1.GetCaseRequest{Name: c.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
	})
}

// Several products: a child case with the next number, the same answer to a repetition.
func TestSplitCase(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		filing := complaint()
		filing.Product = nil
		for _, serial := range []string{"A", "B"} {
			filing.Items = append(filing.Items, &intakev1.Item{Product: &intakev1.Product{SerialNumber: serial}})
		}
		c := w.file(agent, filing)
		req := &intakev1.SplitCaseRequest{Name: c.GetName(), ItemIds: []string{"2"}, Reason: "不同故障", RequestId: "split-1"}
		child, err := w.custody.SplitCase(w.as(agent), req)
		require.NoError(t, err)
		again, err := w.custody.SplitCase(w.as(agent), req)
		require.NoError(t, err)
		require.Equal(t, child.GetName(), again.GetName())
		require.Equal(t, c.GetName(), child.GetParentCase())
		require.Equal(t, "B", child.GetProduct().GetSerialNumber())
		require.Equal(t, []string{child.GetName()}, w.get(c.GetName()).GetChildCases())
		next := w.file(agent, complaint())
		require.True(t, strings.HasSuffix(next.GetCaseNumber(), "-000003"), "no gap: %s", next.GetCaseNumber()) // R52
	})
}

// Many complaints on one model: grouped, never merged; one finding for all.
func TestIncidents(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		a, b := w.accepted(complaint()), w.accepted(complaint())
		i, err := w.incidents.CreateIncident(w.as(quality), &intakev1.CreateIncidentRequest{Incident: &intakev1.Incident{Title: "密封圈批次问题", Brand: "海风"}})
		require.NoError(t, err)
		i, err = w.incidents.AddIncidentCases(w.as(quality), &intakev1.AddIncidentCasesRequest{Name: i.GetName(), Cases: []string{b.GetName(), a.GetName()}})
		require.NoError(t, err)
		require.Equal(t, int32(2), i.GetCaseCount())
		_, err = w.incidents.RecordIncidentFinding(w.as(quality), &intakev1.RecordIncidentFindingRequest{Name: i.GetName(), Finding: "批次不良", Measure: "召回更换"})
		require.NoError(t, err)
		for _, c := range []*intakev1.Case{a, b} {
			require.Equal(t, i.GetName(), w.get(c.GetName()).GetIncident())
			require.Contains(t, w.eventNames(c.GetName()), "INCIDENT_FINDING")
		}
		_, err = w.incidents.GetIncident(w.as(providerDesk), &intakev1.GetIncidentRequest{Name: i.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		list, err := w.incidents.ListIncidents(w.as(manager), &intakev1.ListIncidentsRequest{})
		require.NoError(t, err)
		require.Len(t, list.GetIncidents(), 1)
	})
}

// The evidence bundle holds the course and no person.
func TestEvidenceBundleIsRedacted(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		filing := complaint()
		filing.Problem = "王小明反映漏水，电话13800138000，住世纪大道1号"
		c := w.accepted(filing)
		body, err := w.custody.GetEvidenceBundle(w.as(manager), &intakev1.GetEvidenceBundleRequest{Name: c.GetName()})
		require.NoError(t, err)
		file, err := zip.NewReader(bytes.NewReader(body.GetData()), int64(len(body.GetData())))
		require.NoError(t, err)
		names := map[string]bool{}
		for _, member := range file.File {
			names[member.Name] = true
			r, err := member.Open()
			require.NoError(t, err)
			content, err := io.ReadAll(r)
			require.NoError(t, err)
			for _, secret := range []string{"王小明", "13800138000", "世纪大道1号", c.GetProgressToken()} {
				require.NotContains(t, string(content), secret, member.Name)
			}
		}
		require.Subset(t, keysOf(names), []string{"case.json", "case.html", "manifest.json", "manifest.sig", "timeline.jsonl"})
		_, err = w.custody.GetEvidenceBundle(w.as(agent), &intakev1.GetEvidenceBundleRequest{Name: c.GetName()})
		require.Equal(t, "PermissionDenied", status.Code(err).String())
	})
}

func keysOf(m map[string]bool) (all []string) {
	for k := range m {
		all = append(all, k)
	}
	return all
}
