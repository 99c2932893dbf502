package knowledge

import (
	"strings"
	"unicode"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
)

const titleRunes = 30 // of the problem in a title

// FromCase is the first text of an article: the problem, its cause and what solved it, stripped (R214). orgs are those of the writer.
func FromCase(c *casefile.Case, orgs ...string) (Content, error) {
	own := false
	for _, o := range orgs {
		own = own || o == c.OwnerOrg
	}
	switch {
	case !own:
		return Content{}, ErrCaseForeign.New()
	case c.Confidentiality != casefile.Normal && c.Confidentiality != "":
		return Content{}, ErrCaseConfidential.New()
	case c.State != casefile.Resolved && c.State != casefile.Closed && c.State != casefile.Archived:
		return Content{}, ErrCaseOpen.New("state", string(c.State))
	}
	content := Content{ContentClass: c.ContentClass}
	if len(c.Items) > 0 {
		content.Brand, content.Model = c.Items[0].Brand, c.Items[0].Model
	}
	var cause string
	if found := conclusion(c); found != nil {
		content.Fault, cause = found.Cause, found.Findings
	}
	text := Text{Problem: paragraphs(c.Problem, cause), Solution: paragraphs(solutions(c)...)}
	to := &content.EN
	if strings.ContainsFunc(text.Problem, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		to = &content.ZH
	}
	*to = text
	content = NewStripper(c).Content(content)
	to.Title = title(content, to.Problem) // behind the stripping: half of a number is no number to it
	return content, nil
}

// conclusion is the latest one.
func conclusion(c *casefile.Case) (found *casefile.Conclusion) {
	for i := range c.Rounds {
		if v := c.Rounds[i].Investigation; v != nil && v.Conclusion != nil {
			found = v.Conclusion
		}
	}
	return found
}

// solutions are what was agreed, or said at once, and what the summary adds.
func solutions(c *casefile.Case) (texts []string) {
	for i := range c.Solutions {
		if c.Solutions[i].Consent != nil {
			texts = append(texts, c.Solutions[i].Explanation)
		}
	}
	for i := range c.Rounds {
		if r := c.Rounds[i].Resolution; r != nil {
			texts = append(texts, r.Explanation)
		}
		if s := c.Rounds[i].Summary; s != nil {
			texts = append(texts, s.RootCause, s.Measures)
		}
	}
	return texts
}

func title(c Content, problem string) string {
	line, _, _ := strings.Cut(problem, "\n")
	runes := []rune(strings.TrimSpace(line))
	return strings.TrimSpace(strings.TrimSpace(c.Brand+" "+c.Model) + " " + string(runes[:min(len(runes), titleRunes)]))
}

func paragraphs(texts ...string) string {
	var kept []string
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" {
			kept = append(kept, t)
		}
	}
	return strings.Join(kept, "\n")
}
