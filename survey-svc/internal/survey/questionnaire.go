package survey

import (
	_ "embed"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// Question is one thing a questionnaire asks.
type Question struct {
	Field    string   `yaml:"field"` // of the answer, e.g. "solved", "ratings.overall"
	Kind     string   `yaml:"kind"`  // YES_NO, RATING or TEXT
	Required bool     `yaml:"required"`
	Aliases  []string `yaml:"aliases"` // other names under which partners rate the same aspect
	ZH       string   `yaml:"zh"`
	EN       string   `yaml:"en"`
}

// Text is the question in a language.
func (q Question) Text(locale string) string {
	if IsEnglish(locale) {
		return q.EN
	}
	return q.ZH
}

// Questionnaire is what one purpose asks.
type Questionnaire []Question

const ratingPrefix = "ratings."

//go:embed questionnaires.yaml
var questionnairesYAML []byte

var questionnaires = mustParse(questionnairesYAML)

// questionnaireOf names the questionnaire of each purpose.
var questionnaireOf = map[Purpose]string{
	PurposeSurvey: "after-service",
	PurposeWeek:   "call-back-week",
	PurposeMonth:  "call-back-month",
}

// QuestionnaireOf is what a purpose asks.
func QuestionnaireOf(p Purpose) Questionnaire { return questionnaires[questionnaireOf[p]] }

// Dimension is one aspect that figures count (R220, R223).
type Dimension struct {
	Code  string
	label label
}

// Label is the aspect in a language.
func (d Dimension) Label(locale string) string { return d.label.in(locale) }

// dimensions are all rated aspects of all questionnaires, by code and by alias.
var dimensions = rated()

func rated() map[string]Dimension {
	all := map[string]Dimension{}
	for _, p := range Purposes {
		for _, q := range QuestionnaireOf(p) {
			code, ok := strings.CutPrefix(q.Field, ratingPrefix)
			if !ok {
				continue
			}
			for _, name := range append([]string{code}, q.Aliases...) {
				all[name] = Dimension{Code: code, label: label{q.ZH, q.EN}}
			}
		}
	}
	return all
}

// DimensionOf finds a rated aspect by code or alias; false for one that no questionnaire asks.
func DimensionOf(name string) (Dimension, bool) {
	d, ok := dimensions[name]
	return d, ok
}

// IsEnglish says whether texts are wanted in English; everything else reads Chinese.
func IsEnglish(locale string) bool {
	return len(locale) >= 2 && strings.EqualFold(locale[:2], "en")
}

// mustParse reads the embedded file; a mistake in it is found by the first test.
func mustParse(text []byte) map[string]Questionnaire {
	var all map[string]Questionnaire
	if err := yaml.Unmarshal(text, &all); err != nil {
		panic(fmt.Sprintf("survey: questionnaires.yaml: %v", err))
	}
	return all
}
