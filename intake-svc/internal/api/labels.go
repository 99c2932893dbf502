package api

import (
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// label is a text in both languages. Chinese labels of states have at most five characters (WeChat templates).
type label struct{ zh, en string }

func (l label) in(locale string) string {
	if locale == apierr.EN {
		return l.en
	}
	return l.zh
}

func text(table map[string]label, key, locale string) string {
	if l, ok := table[key]; ok {
		return l.in(locale)
	}
	return key
}

var kindLabels = map[string]label{
	"COMPLAINT": {"投诉", "complaint"}, "SERVICE_REQUEST": {"服务请求", "service request"}, "ENQUIRY": {"咨询", "enquiry"}, "FEEDBACK": {"反馈", "feedback"},
}

var stateLabels = map[string]label{
	"RECEIVED": {"已登记", "received"}, "ACCEPTED": {"已受理", "accepted"}, "UNDER_INVESTIGATION": {"调查中", "under investigation"},
	"SOLUTION_PROPOSED": {"待确认方案", "solution proposed"}, "SOLUTION_AGREED": {"方案已同意", "solution agreed"}, "IN_SERVICE": {"服务中", "in service"},
	"RESOLVED": {"已解决", "resolved"}, "CLOSED": {"已关闭", "closed"}, "ARCHIVED": {"已归档", "archived"}, "WITHDRAWN": {"已撤回", "withdrawn"},
	"MERGED": {"已合并", "merged"}, "REJECTED": {"不予受理", "rejected"},
}

// currentSteps say what is being done now (R163).
var currentSteps = map[string]label{
	"RECEIVED":            {"您的诉求已登记,客服正在受理。", "Your matter is registered and about to be accepted."},
	"ACCEPTED":            {"您的诉求已受理,正在安排处理。", "Your matter is accepted; handling is being arranged."},
	"UNDER_INVESTIGATION": {"我们正在调查核实。", "We are looking into it."},
	"SOLUTION_PROPOSED":   {"解决方案等待您的确认。", "A solution waits for your consent."},
	"SOLUTION_AGREED":     {"方案已确认,正在安排执行。", "The solution is agreed; it is being arranged."},
	"IN_SERVICE":          {"服务正在进行。", "The service is under way."},
	"RESOLVED":            {"问题已处理完毕,请您评价。", "It is resolved; please tell us how it went."},
	"CLOSED":              {"案件已关闭。", "The case is closed."},
	"ARCHIVED":            {"案件已归档。", "The case is archived."},
	"REJECTED":            {"经核查,您的诉求不予支持,说明已发送。", "After review the claim is not supported; the explanation was sent."},
	"WITHDRAWN":           {"案件已按您的要求撤回。", "The case was withdrawn at your wish."},
	"MERGED":              {"与同一事项的另一案件合并处理。", "It is handled together with another case of the same matter."},
}

var basisLabels = map[string]label{
	"CONFIRMED": {"客户确认", "confirmed by the customer"}, "ACCEPTED_FINAL": {"接受最终结果", "final result accepted"},
	"OPTIONS_EXHAUSTED": {"已穷尽处理方式", "options exhausted"}, "ANONYMOUS_DECIDED": {"匿名案件已决定", "anonymous matter decided"},
	"NO_REPLY": {"客户无回应", "no reply"}, "FIRST_CONTACT": {"首次接触解决", "resolved at first contact"},
}

var solutionLabels = map[string]label{
	"PROPOSED": {"待确认", "proposed"}, "AWAITING_APPROVAL": {"待审批", "awaiting approval"}, "AGREED": {"已同意", "agreed"}, "DECLINED": {"已拒绝", "declined"},
	"SUPERSEDED": {"已被替代", "superseded"}, "CARRIED_OUT": {"已执行", "carried out"}, "FAILED": {"未能执行", "failed"},
}

var resultLabels = map[string]label{
	"REACHED": {"已联系上", "reached"}, "NO_ANSWER": {"无人接听", "no answer"}, "BUSY": {"占线或关机", "busy or off"}, "WRONG_NUMBER": {"号码有误", "wrong number"},
	"REFUSED": {"拒绝沟通", "refused"}, "DELIVERED": {"已发出", "delivered"}, "FAILED": {"发送失败", "failed"},
}

var clockLabels = map[string]label{
	"APPROVAL": {"审批时限", "approval"},
	"RESPOND":  {"响应时限", "respond"}, "PROGRESS_NEWS": {"进展通报时限", "news of the progress"},
	"ACKNOWLEDGE": {"受理时限", "acknowledge"}, "RESOLVE": {"解决时限", "resolve"}, "NO_REPLY": {"等待客户回复", "waiting for a reply"},
	"REGULATOR_REPLY": {"监管答复期限", "reply to the regulator"},
}

var flagLabels = map[string]label{
	"AWAITING_APPROVAL": {"待上级审批", "awaiting approval"}, "LEGAL_ACTION": {"法律风险", "legal action threatens"},
	"EARLIER_DOUBTFUL": {"曾有可疑投诉", "earlier doubtful complaints"}, "DOUBLE_REFUND": {"重复退款", "refunded twice"},
	"UNREACHABLE": {"联系不上", "unreachable"}, "NO_REPLY_READY": {"可按无回应关闭", "may be closed without reply"}, "CLOSE_REQUESTED": {"待审核关闭", "closing requested"},
	"WAITING_FOR_PART": {"等待配件", "waiting for a part"}, "SECOND_FAILED_REPAIR": {"多次未修好", "repairs failed"},
	"HAZARD": {"安全隐患", "hazard"}, "WAITING_FOR_CUSTOMER": {"等待客户", "waiting for the customer"},
	"DURING_SERVICE": {"服务进行中", "during the service"}, "REGRADE_DUE": {"待重新定级", "to be re-graded"},
	"GUIDANCE_PLANNED": {"待培训指导", "guidance planned"}, "REPEAT_COMPLAINTS": {"重复投诉", "repeat complaints"}, "REPEAT_FAILURES": {"多次维修", "repeat failures"},
	"TRANSFER_PENDING": {"移交待答复", "transfer offered"}, "SECOND_APPROVAL": {"待第二审批", "second approval"},
	"SAMPLE_REVIEW":         {"抽样复核", "sample review"},
	"CUSTOMER_WROTE":        {"客户来信待处理", "the customer wrote"},
	"WAITING_FOR_APPRAISAL": {"等待外部鉴定", "waiting for an appraisal"}, "CUSTOMER_ASKED_LATER": {"客户要求延后", "the customer asked for later"},
	"AWAITING_CONSENT": {"等待客户确认方案", "a solution waits for consent"},
}

var alertLabels = map[string]label{
	"DEADLINE_NEAR": {"时限将至", "deadline near"}, "NEWS_DUE": {"应向客户通报进展", "news for the customer is due"},
	"DEADLINE_MISSED": {"超出时限", "deadline missed"}, "URGED": {"客户催办", "urged by the customer"},
}

var eventLabels = map[string]label{
	"MESSAGE_RECEIVED": {"收到消息", "message received"}, "CALL_LINKED": {"热线通话", "hotline call"},
	"REGULATOR_DOCUMENT": {"监管来件", "regulator's document"}, "REGULATOR_REPLIED": {"已答复监管部门", "regulator answered"},
	"CASE_RECEIVED": {"登记", "registered"}, "CASE_ACCEPTED": {"受理", "accepted"}, "HAZARD_RAISED": {"发现安全隐患", "hazard raised"},
	"INVESTIGATION_STARTED": {"开始调查", "investigation started"}, "INVESTIGATION_CONCLUDED": {"调查结论", "investigation concluded"},
	"SOLUTION_PROPOSED": {"提出方案", "solution proposed"}, "SOLUTION_AGREED": {"客户同意方案", "solution agreed"}, "SOLUTION_DECLINED": {"客户拒绝方案", "solution declined"},
	"MEASURE_CONFIRMED": {"措施已完成", "measure confirmed"}, "SERVICE_STARTED": {"开始服务", "service started"}, "SERVICE_FAILED": {"服务未完成", "service failed"},
	"MEASURES_DONE": {"措施全部完成", "all measures done"}, "RESOLVED_AT_ONCE": {"当场解决", "resolved at once"}, "CLOSE_REQUESTED": {"申请关闭", "closing requested"},
	"CUSTOMER_STATEMENT": {"客户意见", "customer's statement"}, "CASE_CLOSED": {"关闭", "closed"}, "CASE_ARCHIVED": {"归档", "archived"}, "CASE_REOPENED": {"重新打开", "reopened"},
	"DUTY_CALLED": {"呼叫值班", "duty called"}, "HAZARD_ACKNOWLEDGED": {"值班已确认", "duty call acknowledged"}, "HAZARD_CLEARED": {"隐患解除", "hazard cleared"},
	"CONFIDENTIALITY_SET": {"设置保密级别", "confidentiality set"}, "CONTACT_REVEALED": {"查看联系方式", "contact revealed"},
	"AUTHORISATION_RECORDED": {"授权已登记", "authorisation recorded"}, "TRANSFER_OFFERED": {"提出移交", "transfer offered"},
	"TRANSFER_ACCEPTED": {"移交已接收", "transfer accepted"}, "TRANSFER_RETURNED": {"移交被退回", "transfer returned"}, "ITEM_OUTCOME": {"单件结果", "outcome of an item"},
	"CASE_SPLIT": {"拆分案件", "case split"}, "INCIDENT_JOINED": {"归入事件", "joined an incident"}, "INCIDENT_FINDING": {"事件结论", "finding of the incident"},
	"CLOSE_APPROVED_FIRST": {"第一审批通过", "first approval"}, "CLOSING_REVIEWED": {"关闭复核", "closing reviewed"}, "RETENTION_SET": {"设置保存期限", "retention set"},
	"RECOURSE_TOLD":  {"告知外部途径", "outside recourse told"},
	"CASE_WITHDRAWN": {"撤回", "withdrawn"}, "CONTACT_ATTEMPT": {"联系客户", "contact attempt"}, "CUSTOMER_UNREACHABLE": {"联系不上客户", "customer unreachable"},
	"NOTICE_DELIVERED": {"通知已发出", "notice delivered"}, "NOTICE_FAILED": {"通知发送失败", "notice failed"}, "NO_REPLY_WAITED": {"等待期满", "waiting time over"},
	"DEADLINE_NEAR": {"时限将至", "deadline near"}, "NEWS_DUE": {"应通报进展", "news is due"}, "ESCALATED": {"升级督办", "escalated"},
	"DEADLINE_SET": {"设定外部时限", "deadline set"}, "DEADLINE_MET": {"外部时限已完成", "deadline met"}, "CASE_URGED": {"催办", "urged"},
	"CLOCKS_PAUSED": {"暂停计时", "clocks paused"}, "CLOCKS_RESUMED": {"恢复计时", "clocks resumed"}, "URGENCY_CHANGED": {"调整紧急程度", "urgency changed"},
	"PROGRESS_NEWS":   {"通报进展", "news of the progress"},
	"DEADLINE_MISSED": {"超出时限", "deadline missed"}, "EVIDENCE_ADDED": {"提交证据", "evidence added"}, "SURVEY_RESPONDED": {"客户评价", "survey answered"},
	"INVESTIGATOR_ASSIGNED": {"指派调查人", "investigator assigned"}, "INVESTIGATION_RECORD": {"调查记录", "investigation record"},
	"INSPECTION_ORDERED": {"安排现场检查", "inspection ordered"}, "INSPECTION_CREATED": {"生成检查工单", "inspection under way"},
	"INSPECTION_ENDED": {"现场检查结束", "inspection ended"}, "CASE_REJECTED": {"不予支持", "rejected"}, "CASE_SETTLED": {"当场了结", "settled at once"},
	"RISK_FLAGGED": {"风险标记", "risk flagged"}, "RISK_CLEARED": {"风险解除", "risk cleared"}, "DECISION_ISSUED": {"出具处理决定", "decision issued"},
	"SOLUTION_APPROVED": {"审批意见", "approval"}, "SOLUTION_REFUSED": {"审批未通过", "approval refused"}, "PLATFORM_REFUND": {"平台已退款", "refunded by the platform"},
	"DEVICE_LINKED": {"关联设备", "device linked"}, "PAYMENT_APPROVED": {"付款已批准", "payment approved"}, "FEASIBILITY_CHECKED": {"可行性核查", "feasibility checked"},
	"WORK_ORDER_CREATED": {"生成工单", "work order created"}, "WORK_ORDER_OFFERED": {"工单外派", "offered to a provider"}, "WORK_ORDER_ASSIGNED": {"已派工程师", "engineer assigned"},
	"INFO_REQUESTED": {"请客户补充信息", "information requested"}, "SUPPLEMENTED": {"补充信息", "information added"}, "APOLOGY_MADE": {"致歉", "apology"},
	"GUIDANCE_DECIDED": {"决定培训或指导", "guidance decided"}, "GUIDANCE_GIVEN": {"已培训或指导", "guidance given"}, "CASE_REGRADED": {"重新定级", "re-graded"},
	"REGRADE_DUE": {"应重新定级", "re-grading due"}, "CASE_LINKED": {"关联", "linked"}, "CASE_MERGED": {"已并入另一案件", "merged"}, "CASE_TAKEN_IN": {"并入同一事项", "same matter joined"},
	"REGULATOR_REPLY_APPROVED": {"答复已审核", "reply approved"}, "PLATFORM_DECIDED": {"平台裁决", "decided by the platform"},
	"ENGINEER_KEPT_AWAY": {"工程师回避该客户", "engineer kept away"}, "FIRST_PROVIDER_CHARGED": {"费用由首次服务方承担", "charged to the first provider"},
	"WORK_ORDER_PART_AWAITED": {"等待配件", "waiting for a part"}, "WORK_ORDER_APPRAISAL_AWAITED": {"等待鉴定", "waiting for an appraisal"},
	"WORK_ORDER_TAKEN_AWAY": {"取回维修", "taken to the workshop"}, "WORK_ORDER_SUSPENDED": {"工单暂停", "work order suspended"},
	"WORK_ORDER_AUDITED": {"工单审核", "work order audited"}, "WORK_ORDER_SETTLED": {"工单结算", "work order settled"},
	"WORK_ORDER_RESUMED": {"工单恢复", "work order resumed"}, "WORK_ORDER_TRANSFERRED": {"工单转出", "work order handed back"},
	"RULE_MATCHED": {"规则命中", "rule matched"}, "CLASS_SUGGESTED": {"分类建议", "class suggested"},
	"RUNNING_WORK_ORDER_FOUND": {"服务进行中的投诉", "complaint during the service"},
	"WORK_ORDER_ACCEPTED":      {"工程师接单", "engineer accepted"}, "WORK_ORDER_BOOKED": {"已预约上门", "appointment booked"}, "WORK_ORDER_EN_ROUTE": {"工程师出发", "engineer on the way"},
	"WORK_ORDER_ON_SITE": {"工程师到达", "engineer arrived"}, "WORK_ORDER_ARRIVED": {"工程师到达", "engineer arrived"}, "WORK_ORDER_DIAGNOSED": {"完成诊断", "diagnosed"},
	"WORK_ORDER_QUOTED": {"报价", "quoted"}, "WORK_ORDER_QUOTE_AGREED": {"同意报价", "quote agreed"}, "WORK_ORDER_QUOTE_REFUSED": {"拒绝报价", "quote refused"},
	"WORK_ORDER_DONE": {"完工", "work done"}, "WORK_ORDER_CONFIRMED": {"客户验收", "confirmed by the customer"}, "WORK_ORDER_CANCELLED": {"工单取消", "work order cancelled"},
}
