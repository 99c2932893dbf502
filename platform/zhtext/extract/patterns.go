package extract

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aftersales-suite/aftersales/platform/zhtext/normalize"
)

// currencies follow an amount.
var currencies = [][]rune{[]rune("元"), []rune("块钱"), []rune("块"), []rune("圆"), []rune("rmb"), []rune("人民币"), []rune("大洋")}

// amounts finds money; the value is in fen.
func amounts(t *normalize.Text) []found {
	var all []found
	for i := 0; i < len(t.Runes); i++ {
		start := i
		signed := t.Runes[i] == '¥' || t.Runes[i] == '$'
		if signed {
			i++
		}
		value, end := number(t.Runes, i)
		if end == i {
			i = start
			continue
		}
		unit := prefixLength(t.Runes[end:], currencies)
		if tens := t.At(end); unit == 0 && !signed || tens == '块' && piece(t, end) {
			i = end - 1
			continue
		}
		f := Finding{Kind: Money, Code: "CNY", Value: strconv.FormatInt(value, 10), ZH: "金额", EN: "Amount", Why: "金额：数字加货币单位"}
		all = append(all, found{f, start, end + unit})
		i = end + unit - 1
	}
	return all
}

// piece tells whether 块 at i is a measure word (一块玻璃), not money.
func piece(t *normalize.Text, i int) bool {
	return slices.Contains([]rune("玻璃板布肉蛋屏电表石糖地手饼面"), t.At(i+1))
}

func prefixLength(runes []rune, words [][]rune) int {
	for _, w := range words {
		if len(runes) >= len(w) && slices.Equal(runes[:len(w)], w) {
			return len(w)
		}
	}
	return 0
}

// codeWords stand before an error code or after it.
var codeWords = []string{"代码", "错误", "故障", "报", "显示", "提示", "报错", "报警", "跳", "出现", "code", "err", "error"}

// near is how many runes an error code may be away from the word that tells what it is.
const near = 6

// errorCodes finds codes such as E2, F03, E-05, ER21 beside a word that tells what they are.
func errorCodes(t *normalize.Text) []found {
	var all []found
	for i := 0; i < len(t.Runes); i++ {
		end := codeEnd(t, i)
		if end == i {
			continue
		}
		before := string(t.Runes[max(0, i-near):i])
		after := string(t.Runes[end:min(len(t.Runes), end+near)])
		if !containsAny(before, codeWords) && !containsAny(after, []string{"代码", "错误", "故障", "报警", "报错"}) {
			i = end - 1
			continue
		}
		value := strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(string(t.Runes[i:end])))
		f := Finding{Kind: ErrorCode, Code: value, Value: value, ZH: "故障代码", EN: "Error code", Why: "字母加数字，旁边有“代码、显示、报”等字"}
		all = append(all, found{f, i, end})
		i = end - 1
	}
	return all
}

// codeEnd is the end of one to three letters, an optional hyphen and one to four digits at i, standing free; else i.
func codeEnd(t *normalize.Text, i int) int {
	if isLetter(t.At(i-1)) || isDigit(t.At(i-1)) || t.At(i-1) == '-' {
		return i
	}
	j := i
	for isLetter(t.At(j)) {
		j++
	}
	letters := j - i
	if t.At(j) == '-' {
		j++
	}
	digits := j
	for isDigit(t.At(j)) {
		j++
	}
	if letters < 1 || letters > 3 || j == digits || j-digits > 4 || isLetter(t.At(j)) || t.At(j) == '-' {
		return i
	}
	return j
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' }

func containsAny(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}
