package dispatch

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/platform/auth"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

// Two organisations (R1): the provider sees what is released to it and nothing before or after.
func TestProvider(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		o := w.create(nil)
		hidden := func(who auth.Principal) {
			t.Helper()
			_, err := w.GetWorkOrder(w.as(who), &dispatchv1.GetWorkOrderRequest{Name: o.GetName()})
			w.refused("RESOURCE_NOT_FOUND", err)
			list, err := w.ListWorkOrders(w.as(who), &dispatchv1.ListWorkOrdersRequest{})
			require.NoError(t, err)
			require.Empty(t, list.GetWorkOrders())
		}
		hidden(providerDispatcher)
		_, err := w.AcceptOffer(w.as(providerDispatcher), &dispatchv1.AcceptOfferRequest{Name: o.GetName()})
		w.refused("RESOURCE_NOT_FOUND", err)

		offer := func() {
			got := w.ok(w.Offer(w.as(dispatcher), &dispatchv1.OfferRequest{Name: o.GetName(), ServingOrg: demoProvider}))
			require.Equal(t, w.clock.Now().Add(2*time.Hour), got.GetOffer().GetDeadline().AsTime())
			require.Equal(t, "138****8000", w.reads(providerDispatcher, o.GetName()).GetCustomer().GetPhone())
			require.Empty(t, w.reads(providerDispatcher, o.GetName()).GetCustomer().GetAddress().GetLine())
		}
		offer()
		w.ok(w.DeclineOffer(w.as(providerDispatcher), &dispatchv1.DeclineOfferRequest{Name: o.GetName(), Reason: "没有人手"}))
		hidden(providerDispatcher)

		offer()
		w.clock.Advance(2 * time.Hour)
		_, err = w.AcceptOffer(w.as(providerDispatcher), &dispatchv1.AcceptOfferRequest{Name: o.GetName()})
		w.refused("OFFER_OVER", err)
		require.NoError(t, w.svc.api.ExpireOffers(t.Context()))
		require.NoError(t, w.svc.api.ExpireOffers(t.Context()), "a repeat is harmless")
		require.Equal(t, dispatchv1.WorkOrder_OFFER_EXPIRED, w.reads(dispatcher, o.GetName()).GetState())
		hidden(providerDispatcher)

		offer()
		_, err = w.Assign(w.as(dispatcher), &dispatchv1.AssignRequest{Name: o.GetName(), Engineer: "engineers/demo-engineer"})
		w.refused("WORK_ORDER_STATE_INVALID", err)
		w.ok(w.AcceptOffer(w.as(providerDispatcher), &dispatchv1.AcceptOfferRequest{Name: o.GetName()}))
		carriedOut(t, w, o.GetName())
	})
}

// carriedOut: once taken, the provider's people do the work; the owner looks on.
func carriedOut(t *testing.T, w *world, name string) {
	t.Helper()
	_, err := w.Assign(w.as(dispatcher), &dispatchv1.AssignRequest{Name: name, Engineer: "engineers/demo-engineer"})
	w.refused("PERMISSION_DENIED", err)
	_, err = w.Assign(w.as(providerDispatcher), &dispatchv1.AssignRequest{Name: name, Engineer: "engineers/demo-engineer"})
	w.refused("RESOURCE_NOT_FOUND", err)
	_, err = w.SuggestEngineers(w.as(dispatcher), &dispatchv1.SuggestEngineersRequest{Name: name})
	w.refused("PERMISSION_DENIED", err)
	found, err := w.SuggestEngineers(w.as(providerDispatcher), &dispatchv1.SuggestEngineersRequest{Name: name})
	require.NoError(t, err)
	require.Equal(t, "engineers/provider-engineer", found.GetSuggestions()[0].GetEngineer())

	w.ok(w.Assign(w.as(providerDispatcher), &dispatchv1.AssignRequest{Name: name, Engineer: "engineers/provider-engineer"}))
	require.Equal(t, "13800138000", w.accept(name, providerEngineer).GetCustomer().GetPhone())
	require.Equal(t, "13800138000", w.reads(providerDispatcher, name).GetCustomer().GetPhone())
	require.Equal(t, "138****8000", w.reads(dispatcher, name).GetCustomer().GetPhone(), "the owner does not carry it out")
	mine, err := w.ListEngineerWorkOrders(w.as(providerEngineer), &dispatchv1.ListEngineerWorkOrdersRequest{Parent: "engineers/me"})
	require.NoError(t, err)
	require.Len(t, mine.GetWorkOrders(), 1)
}

func TestWhoSees(t *testing.T) {
	w := onSQLite(t, Config{})
	o := w.create(nil)
	require.Equal(t, "王*", w.reads(mall, o.GetName()).GetCustomer().GetDisplayName(), "a partner sees what it filed, masked")
	require.NotEmpty(t, w.reads(agent, o.GetName()).GetNextVerbs())
	require.Empty(t, w.reads(mall, o.GetName()).GetNextVerbs())
	for name, who := range map[string]auth.Principal{"another partner": otherPartner, "an engineer without it": li, "a provider": providerDispatcher} {
		_, err := w.GetWorkOrder(w.as(who), &dispatchv1.GetWorkOrderRequest{Name: o.GetName()})
		require.Equal(t, codes.NotFound, status.Code(err), name)
	}
	noScope := mall
	noScope.Scopes = nil
	_, err := w.GetWorkOrder(w.as(noScope), &dispatchv1.GetWorkOrderRequest{Name: o.GetName()})
	w.refused("PERMISSION_DENIED", err)
	_, err = w.ExportCase(w.as(manager), &dispatchv1.ExportCaseRequest{Case: o.GetCase()})
	w.refused("PERMISSION_DENIED", err)
	_, err = w.Assign(w.as(agent), &dispatchv1.AssignRequest{Name: o.GetName(), Engineer: "engineers/demo-engineer"})
	w.refused("PERMISSION_DENIED", err)
	_, err = w.GetWorkOrder(w.as(agent), &dispatchv1.GetWorkOrderRequest{Name: "cases/1"})
	w.refused("FIELD_INVALID", err)
}

func TestEngineers(t *testing.T) {
	w := onSQLite(t, Config{})
	me, err := w.GetEngineer(w.as(providerEngineer), &dispatchv1.GetEngineerRequest{Name: "engineers/me"})
	require.NoError(t, err)
	require.Equal(t, "engineers/provider-engineer", me.GetName(), "found by the signed-in user")
	require.NotNil(t, me.GetHome())
	_, err = w.GetEngineer(w.as(dispatcher), &dispatchv1.GetEngineerRequest{Name: "engineers/me"})
	w.refused("RESOURCE_NOT_FOUND", err)
	other, err := w.GetEngineer(w.as(agent), &dispatchv1.GetEngineerRequest{Name: "engineers/demo-engineer-repair"})
	require.NoError(t, err)
	require.Nil(t, other.GetHome(), "where somebody lives is not everybody's business")
	require.EqualValues(t, 1, other.GetShifts()[1].GetWeekday())

	require.NoError(t, w.svc.Seed(t.Context()), "the seed may be repeated")
	var names []string
	for token := ""; ; {
		page, err := w.ListEngineers(w.as(dispatcher), &dispatchv1.ListEngineersRequest{PageSize: 4, PageToken: token})
		require.NoError(t, err)
		for _, e := range page.GetEngineers() {
			names = append(names, e.GetName())
		}
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	require.Len(t, names, 6)
	require.NotContains(t, names, "engineers/provider-engineer")
}

// api.md section 3: a stream from a cursor on; nothing is skipped, what was lost is taken away.
func TestWatch(t *testing.T) {
	everywhere(t, Config{WatchPoll: time.Minute, WatchAlive: time.Hour}, func(t *testing.T, w *world) {
		o := w.create(nil)
		w.assign(o.GetName(), "engineers/demo-engineer")
		ctx, cancel := context.WithCancel(w.as(li))
		defer cancel()
		stream, err := w.WatchEngineerWorkOrders(ctx, &dispatchv1.WatchEngineerWorkOrdersRequest{Parent: "engineers/me"})
		require.NoError(t, err)
		next := func() *dispatchv1.WatchEngineerWorkOrdersResponse {
			t.Helper()
			m, err := stream.Recv()
			require.NoError(t, err)
			return m
		}
		require.Empty(t, next().GetWorkOrderName(), "first a sign of life")
		require.Equal(t, "assign", next().GetVerb())
		w.accept(o.GetName(), li)
		live := next()
		require.Equal(t, "accept", live.GetVerb())
		require.Equal(t, "13800138000", live.GetWorkOrder().GetCustomer().GetPhone())
		w.ok(w.Assign(w.as(dispatcher), &dispatchv1.AssignRequest{Name: o.GetName(), Engineer: "engineers/demo-engineer-repair", Replaces: "engineers/demo-engineer"}))
		gone := next()
		require.True(t, gone.GetRemoved())
		require.Nil(t, gone.GetWorkOrder())
		require.Equal(t, o.GetName(), gone.GetWorkOrderName())
		cancel()

		stream, err = w.WatchEngineerWorkOrders(w.as(li), &dispatchv1.WatchEngineerWorkOrdersRequest{Parent: "engineers/me", Cursor: live.GetCursor()})
		require.NoError(t, err)
		require.Equal(t, live.GetCursor(), next().GetCursor())
		require.Equal(t, gone.GetCursor(), next().GetCursor(), "from the cursor on")
	})
}

func TestWatchIsOnesOwn(t *testing.T) {
	w := onSQLite(t, Config{})
	stream, err := w.WatchEngineerWorkOrders(w.as(li), &dispatchv1.WatchEngineerWorkOrdersRequest{Parent: "engineers/demo-engineer-repair"})
	require.NoError(t, err)
	_, err = stream.Recv()
	w.refused("RESOURCE_NOT_FOUND", err)
}

// Intake's events: codes are copied, the end of a case calls its orders off, twice is once.
func TestInbox(t *testing.T) {
	w := onSQLite(t, Config{})
	o := w.create(nil)
	w.assign(o.GetName(), "engineers/demo-engineer")
	deliver := func(id string, payload *anypb.Any, seq int64) {
		t.Helper()
		_, err := w.Deliver(t.Context(), &eventv1.DeliverRequest{Envelopes: []*eventv1.Envelope{{Id: id, Source: "aftersales/intake",
			Type: "aftersales.case.withdrawn.v1", Subject: o.GetCase(), Key: o.GetCase(), Sequence: seq, Time: timestamppb.New(t0), Data: payload}}})
		require.NoError(t, err)
	}
	code, err := anypb.New(&eventv1.CodeChanged{Axis: "CAUSE", Code: "HARDWARE", Active: true})
	require.NoError(t, err)
	over, err := anypb.New(&eventv1.CaseChanged{Case: o.GetCase(), State: "WITHDRAWN"})
	require.NoError(t, err)
	deliver("01990000-0000-7000-8000-000000000001", code, 1)
	for range 2 {
		deliver("01990000-0000-7000-8000-000000000002", over, 2)
	}
	got := w.reads(dispatcher, o.GetName())
	require.Equal(t, dispatchv1.WorkOrder_CANCELLED, got.GetState())
	require.Equal(t, "WITHDRAWN", got.GetCancelReason())

	other := w.create(nil)
	w.assign(other.GetName(), "engineers/demo-engineer")
	w.accept(other.GetName(), li)
	w.book(other.GetName(), li)
	w.ok(w.Arrive(w.as(li), &dispatchv1.ArriveRequest{Name: other.GetName()}))
	_, err = w.Diagnose(w.as(li), &dispatchv1.DiagnoseRequest{Name: other.GetName(), Cause: "MAGIC"})
	w.refused("CODE_UNKNOWN", err)
	w.ok(w.Diagnose(w.as(li), &dispatchv1.DiagnoseRequest{Name: other.GetName(), Cause: "HARDWARE"}))
}

func TestCancelCase(t *testing.T) {
	w := onSQLite(t, Config{})
	a := w.create(nil)
	b := w.create(func(in *dispatchv1.WorkOrder) { in.Case, in.Purpose = a.GetCase(), dispatchv1.WorkOrder_INSPECT })
	w.assign(b.GetName(), "engineers/demo-engineer")
	w.accept(b.GetName(), li)
	req := &dispatchv1.CancelCaseWorkOrdersRequest{Case: a.GetCase(), Reason: "客户撤回", RequestId: "r1"}
	for range 2 {
		got, err := w.CancelCaseWorkOrders(t.Context(), req)
		require.NoError(t, err)
		require.ElementsMatch(t, []string{a.GetName(), b.GetName()}, got.GetCancelled())
	}
	seen := w.reads(li, b.GetName())
	require.Equal(t, dispatchv1.WorkOrder_CANCELLED, seen.GetState(), "the engineer is told")
	require.Equal(t, "138****8000", seen.GetCustomer().GetPhone())
	one := w.create(nil)
	w.ok(w.Cancel(w.as(manager), &dispatchv1.CancelRequest{Name: one.GetName(), Reason: "重复"}))
	_, err := w.Cancel(w.as(manager), &dispatchv1.CancelRequest{Name: one.GetName(), Reason: "重复"})
	w.refused("WORK_ORDER_STATE_INVALID", err)
}

func TestEtag(t *testing.T) {
	w := onSQLite(t, Config{})
	o := w.create(nil)
	w.assign(o.GetName(), "engineers/demo-engineer")
	_, err := w.Accept(w.as(li), &dispatchv1.AcceptRequest{Name: o.GetName(), Etag: o.GetEtag()})
	w.refused("ETAG_STALE", err)
	require.Equal(t, codes.Aborted, status.Code(err))
}

func TestHealth(t *testing.T) {
	w := onSQLite(t, Config{})
	require.NoError(t, w.svc.Health(t.Context()))
	_, err := New(Config{Zone: "Mars/Olympus"}, w.svc.deps)
	require.Error(t, err)
	_, err = New(Config{}, Deps{})
	require.Error(t, err)
}
