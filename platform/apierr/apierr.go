package apierr

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
)

// Domain is the domain of every ErrorInfo of the suite.
const Domain = "aftersales"

// reasonShape is what AIP-193 asks of a reason.
var reasonShape = regexp.MustCompile(`^[A-Z][A-Z0-9_]{1,61}[A-Z0-9]$`)

// Kind is a declared error: what a client may branch on. It is itself an error,
// so that errors.Is(err, kind) works and a kind without metadata can be returned
// as it is.
type Kind struct {
	code   codes.Code
	reason string
	zh, en string
}

// Define declares an error. The texts may hold {name} placeholders, which are
// filled from the metadata of the error. It panics on a malformed declaration:
// kinds are package variables, so this is found by the first test that runs.
func Define(code codes.Code, reason, zh, en string) *Kind {
	if code == codes.OK || !reasonShape.MatchString(reason) || zh == "" || en == "" {
		panic(fmt.Sprintf("apierr: malformed kind %q (code %v)", reason, code))
	}
	return &Kind{code: code, reason: reason, zh: zh, en: en}
}

// Code is the gRPC code of the kind.
func (k *Kind) Code() codes.Code { return k.code }

// Reason is the stable reason of the kind, e.g. CASE_STATE_INVALID.
func (k *Kind) Reason() string { return k.reason }

// Error makes a Kind an error.
func (k *Kind) Error() string { return k.reason + ": " + k.en }

// New makes an error of this kind; kv are pairs of metadata keys and values.
// Metadata reaches the client: it never holds personal data.
func (k *Kind) New(kv ...string) *Error { return &Error{kind: k, metadata: pairs(kv)} }

// Wrap makes an error of this kind caused by err. The cause is logged and never
// told to a client.
func (k *Kind) Wrap(err error, kv ...string) *Error {
	return &Error{kind: k, metadata: pairs(kv), cause: err}
}

// FieldViolation says what is wrong with one field of a request.
type FieldViolation struct {
	Field  string // path with proto field names, e.g. customer.phone
	ZH, EN string
}

// Error is an error as a client sees it, with its cause for the log.
type Error struct {
	kind     *Kind
	metadata map[string]string
	fields   []FieldViolation
	retry    time.Duration
	cause    error
}

// Kind is what was declared for this error.
func (e *Error) Kind() *Kind { return e.kind }

// Metadata is what ErrorInfo carries; the caller must not change it.
func (e *Error) Metadata() map[string]string { return e.metadata }

// Fields are the violations that BadRequest carries.
func (e *Error) Fields() []FieldViolation { return e.fields }

// Error is the English text with the cause: for logs only.
func (e *Error) Error() string {
	text := e.kind.reason + ": " + fill(e.kind.en, e.metadata)
	for _, f := range e.fields {
		text += "; " + f.Field + ": " + f.EN
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is the kind of this error.
func (e *Error) Is(target error) bool {
	k, ok := target.(*Kind)
	return ok && k == e.kind
}

// With returns a copy with more metadata.
func (e *Error) With(kv ...string) *Error {
	c := *e
	c.metadata = maps.Clone(e.metadata)
	if c.metadata == nil {
		c.metadata = make(map[string]string, len(kv)/2)
	}
	maps.Copy(c.metadata, pairs(kv))
	return &c
}

// WithField returns a copy that names one more field.
func (e *Error) WithField(field, zh, en string) *Error {
	c := *e
	c.fields = append(slices.Clip(e.fields), FieldViolation{Field: field, ZH: zh, EN: en})
	return &c
}

// WithRetry returns a copy that tells the client when a repeat makes sense.
func (e *Error) WithRetry(after time.Duration) *Error {
	c := *e
	c.retry = after
	return &c
}

// RetryAfter is what WithRetry set, else zero.
func (e *Error) RetryAfter() time.Duration { return e.retry }

// Reason gives the reason of err, or "" when err is none of ours. It reads
// errors of this process and statuses received from another service.
func Reason(err error) string {
	if e := find(err); e != nil {
		return e.kind.reason
	}
	if info := remoteInfo(err); info != nil {
		return info.GetReason()
	}
	return ""
}

// find looks for an Error or a bare Kind in the chain of err.
func find(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	var k *Kind
	if errors.As(err, &k) {
		return k.Wrap(err)
	}
	return nil
}

func pairs(kv []string) map[string]string {
	if len(kv) == 0 {
		return nil
	}
	if len(kv)%2 != 0 {
		panic(fmt.Sprintf("apierr: odd metadata %q", kv))
	}
	m := make(map[string]string, len(kv)/2)
	for i := 0; i < len(kv); i += 2 {
		m[kv[i]] = kv[i+1]
	}
	return m
}

// fill replaces {name} by the metadata of that name; an unknown name stays, so
// that a wrong text is seen.
func fill(text string, metadata map[string]string) string {
	if len(metadata) == 0 || !strings.Contains(text, "{") {
		return text
	}
	for k, v := range metadata {
		text = strings.ReplaceAll(text, "{"+k+"}", v)
	}
	return text
}
