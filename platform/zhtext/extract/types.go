package extract

import "github.com/aftersales-suite/aftersales/platform/zhtext/normalize"

// Span is a stretch of the original text.
type Span = normalize.Span

// Kind tells what was found.
type Kind string

// The kinds of findings.
const (
	ErrorCode Kind = "ERROR_CODE"
	Model     Kind = "MODEL"
	ProductOf Kind = "PRODUCT" // the sort of product: washing machine, centrifuge …
	Part      Kind = "PART"
	Fault     Kind = "FAULT"
	Money     Kind = "MONEY"
	Date      Kind = "DATE"
	Place     Kind = "PLACE"
	Demand    Kind = "DEMAND"
	Urgency   Kind = "URGENCY"
)

// Codes of urgency findings.
const (
	SafetyHazard      = "SAFETY_HAZARD"
	LegalThreat       = "LEGAL_THREAT"
	VulnerablePerson  = "VULNERABLE_PERSON"
	ProductionStopped = "PRODUCTION_STOPPED"
	RepeatedFailure   = "REPEATED_FAILURE"
)

// Finding is one thing found in a text. Spans of findings of one kind never overlap.
type Finding struct {
	Kind Kind   `json:"kind"`
	Code string `json:"code"` // the dictionary's code; for places the division code
	// Value is the finding in a form to compute with: fen for money, YYYY-MM-DD for dates, the model's name, E2.
	Value string `json:"value,omitempty"`
	ZH    string `json:"zh,omitempty"`
	EN    string `json:"en,omitempty"`
	Span  Span   `json:"span"`
	Why   string `json:"why,omitempty"` // the rule, in Chinese, for the person who checks it
}

// Product is a row of the product catalogue.
type Product struct {
	Code    string   `json:"code" yaml:"code"`       // the catalogue's key
	Model   string   `json:"model" yaml:"model"`     // as printed on the plate: XQG100-B14
	Aliases []string `json:"aliases" yaml:"aliases"` // what customers call it
	ZH      string   `json:"zh" yaml:"zh"`
	EN      string   `json:"en" yaml:"en"`
}
