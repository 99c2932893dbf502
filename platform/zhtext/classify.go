package zhtext

import (
	"fmt"
	"math"
	"slices"

	"github.com/aftersales-suite/aftersales/platform/zhtext/linear"
	"github.com/aftersales-suite/aftersales/platform/zhtext/rules"
)

// rulesVersion is what rule answers give as their model.
const rulesVersion = "rules-1"

// Axes are the axes the cold-start rules know.
var Axes = []Axis{AxisContentClass, AxisLabClass, AxisNature, AxisIntent, AxisProblem, AxisFeedback, AxisValidity}

// Classify gives a text its code on one axis. A trained model answers when it is sure enough, else the rules do; when
// they find nothing either, Label is empty and a person decides.
func (r *Reader) Classify(text string, axis Axis) Class {
	if axis == AxisSentiment {
		return r.sentimentClass(text)
	}
	if m := r.Model(axis); m != nil {
		if c, sure := r.byModel(m, text, axis); sure {
			return c
		}
	}
	if axis == AxisValidity {
		return r.validity(text)
	}
	return r.byRules(text, axis)
}

func (r *Reader) sentimentClass(text string) Class {
	s := r.Sentiment(text)
	return Class{Axis: AxisSentiment, Label: s.Label, Score: s.Score, Why: "情感模型", Spans: s.Spans, Source: s.Source, Model: s.Model}
}

func (r *Reader) byModel(m *linear.Model, text string, axis Axis) (Class, bool) {
	x := m.Extractor()
	defer m.Release(x)
	x.Read(text)
	result := m.Scored(x)
	p := result.Probabilities[result.Best]
	c := Class{Axis: axis, Label: m.Labels[result.Best], Score: p, Source: SourceModel, Model: m.Version,
		Why: fmt.Sprintf("模型：概率 %.0f%%", 100*p), Spans: evidence(m, x, result.Best)}
	for k, q := range result.Probabilities {
		if k != result.Best && q >= 0.15 {
			c.Others = append(c.Others, Alternative{m.Labels[k], q})
		}
	}
	slices.SortFunc(c.Others, func(a, b Alternative) int { return int(math.Copysign(1, b.Score-a.Score)) })
	return c, p >= r.threshold && len(x.Set) > 0
}

func evidence(m *linear.Model, x *linear.Extractor, best int) []Span {
	plane, sign := best, 1.0
	if m.Planes() == 1 {
		plane = 0
		if best == 0 {
			sign = -1
		}
	}
	runs, _ := m.Evidence(nil, nil, x, plane, sign)
	slices.SortFunc(runs, func(a, b linear.Run) int { return a.Start - b.Start })
	spans := []Span{}
	for _, run := range runs {
		spans = append(spans, x.Text.Span(run.Start, run.End))
	}
	return spans
}

func (r *Reader) byRules(text string, axis Axis) Class {
	codes := r.rules.Classify(text, string(axis))
	c := Class{Axis: axis, Source: SourceRule, Model: rulesVersion, Spans: []Span{}}
	if len(codes) == 0 {
		c.Why = "规则：没有可以依据的词句，请人工判断"
		return c
	}
	fill(&c, codes)
	return c
}

// fill takes over the best code, shared out among all that speak up, and the others as alternatives.
func fill(c *Class, codes []rules.Code) {
	best := codes[0]
	c.Label, c.ZH, c.EN, c.Why, c.Spans, c.Score = best.Code, best.ZH, best.EN, best.Why(), best.Spans, best.Score
	if len(codes) > 1 { // a close second makes the first less sure
		c.Score *= 1 - 0.5*codes[1].Score/best.Score
	}
	for _, o := range codes[1:] {
		c.Others = append(c.Others, Alternative{o.Code, o.Score})
	}
}

// The codes of AxisValidity.
const (
	Usable  = "USABLE"
	Invalid = "INVALID"
)

// validity tells whether feedback says anything: what is empty, repeats one sign or has hardly a Han character is
// removed from statistics (R226).
func (r *Reader) validity(text string) Class {
	c := Class{Axis: AxisValidity, Label: Usable, ZH: "有效", EN: "Usable", Score: 0.9, Source: SourceRule, Model: rulesVersion,
		Why: "规则：有可读的内容", Spans: []Span{}}
	if why := emptiness(text); why != "" {
		c.Label, c.ZH, c.EN, c.Why = Invalid, "无效", "Invalid", "规则："+why
	}
	return c
}
