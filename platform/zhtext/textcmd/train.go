package textcmd

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/aftersales-suite/aftersales/platform/zhtext"
	"github.com/aftersales-suite/aftersales/platform/zhtext/learn"
	"github.com/aftersales-suite/aftersales/platform/zhtext/linear"
	"github.com/aftersales-suite/aftersales/platform/zhtext/shipped"
)

// TrainCmd is `text train`.
type TrainCmd struct {
	Data string `required:"" help:"训练数据 TSV：标签、制表符、文本 / Training data: label, tab, text." type:"existingfile"`
	Task string `required:"" help:"任务，如 sentiment、contentClass / The task, such as sentiment or contentClass."`
	Out  string `required:"" help:"模型文件 / The model file to write." type:"path"`
	// The shipped model knows three kinds of reviews and general words; a small set of own texts gains from it.
	FromShipped bool `help:"在随产品发布的情感模型之上学习（样本少时）/ Learn on top of the shipped sentiment model."`
	streams     `kong:"-"`
}

type trained struct {
	Model      string             `json:"model"`
	Labels     []string           `json:"labels"`
	Texts      int                `json:"texts"`
	Duplicates int                `json:"duplicatesRemoved"`
	Neutral    int                `json:"neutralLeftOut,omitempty"`
	Figures    map[string]float64 `json:"figures"`
	Seconds    float64            `json:"seconds"`
	Bytes      int                `json:"bytes"`
}

// Run trains and writes the model, and answers what came out.
func (c *TrainCmd) Run() error {
	examples, err := readTSV(c.Data, c.Task)
	if err != nil {
		return err
	}
	begin := time.Now()
	result := trained{}
	if c.Task == string(zhtext.AxisSentiment) {
		examples, result.Neutral = withoutNeutral(examples)
	}
	examples, result.Duplicates = learn.WithoutDuplicates(examples)
	options := linear.Options{Task: c.Task, Day: begin.Format(time.DateOnly), Sources: []string{filepath.Base(c.Data)}}
	if c.FromShipped {
		if options.Prior, err = shipped.Sentiment(); err != nil {
			return err
		}
	}
	m, err := linear.Train(examples, options)
	if err != nil {
		return err
	}
	result.Seconds = time.Since(begin).Seconds()
	if result.Bytes, err = writeModel(c.Out, m); err != nil {
		return err
	}
	result.Model, result.Labels, result.Texts, result.Figures = m.Version, m.Labels, m.Texts, m.Figures
	return json.NewEncoder(c.flushed()).Encode(result)
}

// flushed gives the plain writer: one object needs no buffer.
func (s *streams) flushed() interface{ Write([]byte) (int, error) } {
	s.writer()
	return s.Out
}

// withoutNeutral leaves neutral texts out: the model learns the two ends, the middle is a band between them.
func withoutNeutral(all []linear.Example) (kept []linear.Example, neutral int) {
	for _, e := range all {
		if e.Label == zhtext.Neutral {
			neutral++
			continue
		}
		kept = append(kept, e)
	}
	return kept, neutral
}

// writeModel writes the file beside its place and moves it there: a reader never sees half a model.
func writeModel(path string, m *linear.Model) (int, error) {
	data, err := m.Encode()
	if err != nil {
		return 0, err
	}
	temporary := path + ".new"
	if err := os.WriteFile(temporary, data, 0o644); err != nil { //nolint:gosec // a model is no secret
		return 0, fmt.Errorf("model: %w", err)
	}
	if err := os.Rename(temporary, path); err != nil {
		return 0, fmt.Errorf("model: %w", err)
	}
	return len(data), nil
}

// ShipCmd is `text ship`: what `make train-text` runs.
type ShipCmd struct {
	Dir     string `default:"../shared/data/text" help:"pos.txt 与 neg.txt 所在目录 / Folder of pos.txt and neg.txt." type:"path"`
	Out     string `default:"platform/zhtext/shipped/sentiment.model" help:"模型文件 / The model file to write." type:"path"`
	Day     string `help:"模型版本中的日期 / Day in the model's version, YYYY-MM-DD."`
	streams `kong:"-"`
}

// Run makes the shipped model.
func (c *ShipCmd) Run() error {
	begin := time.Now()
	if c.Day == "" {
		c.Day = begin.Format(time.DateOnly)
	}
	m, err := shipped.Train(c.Dir, c.Day)
	if err != nil {
		return err
	}
	n, err := writeModel(c.Out, m)
	if err != nil {
		return err
	}
	result := trained{Model: m.Version, Labels: m.Labels, Texts: m.Texts, Figures: m.Figures, Seconds: time.Since(begin).Seconds(), Bytes: n}
	return json.NewEncoder(c.flushed()).Encode(result)
}
