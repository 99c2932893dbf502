package api

import (
	"context"
	"strconv"
	"time"

	"google.golang.org/grpc"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/grpcx"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

// watchBatch is how many changes are read at a time.
const watchBatch = 100

// WatchEngineerWorkOrders implements dispatchv1.EngineerServiceServer: what is kept behind the cursor, then what comes.
func (s *Server) WatchEngineerWorkOrders(req *dispatchv1.WatchEngineerWorkOrdersRequest, out grpc.ServerStreamingServer[dispatchv1.WatchEngineerWorkOrdersResponse]) error {
	ctx := out.Context()
	who, err := s.caller(ctx)
	if err != nil {
		return err
	}
	name, err := resolve(who, req.GetParent())
	if err != nil {
		return err
	}
	if name != who.Actor.Engineer {
		return apierr.NotFound(req.GetParent())
	}
	var cursor int64
	if req.GetCursor() != "" {
		if cursor, err = strconv.ParseInt(req.GetCursor(), 10, 64); err != nil {
			return apierr.Invalid("cursor", "格式错误", "is malformed")
		}
	}
	w := watch{s: s, who: who, out: out, cursor: cursor}
	return w.run(ctx)
}

// watch is one stream.
type watch struct {
	s      *Server
	who    caller
	out    grpc.ServerStreamingServer[dispatchv1.WatchEngineerWorkOrdersResponse]
	cursor int64
}

// run listens before it reads, so that a change between the two is not missed. The first sign of life tells that the stream stands.
func (w *watch) run(ctx context.Context) error {
	changed, stop := w.s.Store.ListenFeed(w.who.Actor.Engineer)
	defer stop()
	poll, alive := time.NewTicker(w.s.opts.WatchPoll), time.NewTicker(w.s.opts.WatchAlive)
	defer poll.Stop()
	defer alive.Stop()
	if err := w.sign(); err != nil {
		return err
	}
	for {
		if err := w.catchUp(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-alive.C:
			if err := w.sign(); err != nil {
				return err
			}
		case <-changed:
		case <-poll.C:
		}
	}
}

func (w *watch) sign() error {
	return w.out.Send(&dispatchv1.WatchEngineerWorkOrdersResponse{Cursor: strconv.FormatInt(w.cursor, 10)})
}

func (w *watch) catchUp(ctx context.Context) error {
	for {
		page, err := w.s.Store.Feed(ctx, w.who.Actor.Engineer, w.cursor, watchBatch)
		if err != nil {
			return err
		}
		for _, entry := range page {
			if err := w.send(ctx, entry); err != nil {
				return err
			}
		}
		if len(page) < watchBatch {
			return nil
		}
	}
}

// send tells one change with the order as it is now; an order that the engineer has lost since is told as removed.
func (w *watch) send(ctx context.Context, entry store.FeedEntry) error {
	w.cursor = entry.Seq
	m := &dispatchv1.WatchEngineerWorkOrdersResponse{
		Cursor: strconv.FormatInt(entry.Seq, 10), Verb: entry.Verb, Removed: entry.Removed,
		WorkOrderName: "workOrders/" + entry.Order, ChangeTime: stamp(entry.At),
	}
	o, err := w.s.Store.Order(ctx, w.s.Store.DB, store.Viewer{Engineer: w.who.Actor.Engineer}, entry.Order)
	switch {
	case apierr.Reason(err) == apierr.ErrNotFound.Reason():
		m.Removed = true
	case err != nil:
		return err
	case !m.Removed:
		m.WorkOrder = orderMessage(o, w.who, w.s.Clock.Now(), grpcx.Locale(ctx))
	}
	return w.out.Send(m)
}
