package textcmd

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aftersales-suite/aftersales/platform/zhtext"
	"github.com/aftersales-suite/aftersales/platform/zhtext/linear"
)

// EvalCmd is `text eval`.
type EvalCmd struct {
	Data    string `required:"" help:"评测数据 TSV：标签、制表符、文本 / Labelled texts: label, tab, text." type:"existingfile"`
	Task    string `required:"" help:"任务，如 sentiment、contentClass / The task, such as sentiment or contentClass."`
	Model   string `help:"模型文件；缺省为随产品发布的模型或规则 / Model file; by default the shipped model or the rules." type:"existingfile"`
	TwoWay  bool   `help:"情感只答两类；数据中没有中性时自动如此 / Never answer neutral; so by itself when the data has none."`
	streams `kong:"-"`
}

type evaluated struct {
	Task  string `json:"task"`
	Model string `json:"model"`
	linear.Report
}

// Run answers the figures as one JSON object.
func (c *EvalCmd) Run() error {
	examples, err := readTSV(c.Data, c.Task)
	if err != nil {
		return err
	}
	if len(examples) == 0 {
		return fmt.Errorf("data %s: no texts", c.Data)
	}
	r, err := newReader(c.Model, zhtext.Axis(c.Task), zhtext.Options{})
	if err != nil {
		return err
	}
	answer, name := c.answerer(r, examples)
	answers := make([]linear.Answer, len(examples))
	for i, e := range examples {
		answers[i].Truth = e.Label
		answers[i].Label, answers[i].Score = answer(e.Text)
	}
	enc := json.NewEncoder(c.flushed())
	enc.SetEscapeHTML(false)
	return enc.Encode(evaluated{Task: c.Task, Model: name, Report: linear.Measure(answers)})
}

// answerer chooses who answers: the sentiment of the reader, the model itself, or the rules.
func (c *EvalCmd) answerer(r *zhtext.Reader, examples []linear.Example) (answer func(string) (string, float64), name string) {
	axis := zhtext.Axis(c.Task)
	m := r.Model(axis)
	switch {
	case axis == zhtext.AxisSentiment:
		two := c.TwoWay || !slices.ContainsFunc(examples, func(e linear.Example) bool { return e.Label == zhtext.Neutral })
		var s zhtext.Sentiment
		return func(text string) (string, float64) {
			if two {
				r.SentimentTwoWayInto(&s, text)
			} else {
				r.SentimentInto(&s, text)
			}
			return s.Label, s.Score
		}, m.Version
	case m != nil:
		return func(text string) (string, float64) {
			result := m.Classify(text)
			return m.Labels[result.Best], result.Probabilities[result.Best]
		}, m.Version
	}
	return func(text string) (string, float64) {
		class := r.Classify(text, axis)
		return class.Label, class.Score
	}, "rules"
}
