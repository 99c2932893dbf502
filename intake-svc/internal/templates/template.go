// Package templates holds what is said, sent, minded and ticked off in each step of a case (R32-R34, R104, R187, R233-R249):
// shipped as data, replaced by organisations, filled with variables.
package templates

import (
	"bytes"
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"gopkg.in/yaml.v3"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// ErrInvalid is a text that cannot be used; metadata: error.
var ErrInvalid = apierr.Define(codes.InvalidArgument, "TEMPLATE_INVALID", "模板无效:{error}", "the template is not valid: {error}")

// Kinds of texts.
const (
	Script    = "SCRIPT"
	Message   = "MESSAGE"
	Guidance  = "GUIDANCE"
	Checklist = "CHECKLIST"
)

// Steps that texts belong to.
var Steps = []string{"FIRST_CONTACT", "ACCEPTANCE", "INVESTIGATION", "PROPOSAL", "SERVICE", "PROGRESS", "RESOLUTION", "CLOSING"}

// Variables that texts may use.
var Variables = []string{
	"agent", "case_number", "customer", "expectation", "hours", "measure", "next_news_time", "organisation", "path", "phone", "problem", "product",
	"question", "reason", "resolve_time", "serial", "state",
}

// Template is one text in both languages.
type Template struct {
	Org   string   `yaml:"-"` // "" for a shipped one
	ID    string   `yaml:"id"`
	Kind  string   `yaml:"kind"`
	Steps []string `yaml:"steps"`
	Rows  []string `yaml:"rows"` // requirements that it carries
	Title struct {
		ZH string `yaml:"zh"`
		EN string `yaml:"en"`
	} `yaml:"title"`
	ZH      string    `yaml:"zh"`
	EN      string    `yaml:"en"`
	Version int64     `yaml:"-"`
	Updated time.Time `yaml:"-"`
}

// Name is "templates/<id>".
func (t *Template) Name() string { return "templates/" + t.ID }

//go:embed templates.yaml
var shipped []byte

// Shipped answers the texts that are shipped, in their order.
func Shipped(at time.Time) ([]Template, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(shipped))
	decoder.KnownFields(true)
	var all []Template
	if err := decoder.Decode(&all); err != nil {
		return nil, fmt.Errorf("templates: shipped: %w", err)
	}
	for i := range all {
		all[i].ZH, all[i].EN = strings.TrimSpace(all[i].ZH), strings.TrimSpace(all[i].EN)
		all[i].Version, all[i].Updated = 1, at
	}
	return all, nil
}

var variable = regexp.MustCompile(`\{[^{}]*\}`)

// Used are the variables of the text, sorted.
func (t *Template) Used() (names []string) {
	for _, mark := range variable.FindAllString(t.ZH+t.EN, -1) {
		if name := mark[1 : len(mark)-1]; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Check refuses empty texts, unknown variables and braces without a partner.
func (t *Template) Check() error {
	for _, name := range t.Used() {
		if !slices.Contains(Variables, name) {
			return ErrInvalid.New("error", "{"+name+"}: "+strings.Join(Variables, " "))
		}
	}
	for _, text := range []string{t.ZH, t.EN} {
		if strings.TrimSpace(text) == "" {
			return ErrInvalid.New("error", "text_zh, text_en")
		}
		if strings.ContainsAny(variable.ReplaceAllString(text, ""), "{}") {
			return ErrInvalid.New("error", "{ }")
		}
	}
	return nil
}

// Text is the text in a language.
func (t *Template) Text(english bool) string {
	if english {
		return t.EN
	}
	return t.ZH
}

// Render fills the variables in and names those that are not known. Values are taken as they are: braces in them are no
// variables.
func Render(text string, values map[string]string) (out string, unknown []string) {
	out = variable.ReplaceAllStringFunc(text, func(mark string) string {
		name := mark[1 : len(mark)-1]
		if value := values[name]; value != "" {
			return value
		}
		if !slices.Contains(unknown, name) {
			unknown = append(unknown, name)
		}
		return mark
	})
	return out, unknown
}

// StepOf is the step that belongs to the state of a case.
func StepOf(state string) string {
	switch state {
	case "RECEIVED":
		return "ACCEPTANCE"
	case "ACCEPTED", "UNDER_INVESTIGATION":
		return "INVESTIGATION"
	case "SOLUTION_PROPOSED":
		return "PROPOSAL"
	case "SOLUTION_AGREED", "IN_SERVICE":
		return "SERVICE"
	case "RESOLVED":
		return "RESOLUTION"
	}
	return "CLOSING"
}
