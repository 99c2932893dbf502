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

// NewRequest reads the headers that concern every request. A malformed one is kept as a refusal and told later, when it is
// known who asks.
func NewRequest(httpReq *http.Request, maxTimeout time.Duration) *Request {
	r := &Request{
		ID:      httpReq.Header.Get(headerRequestID),
		Locale:  apierr.Locale(httpReq.Header.Get("Accept-Language")),
		Timeout: maxTimeout,
	}
	if !visible(r.ID) {
		r.ID = grpcx.NewRequestID()
	}
	return r
}

// ReadCallHeaders reads what only counts for callers who are known: the idempotency key and the wish for a deadline.
func (r *Request) ReadCallHeaders(header http.Header) {
	r.readTimeout(header)
	keys := header.Values(headerIdempotency)
	switch {
	case len(keys) == 0:
	case len(keys) > 1 || !visible(keys[0]):
		r.refuse(ErrKeyShape.New())
	default:
		r.IdempotencyKey = keys[0]
	}
}

// readTimeout takes a shorter deadline than ours, never a longer one. The header is removed: the mux would read it too, and
// not clamp it.
func (r *Request) readTimeout(header http.Header) {
	text := header.Get(headerTimeout)
	if text == "" {
		return
	}
	header.Del(headerTimeout)
	d, ok := parseTimeout(text)
	if !ok {
		r.refuse(ErrTimeout.New())
		return
	}
	r.Timeout = min(r.Timeout, d)
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
