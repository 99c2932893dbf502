package knowledge

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/zhtext/mask"
	"github.com/aftersales-suite/aftersales/platform/zhtext/normalize"
)

// Kinds of what a case knows, beside those of mask.
const (
	kindNumber = "NUMBER" // case, order, serial and document numbers
	hidden     = "***"
)

// Stripper takes personal data out of texts: what the case of an article knows of its persons, however it is written, then whatever
// mask finds. It errs towards taking out.
type Stripper struct{ known []known }

type known struct {
	kind string
	re   *regexp.Regexp // over the folded text
}

// NewStripper knows the persons of a case; with nil only what mask finds.
func NewStripper(c *casefile.Case) *Stripper {
	s := &Stripper{}
	if c == nil {
		return s
	}
	for i := range c.Personal.Parties {
		s.person(&c.Personal.Parties[i])
	}
	for _, w := range c.Personal.Consents {
		s.name(w.Person)
	}
	if c.Visit != nil {
		s.name(c.Visit.Name)
	}
	s.number(c.Number)
	for _, r := range c.ExternalRefs {
		for _, n := range []string{r.ShopID, r.OrderID, r.SubOrderID, r.AfterSaleID, r.DisputeID} {
			s.number(n)
		}
	}
	for _, i := range c.Items {
		s.number(i.Serial)
		s.number(i.ProofNumber)
	}
	if p := c.PriorService; p != nil {
		s.number(p.EngineerNumber)
	}
	slices.SortStableFunc(s.known, func(a, b known) int { return cmp.Compare(len(b.re.String()), len(a.re.String())) }) // the whole before its parts
	return s
}

func (s *Stripper) person(p *casefile.Party) {
	s.name(p.DisplayName)
	s.add(string(mask.Mail), regexp.QuoteMeta(folded(p.Email)))
	s.phone(p.Phone)
	line := folded(p.AddressLine)
	s.add(string(mask.Address), loose(line))
	if street := strings.TrimRightFunc(head(line), unicode.IsSpace); utf8.RuneCountInString(street) >= 3 {
		s.add(string(mask.Address), loose(street))
	}
}

// head is an address up to its first number.
func head(line string) string {
	if i := strings.IndexFunc(line, unicode.IsDigit); i >= 0 {
		return line[:i]
	}
	return line
}

func folded(text string) string { return strings.TrimSpace(normalize.Word(text, normalize.Rules{})) }

// name knows a name, a Chinese given name alone, and each word of a Latin name.
func (s *Stripper) name(name string) {
	name = folded(name)
	runes := []rune(name)
	if len(runes) < 2 {
		return
	}
	s.add(string(mask.Name), loose(name))
	if unicode.Is(unicode.Han, runes[0]) {
		if given := runes[1:]; len(given) == 2 && len(runes) == 3 {
			s.add(string(mask.Name), loose(string(given)))
		}
		return
	}
	for _, word := range strings.Fields(name) {
		if utf8.RuneCountInString(word) >= 3 {
			s.add(string(mask.Name), `\b`+regexp.QuoteMeta(word)+`\b`)
		}
	}
}

// phone knows a number with any signs between its digits, with and without the country's.
func (s *Stripper) phone(phone string) {
	var digits []string
	for _, r := range folded(phone) {
		if r >= '0' && r <= '9' {
			digits = append(digits, string(r))
		}
	}
	if len(digits) == 13 && digits[0] == "8" && digits[1] == "6" {
		digits = digits[2:]
	}
	if len(digits) >= 7 {
		s.add(string(mask.Phone), strings.Join(digits, `[ ().-]*`))
	}
}

// number knows an identifier; shorter ones are words.
func (s *Stripper) number(id string) {
	if id = folded(id); utf8.RuneCountInString(id) >= 4 && strings.ContainsFunc(id, unicode.IsDigit) {
		s.add(kindNumber, loose(id))
	}
}

// loose matches a text with spaces or signs between its characters.
func loose(text string) string {
	var b strings.Builder
	for n, r := range []rune(strings.ReplaceAll(text, " ", "")) {
		if n > 0 {
			b.WriteString(`[ .-]?`)
		}
		b.WriteString(regexp.QuoteMeta(string(r)))
	}
	return b.String()
}

func (s *Stripper) add(kind, pattern string) {
	if pattern == "" {
		return
	}
	if re, err := regexp.Compile(pattern); err == nil {
		s.known = append(s.known, known{kind, re})
	}
}

// Content strips every text of a version and counts what it took out.
func (s *Stripper) Content(c Content) Content {
	removed := map[string]int{}
	text := func(t Text) Text {
		return Text{s.text(t.Title, removed), s.text(t.Problem, removed), s.text(t.Solution, removed)}.trim()
	}
	c.ZH, c.EN = text(c.ZH), text(c.EN)
	c.Brand, c.Model = s.text(c.Brand, removed), s.text(c.Model, removed)
	c.Keywords = slices.Clone(c.Keywords)
	for n, k := range c.Keywords {
		c.Keywords[n] = s.text(k, removed)
	}
	c.Removed = removed
	return c
}

// Text strips one text.
func (s *Stripper) Text(text string) string { return s.text(text, map[string]int{}) }

func (s *Stripper) text(text string, removed map[string]int) string {
	for _, k := range s.known {
		text = k.replace(text, removed)
	}
	for _, f := range mask.Find(text) {
		removed[string(f.Kind)]++
	}
	return mask.Text(text)
}

// replace looks in the folded text and replaces in the text itself.
func (k known) replace(text string, removed map[string]int) string {
	t := normalize.New(text, normalize.Rules{})
	form := t.String()
	var b strings.Builder
	at := 0
	for _, m := range k.re.FindAllStringIndex(form, -1) {
		if m[0] == m[1] {
			continue
		}
		from := utf8.RuneCountInString(form[:m[0]])
		span := t.Span(from, from+utf8.RuneCountInString(form[m[0]:m[1]]))
		b.WriteString(text[at:span.Start] + hidden)
		at = span.End
		removed[k.kind]++
	}
	return b.String() + text[at:]
}
