package extract

import (
	"strings"

	"github.com/aftersales-suite/aftersales/platform/zhtext/dict"
	"github.com/aftersales-suite/aftersales/platform/zhtext/match"
	"github.com/aftersales-suite/aftersales/platform/zhtext/normalize"
)

// places recognises divisions of the mainland and tells their codes of six digits.
type places struct {
	codes [][]string // for every word the codes it may mean
	auto  *match.Automaton
}

// suffixes that people leave out of the names of provinces and cities.
var suffixes = []string{"维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区", "自治区", "省", "市"}

func newPlaces(divisions []dict.Division) *places {
	p := &places{}
	index := map[string]int{}
	var words []string
	add := func(name, code string) {
		i, ok := index[name]
		if !ok {
			i = len(words)
			index[name] = i
			words, p.codes = append(words, name), append(p.codes, nil)
		}
		p.codes[i] = append(p.codes[i], code)
	}
	for _, d := range divisions {
		code := (d.Code + "0000")[:6]
		add(d.Name, code)
		if len(d.Code) > 4 {
			continue
		}
		for _, s := range suffixes {
			if short, ok := strings.CutSuffix(d.Name, s); ok && len([]rune(short)) >= 2 {
				add(short, code)
				break
			}
		}
	}
	p.auto = match.New(words)
	return p
}

// notPlace are words that contain the short name of a place.
var notPlace = []string{"海南菜", "上海青", "北京烤鸭", "天津饭", "重庆小面", "海口味", "南京板鸭", "云南白药", "长沙发", "大连接", "中山装", "东方便", "包头纱"}

// find tells the places of t. A name that several divisions share means the one inside the place named just before;
// without such a place it is left out, since a wrong district is worse than none.
func (p *places) find(t *normalize.Text) []found {
	var all []found
	parent, last := "", -1
	for _, h := range match.Longest(p.auto.Append(nil, t.Runes)) {
		if h.Start-last > 6 {
			parent = ""
		}
		code := within(p.codes[h.Word], parent)
		if code == "" || partOfWord(t, h) {
			continue
		}
		if parent != "" && sameBranch(code, parent) && len(all) > 0 && all[len(all)-1].end >= h.Start-1 {
			all = all[:len(all)-1] // 上海市浦东新区 is one place, the finer one is told
		}
		parent, last = code, h.End
		f := Finding{Kind: Place, Code: code, Value: string(t.Runes[h.Start:h.End]), ZH: "地区", EN: "Place", Why: "行政区划名称"}
		all = append(all, found{f, h.Start, h.End})
	}
	return all
}

// within chooses the code inside the parent, or the only one.
func within(codes []string, parent string) string {
	if parent != "" {
		for _, c := range codes {
			if sameBranch(c, parent) {
				return c
			}
		}
	}
	first := codes[0]
	for _, c := range codes[1:] {
		if !sameBranch(c, first) {
			return ""
		}
	}
	return first
}

// sameBranch tells whether code lies in parent.
func sameBranch(code, parent string) bool {
	prefix := strings.TrimRight(parent, "0")
	if len(prefix)%2 == 1 {
		prefix += "0"
	}
	return strings.HasPrefix(code, prefix)
}

func partOfWord(t *normalize.Text, h match.Hit) bool {
	window := string(t.Runes[max(0, h.Start-2):min(len(t.Runes), h.End+2)])
	return containsAny(window, notPlace)
}
