package transcode

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/grpcx"
)

// conn makes the mux's calls calls of the HTTP request's caller. Metadata is built anew here, so that nothing a client sent
// as a header can become part of it.
type conn struct {
	next    grpc.ClientConnInterface
	methods *methods
}

// Invoke implements grpc.ClientConnInterface.
func (c conn) Invoke(ctx context.Context, name string, args, reply any, opts ...grpc.CallOption) error {
	r := From(ctx)
	if err := c.ready(r, args); err != nil {
		return err
	}
	ctx = outgoing(ctx, r)
	if r.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.Timeout)
		defer cancel()
	}
	err := c.next.Invoke(ctx, name, args, reply, opts...)
	if serr := r.settle(ctx); serr != nil {
		return serr
	}
	return err
}

// NewStream implements grpc.ClientConnInterface. The stream lives as long as the HTTP request.
func (c conn) NewStream(ctx context.Context, desc *grpc.StreamDesc, name string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	r := From(ctx)
	if err := c.ready(r, nil); err != nil {
		return nil, err
	}
	if err := r.settle(ctx); err != nil {
		return nil, err
	}
	return c.next.NewStream(outgoing(ctx, r), desc, name, opts...)
}

// settle waits for what must be durable before the answer; when it fails, a repeat with the same key is harmless.
func (r *Request) settle(ctx context.Context) error {
	if r.Settle == nil {
		return nil
	}
	if err := r.Settle(ctx); err != nil {
		return apierr.ErrUnavailable.Wrap(err)
	}
	return nil
}

// ready refuses what was found wrong on the way, and fills request_id.
func (c conn) ready(r *Request, args any) error {
	if r == nil {
		return apierr.ErrInternal.New()
	}
	if r.refused != nil {
		return r.refused
	}
	if m, ok := args.(proto.Message); ok && r.IdempotencyKey != "" {
		return fillRequestID(r, m.ProtoReflect())
	}
	return nil
}

// fillRequestID puts the Idempotency-Key into request_id. Calls that change nothing have none; the key is then without
// meaning.
func fillRequestID(r *Request, m protoreflect.Message) error {
	if r.method == nil || r.method.requestID == nil || m.Descriptor() != r.method.input {
		return nil
	}
	switch have := m.Get(r.method.requestID).String(); have {
	case "":
		m.Set(r.method.requestID, protoreflect.ValueOfString(r.IdempotencyKey))
	case r.IdempotencyKey:
	default:
		r.refuse(ErrKeyConflict.New())
		return r.refused
	}
	return nil
}

// outgoing is the context of a call: identity, request id and language, and nothing else. Connections that set these
// themselves (grpcx.Client) find them in the context.
func outgoing(ctx context.Context, r *Request) context.Context {
	md := metadata.MD{"x-request-id": {r.ID}, "accept-language": {r.Locale}}
	ctx = auth.WithCaller(ctx, r.Principal, r.Token)
	if r.Token != "" {
		md["authorization"] = []string{"Bearer " + r.Token}
	}
	if r.Session != "" {
		md[SessionKey] = []string{r.Session}
	}
	ctx = grpcx.WithRequestID(grpcx.ForwardPrincipal(ctx), r.ID)
	return metadata.NewOutgoingContext(ctx, md)
}

// SessionKey is the metadata by which the gateway's own AuthService learns which session calls. Only the caller's own
// sessions can be ended with it.
const SessionKey = "x-aftersales-session"
