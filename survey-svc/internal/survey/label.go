package survey

type label struct{ zh, en string }

func (l label) in(locale string) string {
	if IsEnglish(locale) {
		return l.en
	}
	return l.zh
}

// State labels have at most five Han characters: WeChat templates take no more.
var stateLabels = map[State]label{
	Scheduled:     {"待发送", "Scheduled"},
	Delivered:     {"已邀请", "Invited"},
	Undeliverable: {"未送达", "Not delivered"},
	Responded:     {"已评价", "Answered"},
	Expired:       {"已过期", "Expired"},
	Cancelled:     {"已取消", "Cancelled"},
	NotSampled:    {"未抽中", "Not sampled"},
}

var purposeLabels = map[Purpose]label{
	PurposeSurvey: {"满意度调查", "Satisfaction survey"},
	PurposeWeek:   {"一周回访", "One-week call-back"},
	PurposeMonth:  {"一月回访", "One-month call-back"},
}

var sentimentLabels = map[string]label{
	"SATISFIED":    {"满意", "Satisfied"},
	"DISSATISFIED": {"不满", "Dissatisfied"},
	"NEUTRAL":      {"中性", "Neutral"},
}

// Label is the state in a language.
func (s State) Label(locale string) string { return stateLabels[s].in(locale) }

// Label is the purpose in a language.
func (p Purpose) Label(locale string) string { return purposeLabels[p].in(locale) }

// SentimentLabel is a sentiment in a language (R229); empty for none.
func SentimentLabel(sentiment, locale string) string { return sentimentLabels[sentiment].in(locale) }

// ScaleLabels are the ends of a rating in words.
func ScaleLabels(locale string) (low, high string) {
	return label{"非常不满意", "very dissatisfied"}.in(locale), label{"非常满意", "very satisfied"}.in(locale)
}

// Label is what was found in a language, the code itself when it has no name.
func (f Finding) Label(locale string) string {
	if text := (label{f.ZH, f.EN}).in(locale); text != "" {
		return text
	}
	return f.Code
}
