package casefile

import (
	"errors"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// What a case may answer instead of doing what is asked.
var (
	// ErrState is a verb that the state does not allow; metadata: state, verb.
	ErrState = apierr.Define(codes.FailedPrecondition, "CASE_STATE_INVALID",
		"案件处于 {state},不能执行 {verb}", "the case is {state}: {verb} is not possible")
	// ErrKind is a verb that the kind of case does not have; metadata: kind, verb.
	ErrKind = apierr.Define(codes.FailedPrecondition, "CASE_KIND_INVALID",
		"{kind} 类案件没有 {verb} 操作", "a case of kind {kind} has no {verb}")
	// ErrSolutionState is a verb that the solution's state does not allow; metadata: state, verb.
	ErrSolutionState = apierr.Define(codes.FailedPrecondition, "SOLUTION_STATE_INVALID",
		"方案处于 {state},不能执行 {verb}", "the solution is {state}: {verb} is not possible")
	// ErrInvestigationOpen is a proposal before the conclusion.
	ErrInvestigationOpen = apierr.Define(codes.FailedPrecondition, "INVESTIGATION_OPEN",
		"调查尚无结论,不能提出方案", "the investigation is not concluded yet")
	// ErrInvestigator is an investigator who is complained about.
	ErrInvestigator = apierr.Define(codes.FailedPrecondition, "INVESTIGATOR_NOT_INDEPENDENT",
		"被投诉人不能调查本案", "the one complained about does not investigate")
	// ErrConsent is the gate before execution (R151); metadata: what.
	ErrConsent = apierr.Define(codes.FailedPrecondition, "CONSENT_REQUIRED",
		"需要客户的同意记录:{what}", "the customer's consent is needed and recorded: {what}")
	// ErrAuthority is a compensation above the caller's limit (R129, R130); metadata: limit_fen, path, expected_hours, and what the texts say.
	ErrAuthority = apierr.Define(codes.FailedPrecondition, "AUTHORITY_EXCEEDED",
		"补偿超出权限(上限 {limit} 元),须上报{path_zh},预计 {expected_hours} 小时内答复",
		"the compensation is above the limit of {limit} yuan: it goes to {path_en}, who answers within {expected_hours} hours")
	// ErrClosing is a closing whose conditions are not met (R178); metadata: unmet, and until for waiting times.
	ErrClosing = apierr.Define(codes.FailedPrecondition, "CLOSING_CONDITION_UNMET",
		"关闭条件未满足:{unmet}", "conditions of closing are not met: {unmet}")
	// ErrBasis is a basis that does not fit, or is not offered; metadata: basis.
	ErrBasis = apierr.Define(codes.FailedPrecondition, "CLOSE_BASIS_INVALID",
		"不能以 {basis} 关闭本案", "the case cannot be closed on basis {basis}")
	// ErrApprover is an approver who handled the case or is complained about (R179).
	ErrApprover = apierr.Define(codes.FailedPrecondition, "APPROVER_NOT_INDEPENDENT",
		"审批人不能是经办人或被投诉人", "the approver is neither a handler of the case nor complained about")
	// ErrHazard is a way out that a hazard bars; metadata: verb.
	ErrHazard = apierr.Define(codes.FailedPrecondition, "HAZARD_OPEN",
		"涉及安全隐患的案件只能由质量主管结束", "a case with a hazard is ended by the quality supervisor only")
)

// kindOf gives the declared kind of an error, nil when it has none.
func kindOf(err error) *apierr.Kind {
	var e *apierr.Error
	if errors.As(err, &e) {
		return e.Kind()
	}
	return nil
}
