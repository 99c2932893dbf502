package process

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// Peers tells whether the services a process calls were there at least once since it started. A probe that asked them for ever
// would take the whole gateway out of service when one service is down; those it can still reach go on being served.
type Peers struct {
	mu     sync.Mutex
	unseen map[string]grpc.ClientConnInterface
}

// NewPeers takes the connections by the service's name.
func NewPeers(conns map[string]grpc.ClientConnInterface) *Peers {
	p := &Peers{unseen: make(map[string]grpc.ClientConnInterface, len(conns))}
	for name, conn := range conns {
		p.unseen[name] = conn
	}
	return p
}

// Seen asks the gRPC health of every peer not yet seen serving; its error names those that still are not.
func (p *Peers) Seen(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var missing []error
	for name, conn := range p.unseen {
		if err := serving(ctx, conn); err != nil {
			missing = append(missing, fmt.Errorf("%s: %w", name, err))
			continue
		}
		delete(p.unseen, name)
	}
	return errors.Join(missing...)
}

func serving(ctx context.Context, conn grpc.ClientConnInterface) error {
	answer, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		return err
	}
	if answer.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		return errors.New(answer.GetStatus().String())
	}
	return nil
}
