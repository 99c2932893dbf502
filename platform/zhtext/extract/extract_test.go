package extract

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	now       = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	catalogue = []Product{{Code: "P1", Model: "XQG100-B14", Aliases: []string{"云洗100"}, ZH: "洗衣机", EN: "Washer"}, {Code: "P2", Model: "K2"}}
)

func newExtractor(t testing.TB) *Extractor {
	t.Helper()
	x, err := New(Options{Catalogue: catalogue})
	require.NoError(t, err)
	return x
}

// has tells whether a finding of the kind with the code and value is there; empty code or value means any.
func has(all []Finding, kind Kind, code, value string) bool {
	for _, f := range all {
		if f.Kind == kind && (code == "" || f.Code == code) && (value == "" || f.Value == value) {
			return true
		}
	}
	return false
}

// R228, R230
func TestFindings(t *testing.T) {
	t.Parallel()
	x := newExtractor(t)
	for _, c := range []struct {
		text        string
		kind        Kind
		code, value string
	}{
		{"洗衣机报E2", ErrorCode, "E2", "E2"},
		{"屏幕显示故障代码 F-03", ErrorCode, "F03", "F03"},
		{"一直跳ER21停机", ErrorCode, "ER21", ""},
		{"型号xqg100b14的", Model, "P1", "XQG100-B14"},
		{"云洗100漏水", Model, "P1", "XQG100-B14"},
		{"买的KFR-35GW空调", Model, "", "KFR-35GW"},
		{"冰箱不制冷", ProductOf, "REFRIGERATOR", ""},
		{"離心機轉速不穩", Fault, "SPEED_UNSTABLE", ""},
		{"温控失效", Fault, "TEMPERATURE", ""},
		{"压缩机异响", Part, "COMPRESSOR", ""},
		{"收了300块", Money, "CNY", "30000"},
		{"多收￥1,250.50元", Money, "CNY", "125050"},
		{"花了三百五十元", Money, "CNY", "35000"},
		{"要赔1.2万元", Money, "CNY", "1200000"},
		{"两千三百块钱", Money, "CNY", "230000"},
		{"三万五块", Money, "CNY", "3500000"},
		{"昨天坏的", Date, "DAY", "2026-11-21"},
		{"3天前报修", Date, "DAY", "2026-11-19"},
		{"两周前修过", Date, "DAY", "2026-11-08"},
		{"2026年3月1日购买", Date, "DAY", "2026-03-01"},
		{"2026-03-01购买", Date, "DAY", "2026-03-01"},
		{"12月5号买的", Date, "DAY", "2025-12-05"},
		{"住在上海市浦东新区", Place, "310115", ""},
		{"杭州西湖区的用户", Place, "330106", ""},
		{"广东用户", Place, "440000", ""},
		{"要求退款", Demand, "RETURN_REFUND", ""},
		{"给我换一台新的", Demand, "EXCHANGE", ""},
		{"请派人上门", Demand, "VISIT", ""},
		{"必须赔偿损失", Demand, "COMPENSATION", ""},
		{"向我道歉", Demand, "APOLOGY", ""},
		{"补开发票", Demand, "INVOICE", ""},
		{"给个说法", Demand, "EXPLANATION", ""},
		{"插座冒烟", Urgency, SafetyHazard, "FIRE"},
		{"再不处理我就打12315", Urgency, LegalThreat, ""},
		{"家里有孕妇", Urgency, VulnerablePerson, ""},
		{"生产线停了一天", Urgency, ProductionStopped, ""},
		{"第三次坏了", Urgency, RepeatedFailure, ""},
	} {
		got := x.Extract(c.text, now)
		require.True(t, has(got, c.kind, c.code, c.value), "%s: no %s %s %s in %+v", c.text, c.kind, c.code, c.value, got)
	}
}

// What must not be found: idioms, negations, other meanings.
func TestNoFindings(t *testing.T) {
	t.Parallel()
	x := newExtractor(t)
	for _, c := range []struct {
		text string
		kind Kind
		code string
	}{
		{"差到爆炸", Urgency, ""}, {"没爆炸", Urgency, ""}, {"没有漏电", Urgency, ""}, {"会不会漏电", Urgency, ""},
		{"听说爆炸过", Urgency, ""}, {"第三次购买", Urgency, ""}, {"不漏水了", Fault, ""}, {"没有异响", Fault, ""},
		{"不要退款", Demand, "RETURN_REFUND"}, {"不需要赔偿", Demand, "COMPENSATION"}, {"上门费太贵", Demand, "VISIT"},
		{"一块玻璃碎了", Money, ""}, {"等了3天", Money, ""}, {"E2是什么型号的电池", ErrorCode, ""}, {"买了K2000", Model, "P2"},
		{"朝阳区", Place, ""}, {"2026年13月45日", Date, ""}, {"大连接头", Place, ""},
	} {
		require.False(t, has(x.Extract(c.text, now), c.kind, c.code, ""), "%s: %+v", c.text, x.Extract(c.text, now))
	}
}

// "没想到" and "没用几天" begin like a negation and are none.
func TestFalseNegations(t *testing.T) {
	t.Parallel()
	x := newExtractor(t)
	for _, s := range []string{"没想到爆炸了", "没用几天就冒烟", "不小心触电了", "没多久就起火了"} {
		require.NotEmpty(t, x.Hazards(s), s)
	}
}

func TestDictionariesMayBeReplaced(t *testing.T) {
	t.Parallel()
	own := fstest.MapFS{"faults.yaml": {Data: []byte("kind: FAULT\nentries:\n  - {code: WOBBLE, zh: 摇头, en: Wobbles, words: 摇头晃脑}\n")}}
	x, err := New(Options{Dictionaries: own})
	require.NoError(t, err)
	require.True(t, has(x.Extract("它摇头晃脑", now), Fault, "WOBBLE", ""))
	require.False(t, has(x.Extract("漏水", now), Fault, "", ""))
	_, err = New(Options{Dictionaries: fstest.MapFS{"parts.yaml": {Data: []byte("kind: PART\nentries:\n  - {code: X, words: a}\n")}}})
	require.ErrorContains(t, err, "zh and en")
	_, err = New(Options{Dictionaries: fstest.MapFS{"parts.yaml": {Data: []byte("{")}}})
	require.Error(t, err)
}

// Issue 5: fuzzed with arbitrary bytes: no panic, offsets always valid.
func FuzzExtract(f *testing.F) {
	for _, s := range []string{"", "洗衣机报E2,第三次坏了,要求退款300块", "2026-03-0", "两千三", "插头…冒烟", "\xff\xe4\xb8插座冒烟\xf0", "9999999999999999999万元", "万万万亿元", "1.2.3.4万5块"} {
		f.Add(s)
	}
	x := newExtractor(f)
	f.Fuzz(func(t *testing.T, s string) {
		last := 0
		for _, g := range x.Extract(s, now) {
			if g.Span.Start < last || g.Span.End <= g.Span.Start || g.Span.End > len(s) || s[g.Span.Start:g.Span.End] != g.Span.Text {
				t.Fatalf("bad span %+v in %q", g, s)
			}
			last = g.Span.Start
		}
	})
}
