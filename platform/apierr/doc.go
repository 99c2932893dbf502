// Package apierr is the one error type of the suite. A domain package declares
// each of its errors once, as a Kind with a gRPC code, a stable UPPER_SNAKE
// reason and a text in Chinese and in English; handlers return errors made from
// kinds, and everything else reaches a client as INTERNAL with nothing but the
// request's id.
//
//	var ErrState = apierr.Define(codes.FailedPrecondition, "CASE_STATE_INVALID",
//		"工单处于 {state},不能执行 {verb}", "the case is {state}; {verb} is not possible")
//
//	return ErrState.New("state", "CLOSED", "verb", "accept")
//
// On the wire an error carries exactly one ErrorInfo (domain "aftersales"),
// BadRequest when fields are at fault, LocalizedMessage in the caller's
// language, RetryInfo when waiting helps, and RequestInfo (AIP-193).
package apierr
