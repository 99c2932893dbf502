package dispatch

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/suggest"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/auth"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

// metadataOf is that of the error's ErrorInfo.
func metadataOf(err error) map[string]string {
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return info.GetMetadata()
		}
	}
	return nil
}

func (w *world) assigned() string {
	o := w.create(nil)
	w.assign(o.GetName(), "engineers/demo-engineer")
	return o.GetName()
}

func (w *world) bookAt(who auth.Principal, name string, from, to time.Duration, force bool) (*dispatchv1.WorkOrder, error) {
	return w.Book(w.as(who), &dispatchv1.BookRequest{Name: name, WindowStart: w.at(from), WindowEnd: w.at(to), AllowOverlap: force})
}

// R146: an appointment that the engineer cannot keep beside another one is refused with the other one's time, unless a dispatcher
// forces it.
func TestOverlappingAppointments(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		first, second, third := w.assigned(), w.assigned(), w.assigned()
		w.ok(w.bookAt(li, first, 2*time.Hour, 150*time.Minute, false))
		_, err := w.bookAt(li, second, 2*time.Hour, 150*time.Minute, false)
		require.Equal(t, codes.FailedPrecondition, status.Code(err))
		w.refused("APPOINTMENT_OVERLAP", err)
		require.Equal(t, first, metadataOf(err)["order"])
		require.Equal(t, "2026-11-22T06:00:00Z", metadataOf(err)["windowStart"])
		require.Equal(t, "2026-11-22 14:00", metadataOf(err)["start"], "local time for people")
		require.Equal(t, dispatchv1.WorkOrder_ASSIGNED, w.reads(li, second).GetState())

		_, err = w.bookAt(li, second, 2*time.Hour, 150*time.Minute, true)
		w.refused("PERMISSION_DENIED", err)
		w.accept(second, li)
		forced := w.ok(w.bookAt(dispatcher, second, 2*time.Hour, 150*time.Minute, true))
		require.Equal(t, "APPOINTMENT_OVERLAP", forced.GetDeviations()[0].GetKind())
		require.Empty(t, w.ok(w.bookAt(li, third, 2*time.Hour, 8*time.Hour, false)).GetDeviations(), "that can be kept beside the others")

		// The same order may be booked anew, another time frees the first, and moving back is refused again.
		w.ok(w.bookAt(li, first, 5*time.Hour, 6*time.Hour, false))
		move := &dispatchv1.RescheduleRequest{Name: first, Reason: "客户改期", WindowStart: w.at(2 * time.Hour), WindowEnd: w.at(150 * time.Minute)}
		_, err = w.Reschedule(w.as(dispatcher), move)
		w.refused("APPOINTMENT_OVERLAP", err)
		move.AllowOverlap = true
		w.ok(w.Reschedule(w.as(dispatcher), move))
	})
}

// Windows of half a day are shared; more in one than fit are told, not refused.
func TestCrowdedWindow(t *testing.T) {
	w := onSQLite(t, Config{})
	for range 2 {
		require.Empty(t, w.ok(w.bookAt(li, w.assigned(), time.Hour, 3*time.Hour, false)).GetDeviations())
	}
	third := w.ok(w.bookAt(li, w.assigned(), time.Hour, 3*time.Hour, false))
	require.Equal(t, "APPOINTMENTS_CROWDED", third.GetDeviations()[0].GetKind())
	require.EqualValues(t, 7200, third.GetDeviations()[0].GetAmount())
}

// Of two bookings of one engineer's hour at the same time one is refused, on both engines.
func TestBookingRace(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		names := make([]string, 8)
		for i := range names {
			names[i] = w.assigned()
			w.accept(names[i], li)
		}
		var wg sync.WaitGroup
		errs := make([]error, len(names))
		for i, name := range names {
			wg.Go(func() { _, errs[i] = w.bookAt(li, name, 2*time.Hour, 2*time.Hour+30*time.Minute, false) })
		}
		wg.Wait()
		kept := 0
		for _, err := range errs {
			if err == nil {
				kept++
				continue
			}
			w.refused("APPOINTMENT_OVERLAP", err)
		}
		require.Equal(t, 1, kept)
	})
}

// R133: many orders are proposed at once, and each proposal can be assigned.
func TestSuggestBatch(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		var names []string
		for range 3 {
			names = append(names, w.create(nil).GetName())
		}
		got, err := w.SuggestBatch(w.as(dispatcher), &dispatchv1.SuggestBatchRequest{Names: names})
		require.NoError(t, err)
		require.Len(t, got.GetProposals(), 3)
		require.GreaterOrEqual(t, got.GetValue(), got.GetOneByOneValue())
		for i, p := range got.GetProposals() {
			require.Equal(t, names[i], p.GetWorkOrder())
			require.NotEmpty(t, p.GetSuggestion().GetReasons())
			w.ok(w.Assign(w.as(dispatcher), &dispatchv1.AssignRequest{Name: p.GetWorkOrder(), Etag: p.GetEtag(), Engineer: p.GetSuggestion().GetEngineer()}))
		}
		_, err = w.SuggestBatch(w.as(dispatcher), &dispatchv1.SuggestBatchRequest{Names: names})
		w.refused("WORK_ORDER_STATE_INVALID", err)

		names = append(names, w.create(nil).GetName())
		found, err := w.SuggestBatch(w.as(dispatcher), &dispatchv1.SuggestBatchRequest{Filter: `urgency="NORMAL"`})
		require.NoError(t, err)
		require.Len(t, found.GetProposals(), 1, "only what waits for an engineer")
		require.Equal(t, names[3], found.GetProposals()[0].GetWorkOrder())
		none, err := w.SuggestBatch(w.as(providerDispatcher), &dispatchv1.SuggestBatchRequest{})
		require.NoError(t, err)
		require.Empty(t, none.GetProposals(), "another organisation's orders are not seen")
		_, err = w.SuggestBatch(w.as(providerDispatcher), &dispatchv1.SuggestBatchRequest{Names: names[3:]})
		w.refused("RESOURCE_NOT_FOUND", err)
		_, err = w.SuggestBatch(w.as(dispatcher), &dispatchv1.SuggestBatchRequest{Names: names[3:], Filter: "state=CREATED"})
		w.refused("FIELD_INVALID", err)
		_, err = w.SuggestBatch(w.as(li), &dispatchv1.SuggestBatchRequest{})
		w.refused("PERMISSION_DENIED", err)
	})
}

// What the index in memory suggests through bookings, moves, cancellations and re-dispatches is what one built from the rows says.
func TestSuggestionsFollowTheRows(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		agree := func() {
			t.Helper()
			o := &workorder.Order{ID: "ask", Purpose: workorder.Repair, Region: "310115", Body: workorder.Body{Skills: []workorder.SkillNeed{{Skill: "REPAIR", Level: 1}}}}
			zone, err := Config{}.zone()
			require.NoError(t, err)
			want, err := suggest.New(w.svc.store, w.clock, zone).Suggest(context.Background(), []string{demoBrand}, o, 5)
			require.NoError(t, err)
			got, err := w.svc.api.Suggest.Suggest(context.Background(), []string{demoBrand}, o, 5)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		agree()
		name := w.assigned()
		agree()
		w.ok(w.bookAt(li, name, time.Hour, 2*time.Hour, false))
		agree()
		w.clock.Advance(3 * time.Minute)
		w.ok(w.bookAt(li, name, 4*time.Hour, 6*time.Hour, false))
		agree()
		w.ok(w.Assign(w.as(dispatcher), &dispatchv1.AssignRequest{Name: name, Engineer: "engineers/demo-engineer-repair", Replaces: "engineers/demo-engineer", Reason: "换人"}))
		agree()
		w.clock.Advance(3 * time.Minute)
		w.ok(w.Cancel(w.as(dispatcher), &dispatchv1.CancelRequest{Name: name, Reason: "客户撤销"}))
		agree()
	})
}
