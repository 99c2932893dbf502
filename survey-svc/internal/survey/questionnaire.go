package survey

import (
	_ "embed"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// Question is one thing a questionnaire asks.
type Question struct {
	Field    string `yaml:"field"` // of the answer, e.g. "solved", "ratings.overall"
	Kind     string `yaml:"kind"`  // YES_NO, RATING or TEXT
	Required bool   `yaml:"required"`
	ZH       string `yaml:"zh"`
	EN       string `yaml:"en"`
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

// Dimensions are the rated aspects, in order (R220, R223).
func (q Questionnaire) Dimensions() []string {
	var all []string
	for _, question := range q {
		if d, ok := strings.CutPrefix(question.Field, ratingPrefix); ok {
			all = append(all, d)
		}
	}
	return all
}

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

// DimensionLabel is the name of a rated aspect in a language, the code itself when no questionnaire has it.
func DimensionLabel(code, locale string) string {
	for _, p := range Purposes {
		for _, q := range QuestionnaireOf(p) {
			if q.Field == ratingPrefix+code {
				return q.Text(locale)
			}
		}
	}
	return code
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
