package apierr

import (
	"context"
	"errors"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

// Locales of the texts.
const (
	ZH = "zh-CN"
	EN = "en"
)

// From turns any error into one that a client may see. Errors that are not ours
// become ErrInternal, or ErrUnavailable when they say that another part did not
// answer; the original stays as the cause, for the log.
func From(err error) *Error {
	if e := find(err); e != nil {
		return e
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return ErrDeadline.Wrap(err)
	case errors.Is(err, context.Canceled):
		return ErrCancelled.Wrap(err)
	}
	var remote interface{ GRPCStatus() *status.Status }
	if errors.As(err, &remote) {
		return fromRemote(remote.GRPCStatus().Code(), err)
	}
	return ErrInternal.Wrap(err)
}

// fromRemote judges a status that another service gave to us. Its refusal of our
// call is not a refusal of our caller's, so only "try again" passes on.
func fromRemote(code codes.Code, err error) *Error {
	switch code {
	case codes.Unavailable, codes.ResourceExhausted:
		return ErrUnavailable.Wrap(err)
	case codes.DeadlineExceeded:
		return ErrDeadline.Wrap(err)
	case codes.Canceled:
		return ErrCancelled.Wrap(err)
	case codes.Unimplemented:
		return ErrUnimplemented.Wrap(err)
	}
	return ErrInternal.Wrap(err)
}

// GRPCStatus is the status without the parts that only the interceptor knows
// (the caller's language, the request's id).
func (e *Error) GRPCStatus() *status.Status { return e.Status("", "") }

// GRPCStatus lets a bare kind be returned by a handler.
func (k *Kind) GRPCStatus() *status.Status { return k.New().GRPCStatus() }

// Status builds what goes over the wire. locale is ZH or EN ("" leaves the
// localised message out), requestID "" leaves RequestInfo out.
func (e *Error) Status(locale, requestID string) *status.Status {
	details := []protoadapt.MessageV1{&errdetails.ErrorInfo{
		Reason: e.kind.reason, Domain: Domain, Metadata: e.metadata,
	}}
	if len(e.fields) > 0 {
		details = append(details, e.badRequest(locale))
	}
	if locale != "" {
		details = append(details, &errdetails.LocalizedMessage{Locale: locale, Message: e.Text(locale)})
	}
	if e.retry > 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(e.retry)})
	}
	if requestID != "" {
		details = append(details, &errdetails.RequestInfo{RequestId: requestID})
	}
	st := status.New(e.kind.code, e.Text(EN))
	if full, err := st.WithDetails(details...); err == nil {
		return full
	}
	return st
}

// Text is the message in the locale, with the fields at fault.
func (e *Error) Text(locale string) string {
	text, sep, stop := e.kind.en, ": ", "; "
	if locale == ZH {
		text, sep, stop = e.kind.zh, ":", ";"
	}
	var b strings.Builder
	b.WriteString(fill(text, e.metadata))
	for i, f := range e.fields {
		if i == 0 {
			b.WriteString(sep)
		} else {
			b.WriteString(stop)
		}
		b.WriteString(f.Field + " " + f.text(locale))
	}
	return b.String()
}

func (f FieldViolation) text(locale string) string {
	if locale == ZH {
		return f.ZH
	}
	return f.EN
}

func (e *Error) badRequest(locale string) *errdetails.BadRequest {
	br := &errdetails.BadRequest{FieldViolations: make([]*errdetails.BadRequest_FieldViolation, 0, len(e.fields))}
	for _, f := range e.fields {
		v := &errdetails.BadRequest_FieldViolation{Field: f.Field, Description: f.EN, Reason: e.kind.reason}
		if locale != "" {
			v.LocalizedMessage = &errdetails.LocalizedMessage{Locale: locale, Message: f.text(locale)}
		}
		br.FieldViolations = append(br.FieldViolations, v)
	}
	return br
}

// remoteInfo finds our ErrorInfo in a status received from another service.
func remoteInfo(err error) *errdetails.ErrorInfo {
	var remote interface{ GRPCStatus() *status.Status }
	if !errors.As(err, &remote) {
		return nil
	}
	for _, d := range remote.GRPCStatus().Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok && info.GetDomain() == Domain {
			return info
		}
	}
	return nil
}

// Locale picks ZH or EN from an Accept-Language value; Chinese is the default
// and English answers every language but Chinese.
func Locale(acceptLanguage string) string {
	first, _, _ := strings.Cut(acceptLanguage, ",")
	first, _, _ = strings.Cut(first, ";")
	first = strings.ToLower(strings.TrimSpace(first))
	if first == "" || first == "*" || first == "zh" || strings.HasPrefix(first, "zh-") || strings.HasPrefix(first, "zh_") {
		return ZH
	}
	return EN
}
