package e2e

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
)

// spans is an OTLP collector that keeps what it gets, by trace.
type spans struct {
	collector.UnimplementedTraceServiceServer
	mu      sync.Mutex
	byTrace map[string][]*tracev1.Span
	arrived chan struct{}
}

// Export implements the collector's one RPC.
func (s *spans) Export(_ context.Context, in *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	s.mu.Lock()
	for _, resource := range in.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				id := fmt.Sprintf("%x", span.GetTraceId())
				s.byTrace[id] = append(s.byTrace[id], span)
			}
		}
	}
	s.mu.Unlock()
	select {
	case s.arrived <- struct{}{}:
	default:
	}
	return &collector.ExportTraceServiceResponse{}, nil
}

func startCollector(t *testing.T) (*spans, string) {
	t.Helper()
	s := &spans{byTrace: map[string][]*tracev1.Span{}, arrived: make(chan struct{}, 1)}
	server := grpc.NewServer()
	collector.RegisterTraceServiceServer(server, s)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return s, listener.Addr().String()
}

// chain looks for a trace in which a span named after each of the names is, directly or not, below the one before.
func (s *spans) chain(names ...string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, all := range s.byTrace {
		if below(all, nil, names) {
			return true
		}
	}
	return false
}

func below(all []*tracev1.Span, root []byte, names []string) bool {
	if len(names) == 0 {
		return true
	}
	for _, span := range all {
		if strings.Contains(span.GetName(), names[0]) && descends(all, span, root) && below(all, span.GetSpanId(), names[1:]) {
			return true
		}
	}
	return false
}

// descends follows the parents of a span up to root; anything descends from no root.
func descends(all []*tracev1.Span, span *tracev1.Span, root []byte) bool {
	if root == nil {
		return true
	}
	for range 64 {
		if string(span.GetParentSpanId()) == string(root) {
			return true
		}
		parent := parentOf(all, span)
		if parent == nil {
			return false
		}
		span = parent
	}
	return false
}

func parentOf(all []*tracev1.Span, span *tracev1.Span) *tracev1.Span {
	for _, candidate := range all {
		if string(candidate.GetSpanId()) == string(span.GetParentSpanId()) {
			return candidate
		}
	}
	return nil
}

// One trace runs from the gateway's HTTP span through gRPC into the job that the request enqueued and the RPC that the job
// makes, in one process and across four.
func TestOneTraceFromRequestToJob(t *testing.T) {
	for _, f := range []form{forms[0], forms[2]} {
		t.Run(f.name, func(t *testing.T) {
			s, address := startCollector(t)
			d := deploy(t, f, "AFTERSALES_OTLP_ENDPOINT="+address, "AFTERSALES_TRACE_RATIO=1", "OTEL_BSP_SCHEDULE_DELAY=200")
			walkLoop(t, d)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			for !s.chain("POST", "AgreeSolution", "create_work_order", "CreateWorkOrder") {
				select {
				case <-s.arrived:
				case <-ctx.Done():
					t.Fatalf("no such chain among the spans:\n%s", s.names())
				}
			}
		})
	}
}

func (s *spans) names() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out strings.Builder
	for id, all := range s.byTrace {
		fmt.Fprintf(&out, "%s:", id)
		for _, span := range all {
			fmt.Fprintf(&out, " %s;", span.GetName())
		}
		out.WriteString("\n")
	}
	return out.String()
}
