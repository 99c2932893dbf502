package transcode

import (
	"net/http"
	"strconv"
	"time"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/grpcx"
)

// Headers that the gateway reads.
const (
	headerRequestID   = "X-Request-Id"
	headerIdempotency = "Idempotency-Key"
	headerTimeout     = "Grpc-Timeout"
)

// maxIDLength bounds request ids and idempotency keys, in visible ASCII characters.
const maxIDLength = 128

// NewRequest takes what concerns every request. Grpc-Timeout is taken out of the headers: the mux would read it too, and not
// clamp it.
func NewRequest(httpReq *http.Request, maxTimeout time.Duration, bodyLimit int64) *Request {
	r := &Request{
		ID:          httpReq.Header.Get(headerRequestID),
		Locale:      apierr.Locale(httpReq.Header.Get("Accept-Language")),
		Timeout:     maxTimeout,
		limit:       bodyLimit,
		timeoutText: httpReq.Header.Get(headerTimeout),
	}
	if r.timeoutText != "" {
		httpReq.Header.Del(headerTimeout)
	}
	if !visible(r.ID) {
		r.ID = grpcx.NewRequestID()
	}
	return r
}

// readCallHeaders reads what only counts for callers who may call: the idempotency key and the wish for a deadline, which
// may be shorter than ours and never longer.
func (r *Request) readCallHeaders(header http.Header) error {
	if r.timeoutText != "" {
		d, ok := parseTimeout(r.timeoutText)
		if !ok {
			return ErrTimeout.New()
		}
		r.Timeout = min(r.Timeout, d)
	}
	switch keys := header.Values(headerIdempotency); {
	case len(keys) == 0:
	case len(keys) > 1 || !visible(keys[0]):
		return ErrKeyShape.New()
	default:
		r.IdempotencyKey = keys[0]
	}
	return nil
}

// timeoutUnits are those of the gRPC protocol.
var timeoutUnits = map[byte]time.Duration{
	'H': time.Hour, 'M': time.Minute, 'S': time.Second, 'm': time.Millisecond, 'u': time.Microsecond, 'n': time.Nanosecond,
}

// parseTimeout reads at most eight digits and a unit.
func parseTimeout(text string) (time.Duration, bool) {
	if len(text) < 2 || len(text) > 9 {
		return 0, false
	}
	unit, ok := timeoutUnits[text[len(text)-1]]
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 32)
	if err != nil {
		return 0, false
	}
	const longest = 24 * time.Hour // keeps the product from overflowing
	if time.Duration(n) > longest/unit {
		return longest, true
	}
	return time.Duration(n) * unit, true
}

// visible says whether s is 1 to 128 visible ASCII characters.
func visible(s string) bool {
	if s == "" || len(s) > maxIDLength {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
