package dispatch

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/platform/auth"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

var (
	keeper  = person("users/keeper", demoBrand, auth.RolePartsKeeper)
	service = auth.Principal{Kind: auth.Service, Subject: "services/intake"}
)

// waiting brings an order to WAITING_PART for compressors, of which there are none.
func (w *world) waiting(promised time.Duration, pieces int32) string {
	w.t.Helper()
	name := w.create(nil).GetName()
	w.ok(w.Assign(w.as(dispatcher), &dispatchv1.AssignRequest{Name: name, Engineer: li.Engineer}))
	w.accept(name, li)
	got := w.ok(w.AwaitPart(w.as(li), awaited(name, w.clock.Now().Add(promised), pieces)))
	require.Equal(w.t, dispatchv1.WorkOrder_WAITING_PART, got.GetState())
	return name
}

func awaited(name string, promised time.Time, pieces int32) *dispatchv1.AwaitPartRequest {
	return &dispatchv1.AwaitPartRequest{
		Name: name, Parts: []*dispatchv1.PartNeed{{Number: "CP-9000", Quantity: pieces}}, PromisedTime: timestamppb.New(promised), Source: "总厂",
		Confidence: dispatchv1.PartWait_MEDIUM,
	}
}

func (w *world) receives(pieces int32) *dispatchv1.ReceivePartsResponse {
	w.t.Helper()
	got, err := w.ReceiveParts(w.as(keeper), &dispatchv1.ReceivePartsRequest{Name: "stockLocations/demo-warehouse", Part: "parts/demo-compressor", Quantity: pieces})
	require.NoError(w.t, err)
	return got
}

// The goods receipt sets pieces aside for who was promised them first, and the order books itself with its engineer (R132, R147).
func TestPartArrivesAndTheOrderBooksItself(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		later, sooner := w.waiting(96*time.Hour, 1), w.waiting(48*time.Hour, 2)
		require.EqualValues(t, "parts/demo-compressor", w.reads(dispatcher, sooner).GetPartWait().GetParts()[0].GetPart(), "found by its number")

		got := w.receives(1)
		require.Empty(t, got.GetReady(), "two are needed")
		require.EqualValues(t, 1, got.GetSetAside())
		require.EqualValues(t, 0, got.GetOnHand())
		got = w.receives(1)
		require.Equal(t, []string{sooner}, got.GetReady())

		booked := w.reads(dispatcher, sooner)
		require.Equal(t, dispatchv1.WorkOrder_BOOKED, booked.GetState())
		require.Equal(t, li.Engineer, booked.GetEngineer())
		require.False(t, booked.GetAppointment().GetWindowStart().AsTime().Before(w.clock.Now().Add(12*time.Hour)), "the customer hears of it in time")
		require.Contains(t, []int{8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}, booked.GetAppointment().GetWindowStart().AsTime().Add(8*time.Hour).Hour(), "not at night")
		require.NotNil(t, booked.GetPartWait().GetArriveTime())
		require.Equal(t, dispatchv1.WorkOrder_WAITING_PART, w.reads(dispatcher, later).GetState())

		got = w.receives(3)
		require.Equal(t, []string{later}, got.GetReady())
		require.EqualValues(t, 2, got.GetOnHand(), "what nobody waits for can be taken by others")
		require.NoError(t, w.svc.api.BookArrivals(t.Context()), "a repeat is harmless")
		usesWhatWasSetAside(t, w, later)
		givesBack(t, w, sooner)
	})
}

// usesWhatWasSetAside: the piece of the order is built in, not one of the stock.
func usesWhatWasSetAside(t *testing.T, w *world, name string) {
	t.Helper()
	w.ok(w.Arrive(w.as(li), &dispatchv1.ArriveRequest{Name: name}))
	w.ok(w.Diagnose(w.as(li), &dispatchv1.DiagnoseRequest{Name: name, InWarranty: true}))
	done := w.ok(w.Complete(w.as(li), &dispatchv1.CompleteRequest{Name: name, PartsUsed: []*dispatchv1.PartUsed{{Part: "parts/demo-compressor"}}}))
	require.Equal(t, "stockLocations/demo-warehouse", done.GetCompletion().GetPartsUsed()[0].GetStockLocation())
	require.EqualValues(t, 2, compressors(t, w))
}

// givesBack: an order that is called off leaves its pieces to others.
func givesBack(t *testing.T, w *world, name string) {
	t.Helper()
	w.ok(w.Cancel(w.as(dispatcher), &dispatchv1.CancelRequest{Name: name, Reason: "客户改变主意"}))
	require.EqualValues(t, 4, compressors(t, w))
	var held int64
	require.NoError(t, w.svc.deps.DB.Row(t.Context(), `SELECT COALESCE(SUM(quantity), 0) FROM part_holds WHERE work_order = $1`, orderID(name)).Scan(&held))
	require.Zero(t, held)
}

func orderID(name string) string { return name[len("workOrders/"):] }

func compressors(t *testing.T, w *world) (pieces int64) {
	t.Helper()
	list, err := w.ListParts(w.as(dispatcher), &dispatchv1.ListPartsRequest{Filter: `number="CP-9000"`})
	require.NoError(t, err)
	for _, at := range list.GetParts()[0].GetStock() {
		pieces += at.GetOnHand()
	}
	return pieces
}

func TestAwaitPartFromTheWarehouse(t *testing.T) {
	w := onSQLite(t, Config{})
	name := w.create(nil).GetName()
	w.ok(w.Assign(w.as(dispatcher), &dispatchv1.AssignRequest{Name: name, Engineer: li.Engineer}))
	w.accept(name, li)
	req := awaited(name, w.clock.Now().Add(time.Hour), 3)
	req.Parts[0].Number = "DS-1100"
	w.ok(w.AwaitPart(w.as(dispatcher), req))
	require.NoError(t, w.svc.api.BookArrivals(t.Context()))
	require.Equal(t, dispatchv1.WorkOrder_BOOKED, w.reads(dispatcher, name).GetState(), "a warehouse had it all along")

	_, err := w.AwaitPart(w.as(li), awaited(name, w.clock.Now(), 1))
	w.refused("FIELD_INVALID", err)
	_, err = w.ReceiveParts(w.as(dispatcher), &dispatchv1.ReceivePartsRequest{Name: "stockLocations/demo-warehouse", Part: "parts/demo-compressor", Quantity: 1})
	w.refused("PERMISSION_DENIED", err)
	stranger := person("users/x", demoProvider, auth.RolePartsKeeper)
	_, err = w.ReceiveParts(w.as(stranger), &dispatchv1.ReceivePartsRequest{Name: "stockLocations/demo-warehouse", Part: "parts/demo-compressor", Quantity: 1})
	w.refused("RESOURCE_NOT_FOUND", err)
}

// A part that comes while the order is suspended is set aside and books nothing; where the engineer has no time, booking is tried again later.
func TestArrivalsThatBookNothing(t *testing.T) {
	w := onSQLite(t, Config{})
	suspended := w.waiting(48*time.Hour, 1)
	w.ok(w.Suspend(w.as(dispatcher), &dispatchv1.SuspendRequest{Name: suspended, Reason: "客户住院"}))
	require.Equal(t, []string{suspended}, w.receives(1).GetReady())
	require.Equal(t, dispatchv1.WorkOrder_SUSPENDED, w.reads(dispatcher, suspended).GetState())
	require.Zero(t, w.arrivals(0), "nobody looks for it in vain")

	onLeave := w.create(nil).GetName()
	w.ok(w.Assign(w.as(dispatcher), &dispatchv1.AssignRequest{Name: onLeave, Engineer: "engineers/demo-engineer-on-leave"}))
	w.ok(w.Book(w.as(dispatcher), &dispatchv1.BookRequest{Name: w.taken(onLeave), WindowStart: w.at(time.Hour), WindowEnd: w.at(3 * time.Hour)}))
	w.ok(w.AwaitPart(w.as(dispatcher), awaited(onLeave, w.clock.Now().Add(time.Hour), 1)))
	w.receives(1)
	require.Equal(t, dispatchv1.WorkOrder_WAITING_PART, w.reads(dispatcher, onLeave).GetState())
	require.EqualValues(t, 1, w.arrivals(0))
	require.Zero(t, w.arrivals(1), "not before a while")
}

// taken has the engineer on leave accept, so that others may book.
func (w *world) taken(name string) string {
	w.t.Helper()
	w.ok(w.Accept(w.as(worker("users/zheng", demoBrand, "engineers/demo-engineer-on-leave")), &dispatchv1.AcceptRequest{Name: name}))
	return name
}

// arrivals counts orders to be booked; dueNow only those that are due.
func (w *world) arrivals(dueNow int64) (n int64) {
	w.t.Helper()
	err := w.svc.deps.DB.Row(w.t.Context(), `SELECT COUNT(*) FROM part_arrivals WHERE $1 = 0 OR due_us <= $2`, dueNow, w.clock.Now().UnixMicro()).Scan(&n)
	require.NoError(w.t, err)
	return n
}

// Somebody complained about the engineer of a running job (process.md): suspended, the engineer learns nothing, and stays away from the household, also when it is
// called by another phone or writes its address otherwise.
func TestExcludedFromTheHousehold(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		name := w.create(nil).GetName()
		w.ok(w.Assign(w.as(dispatcher), &dispatchv1.AssignRequest{Name: name, Engineer: li.Engineer}))
		w.accept(name, li)
		exclude := &dispatchv1.ExcludeEngineerRequest{RequestId: "x-1", Engineer: li.Engineer, OwnerOrg: demoBrand, WorkOrders: []string{name}, Suspend: true}
		_, err := w.ExcludeEngineer(w.as(dispatcher), exclude)
		w.refused("PERMISSION_DENIED", err)
		for range 2 {
			got, err := w.ExcludeEngineer(w.as(service), exclude)
			require.NoError(t, err)
			require.Equal(t, []string{name}, got.GetSuspended())
		}
		seen := w.reads(li, name)
		require.Equal(t, "请联系调度", seen.GetHoldNote())
		require.Empty(t, seen.GetSuspendReason())
		require.Equal(t, "138****8000", seen.GetCustomer().GetPhone())
		require.NotEmpty(t, w.reads(dispatcher, name).GetSuspendReason())
		_, err = w.Book(w.as(li), &dispatchv1.BookRequest{Name: name, WindowStart: timestamppb.New(w.clock.Now()), WindowEnd: timestamppb.New(w.clock.Now().Add(time.Hour))})
		w.refused("WORK_ORDER_SUSPENDED", err)

		resumed := w.ok(w.Resume(w.as(dispatcher), &dispatchv1.ResumeRequest{Name: name}))
		require.Equal(t, dispatchv1.WorkOrder_CREATED, resumed.GetState(), "not with the same engineer")
		staysAway(t, w, name)
		staysAway(t, w, w.create(nil).GetName())
		other := w.create(func(o *dispatchv1.WorkOrder) {
			o.Customer.Phone, o.Customer.Address.Line = "+86 13900139000", " "+o.Customer.Address.Line+" "
		})
		staysAway(t, w, other.GetName())
		elsewhere := w.create(func(o *dispatchv1.WorkOrder) {
			o.Customer = &dispatchv1.Contact{DisplayName: "别人", Phone: "13900139001", Address: &commonv1.Address{RegionCode: "310115", Line: "别处"}}
		})
		w.ok(w.Assign(w.as(dispatcher), &dispatchv1.AssignRequest{Name: elsewhere.GetName(), Engineer: li.Engineer}))
	})
}

func staysAway(t *testing.T, w *world, name string) {
	t.Helper()
	found, err := w.SuggestEngineers(w.as(dispatcher), &dispatchv1.SuggestEngineersRequest{Name: name, MaxSuggestions: 50})
	require.NoError(t, err)
	for _, s := range found.GetSuggestions() {
		require.NotEqual(t, li.Engineer, s.GetEngineer())
	}
	_, err = w.Assign(w.as(dispatcher), &dispatchv1.AssignRequest{Name: name, Engineer: li.Engineer})
	w.refused("ENGINEER_EXCLUDED", err)
}

// A job that is done cannot be stopped any more; the engineer is kept away all the same.
func TestExcludeSuspendsOnlyWhatRuns(t *testing.T) {
	w := onSQLite(t, Config{})
	name := w.create(nil).GetName()
	w.ok(w.Assign(w.as(dispatcher), &dispatchv1.AssignRequest{Name: name, Engineer: repairman.Engineer}))
	got, err := w.ExcludeEngineer(w.as(service), &dispatchv1.ExcludeEngineerRequest{Engineer: li.Engineer, OwnerOrg: demoBrand, WorkOrders: []string{name}, Suspend: true})
	require.NoError(t, err)
	require.Empty(t, got.GetSuspended(), "somebody else has it")
	w.ok(w.Cancel(w.as(dispatcher), &dispatchv1.CancelRequest{Name: name, Reason: "x"}))
	got, err = w.ExcludeEngineer(w.as(service), &dispatchv1.ExcludeEngineerRequest{Engineer: repairman.Engineer, OwnerOrg: demoBrand, WorkOrders: []string{name}, Suspend: true})
	require.NoError(t, err)
	require.Empty(t, got.GetSuspended())
}

func TestTransferReturnsTheOrder(t *testing.T) {
	w := onSQLite(t, Config{})
	name := w.create(nil).GetName()
	w.ok(w.Offer(w.as(dispatcher), &dispatchv1.OfferRequest{Name: name, ServingOrg: demoProvider}))
	w.ok(w.AcceptOffer(w.as(providerDispatcher), &dispatchv1.AcceptOfferRequest{Name: name}))
	_, err := w.Transfer(w.as(li), &dispatchv1.TransferRequest{Name: name, Reason: "x"})
	w.refused("PERMISSION_DENIED", err)
	w.ok(w.Transfer(w.as(dispatcher), &dispatchv1.TransferRequest{Name: name, Reason: "服务商没有配件"}))
	_, err = w.GetWorkOrder(w.as(providerDispatcher), &dispatchv1.GetWorkOrderRequest{Name: name})
	w.refused("RESOURCE_NOT_FOUND", err)
	w.ok(w.Assign(w.as(dispatcher), &dispatchv1.AssignRequest{Name: name, Engineer: li.Engineer}))
}

// settled: audited and paid by different people; the case's open orders stay what they were (SETTLED).
func settled(t *testing.T, w *world, name string) {
	t.Helper()
	finance := person("users/finance", demoBrand, auth.RoleFinance)
	_, err := w.Settle(w.as(finance), &dispatchv1.SettleRequest{Name: name, Reference: "V-1"})
	w.refused("WORK_ORDER_STATE_INVALID", err)
	_, err = w.Audit(w.as(dispatcher), &dispatchv1.AuditRequest{Name: name})
	w.refused("PERMISSION_DENIED", err)
	audited := w.ok(w.Audit(w.as(manager), &dispatchv1.AuditRequest{Name: name, Payable: &commonv1.Money{AmountFen: 12_000}, Note: "照片齐全"}))
	require.Equal(t, dispatchv1.WorkOrder_AUDITED, audited.GetState())
	paid := w.ok(w.Settle(w.as(finance), &dispatchv1.SettleRequest{Name: name, Reference: "V-1"}))
	require.Equal(t, "V-1", paid.GetSettlement().GetReference())
	var open int64
	require.NoError(t, w.svc.deps.DB.Row(t.Context(), `SELECT open_orders FROM case_orders WHERE case_name = $1`, paid.GetCase()).Scan(&open))
	require.Zero(t, open)
}
