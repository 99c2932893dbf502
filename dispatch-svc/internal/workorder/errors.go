package workorder

import (
	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// Errors of steps.
var (
	// ErrState is a step that the state has no row for; metadata: state, verb.
	ErrState = apierr.Define(codes.FailedPrecondition, "WORK_ORDER_STATE_INVALID",
		"工单处于 {state},不能执行 {verb}", "the work order is {state}; {verb} is not possible")
	// ErrReassigned is a step of an engineer who lost the order meanwhile, e.g. while the phone was without a network.
	ErrReassigned = apierr.Define(codes.FailedPrecondition, "WORK_ORDER_REASSIGNED",
		"该工单已改派,请联系调度", "the work order was given to somebody else; ask the dispatcher")
	// ErrSuspended is a step of the engineer while the order is SUSPENDED.
	ErrSuspended = apierr.Define(codes.FailedPrecondition, "WORK_ORDER_SUSPENDED",
		HoldNoteZH, HoldNoteEN)
	// ErrExcluded is an engineer who is kept away from the household; metadata: engineer.
	ErrExcluded = apierr.Define(codes.FailedPrecondition, "ENGINEER_EXCLUDED",
		"{engineer} 不再安排到该客户家庭,请改派他人", "{engineer} is kept away from this household; choose somebody else")
	// ErrAuditor is an audit or a payment by who took the step before it.
	ErrAuditor = apierr.Define(codes.FailedPrecondition, "AUDITOR_NOT_INDEPENDENT",
		"验收、审核与结算须由不同的人办理", "sign-off, audit and payment are by different people")
	// ErrAssignmentChanged is a replacement of somebody who is not assigned (any more).
	ErrAssignmentChanged = apierr.Define(codes.Aborted, "ASSIGNMENT_CHANGED",
		"当前工程师已不是所要替换的人,请刷新", "the assigned engineer is not the one to be replaced; read again")
	// ErrOverlap is an appointment that the engineer cannot keep beside another one; metadata: order, start, end (local time), windowStart,
	// windowEnd.
	ErrOverlap = apierr.Define(codes.FailedPrecondition, "APPOINTMENT_OVERLAP",
		"工程师在 {start} 至 {end} 已预约 {order},无法同时到场;请另约时间,确需重叠请由调度强制预约",
		"the engineer is promised to {order} from {start} to {end} and cannot keep both; agree on another time, or let a dispatcher force it")
	// ErrBusy is the same where the other appointment is not the caller's to see.
	ErrBusy = apierr.Define(codes.FailedPrecondition, "ENGINEER_BUSY",
		"工程师该时段已有其他预约,无法同时到场;请另约时间", "the engineer has another appointment then and cannot keep both; agree on another time")
	// ErrEngineer is an engineer who cannot be given the order; metadata: engineer.
	ErrEngineer = apierr.Define(codes.FailedPrecondition, "ENGINEER_NOT_AVAILABLE",
		"{engineer} 不属于承接单位或已停用", "{engineer} does not belong to the organisation that carries the order out, or is not active")
	// ErrOfferOver is an answer to an offer after its deadline.
	ErrOfferOver = apierr.Define(codes.FailedPrecondition, "OFFER_OVER", "派单已超过接单时限", "the offer's deadline has passed")
	// ErrQuoteRequired is paid work without the customer's word (R151).
	ErrQuoteRequired = apierr.Define(codes.FailedPrecondition, "QUOTE_REQUIRED",
		"本次服务需收费,请先报价并取得客户同意", "a fee is due: quote it and get the customer's agreement first")
	// ErrTestFailed is work called fixed with a failed test (R157).
	ErrTestFailed = apierr.Define(codes.FailedPrecondition, "TEST_FAILED",
		"测试项目 {test} 未通过,不能按已修复完工", "the test {test} failed; the work cannot be completed as FIXED")
	// ErrCodeWrong is a wrong acceptance code; metadata: left (tries).
	ErrCodeWrong = apierr.Define(codes.FailedPrecondition, "ACCEPTANCE_CODE_WRONG",
		"验收码不正确,还可尝试 {left} 次", "the acceptance code is wrong; {left} tries left")
	// ErrCodeExpired is a code after its 72 hours.
	ErrCodeExpired = apierr.Define(codes.FailedPrecondition, "ACCEPTANCE_CODE_EXPIRED",
		"验收码已过期,请改用签名或电话确认", "the acceptance code has expired; take a signature or the customer's word on the phone")
	// ErrCodeExhausted is a code after five wrong tries.
	ErrCodeExhausted = apierr.Define(codes.FailedPrecondition, "ACCEPTANCE_CODE_EXHAUSTED",
		"验收码尝试次数已用完,请改用签名或电话确认", "too many wrong acceptance codes; take a signature or the customer's word on the phone")
)
