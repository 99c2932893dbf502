package extract

import (
	"strings"

	"github.com/aftersales-suite/aftersales/platform/zhtext/match"
	"github.com/aftersales-suite/aftersales/platform/zhtext/normalize"
)

// models recognises product models: those of the catalogue by name, others by their looks.
type models struct {
	products []Product
	owners   []int
	auto     *match.Automaton
}

func newModels(catalogue []Product) *models {
	m := &models{products: catalogue}
	var words []string
	for i, p := range catalogue {
		for _, name := range append([]string{p.Model}, p.Aliases...) {
			if key := squeeze([]rune(normal(name)), nil); len(key) >= 2 {
				words, m.owners = append(words, string(key)), append(m.owners, i)
			}
		}
	}
	m.auto = match.New(words)
	return m
}

// squeeze leaves out spaces and hyphens: customers write XQG100B14 for XQG100-B14. at gets the place of every rune kept.
func squeeze(runes []rune, at *[]int) []rune {
	var out []rune
	for i, r := range runes {
		if r == ' ' || r == '-' || r == '_' {
			continue
		}
		out = append(out, r)
		if at != nil {
			*at = append(*at, i)
		}
	}
	return out
}

func (m *models) find(t *normalize.Text) []found {
	var all []found
	var at []int
	squeezed := squeeze(t.Runes, &at)
	for _, h := range match.Longest(m.auto.Append(nil, squeezed)) {
		p := m.products[m.owners[h.Word]]
		start, end := at[h.Start], at[h.End-1]+1
		if glued(t, start, end) {
			continue
		}
		f := Finding{Kind: Model, Code: p.Code, Value: p.Model, ZH: p.ZH, EN: p.EN, Why: "产品目录中的型号"}
		all = append(all, found{f, start, end})
	}
	return append(all, shaped(t)...)
}

// glued tells whether letters or digits continue the name on either side, so that it is another name.
func glued(t *normalize.Text, start, end int) bool {
	return alnum(t.At(start)) && alnum(t.At(start-1)) || alnum(t.At(end-1)) && alnum(t.At(end))
}

func alnum(r rune) bool { return isLetter(r) || isDigit(r) }

// shaped finds what looks like a model though the catalogue lacks it: at least five letters and digits, both, a letter
// first, two digits in a row: KFR-35GW, XQG100-B14.
func shaped(t *normalize.Text) []found {
	var all []found
	for i := 0; i < len(t.Runes); i++ {
		if !isLetter(t.At(i)) || alnum(t.At(i-1)) {
			continue
		}
		j := i
		letters, digits, row, best := 0, 0, 0, 0
		for ; alnum(t.At(j)) || (t.At(j) == '-' || t.At(j) == '/') && alnum(t.At(j+1)); j++ {
			if isDigit(t.At(j)) {
				digits, row = digits+1, row+1
			} else {
				row = 0
				if isLetter(t.At(j)) {
					letters++
				}
			}
			best = max(best, row)
		}
		if letters >= 2 && digits >= 2 && best >= 2 && letters+digits >= 5 && j-i <= 24 && t.At(j) != '@' && t.At(j) != '.' {
			name := strings.ToUpper(string(t.Runes[i:j]))
			f := Finding{Kind: Model, Value: name, ZH: "型号", EN: "Model", Why: "形似型号，产品目录中没有"}
			all = append(all, found{f, i, j})
		}
		i = max(i, j-1)
	}
	return all
}
