package dispatch

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

// TestClosedLoop is dispatch's part of api.md section 4.
func TestClosedLoop(t *testing.T) {
	everywhere(t, Config{DemoShowsCode: true}, func(t *testing.T, w *world) {
		w.start()
		o := w.create(nil)
		require.Equal(t, "待派单", o.GetStateLabel())

		list, err := w.ListWorkOrders(w.as(dispatcher), &dispatchv1.ListWorkOrdersRequest{Filter: `case="` + o.GetCase() + `"`})
		require.NoError(t, err)
		require.Len(t, list.GetWorkOrders(), 1)

		got := w.assign(o.GetName(), "engineers/demo-engineer")
		require.Equal(t, dispatchv1.WorkOrder_ASSIGNED, got.GetState())
		require.Equal(t, "李师傅", got.GetEngineerDisplayName())
		require.NotEmpty(t, got.GetAssignmentReasons(), "why this engineer (R133)")
		require.Equal(t, "138****8000", w.reads(li, o.GetName()).GetCustomer().GetPhone(), "not before ACCEPTED")
		require.Equal(t, "13800138000", w.accept(o.GetName(), li).GetCustomer().GetPhone())
		require.Equal(t, "138****8000", w.reads(agent, o.GetName()).GetCustomer().GetPhone())
		w.book(o.GetName(), li)
		w.ok(w.Depart(w.as(li), &dispatchv1.DepartRequest{Name: o.GetName()}))
		w.clock.Advance(2 * time.Hour)
		arrived := w.ok(w.Arrive(w.as(li), &dispatchv1.ArriveRequest{Name: o.GetName(), Location: door()}))
		require.Empty(t, arrived.GetDeviations())
		w.ok(w.Diagnose(w.as(li), &dispatchv1.DiagnoseRequest{Name: o.GetName(), Cause: "PART", Findings: "排水泵裂", InWarranty: true}))
		done := w.ok(w.Complete(w.as(li), &dispatchv1.CompleteRequest{
			Name: o.GetName(), Tests: []*dispatchv1.TestResult{{Name: "试漏", Passed: true}}, Photos: []string{"evidence/1"},
			PartsUsed: []*dispatchv1.PartUsed{{Part: "parts/demo-drain-pump"}}, Serials: []string{"SN1"},
		}))
		require.Len(t, done.GetAcceptanceCode(), 6)
		require.Equal(t, "220 V, 30 W", done.GetCompletion().GetPartsUsed()[0].GetSpecification(), "R147")
		require.Equal(t, "stockLocations/demo-van", done.GetCompletion().GetPartsUsed()[0].GetStockLocation())
		require.Empty(t, w.reads(li, o.GetName()).GetAcceptanceCode(), "shown once")

		confirmed := w.ok(w.Confirm(w.as(li), &dispatchv1.ConfirmRequest{Name: o.GetName(), AcceptanceCode: done.GetAcceptanceCode()}))
		require.Equal(t, dispatchv1.WorkOrder_CONFIRMED, confirmed.GetState())
		require.Equal(t, []string{"audit"}, confirmed.GetNextVerbs(), "nothing of the work is left")
		w.clock.Advance(7*24*time.Hour + time.Minute)
		require.Equal(t, "138****8000", w.reads(li, o.GetName()).GetCustomer().GetPhone(), "a week after CONFIRMED")

		checkEvents(t, w, o.GetCase())
		checkExport(t, w, o.GetCase())
		settled(t, w, o.GetName())
	})
}

func checkEvents(t *testing.T, w *world, caseName string) {
	t.Helper()
	for _, in := range []*inbox{w.intake, w.gateway} {
		got := in.of(t, caseName, 9)
		require.Len(t, got, 9)
		for i, e := range got {
			require.EqualValues(t, i+1, e.GetSequence())
			require.Equal(t, "partners/demo-mall", e.GetPartner())
			require.Equal(t, demoBrand, e.GetOwnerOrg())
		}
		require.Equal(t, "aftersales.workorder.confirmed.v1", got[8].GetType())
		var last eventv1.WorkOrderChanged
		require.NoError(t, got[8].GetData().UnmarshalTo(&last))
		require.Zero(t, last.GetOpenWorkOrders())
		require.Equal(t, "FIXED", last.GetOutcome())
		require.Equal(t, "customer", last.GetStep().GetOnBehalfOf())
	}
}

// checkExport: the archive's document has the order in full and each of its steps (R183).
func checkExport(t *testing.T, w *world, caseName string) {
	t.Helper()
	file, err := w.ExportCase(t.Context(), &dispatchv1.ExportCaseRequest{Case: caseName})
	require.NoError(t, err)
	require.EqualValues(t, 9, file.GetLastSequence())
	require.Len(t, file.GetDocuments(), 1)
	var doc struct {
		WorkOrder struct {
			State    string
			Customer struct{ Phone string }
		}
		Steps []struct{ Verb, To string }
	}
	require.NoError(t, json.Unmarshal(file.GetDocuments()[0].GetContent(), &doc))
	require.Equal(t, "CONFIRMED", doc.WorkOrder.State)
	require.Equal(t, "13800138000", doc.WorkOrder.Customer.Phone)
	require.Len(t, doc.Steps, 9)
	require.Equal(t, "create", doc.Steps[0].Verb)
	empty, err := w.ExportCase(t.Context(), &dispatchv1.ExportCaseRequest{Case: "cases/none"})
	require.NoError(t, err)
	require.Zero(t, empty.GetLastSequence())
}

// R133: who could, best first, and for everybody else a reason with what would help.
func TestSuggestions(t *testing.T) {
	w := onSQLite(t, Config{})
	o := w.create(nil)
	got, err := w.SuggestEngineers(w.as(dispatcher), &dispatchv1.SuggestEngineersRequest{Name: o.GetName()})
	require.NoError(t, err)
	var names []string
	for _, s := range got.GetSuggestions() {
		names = append(names, s.GetEngineer())
		require.NotEmpty(t, s.GetReasons())
		require.NotEmpty(t, s.GetDisplayName())
		require.False(t, s.GetEarliestArrival().AsTime().Before(w.clock.Now()))
		require.False(t, s.GetEarliestArrival().AsTime().After(w.clock.Now().AddDate(0, 0, 7)))
	}
	require.Equal(t, []string{"engineers/demo-engineer", "engineers/demo-engineer-repair"}, names)
	rejected := map[string]int32{}
	for _, r := range got.GetRejected() {
		rejected[r.GetReason()] += r.GetCount()
		require.NotEmpty(t, r.GetText())
		require.NotEmpty(t, r.GetCounterfactual(), r.GetReason())
	}
	require.EqualValues(t, 1, rejected["SKILL"], "%v", got.GetRejected())
	require.EqualValues(t, 1, rejected["TERRITORY"], "%v", got.GetRejected())
	require.EqualValues(t, 1, rejected["NO_SHIFT"], "%v", got.GetRejected())
	require.EqualValues(t, 1, rejected["TOO_FAR"], "%v", got.GetRejected())
	require.NotContains(t, got.String(), "provider", "nothing of another organisation's staff")

	_, err = w.SuggestEngineers(w.as(providerDispatcher), &dispatchv1.SuggestEngineersRequest{Name: o.GetName()})
	w.refused("RESOURCE_NOT_FOUND", err)
}

// Bookings take time away, and engineers who declined are not asked again.
func TestSuggestionsFollowTheDay(t *testing.T) {
	w := onSQLite(t, Config{})
	first := w.create(nil)
	w.assign(first.GetName(), "engineers/demo-engineer")
	w.accept(first.GetName(), li)
	w.ok(w.Book(w.as(li), &dispatchv1.BookRequest{Name: first.GetName(), WindowStart: w.at(0), WindowEnd: w.at(time.Minute)}))
	second := w.create(nil)
	got, err := w.SuggestEngineers(w.as(dispatcher), &dispatchv1.SuggestEngineersRequest{Name: second.GetName()})
	require.NoError(t, err)
	for _, s := range got.GetSuggestions() {
		if s.GetEngineer() == "engineers/demo-engineer" {
			require.False(t, s.GetEarliestArrival().AsTime().Before(t0.Add(90*time.Minute)), "a repair of 90 minutes comes first")
		}
	}
	w.assign(second.GetName(), "engineers/demo-engineer-repair")
	w.ok(w.Decline(w.as(repairman), &dispatchv1.DeclineRequest{Name: second.GetName(), Reason: "太远"}))
	got, err = w.SuggestEngineers(w.as(dispatcher), &dispatchv1.SuggestEngineersRequest{Name: second.GetName()})
	require.NoError(t, err)
	require.Len(t, got.GetSuggestions(), 1)
	require.Equal(t, "engineers/demo-engineer", got.GetSuggestions()[0].GetEngineer())
}

// The dispatcher may overrule the planner; what spoke against stays on record.
func TestOverruledAssignment(t *testing.T) {
	w := onSQLite(t, Config{})
	o := w.create(nil)
	got := w.assign(o.GetName(), "engineers/demo-engineer-installer")
	require.Len(t, got.GetAssignmentReasons(), 1)
	require.Equal(t, "AGAINST_SKILL", got.GetAssignmentReasons()[0].GetCode())
}
