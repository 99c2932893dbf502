package zhtext

import (
	"github.com/aftersales-suite/aftersales/platform/zhtext/extract"
	"github.com/aftersales-suite/aftersales/platform/zhtext/normalize"
)

// Span is a stretch of the original text; see normalize.Span.
type Span = normalize.Span

// Finding is one thing found in a text; see extract.Finding.
type Finding = extract.Finding

// Product is a row of the product catalogue whose model the extraction recognises; see extract.Product.
type Product = extract.Product

// Source tells who gave an answer.
type Source string

// The four sources of an answer, from the cheapest to the surest.
const (
	SourceRule     Source = "rule"
	SourceModel    Source = "model"
	SourceEndpoint Source = "endpoint"
	SourcePerson   Source = "person"
)

// The three values of the sentiment axis (R229).
const (
	Satisfied    = "satisfied"
	Dissatisfied = "dissatisfied"
	Neutral      = "neutral"
)

// Axis is one independent classification of a text. The codes of an axis are those of the code tables.
type Axis string

// The axes the cold-start rules know. A trained model may serve any other.
const (
	AxisContentClass Axis = "contentClass"     // appliance scheme (R57-R62)
	AxisLabClass     Axis = "labClass"         // laboratory scheme (R64-R67)
	AxisNature       Axis = "nature"           // VALID HELP ENQUIRY VENTING
	AxisFeedback     Axis = "feedbackCategory" // PRODUCT_QUALITY SERVICE_ATTITUDE RESPONSE_SPEED … (R220)
	AxisProblem      Axis = "problemNature"    // SOFTWARE HARDWARE USAGE INSTALLATION (R77)
	AxisIntent       Axis = "intent"           // COMPLAINT SERVICE_REQUEST ENQUIRY FEEDBACK PRAISE
	AxisValidity     Axis = "validity"         // USABLE or INVALID feedback (R226)
	AxisSentiment    Axis = "sentiment"
)

// Sentiment is how a text is meant.
type Sentiment struct {
	Label    string  `json:"label"`    // satisfied, dissatisfied or neutral
	Score    float64 `json:"score"`    // calibrated confidence in Label, 0..1
	Polarity float64 `json:"polarity"` // -1 entirely negative … 1 entirely positive
	Spans    []Span  `json:"spans"`    // the characters the label rests on, at most three, in text order
	Source   Source  `json:"source"`
	Model    string  `json:"model"` // name and version of what answered
}

// Class is one code of an axis given to a text.
type Class struct {
	Axis   Axis    `json:"axis"`
	Label  string  `json:"label"` // the code; empty when neither model nor rule is sure: a person decides
	ZH     string  `json:"zh,omitempty"`
	EN     string  `json:"en,omitempty"`
	Score  float64 `json:"score"` // 0..1
	Why    string  `json:"why"`   // one sentence in Chinese for the person who checks it
	Spans  []Span  `json:"spans"`
	Source Source  `json:"source"`
	Model  string  `json:"model"`
	// Others are the further codes that also apply, best first: the secondary classes of a case.
	Others []Alternative `json:"others,omitempty"`
}

// Alternative is a further code with its score.
type Alternative struct {
	Label string  `json:"label"`
	Score float64 `json:"score"`
}

// Hazard is a danger to life or property told by a text.
type Hazard = extract.Finding
