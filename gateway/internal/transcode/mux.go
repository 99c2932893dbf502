package transcode

import (
	"context"
	"net/http"
	"net/url"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/reflect/protoreflect"
)

var emptyURL = &url.URL{}

// Backend is a connection and what is reached through it.
type Backend struct {
	Conn     grpc.ClientConnInterface
	Services []protoreflect.ServiceDescriptor
	// Register are the generated Register…HandlerClient functions, bound to the connection given to them.
	Register []func(ctx context.Context, mux *runtime.ServeMux, conn grpc.ClientConnInterface) error
	// Hot are those of Register whose calls to HotPath need not be looked for among all routes, one after the other.
	Hot func(ctx context.Context, mux *runtime.ServeMux, conn grpc.ClientConnInterface) error
	// HotPath is the path of the busiest POST, e.g. "/v1/cases".
	HotPath string
}

// NewMux builds the handler of everything that is an RPC. It fails where an RPC has no access option.
func NewMux(ctx context.Context, backends ...Backend) (http.Handler, error) {
	var services []protoreflect.ServiceDescriptor
	for _, b := range backends {
		services = append(services, b.Services...)
	}
	known, err := newMethods(services)
	if err != nil {
		return nil, err
	}
	mux := runtime.NewServeMux(options(known)...)
	hot := map[string]http.Handler{}
	for _, b := range backends {
		for _, register := range b.Register {
			if err := register(ctx, mux, conn{next: b.Conn, methods: known}); err != nil {
				return nil, err
			}
		}
		if b.Hot != nil {
			few := runtime.NewServeMux(options(known)...)
			if err := b.Hot(ctx, few, conn{next: b.Conn, methods: known}); err != nil {
				return nil, err
			}
			hot[b.HotPath] = few
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if few := hot[r.URL.Path]; few != nil && r.Method == http.MethodPost {
			few.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}), nil
}

func options(known *methods) []runtime.ServeMuxOption {
	return []runtime.ServeMuxOption{
		runtime.WithMarshalerOption(runtime.MIMEWildcard, jsonMarshaler{}),
		runtime.WithMarshalerOption("text/event-stream", sseMarshaler{}),
		runtime.WithIncomingHeaderMatcher(nothing), // conn builds the metadata
		runtime.WithOutgoingHeaderMatcher(outgoingHeader),
		runtime.WithOutgoingTrailerMatcher(nothing),
		runtime.WithMetadata(func(ctx context.Context, r *http.Request) metadata.MD {
			rpc, _ := runtime.RPCMethod(ctx)
			return known.admit(ctx, r, rpc)
		}),
		runtime.WithErrorHandler(handleError),
		runtime.WithStreamErrorHandler(streamError),
		runtime.WithRoutingErrorHandler(handleRoutingError),
		runtime.WithDisablePathLengthFallback(),
		runtime.WithDisableHTTPMethodOverride(),
		runtime.WithDisableChunkedEncoding(), // net/http chunks by itself; the header is illegal in HTTP/2
		runtime.WithUnescapingMode(runtime.UnescapingModeAllExceptReserved),
		runtime.WithWriteContentLength(),
	}
}

func nothing(string) (string, bool) { return "", false }

// outgoingHeader lets a service name the file of a download, and nothing else.
func outgoingHeader(key string) (string, bool) {
	if key == "content-disposition" {
		return "Content-Disposition", true
	}
	return "", false
}
