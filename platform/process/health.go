package process

import (
	"context"
	"sync"
	"time"

	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// askEvery is how often services are asked for gRPC health; a probe must not wait for a database.
const askEvery = 5 * time.Second

// watcher keeps the gRPC health of a server true to that of its services.
type watcher struct {
	services []Service
	health   *health.Server

	cancel context.CancelFunc
	ended  sync.WaitGroup
}

func (w *watcher) start(ctx context.Context) {
	w.ask(ctx)
	ctx, w.cancel = context.WithCancel(context.WithoutCancel(ctx))
	w.ended.Go(func() {
		ticker := time.NewTicker(askEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				w.ask(ctx)
			}
		}
	})
}

func (w *watcher) ask(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, askEvery)
	defer cancel()
	status := grpc_health_v1.HealthCheckResponse_SERVING
	for _, service := range w.services {
		if service.Health(ctx) != nil {
			status = grpc_health_v1.HealthCheckResponse_NOT_SERVING
		}
	}
	w.health.SetServingStatus("", status)
}

// stop tells probes that nothing more is taken, before connections are drained.
func (w *watcher) stop() {
	if w.cancel != nil {
		w.cancel()
	}
	w.ended.Wait()
	w.health.Shutdown()
}
