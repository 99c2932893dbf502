package mail

import (
	"strings"

	"golang.org/x/net/html"
)

// hidden are elements whose text nobody reads.
var hidden = map[string]bool{"script": true, "style": true, "head": true, "title": true, "template": true, "noscript": true}

// breaking are elements that begin a new line.
var breaking = map[string]bool{
	"br": true, "p": true, "div": true, "tr": true, "li": true, "h1": true, "h2": true, "h3": true, "h4": true, "table": true, "ul": true, "ol": true, "blockquote": true,
}

// StripHTML keeps the text of a page: no elements, no scripts, no links to follow.
func StripHTML(page string) string {
	var out strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(page))
	skip := ""
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			return tidy(out.String())
		}
		name := ""
		if kind != html.TextToken {
			tag, _ := tokens.TagName()
			name = string(tag)
		}
		switch {
		case skip != "":
			if kind == html.EndTagToken && name == skip {
				skip = ""
			}
		case kind == html.StartTagToken && hidden[name]:
			skip = name
		case kind == html.TextToken:
			out.WriteString(strings.NewReplacer("\n", " ", "\r", " ").Replace(string(tokens.Text())))
		case breaking[name]:
			out.WriteByte('\n')
		case name == "td" || name == "th":
			out.WriteByte(' ')
		}
	}
}

// tidy drops empty lines.
func tidy(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}
