package api

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/store"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/suggest"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/keys"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

// Suggester says who could do an order. *suggest.Board is one.
type Suggester interface {
	Suggest(ctx context.Context, orgs []string, o *workorder.Order, k int) (suggest.Answer, error)
	// SuggestBatch proposes engineers for many orders at once.
	SuggestBatch(ctx context.Context, orgs []string, orders []*workorder.Order) (suggest.BatchAnswer, error)
	// Explain says what speaks for (or against) one engineer of the organisation.
	Explain(ctx context.Context, org string, o *workorder.Order, engineer string) ([]workorder.Reason, error)
}

// Options are what configuration decides.
type Options struct {
	DemoShowsCode bool           // the engineer's `:complete` answers the acceptance code
	OfferTime     time.Duration  // to answer an offer
	WatchPoll     time.Duration  // how often a stream looks for changes of other processes
	Zone          *time.Location // of the customers; nil is UTC
	WatchAlive    time.Duration  // how often a silent stream shows a sign of life
}

// Deps are what the handlers work with.
type Deps struct {
	Store   *store.Store
	Idem    *idempotency.Store
	Clock   clock.Clock
	Suggest Suggester
	Indexer keys.Indexer
}

// Server implements all services of dispatch.
type Server struct {
	dispatchv1.UnimplementedWorkOrderServiceServer
	dispatchv1.UnimplementedEngineerServiceServer
	dispatchv1.UnimplementedPartServiceServer
	dispatchv1.UnimplementedCaseFileServiceServer
	dispatchv1.UnimplementedInboxServiceServer
	Deps
	opts Options
}

// New makes the handlers.
func New(deps Deps, opts Options) *Server {
	if opts.Zone == nil {
		opts.Zone = time.UTC
	}
	return &Server{Deps: deps, opts: opts}
}

// Register puts all services onto a server.
func (s *Server) Register(r grpc.ServiceRegistrar) {
	dispatchv1.RegisterWorkOrderServiceServer(r, s)
	dispatchv1.RegisterEngineerServiceServer(r, s)
	dispatchv1.RegisterPartServiceServer(r, s)
	dispatchv1.RegisterCaseFileServiceServer(r, s)
	dispatchv1.RegisterInboxServiceServer(r, s)
}

// CodeDigest is keyed, so that six digits cannot be guessed from what is stored.
func (s *Server) CodeDigest(order, code string) string {
	return s.Indexer.BlindIndex("dispatch.acceptance_code", order+"/"+code)
}
