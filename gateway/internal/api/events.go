package api

import (
	"context"
	"strconv"
	"time"

	"google.golang.org/grpc"

	"github.com/aftersales-suite/aftersales/gateway/internal/feed"
	"github.com/aftersales-suite/aftersales/gateway/internal/store"
	"github.com/aftersales-suite/aftersales/platform/auth"
	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
)

const (
	defaultPage = 50
	watchPage   = 256
	// watchPoll finds what a lost wake-up would have told.
	watchPoll = 2 * time.Second
	// signOfLife keeps proxies from closing a quiet stream.
	signOfLife = 20 * time.Second
	// watchLimit makes clients come back, so that a stream ends with the right to it.
	watchLimit = time.Hour
)

type eventServer struct {
	gatewayv1.UnimplementedEventServiceServer
	*Core
}

// ListEvents implements gatewayv1.EventServiceServer.
func (s *eventServer) ListEvents(ctx context.Context, req *gatewayv1.ListEventsRequest) (*gatewayv1.ListEventsResponse, error) {
	size := int(req.GetPageSize())
	if size == 0 {
		size = defaultPage
	}
	scope := feed.ScopeOf(auth.FromContext(ctx))
	entries, next, err := store.ReadFeed(ctx, s.DB, scope, req.GetCase(), cursorOf(req.GetAfter()), size)
	if err != nil {
		return nil, err
	}
	resp := &gatewayv1.ListEventsResponse{NextCursor: strconv.FormatInt(next, 10)}
	for _, e := range entries {
		event, err := scope.CloudEvent(e)
		if err != nil {
			return nil, err
		}
		resp.Events = append(resp.Events, event)
	}
	return resp, nil
}

// WatchEvents implements gatewayv1.EventServiceServer.
func (s *eventServer) WatchEvents(req *gatewayv1.WatchEventsRequest, stream grpc.ServerStreamingServer[gatewayv1.WatchEventsResponse]) error {
	ctx, cancel := context.WithTimeout(stream.Context(), watchLimit)
	defer cancel()
	signal, stop := s.Hub.Listen(TopicFeed) // before the first read, so that nothing falls between
	defer stop()
	scope, after := feed.ScopeOf(auth.FromContext(ctx)), cursorOf(req.GetAfter())
	poll, life := time.NewTicker(watchPoll), time.NewTicker(signOfLife)
	defer poll.Stop()
	defer life.Stop()
	for quiet := true; ; quiet = false {
		next, sent, err := s.sendBehind(ctx, stream, scope, req.GetCase(), after)
		if err != nil {
			return err
		}
		if after = next; sent == watchPage {
			continue
		}
		if quiet && sent == 0 { // the client sees at once that it listens
			if err := stream.Send(alive(after)); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil // the client went away, or comes back with its cursor
		case <-signal:
		case <-poll.C:
		case <-life.C:
			if err := stream.Send(alive(after)); err != nil {
				return err
			}
		}
	}
}

// alive is a sign of life with the cursor to resume from.
func alive(after int64) *gatewayv1.WatchEventsResponse {
	return &gatewayv1.WatchEventsResponse{Cursor: strconv.FormatInt(after, 10)}
}

// sendBehind sends a page and says how much it was.
func (s *eventServer) sendBehind(ctx context.Context, stream grpc.ServerStreamingServer[gatewayv1.WatchEventsResponse], scope feed.Scope, caseName string, after int64) (next int64, sent int, err error) {
	entries, next, err := store.ReadFeed(ctx, s.DB, scope, caseName, after, watchPage)
	if err != nil {
		if ctx.Err() != nil {
			return after, 0, nil //nolint:nilerr // the reader has gone: that is no failure of ours
		}
		return after, 0, err
	}
	for _, e := range entries {
		event, err := scope.CloudEvent(e)
		if err != nil {
			return after, 0, err
		}
		if err := stream.Send(&gatewayv1.WatchEventsResponse{Event: event, Cursor: event.GetCursor()}); err != nil {
			return after, 0, err
		}
	}
	return next, len(entries), nil
}

// cursorOf reads a cursor whose digits were validated.
func cursorOf(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0 // empty: from the beginning
	}
	return n
}
