package grpcx

import (
	"context"

	"github.com/google/uuid"
)

// Metadata that the suite reads.
const (
	headerRequestID     = "x-request-id"
	headerAuthorization = "authorization"
	headerLanguage      = "accept-language"
)

// maxRequestID bounds an id that is taken over, in visible ASCII characters.
const maxRequestID = 128

// RequestID is the id of the request being served, which clients are told when
// something goes wrong; "" outside a request.
func RequestID(ctx context.Context) string {
	if c := callOf(ctx); c != nil {
		return c.requestID
	}
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// Locale is the language of the request being served, zh-CN or en; zh-CN outside
// a request.
func Locale(ctx context.Context) string {
	if c := callOf(ctx); c != nil {
		return c.locale
	}
	return "zh-CN"
}

type requestIDKey struct{}

// WithRequestID names the request for outgoing calls: the gateway and jobs do it.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// NewRequestID makes an id.
func NewRequestID() string { return uuid.Must(uuid.NewV7()).String() }

func incomingRequestID(ctx context.Context) string {
	if id := first(ctx, headerRequestID); validRequestID(id) {
		return id
	}
	return NewRequestID()
}

// validRequestID keeps line breaks and the like out of logs.
func validRequestID(id string) bool {
	if id == "" || len(id) > maxRequestID {
		return false
	}
	for i := range len(id) {
		if id[i] <= ' ' || id[i] > '~' {
			return false
		}
	}
	return true
}
