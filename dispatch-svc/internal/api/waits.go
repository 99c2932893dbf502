package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/store"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/suggest"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

const (
	// leadTime is how long before a visit that books itself the customer hears of it at least.
	leadTime = 12 * time.Hour
	// bookedWindow is how long such a window is.
	bookedWindow = 2 * time.Hour
	// visitsFrom and visitsUntil are the hours of the day in which a visit that nobody agreed on in person may begin.
	visitsFrom, visitsUntil = 8, 19
	// daysLooked bounds the search for such an hour: the planner looks seven days ahead.
	daysLooked = 7
	// bookAgain is when booking is tried again where the engineer has no free time in the days that are looked ahead.
	bookAgain = 10 * time.Minute
	// arrivalsAtOnce bounds one sweep.
	arrivalsAtOnce = 200
	// candidatesLooked is how many suggestions are looked through for the engineer who has the order.
	candidatesLooked = 50
)

// AwaitPart implements dispatchv1.WorkOrderServiceServer (R132, R147). What a warehouse has is set aside at once.
func (s *Server) AwaitPart(ctx context.Context, req *dispatchv1.AwaitPartRequest) (*dispatchv1.WorkOrder, error) {
	return s.step(ctx, req, func(st *steps) (workorder.Change, error) {
		needs, err := s.partNeeds(ctx, st, req.GetParts())
		if err != nil {
			return workorder.Change{}, err
		}
		wait := workorder.PartWait{Parts: needs, Promised: timeOf(req.GetPromisedTime()), Source: req.GetSource(), Alternative: req.GetAlternative(), Note: req.GetNote()}
		if c := req.GetConfidence(); c != dispatchv1.PartWait_CONFIDENCE_UNSPECIFIED {
			wait.Confidence = c.String()
		}
		change, err := st.order.AwaitPart(st.Step, wait)
		if err != nil {
			return change, err
		}
		_, err = s.Store.Await(ctx, st.tx, st.order, st.Now)
		return change, err
	})
}

// partNeeds finds the parts that are ours, by name or by number.
func (s *Server) partNeeds(ctx context.Context, st *steps, in []*dispatchv1.PartNeed) ([]workorder.PartNeed, error) {
	var needs []workorder.PartNeed
	for _, n := range in {
		need := workorder.PartNeed{Part: n.GetPart(), Number: n.GetNumber(), Quantity: max(1, int(n.GetQuantity()))}
		if need.Part == "" && need.Number != "" {
			var err error
			if need.Part, err = s.Store.PartByNumber(ctx, st.tx, st.order.CarrierOrg(), need.Number); err != nil {
				return nil, err
			}
		}
		same := slices.IndexFunc(needs, func(have workorder.PartNeed) bool { return have.Part != "" && have.Part == need.Part })
		if same >= 0 {
			needs[same].Quantity += need.Quantity
			continue
		}
		needs = append(needs, need)
	}
	return needs, nil
}

// ReceiveParts implements dispatchv1.PartServiceServer. Orders that miss nothing any more are booked at once; where that fails the sweeper
// comes by.
func (s *Server) ReceiveParts(ctx context.Context, req *dispatchv1.ReceivePartsRequest) (resp *dispatchv1.ReceivePartsResponse, err error) {
	who, err := s.caller(ctx)
	if err != nil {
		return nil, err
	}
	location := strings.TrimPrefix(req.GetName(), "stockLocations/")
	err = s.Store.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*dispatchv1.ReceivePartsResponse, error) {
			org, err := s.Store.LocationOrg(ctx, tx, location, who.orgs())
			if err != nil {
				return nil, err
			}
			got, err := s.Store.Receive(ctx, tx, store.Receipt{
				Org: org, Part: strings.TrimPrefix(req.GetPart(), "parts/"), Location: location, Quantity: int64(req.GetQuantity()),
				Note: req.GetDeliveryNote(), Actor: who.Subject,
			}, s.Clock.Now())
			return receivedMessage(got), err
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	_ = s.BookArrivals(ctx) // the goods are booked whatever becomes of this; the sweeper looks again
	return resp, nil
}

func receivedMessage(got store.Received) *dispatchv1.ReceivePartsResponse {
	out := &dispatchv1.ReceivePartsResponse{SetAside: int32(got.SetAside), OnHand: got.OnHand}
	for _, id := range got.Ready {
		out.Ready = append(out.Ready, "workOrders/"+id)
	}
	return out
}

// BookArrivals books the orders whose parts are all there, at most arrivalsAtOnce a call.
func (s *Server) BookArrivals(ctx context.Context) error {
	ids, err := s.Store.Arrivals(ctx, s.Clock.Now(), arrivalsAtOnce)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.bookArrival(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// bookArrival asks the planner, outside of the transaction, when the order's engineer has time, and books that.
func (s *Server) bookArrival(ctx context.Context, id string) error {
	who := system()
	seen, err := s.Store.Order(ctx, s.Store.DB, who.Viewer, id)
	if err != nil {
		return err
	}
	window, found, err := s.freeWindow(ctx, seen)
	if err != nil {
		return err
	}
	return s.Store.DB.InTx(ctx, func(tx sqldb.Tx) error {
		o, err := s.Store.Order(ctx, tx, who.Viewer, id)
		if err != nil {
			return err
		}
		now := s.Clock.Now()
		switch {
		case o.State != workorder.WaitingPart: // suspended, or booked by people; it is noted again when it waits again
			return s.Store.EndArrival(ctx, tx, id)
		case !found || o.Engineer != seen.Engineer:
			return s.Store.BookLater(ctx, tx, id, now.Add(bookAgain))
		}
		change, err := o.PartArrived(workorder.Step{By: who.Actor, Now: now}, window, "配件已到,系统自动预约 / booked by itself: the part is there")
		if err != nil {
			return err
		}
		switch with, err := s.clash(ctx, tx, o); {
		case err != nil:
			return err
		case with != nil:
			return s.Store.BookLater(ctx, tx, id, now.Add(bookAgain))
		}
		if err := s.Store.Save(ctx, tx, o, change); err != nil {
			return err
		}
		// The engineer's row is locked now: a booking that came in meanwhile is seen, and this one is tried again later.
		with, err := s.clash(ctx, tx, o)
		if err == nil && with != nil {
			err = workorder.ErrBusy.New()
		}
		return err
	})
}

// clash finds an appointment of the order's engineer that excludes the order's; nil for none.
func (s *Server) clash(ctx context.Context, q store.Reader, o *workorder.Order) (*workorder.Order, error) {
	beside, err := s.beside(ctx, q, o)
	if err != nil {
		return nil, err
	}
	return o.Clash(beside), nil
}

// freeWindow is when the engineer of the order could come.
func (s *Server) freeWindow(ctx context.Context, o *workorder.Order) (w workorder.Window, found bool, err error) {
	asked := *o
	if soonest := s.Clock.Now().Add(leadTime); asked.Earliest.Before(soonest) {
		asked.Earliest = soonest
	}
	asked.Latest = time.Time{} // a promise that is missed already must not hinder the visit
	for range daysLooked {
		answer, err := s.Suggest.Suggest(ctx, []string{o.CarrierOrg()}, &asked, candidatesLooked)
		if err != nil {
			return w, false, err
		}
		i := slices.IndexFunc(answer.Suggestions, func(c suggest.Suggestion) bool { return c.Engineer == o.Engineer })
		if i < 0 {
			return w, false, nil
		}
		start := answer.Suggestions[i].Earliest.Truncate(time.Minute)
		morning := s.nextMorning(start)
		if morning.IsZero() {
			return workorder.Window{Start: start, End: start.Add(bookedWindow)}, true, nil
		}
		asked.Earliest = morning
	}
	return w, false, nil
}

// nextMorning is when a customer may be visited again; zero when that is so at the time itself.
func (s *Server) nextMorning(at time.Time) time.Time {
	local := at.In(s.opts.Zone)
	if h := local.Hour(); h >= visitsFrom && h < visitsUntil {
		return time.Time{}
	}
	day := local
	if local.Hour() >= visitsUntil {
		day = local.AddDate(0, 0, 1)
	}
	return time.Date(day.Year(), day.Month(), day.Day(), visitsFrom, 0, 0, 0, s.opts.Zone)
}
