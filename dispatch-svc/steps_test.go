package dispatch

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/testkit"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

// Must hold: of 32 dispatchers at once one wins, with and without an etag; nobody is dispatched twice.
func TestAssignRace(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		for _, withEtag := range []bool{false, true} {
			o := w.create(nil)
			req := &dispatchv1.AssignRequest{Name: o.GetName()}
			if withEtag {
				req.Etag = o.GetEtag()
			}
			errs := make([]error, 32)
			var wg sync.WaitGroup
			for i := range errs {
				mine := proto.Clone(req).(*dispatchv1.AssignRequest)
				mine.Engineer = []string{"engineers/demo-engineer", "engineers/demo-engineer-repair"}[i%2]
				wg.Go(func() { _, errs[i] = w.Assign(w.as(dispatcher), mine) })
			}
			wg.Wait()
			won := 0
			for _, err := range errs {
				if err == nil {
					won++
					continue
				}
				want := map[bool]codes.Code{false: codes.FailedPrecondition, true: codes.Aborted}[withEtag]
				require.Equal(t, want, status.Code(err), "%v", err)
			}
			require.Equal(t, 1, won)
		}
	})
}

// Must hold: a retried request answers the same, other content under its key is refused, and 64 at once take one step.
func TestRetries(t *testing.T) {
	everywhere(t, Config{DemoShowsCode: true}, func(t *testing.T, w *world) {
		o := w.create(nil)
		w.visit(o, true)
		req := &dispatchv1.CompleteRequest{Name: o.GetName(), RequestId: "phone-1", PartsUsed: []*dispatchv1.PartUsed{{Part: "parts/demo-door-seal"}}}
		answers := make([]*dispatchv1.WorkOrder, 64)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() { answers[i], _ = w.Complete(w.as(li), proto.Clone(req).(*dispatchv1.CompleteRequest)) })
		}
		wg.Wait()
		for _, a := range answers {
			require.NotNil(t, a)
			require.True(t, proto.Equal(answers[0], a), "also the acceptance code")
		}
		parts, err := w.ListParts(w.as(dispatcher), &dispatchv1.ListPartsRequest{Filter: `number="DS-1100"`})
		require.NoError(t, err)
		require.EqualValues(t, 4, parts.GetParts()[0].GetStock()[0].GetOnHand(), "taken once")
		req.Summary = "其他"
		_, err = w.Complete(w.as(li), req)
		w.refused("IDEMPOTENCY_KEY_REUSED", err)
	})
}

// A commit whose answer was lost: the caller hears UNAVAILABLE, tries again with the same key, and nothing happens twice.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	faulty := testkit.FaultyDB(testkit.Open(t, testkit.SQLite(t), store.Migrations()))
	w := newWorld(t, Config{DemoShowsCode: true}, faulty)
	o := w.create(nil)
	w.visit(o, true)
	req := &dispatchv1.CompleteRequest{Name: o.GetName(), RequestId: "phone-2", PartsUsed: []*dispatchv1.PartUsed{{Part: "parts/demo-drain-pump"}}}
	faulty.Lose(1)
	_, err := w.Complete(w.as(li), req)
	require.Equal(t, codes.Unavailable, status.Code(err), "%v", err)
	require.Equal(t, 1, faulty.Lost())
	done := w.ok(w.Complete(w.as(li), req))
	require.Len(t, done.GetAcceptanceCode(), 6)
	parts, err := w.ListParts(w.as(dispatcher), &dispatchv1.ListPartsRequest{Filter: `number="DP-4620"`})
	require.NoError(t, err)
	require.EqualValues(t, 4, parts.GetParts()[0].GetStock()[0].GetOnHand())
}

func TestCreateTwice(t *testing.T) {
	w := onSQLite(t, Config{})
	o := w.create(nil)
	again := w.create(func(in *dispatchv1.WorkOrder) { in.Case, in.Problem = o.GetCase(), "不同的描述" })
	require.Equal(t, o.GetName(), again.GetName(), "the same measure of a case is the same order")
	require.NotEqual(t, o.GetName(), w.create(func(in *dispatchv1.WorkOrder) { in.Case, in.Round = o.GetCase(), 2 }).GetName())

	for field, in := range map[string]*dispatchv1.WorkOrder{
		"case":      {Purpose: dispatchv1.WorkOrder_REPAIR, OwnerOrg: demoBrand},
		"purpose":   {Case: "cases/1", OwnerOrg: demoBrand},
		"owner_org": {Case: "cases/1", Purpose: dispatchv1.WorkOrder_REPAIR},
	} {
		_, err := w.CreateWorkOrder(t.Context(), &dispatchv1.CreateWorkOrderRequest{WorkOrder: in})
		w.refused("FIELD_INVALID", err)
		require.Contains(t, fmt.Sprint(status.Convert(err).Details()), "work_order."+field)
	}
	own, err := w.CreateWorkOrder(w.as(dispatcher), &dispatchv1.CreateWorkOrderRequest{WorkOrder: &dispatchv1.WorkOrder{Case: "cases/2", Purpose: dispatchv1.WorkOrder_MAINTAIN}})
	require.NoError(t, err)
	require.Equal(t, demoBrand, own.GetOwnerOrg())
	_, err = w.CreateWorkOrder(w.as(dispatcher), &dispatchv1.CreateWorkOrderRequest{WorkOrder: &dispatchv1.WorkOrder{
		Case: "cases/3", Purpose: dispatchv1.WorkOrder_MAINTAIN, OwnerOrg: demoProvider}})
	w.refused("PERMISSION_DENIED", err)
}

// A quote agreed at the door, and one refused (process.md, R151).
func TestQuotes(t *testing.T) {
	w := onSQLite(t, Config{})
	w.start()
	charged := func(o *dispatchv1.WorkOrder) { o.FreeOfCharge = false }
	lines := []*dispatchv1.QuoteLine{{Description: "主板", Amount: &commonv1.Money{AmountFen: 80_000}}, {Description: "人工", Amount: &commonv1.Money{AmountFen: 5_000}}}

	o := w.create(charged)
	w.visit(o, false)
	_, err := w.Complete(w.as(li), &dispatchv1.CompleteRequest{Name: o.GetName()})
	w.refused("QUOTE_REQUIRED", err)
	quoted := w.ok(w.Quote(w.as(li), &dispatchv1.QuoteRequest{Name: o.GetName(), Lines: lines}))
	require.EqualValues(t, 85_000, quoted.GetQuote().GetTotal().GetAmountFen())
	agreed := w.ok(w.AgreeQuote(w.as(agent), &dispatchv1.AgreeQuoteRequest{Name: o.GetName(), Method: "PHONE"}))
	require.True(t, agreed.GetQuote().GetAgreed())
	done := w.ok(w.Complete(w.as(li), &dispatchv1.CompleteRequest{Name: o.GetName()}))
	require.Empty(t, done.GetAcceptanceCode(), "outside a demo the customer alone learns it")
	require.NotNil(t, done.GetAcceptanceCodeExpireTime())
	w.ok(w.Confirm(w.as(li), &dispatchv1.ConfirmRequest{Name: o.GetName(), Signature: "evidence/s"}))

	o = w.create(charged)
	w.visit(o, false)
	w.ok(w.Quote(w.as(li), &dispatchv1.QuoteRequest{Name: o.GetName(), Lines: lines}))
	refused := w.ok(w.RefuseQuote(w.as(li), &dispatchv1.RefuseQuoteRequest{Name: o.GetName(), Reason: "太贵", Photos: []string{"evidence/2"}}))
	require.Equal(t, dispatchv1.WorkOrder_DONE, refused.GetState())
	require.Equal(t, dispatchv1.WorkOrder_FEE_REFUSED, refused.GetOutcome())
	last := w.intake.of(t, o.GetCase(), 9)[8]
	require.Equal(t, "aftersales.workorder.done.v1", last.GetType())
	_, err = w.Confirm(w.as(li), &dispatchv1.ConfirmRequest{Name: o.GetName(), Signature: "x"})
	w.refused("WORK_ORDER_STATE_INVALID", err)
}

// process.md: five tries; what was tried is kept although each call is refused.
func TestWrongCodes(t *testing.T) {
	everywhere(t, Config{DemoShowsCode: true}, func(_ *testing.T, w *world) {
		o := w.create(nil)
		w.visit(o, true)
		code := w.ok(w.Complete(w.as(li), &dispatchv1.CompleteRequest{Name: o.GetName()})).GetAcceptanceCode()
		wrong := "x" + code[1:]
		for range 4 {
			_, err := w.Confirm(w.as(li), &dispatchv1.ConfirmRequest{Name: o.GetName(), AcceptanceCode: wrong, RequestId: "same"})
			w.refused("ACCEPTANCE_CODE_WRONG", err)
		}
		_, err := w.Confirm(w.as(li), &dispatchv1.ConfirmRequest{Name: o.GetName(), AcceptanceCode: wrong})
		w.refused("ACCEPTANCE_CODE_EXHAUSTED", err)
		_, err = w.Confirm(w.as(li), &dispatchv1.ConfirmRequest{Name: o.GetName(), AcceptanceCode: code})
		w.refused("ACCEPTANCE_CODE_EXHAUSTED", err)
		_, err = w.Confirm(w.as(li), &dispatchv1.ConfirmRequest{Name: o.GetName(), HotlineNote: "我问过了"})
		w.refused("PERMISSION_DENIED", err)
		w.ok(w.Confirm(w.as(agent), &dispatchv1.ConfirmRequest{Name: o.GetName(), HotlineNote: "13:05 客户确认"}))
	})
}

func TestConfirmRefused(t *testing.T) {
	w := onSQLite(t, Config{})
	o := w.create(nil)
	w.visit(o, true)
	w.ok(w.Complete(w.as(li), &dispatchv1.CompleteRequest{Name: o.GetName()}))
	no := w.ok(w.ConfirmRefused(w.as(li), &dispatchv1.ConfirmRefusedRequest{Name: o.GetName(), Reason: "还漏"}))
	require.Equal(t, t0.Add(2*time.Hour), no.GetConfirmation().GetCallBackDue().AsTime())
	again := w.book(o.GetName(), dispatcher)
	require.Equal(t, dispatchv1.WorkOrder_BOOKED, again.GetState())
	require.Equal(t, "engineers/demo-engineer", again.GetEngineer())
}

// process.md: steps queued without a network come later, in order, once; a job given away meanwhile shows the conflict.
func TestPhoneWithoutNetwork(t *testing.T) {
	w := onSQLite(t, Config{})
	o := w.create(nil)
	w.assign(o.GetName(), "engineers/demo-engineer")
	w.accept(o.GetName(), li)
	w.book(o.GetName(), li)
	at := func(d time.Duration) *timestamppb.Timestamp { return timestamppb.New(t0.Add(d)) }
	w.clock.Advance(6 * time.Hour)
	for range 2 { // the phone lost the answers and sends all again
		w.ok(w.Depart(w.as(li), &dispatchv1.DepartRequest{Name: o.GetName(), RequestId: "p1", DeviceTime: at(70 * time.Minute)}))
		w.ok(w.Arrive(w.as(li), &dispatchv1.ArriveRequest{Name: o.GetName(), RequestId: "p2", DeviceTime: at(100 * time.Minute), Location: door()}))
		w.ok(w.Diagnose(w.as(li), &dispatchv1.DiagnoseRequest{Name: o.GetName(), RequestId: "p3", DeviceTime: at(110 * time.Minute)}))
	}
	got := w.reads(li, o.GetName())
	require.Equal(t, dispatchv1.WorkOrder_DIAGNOSED, got.GetState())
	require.Equal(t, t0.Add(100*time.Minute), got.GetAppointment().GetArriveTime().AsTime(), "when it happened, not when it came")
	require.Empty(t, got.GetDeviations())

	lost := w.create(nil)
	w.assign(lost.GetName(), "engineers/demo-engineer")
	w.ok(w.Assign(w.as(dispatcher), &dispatchv1.AssignRequest{Name: lost.GetName(), Engineer: "engineers/demo-engineer-repair",
		Replaces: "engineers/demo-engineer", Reason: "李师傅联系不上"}))
	_, err := w.Accept(w.as(li), &dispatchv1.AcceptRequest{Name: lost.GetName(), RequestId: "p4"})
	w.refused("WORK_ORDER_REASSIGNED", err)
	_, err = w.Assign(w.as(dispatcher), &dispatchv1.AssignRequest{Name: lost.GetName(), Engineer: "engineers/demo-engineer", Replaces: "engineers/demo-engineer"})
	w.refused("ASSIGNMENT_CHANGED", err)
}

// R154: recorded, not refused; a place in the system of a Chinese map is understood.
func TestDistantAndEarly(t *testing.T) {
	w := onSQLite(t, Config{})
	o := w.create(nil)
	w.assign(o.GetName(), "engineers/demo-engineer")
	w.accept(o.GetName(), li)
	w.book(o.GetName(), li)
	got := w.ok(w.Arrive(w.as(li), &dispatchv1.ArriveRequest{Name: o.GetName(), Location: &commonv1.GeoPoint{Latitude: 31.3, Longitude: 121.5}}))
	require.Equal(t, dispatchv1.WorkOrder_ON_SITE, got.GetState())
	require.Len(t, got.GetDeviations(), 2)
	require.Equal(t, "EARLY_ARRIVAL", got.GetDeviations()[0].GetKind())
	require.Equal(t, "DISTANT_ARRIVAL", got.GetDeviations()[1].GetKind())
	require.InDelta(t, 8800, float64(got.GetDeviations()[1].GetAmount()), 200)

	near := w.create(nil)
	w.assign(near.GetName(), "engineers/demo-engineer")
	w.accept(near.GetName(), li)
	w.book(near.GetName(), li)
	w.clock.Advance(2 * time.Hour)
	// The door as Amap tells it: about 480 m off when the system is ignored.
	got = w.ok(w.Arrive(w.as(li), &dispatchv1.ArriveRequest{Name: near.GetName(),
		Location: &commonv1.GeoPoint{Latitude: 31.22604, Longitude: 121.54240, System: commonv1.GeoPoint_GCJ02}}))
	require.Empty(t, got.GetDeviations())
}

func TestBookingAttempts(t *testing.T) {
	w := onSQLite(t, Config{})
	o := w.create(nil)
	w.assign(o.GetName(), "engineers/demo-engineer")
	w.accept(o.GetName(), li)
	w.ok(w.BookFailed(w.as(li), &dispatchv1.BookFailedRequest{Name: o.GetName(), Channel: "PHONE", Reason: "NO_ANSWER"}))
	w.clock.Advance(time.Hour)
	got := w.ok(w.BookFailed(w.as(agent), &dispatchv1.BookFailedRequest{Name: o.GetName(), Channel: "SMS", Reason: "NO_REPLY"}))
	require.Len(t, got.GetBookingAttempts(), 2)
	got = w.book(o.GetName(), dispatcher)
	require.Equal(t, dispatchv1.WorkOrder_BOOKED, got.GetState())
	got = w.ok(w.Reschedule(w.as(agent), &dispatchv1.RescheduleRequest{Name: o.GetName(), Reason: "客户出差", RequestedBy: "CUSTOMER",
		WindowStart: w.at(48 * time.Hour), WindowEnd: w.at(50 * time.Hour)}))
	require.Equal(t, dispatchv1.WorkOrder_BOOKED, got.GetState())
	require.Equal(t, w.clock.Now().Add(48*time.Hour), got.GetAppointment().GetWindowStart().AsTime())
}

func TestPartsNotThere(t *testing.T) {
	w := onSQLite(t, Config{})
	o := w.create(nil)
	w.visit(o, true)
	_, err := w.Complete(w.as(li), &dispatchv1.CompleteRequest{Name: o.GetName(), PartsUsed: []*dispatchv1.PartUsed{{Part: "parts/demo-inlet-valve", Quantity: 6}}})
	w.refused("STOCK_INSUFFICIENT", err)
	_, err = w.Complete(w.as(li), &dispatchv1.CompleteRequest{Name: o.GetName(), PartsUsed: []*dispatchv1.PartUsed{{}}})
	w.refused("FIELD_INVALID", err)
	require.Equal(t, dispatchv1.WorkOrder_DIAGNOSED, w.reads(li, o.GetName()).GetState(), "nothing was changed")
	w.ok(w.Complete(w.as(li), &dispatchv1.CompleteRequest{Name: o.GetName(), PartsUsed: []*dispatchv1.PartUsed{{Specification: "客户自备阀门"}}}))
	places, err := w.ListStockLocations(w.as(dispatcher), &dispatchv1.ListStockLocationsRequest{Filter: "kind=VAN"})
	require.NoError(t, err)
	require.Len(t, places.GetStockLocations(), 1)
}
