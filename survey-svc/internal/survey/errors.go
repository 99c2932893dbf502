package survey

import (
	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// Errors of invitations and responses.
var (
	// ErrState is a step that the invitation's state does not allow; metadata: state, verb.
	ErrState = apierr.Define(codes.FailedPrecondition, "INVITATION_STATE_INVALID",
		"邀请处于 {state}，不能执行 {verb}", "the invitation is {state}; {verb} is not possible")
	// ErrExpired is an answer that comes too late; metadata: expired.
	ErrExpired = apierr.Define(codes.FailedPrecondition, "INVITATION_EXPIRED",
		"该邀请已于 {expired} 过期", "the invitation expired at {expired}")
	// ErrFinal is other content after the time for amendments; metadata: until.
	ErrFinal = apierr.Define(codes.FailedPrecondition, "RESPONSE_FINAL",
		"您已提交过评价，修改期已于 {until} 结束", "an answer was given before and could be amended until {until}")
)
