package webhook

import (
	"net/url"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// States of an endpoint.
const (
	Active   = "ACTIVE"
	Disabled = "DISABLED"
	Gone     = "GONE"
)

// States of a delivery.
const (
	Pending   = "PENDING"
	Delivered = "DELIVERED"
	Failed    = "FAILED"
)

// EndpointsPerOwner bounds what one event can cause.
const EndpointsPerOwner = 10

// Errors of web-hooks.
var (
	ErrURL      = apierr.Define(codes.InvalidArgument, "WEBHOOK_URL_INVALID", "回调地址须为公网 https 地址", "the address must be a public https URL")
	ErrFull     = apierr.Define(codes.FailedPrecondition, "WEBHOOK_ENDPOINTS_FULL", "回调地址已达十个", "there are ten endpoints already")
	ErrDisabled = apierr.Define(codes.FailedPrecondition, "WEBHOOK_DISABLED", "该回调已停用", "the endpoint is switched off")
)

// Endpoint is an address that gets events.
type Endpoint struct {
	Name       string // webhookEndpoints/<id>
	URL        string
	EventTypes []string // empty: all; a trailing * or . takes what is below
	Owner      string   // partners/<id> or organisations/<id>
	Secret     []byte   // sealed
	State      string
	Created    time.Time
}

// Wants says whether the endpoint takes events of a type.
func (e Endpoint) Wants(eventType string) bool {
	if len(e.EventTypes) == 0 {
		return true
	}
	for _, want := range e.EventTypes {
		prefix := strings.TrimSuffix(want, "*")
		if want == eventType || (prefix != want || strings.HasSuffix(want, ".")) && strings.HasPrefix(eventType, prefix) {
			return true
		}
	}
	return false
}

// Delivery is one event for one endpoint.
type Delivery struct {
	ID          string // UUIDv7
	Endpoint    string
	EventID     string
	Cursor      int64
	Case        string
	Type        string
	State       string
	Attempts    int
	LastStatus  int
	LastError   string
	FirstTry    time.Time
	LastAttempt time.Time
	NextAttempt time.Time
	Created     time.Time
}

// CheckURL refuses what can never be an address of a partner; the rest is judged at every connection.
func CheckURL(text string, private bool) error {
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Host == "", u.User != nil, u.Fragment != "":
		return ErrURL.New()
	case u.Scheme == "https", u.Scheme == "http" && private:
		return nil
	}
	return ErrURL.New()
}

// schedule is when attempts follow each other: eleven in three days.
var schedule = [...]time.Duration{
	5 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 20 * time.Hour,
}

const (
	// giveUp is how long after the first attempt the last one may be.
	giveUp = 72 * time.Hour
	// longestWait bounds a Retry-After.
	longestWait = 24 * time.Hour
)

// next says when to try again after the attempt that d counts already, and whether at all.
func (d Delivery) next(now time.Time, retryAfter time.Duration) (time.Time, bool) {
	if d.Attempts > len(schedule) {
		return time.Time{}, false
	}
	at := now.Add(max(schedule[d.Attempts-1], min(retryAfter, longestWait)))
	return at, !at.After(d.FirstTry.Add(giveUp))
}
