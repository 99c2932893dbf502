package grpcx

import (
	"errors"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// maxViolations are told; who breaks more rules will ask again.
const maxViolations = 20

// checkMessage checks what comes in.
func (ch *chain) checkMessage(m proto.Message) error { return explainBroken(ch.Validator.Validate(m)) }

// Validate checks a message as the chain checks requests, for those that come another way, such as the rows of a file: FIELD_INVALID
// with each broken rule under its path, in both languages.
func Validate(m proto.Message) error { return explainBroken(protovalidate.Validate(m)) }

func explainBroken(err error) error {
	if err == nil {
		return nil
	}
	var invalid *protovalidate.ValidationError
	if !errors.As(err, &invalid) {
		return apierr.ErrInternal.Wrap(err) // a rule that cannot be run is our fault
	}
	e := apierr.ErrInvalid.New()
	for i, v := range invalid.Violations {
		if i == maxViolations {
			break
		}
		e = e.WithField(protovalidate.FieldPathString(v.Proto.GetField()), ruleZH(v.Proto), ruleEN(v.Proto))
	}
	return e
}

func ruleEN(v *validate.Violation) string {
	if _, en, ok := strings.Cut(v.GetMessage(), " | "); ok {
		return en
	}
	if m := v.GetMessage(); m != "" {
		return m
	}
	return "breaks the rule " + v.GetRuleId()
}

// rulesZH are the texts of the standard rules in Chinese, by the end of the
// rule's id ("string.min_len" and "repeated.min_items" differ in it).
var rulesZH = []struct{ suffix, text string }{
	{"required", "必填"}, {".len", "长度不符"}, {".min_len", "长度不足"}, {".max_len", "长度超出上限"},
	{".min_bytes", "长度不足"}, {".max_bytes", "长度超出上限"}, {".pattern", "格式不符"}, {".prefix", "开头不符"},
	{".in", "不在允许的取值范围内"}, {".not_in", "为不允许的取值"}, {".const", "取值不符"},
	{".email", "不是有效的邮箱地址"}, {".uuid", "不是有效的 UUID"}, {".uri", "不是有效的网址"}, {".hostname", "不是有效的主机名"},
	{".ip", "不是有效的 IP 地址"}, {".defined_only", "不是已定义的取值"},
	{".min_items", "数量不足"}, {".max_items", "数量超出上限"}, {".unique", "存在重复项"},
	{".min_pairs", "数量不足"}, {".max_pairs", "数量超出上限"}, {".finite", "必须是有限数值"},
	{".gt", "数值过小"}, {".gte", "数值过小"}, {".lt", "数值过大"}, {".lte", "数值过大"},
	{".gte_lte", "超出允许范围"}, {".gt_lt", "超出允许范围"}, {".gte_lt", "超出允许范围"}, {".gt_lte", "超出允许范围"},
	{".lt_now", "必须早于当前时间"}, {".gt_now", "必须晚于当前时间"}, {".within", "不在允许的时间范围内"},
}

// ruleZH gives the Chinese text of a rule; a rule of our own has its text in both
// languages, separated by " | ", Chinese first.
func ruleZH(v *validate.Violation) string {
	if zh, _, ok := strings.Cut(v.GetMessage(), " | "); ok {
		return zh
	}
	for _, r := range rulesZH {
		if strings.HasSuffix(v.GetRuleId(), r.suffix) {
			return r.text
		}
	}
	return "不符合规则 " + v.GetRuleId()
}
