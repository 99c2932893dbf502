package survey

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// Overall is the dimension that every questionnaire has.
const Overall = "overall"

// satisfiedFrom is the overall rating from which a customer who did not say so counts as satisfied (api.md section 4).
const satisfiedFrom = 4

// Answer is what a customer said, whoever wrote it down.
type Answer struct {
	Solved           bool           `json:"solved"`
	Satisfied        *bool          `json:"satisfied"` // nil: derived from the overall rating
	MoreHelp         bool           `json:"moreHelp"`
	NormalUse        *bool          `json:"normalUse"` // nil: not asked (R174)
	Ratings          map[string]int `json:"ratings"`   // 1 (worst) to 5 (best)
	NewClaim         string         `json:"newClaim"`
	Comment          string         `json:"comment"`
	FurtherQuestions string         `json:"furtherQuestions"`
}

// Trimmed returns the answer without white space around its texts.
func (a Answer) Trimmed() Answer {
	a.NewClaim = strings.TrimSpace(a.NewClaim)
	a.Comment = strings.TrimSpace(a.Comment)
	a.FurtherQuestions = strings.TrimSpace(a.FurtherQuestions)
	return a
}

// IsSatisfied is what the customer said, else overall >= 4 (R170).
func (a Answer) IsSatisfied() bool {
	if a.Satisfied != nil {
		return *a.Satisfied
	}
	return a.Ratings[Overall] >= satisfiedFrom
}

// Digest tells two contents apart; equal answers have equal digests.
func (a Answer) Digest() string {
	if len(a.Ratings) == 0 {
		a.Ratings = nil
	}
	text, err := json.Marshal(a) // maps are written in the order of their keys
	if err != nil {
		panic(err) // no field of an Answer can fail
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Texts are the customer's own words, joined for reading.
func (a Answer) Texts() string {
	parts := slices.DeleteFunc([]string{a.Comment, a.NewClaim, a.FurtherQuestions}, func(s string) bool { return s == "" })
	return strings.Join(parts, "\n")
}

// check holds the answer against what was asked. Aspects beyond the questionnaire are welcome.
func (a Answer) check() error {
	for _, dimension := range slices.Sorted(maps.Keys(a.Ratings)) {
		if v := a.Ratings[dimension]; v < 1 || v > 5 {
			return apierr.Invalid("ratings."+dimension, "评分为 1 到 5", "a rating is 1 to 5")
		}
	}
	if a.Satisfied == nil && a.Ratings[Overall] == 0 {
		return apierr.Invalid("ratings.overall", "请填写总体评分，或说明是否满意", "give an overall rating, or say whether you are satisfied")
	}
	return nil
}
