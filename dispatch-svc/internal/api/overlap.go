package api

import (
	"context"
	"time"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/store"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// overlap looks whether the engineer can keep the new appointment beside the others (R146). One that excludes another one is refused,
// unless a dispatcher forces it; more in one window than fit are a recorded deviation. The last word is spoken after the order was
// saved: the engineer's row is locked then, so that of two bookings at the same time the second one sees the first.
func (s *Server) overlap(ctx context.Context, st *steps, c *workorder.Change, force bool) error {
	if force && !st.By.MayForce() {
		return apierr.ErrForbidden.New("field", "allow_overlap")
	}
	beside, err := s.beside(ctx, st.tx, st.order)
	if err != nil {
		return err
	}
	if with := st.order.Clash(beside); with != nil {
		if !force {
			return s.overlapError(ctx, st, with)
		}
		st.order.Overlapping("APPOINTMENT_OVERLAP", with, c)
	} else if with := st.order.Crowded(beside); with != nil {
		st.order.Overlapping("APPOINTMENTS_CROWDED", with, c)
	}
	if force {
		return nil
	}
	st.after = func() error {
		with, err := s.clash(ctx, st.tx, st.order)
		if err == nil && with != nil {
			err = s.overlapError(ctx, st, with)
		}
		return err
	}
	return nil
}

// beside are the engineer's other appointments around the order's.
func (s *Server) beside(ctx context.Context, q store.Reader, o *workorder.Order) ([]*workorder.Order, error) {
	if o.Engineer == "" {
		return nil, nil
	}
	const longest = 4 * time.Hour // of a job, and to spare
	return s.Store.BookedBeside(ctx, q, o.Engineer, o.ID, o.WindowStart.Add(-longest), o.WindowEnd.Add(longest))
}

// overlapError names the other appointment, where the caller may see it: the owner of an order does not learn what its provider does
// for a third.
func (s *Server) overlapError(ctx context.Context, st *steps, with *workorder.Order) error {
	who, err := s.caller(ctx)
	if err != nil {
		return err
	}
	if _, err := s.Store.Order(ctx, st.tx, who.Viewer, with.ID); apierr.Reason(err) == apierr.ErrNotFound.Reason() {
		return workorder.ErrBusy.New()
	} else if err != nil {
		return err
	}
	local := func(t time.Time) string { return t.In(s.opts.Zone).Format("2006-01-02 15:04") }
	return workorder.ErrOverlap.New("order", "workOrders/"+with.ID, "start", local(with.WindowStart), "end", local(with.WindowEnd),
		"windowStart", with.WindowStart.UTC().Format(time.RFC3339), "windowEnd", with.WindowEnd.UTC().Format(time.RFC3339))
}
