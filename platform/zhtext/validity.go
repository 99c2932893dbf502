package zhtext

import (
	"strings"
	"unicode"

	"github.com/aftersales-suite/aftersales/platform/zhtext/normalize"
)

// emptiness tells in Chinese why a text says nothing, or "".
func emptiness(text string) string {
	t := normalize.New(text, normalize.Rules{DropSpace: true})
	letters, han := 0, 0
	distinct := map[rune]bool{}
	for _, r := range t.Runes {
		if unicode.IsLetter(r) {
			letters++
			distinct[r] = true
		}
		if unicode.Is(unicode.Han, r) {
			han++
		}
	}
	switch {
	case letters == 0:
		return "没有文字"
	case letters >= 5 && len(distinct) <= 2:
		return "只是重复的字"
	case han == 0 && !hasWord(t.Runes):
		return "不是可读的词句"
	case han > 0 && han < 2 && letters < 3:
		return "内容过短"
	case advertises(t.String()):
		return "疑似广告"
	}
	return ""
}

// hasWord tells whether Latin text looks like words: it has vowels and no run of seven consonants.
func hasWord(runes []rune) bool {
	vowels, row := 0, 0
	for _, r := range runes {
		if r < 'a' || r > 'z' {
			row = 0
			continue
		}
		switch r {
		case 'a', 'e', 'i', 'o', 'u', 'y':
			vowels, row = vowels+1, 0
		default:
			if row++; row >= 7 {
				return false
			}
		}
	}
	return vowels >= 2
}

// adverts are what unasked advertising in feedback forms says; two of them make a text one.
var adverts = []string{"加微信", "加v", "加qq", "兼职", "刷单", "日结", "代开发票", "贷款", "棋牌", "彩票", "点击链接", "http", "www.", "优惠券群", "免费领取", "加群", "扫码领", "代写", "色情", "赌"}

func advertises(text string) bool {
	n := 0
	for _, a := range adverts {
		if strings.Contains(text, a) {
			n++
		}
	}
	return n >= 2
}
