package codes

import (
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
)

// seed is one code as it is shipped.
type seed struct {
	code, zh, en string
	attributes   map[string]string
}

// axis is one table as it is shipped.
type axis struct {
	name  string
	codes []seed
}

// Seeds answers every code that is shipped, in its order. What an installation changed or added stays as it is: seeds fill gaps.
func Seeds(at time.Time) []store.Code {
	var all []store.Code
	for _, a := range shipped {
		for n, c := range a.codes {
			attributes := c.attributes
			if attributes == nil {
				attributes = map[string]string{}
			}
			all = append(all, store.Code{
				Axis: a.name, Code: c.code, LabelZH: c.zh, LabelEN: c.en, Attributes: attributes, Active: true, Rank: (n + 1) * 10,
				Version: 1, Updated: at,
			})
		}
	}
	return all
}

func scheme(name string) map[string]string { return map[string]string{AttrScheme: name} }

// counted is a class of a scheme, with the class of the scheme "general" that common figures count it as.
func counted(schemeName, common string) map[string]string {
	return map[string]string{AttrScheme: schemeName, AttrCommon: common}
}

// as adds what a class counts as in common figures.
func as(attributes map[string]string, common string) map[string]string {
	attributes[AttrCommon] = common
	return attributes
}

// stops marks a class that stops the running job of who is complained about.
func stops(attributes map[string]string) map[string]string {
	attributes[AttrStops] = "true"
	return attributes
}

func visit(purpose string) map[string]string {
	return map[string]string{AttrMode: "VISIT", AttrPurpose: purpose, "needsWorkOrder": "true"}
}

func pays(kind string) map[string]string {
	return map[string]string{AttrMode: "PAYMENT", AttrPays: kind}
}

// class is a content class of the appliance scheme with who investigates it, by complexity (R99).
func class(team, complexTeam string) map[string]string {
	return map[string]string{"scheme": "appliance", AttrTeam: team, AttrComplex: complexTeam}
}

func mode(name string) map[string]string { return map[string]string{AttrMode: name} }

// shipped are the tables of api.md "Codes".
var shipped = []axis{
	{Channel, []seed{ // R19-R28
		{"HOTLINE", "服务热线", "hotline", nil},
		{"ONLINE_CHAT", "在线客服", "online chat", nil},
		{"EMAIL", "电子邮件", "e-mail", nil},
		{"WECHAT_OA", "微信公众号", "WeChat official account", nil},
		{"MINI_PROGRAM", "小程序", "mini-program", nil},
		{"STORE", "门店", "store", nil},
		{"KIOSK", "自助终端", "kiosk", nil},
		{"WEB_FORM", "网站表单", "web form", nil},
		{"APP", "应用程序", "app", nil},
		{"SOCIAL_MEDIA", "社交媒体", "social media", nil},
		{"PARTNER_PLATFORM", "合作平台", "partner platform", nil},
		{"REGULATOR_12315", "12315平台", "12315 platform", nil},
		{"GOV_HOTLINE_12345", "12345热线", "12345 hotline", nil},
		{"CONSUMER_ASSOCIATION", "消费者协会", "consumers' association", nil},
		{"LETTER", "来信", "letter", nil},
		{"OUTBOUND_CALL", "外呼回访", "outbound call", nil},
		{"ENGINEER", "工程师上报", "engineer", nil},
		{"INTERNAL", "内部报告", "internal report", nil},
	}},
	{ContentClass, []seed{ // R57-R62, R64-R67, R92-R95
		{"REPAIR_QUALITY", "维修质量", "repair quality", as(class("after-sales", "quality"), "SERVICE_QUALITY")},
		{"PARTS", "配件问题", "parts", as(class("parts", "quality"), "EQUIPMENT")},
		{"ATTITUDE", "服务态度", "service attitude", as(class("customer-relations", "management"), "SERVICE_ATTITUDE")},
		{"PROCESS", "服务流程", "service process", counted("appliance", "SERVICE_QUALITY")},
		{"FEE", "费用争议", "fee dispute", as(class("after-sales", "management"), "SERVICE_QUALITY")},
		{"SAFETY", "人身与财产安全", "safety of persons and property", stops(as(class("management", "management"), "SERVICE_QUALITY"))},
		{"FRAUD", "欺诈", "fraud", stops(as(class("management", "management"), "SERVICE_ATTITUDE"))},
		{"OTHER", "其他", "other", scheme("appliance")},
		{"EQUIPMENT_FAULT", "设备故障", "equipment fault", counted("laboratory", "EQUIPMENT")},
		{"OPERATION", "操作问题", "operation", counted("laboratory", "EQUIPMENT")},
		{"SERVICE", "售后服务", "service", counted("laboratory", "SERVICE_QUALITY")},
		{"TECHNICAL_SUPPORT", "技术支持", "technical support", counted("laboratory", "SERVICE_QUALITY")},
		{"EQUIPMENT", "设备", "equipment", scheme("general")},
		{"SERVICE_ATTITUDE", "服务态度(通用)", "service attitude (general)", scheme("general")},
		{"SERVICE_QUALITY", "服务质量", "service quality", scheme("general")},
		{"INCIDENT", "突发事件", "sudden incident", scheme("general")},
	}},
	{Nature, []seed{ // R84-R90
		{"VALID", "有效投诉", "valid", nil},
		{"HELP", "求助型", "help-seeking", map[string]string{AttrCommunicative: "true"}},
		{"ENQUIRY", "咨询型", "consulting", map[string]string{AttrCommunicative: "true"}},
		{"VENTING", "发泄型", "venting", map[string]string{AttrCommunicative: "true"}},
	}},
	{Validity, []seed{ // R84-R87
		{"AUTHORITY_VERIFIED", "主管部门查实", "verified by the authority", nil},
		{"HARM_FOUND", "查实造成损害", "harm found", nil},
		{"NOT_VALID", "不成立", "not valid", nil},
	}},
	{Urgency, []seed{ // R42, R80
		{"LOW", "低", "low", nil}, {"NORMAL", "一般", "normal", nil}, {"HIGH", "紧急", "high", nil}, {"CRITICAL", "特急", "critical", nil},
	}},
	{Severity, []seed{ // R79
		{"MINOR", "轻微", "minor", nil}, {"MODERATE", "一般", "moderate", nil}, {"MAJOR", "严重", "major", nil}, {"SEVERE", "重大", "severe", nil},
	}},
	{Scope, []seed{ // R79
		{"SINGLE", "单个用户", "one customer", nil}, {"SEVERAL", "多个用户", "several customers", nil},
		{"BATCH", "批次产品", "a batch", nil}, {"PUBLIC", "社会公众", "the public", nil},
	}},
	{ProblemNature, []seed{ // R77
		{"SOFTWARE", "软件故障", "software fault", nil}, {"HARDWARE", "硬件损坏", "hardware damage", nil},
		{"USAGE", "使用咨询", "usage", nil}, {"INSTALLATION", "安装调试", "installation and commissioning", nil},
	}},
	{Cause, []seed{ // R68-R73, R108
		{"HARDWARE", "硬件", "hardware", nil}, {"SOFTWARE", "软件", "software", nil}, {"OPERATION", "操作不当", "operation", nil},
		{"PART", "配件", "part", nil}, {"WEAR", "磨损老化", "wear", nil}, {"MAINTENANCE", "维护不足", "insufficient maintenance", nil},
		{"UNTRAINED", "操作人员未经培训", "untrained operator", nil}, {"MISUSE", "使用方法不当", "misuse", nil},
		{"LATE_RESPONSE", "响应不及时", "late response", nil}, {"UNPROFESSIONAL_REPAIR", "维修不专业", "unprofessional repair", nil},
		{"UNSOLVED", "问题未解决", "left unsolved", nil}, {"NO_SUPPORT", "未获有效支持", "no effective support", nil},
		{"UNSTABLE_SPEED", "转速不稳定", "unstable speed", map[string]string{"level": "symptom"}},
		{"NOISE", "噪音过大", "loud noise", map[string]string{"level": "symptom"}},
		{"TEMPERATURE_CONTROL", "温控失效", "temperature control failure", map[string]string{"level": "symptom"}},
		{"OTHER", "其他", "other", nil},
	}},
	{Liability, []seed{ // R118
		{"ENGINEER_MISTAKE", "维修人员失误", "engineer's mistake", nil}, {"DEFECTIVE_PART", "配件问题", "defective part", nil},
		{"COMMUNICATION", "沟通不畅", "poor communication", nil}, {"CUSTOMER_MISUSE", "客户使用不当", "customer misuse", nil},
		{"DESIGN", "设计", "design", nil}, {"PRODUCTION", "生产", "production", nil}, {"INSTALLATION", "安装", "installation", nil},
		{"LOGISTICS", "物流", "logistics", nil}, {"DEALER_PROMISE", "经销商承诺", "dealer's promise", nil},
		{"ENVIRONMENT", "环境", "environment", nil}, {"THIRD_PARTY", "第三方", "third party", nil},
		{"NO_FAULT_FOUND", "未发现故障", "no fault found", nil}, {"PROCESS", "流程", "process", nil},
	}},
	{Pattern, []seed{{"ISOLATED", "偶发事件", "isolated", nil}, {"COMMON", "普遍现象", "common", nil}}},                                  // R119
	{Origin, []seed{{"OPERATING_MISTAKE", "操作失误", "operating mistake", nil}, {"PROCESS_DEFECT", "流程缺陷", "process defect", nil}}}, // R120
	{SolutionKind, []seed{ // R123-R128
		{"REPAIR", "维修", "repair", visit("REPAIR")}, {"REPAIR_AGAIN", "重新维修", "repair again", visit("REPAIR")},
		{"REPLACE_PART", "更换配件", "replace the part", visit("REPAIR")}, {"SEND_PART", "寄送配件", "send a part", visit("SEND_PART")},
		{"TECHNICAL_SUPPORT", "技术支持", "technical support", visit("REMOTE")}, {"TRAINING", "使用培训", "training", mode("RECORD")},
		{"FEE_REDUCTION", "费用减免", "fee reduction", pays("FEE_WAIVER")}, {"COMPENSATION", "补偿", "compensation", pays("COMPENSATION")},
		{"VOUCHER", "服务券", "voucher", pays("COUPON")}, {"POINTS", "积分", "points", pays("POINTS")},
		{"EXCHANGE", "换货", "exchange", visit("EXCHANGE")}, {"RETURN_REFUND", "退货退款", "return and refund", visit("PICK_UP")},
		{"REFUND_DIFFERENCE", "退差价", "refund of the difference", pays("REFUND")}, {"REFUND", "退款", "refund", pays("REFUND")},
		{"LOAN_MACHINE", "借用机", "loan machine", visit("EXCHANGE")}, {"APOLOGY", "道歉", "apology", mode("NOTICE")},
		{"EXPLANATION", "解释说明", "explanation", mode("NOTICE")}, {"ESCALATE", "升级处理", "escalation", mode("RECORD")},
	}},
	{HazardKind, []seed{
		{"ELECTRIC_SHOCK", "触电", "electric shock", nil}, {"FIRE", "起火", "fire", nil}, {"SMOKE", "冒烟异味", "smoke or smell", nil},
		{"LEAKAGE", "燃气或制冷剂泄漏", "gas or refrigerant leakage", nil}, {"INJURY", "人身伤害", "injury", nil},
		{"EXPLOSION", "爆裂", "explosion", nil}, {"OTHER", "其他", "other", nil},
	}},
	{CoreProblem, []seed{ // R39
		{"RESULT_UNSATISFACTORY", "维修效果不满意", "result of the repair unsatisfactory", nil}, {"PART_QUALITY", "配件质量问题", "part quality", nil},
		{"FEE_TOO_HIGH", "维修费用过高", "fee too high", nil}, {"RUDE_CONDUCT", "服务态度差", "rude conduct", nil},
		{"REPEATED_FAILED_REPAIRS", "多次维修无效", "repeated failed repairs", nil}, {"LATE_SERVICE", "上门或维修不及时", "late service", nil},
		{"OTHER", "其他", "other", nil},
	}},
	{Motive, []seed{ // R98
		{"VENTING", "求发泄", "venting", nil}, {"RESPECT", "求尊重", "respect", nil},
		{"REDRESS_MATERIAL", "求补救(财产)", "material redress", nil}, {"REDRESS_MORAL", "求补救(精神)", "moral redress", nil},
	}},
}
