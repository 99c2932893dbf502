package story

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// GRPC plays the same calls over gRPC: it finds the RPC by its HTTP binding and fills the request from path, query and body.
type GRPC struct {
	// Conn answers the connection for a service, by its proto package, e.g. "aftersales.intake.v1".
	Conn func(pkg string) (grpc.ClientConnInterface, error)
	// Login signs in over JSON, where the tokens come from.
	Login *JSON

	once     sync.Once
	bindings []binding
	mu       sync.Mutex
	partner  map[string]string
}

// Protocol names it in the table of results.
func (g *GRPC) Protocol() string { return "grpc" }

const callTimeout = 20 * time.Second

// Call invokes the RPC that the HTTP call is bound to; a status error becomes the HTTP status and the JSON of the status.
func (g *GRPC) Call(ctx context.Context, r Request) (int, []byte, error) {
	g.once.Do(func() { g.bindings = bindings() })
	b, path, query, err := find(g.bindings, r.Method, r.Target)
	if err != nil {
		return 0, nil, err
	}
	in, err := newMessage(b.method.Input())
	if err != nil {
		return 0, nil, err
	}
	if err := fill(in, b, path, query, r); err != nil {
		return answerStatus(status.New(codes.InvalidArgument, err.Error()))
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if ctx, err = g.authorise(ctx, r); err != nil {
		return 0, nil, err
	}
	conn, err := g.Conn(string(b.method.ParentFile().Package()))
	if err != nil {
		return 0, nil, err
	}
	return invoke(ctx, conn, b.method, in)
}

func invoke(ctx context.Context, conn grpc.ClientConnInterface, method protoreflect.MethodDescriptor, in proto.Message) (int, []byte, error) {
	out, err := newMessage(method.Output())
	if err != nil {
		return 0, nil, err
	}
	full := fmt.Sprintf("/%s/%s", method.Parent().FullName(), method.Name())
	if err := conn.Invoke(ctx, full, in, out); err != nil {
		return answerStatus(status.Convert(err))
	}
	if body, ok := out.(*httpbody.HttpBody); ok {
		return 200, body.GetData(), nil
	}
	data, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(out)
	return 200, data, err
}

func answerStatus(s *status.Status) (int, []byte, error) {
	data, err := protojson.Marshal(s.Proto())
	return runtime.HTTPStatusFromCode(s.Code()), data, err
}

func newMessage(d protoreflect.MessageDescriptor) (proto.Message, error) {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		return nil, err
	}
	return kind.New().Interface(), nil
}

// fill makes the request message: body first, then path and query fields over it, then the idempotency key.
func fill(in proto.Message, b binding, path map[string]string, query map[string][]string, r Request) error {
	if len(r.Body) > 0 {
		if err := fillBody(in, b, r.Body); err != nil {
			return err
		}
	}
	for field, value := range path {
		if err := runtime.PopulateFieldFromPath(in, field, value); err != nil {
			return err
		}
	}
	for field, list := range query {
		if err := runtime.PopulateFieldFromPath(in, snake(field), list[len(list)-1]); err != nil {
			return err
		}
	}
	if key := r.Headers["Idempotency-Key"]; key != "" {
		return runtime.PopulateFieldFromPath(in, "request_id", key)
	}
	return nil
}

func fillBody(in proto.Message, b binding, body []byte) error {
	if b.body == "" || b.body == "*" {
		return protojson.Unmarshal(body, in)
	}
	field := in.ProtoReflect().Descriptor().Fields().ByName(protoreflect.Name(b.body))
	wrapped, err := json.Marshal(map[string]json.RawMessage{field.JSONName(): body})
	if err != nil {
		return err
	}
	return protojson.Unmarshal(wrapped, in)
}

func snake(name string) string {
	var out strings.Builder
	for _, r := range name {
		if r >= 'A' && r <= 'Z' {
			out.WriteByte('_')
			r += 'a' - 'A'
		}
		out.WriteRune(r)
	}
	return out.String()
}

func (g *GRPC) authorise(ctx context.Context, r Request) (context.Context, error) {
	pairs := []string{}
	if language := r.Headers["Accept-Language"]; language != "" {
		pairs = append(pairs, "accept-language", language)
	}
	token, err := g.token(ctx, r.As)
	if err != nil {
		return nil, err
	}
	if bearer := r.Headers["Authorization"]; bearer != "" {
		pairs = append(pairs, "authorization", bearer)
	} else if token != "" {
		pairs = append(pairs, "authorization", "Bearer "+token)
	}
	return metadata.AppendToOutgoingContext(ctx, pairs...), nil
}

func (g *GRPC) token(ctx context.Context, as string) (string, error) {
	switch as {
	case "nobody":
		return "", nil
	case "partner":
		return g.partnerToken(ctx)
	default:
		return g.Login.Token(ctx, as)
	}
}

func (g *GRPC) partnerToken(ctx context.Context) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	hour := g.Login.Now().Format("2006010215")
	if g.partner[hour] != "" {
		return g.partner[hour], nil
	}
	token, err := g.Login.PartnerToken(ctx)
	if err != nil {
		return "", err
	}
	if g.partner == nil {
		g.partner = map[string]string{}
	}
	g.partner[hour] = token
	return token, nil
}
