package textcmd

import (
	"fmt"
	"os"

	"gopkg.in/yaml.v3"

	"github.com/aftersales-suite/aftersales/platform/zhtext"
)

// SentimentCmd is `text sentiment`.
type SentimentCmd struct {
	Model   string `help:"模型文件，缺省为随产品发布的模型 / Model file; the shipped one by default." type:"existingfile"`
	TwoWay  bool   `help:"只答满意或不满意 / Never answer neutral."`
	streams `kong:"-"`
}

// Run answers every line.
func (c *SentimentCmd) Run() error {
	r, err := newReader(c.Model, zhtext.AxisSentiment, zhtext.Options{})
	if err != nil {
		return err
	}
	var s zhtext.Sentiment
	s.Spans = make([]zhtext.Span, 0, 3)
	return c.eachLine(func(_ int, line string) any {
		if c.TwoWay {
			r.SentimentTwoWayInto(&s, line)
		} else {
			r.SentimentInto(&s, line)
		}
		return &s
	})
}

// ClassifyCmd is `text classify`.
type ClassifyCmd struct {
	Axis  []string `help:"维度，可重复；缺省为全部 / Axis, repeatable; all by default."`
	Model string   `help:"模型文件，用于它的维度 / Model file for the axis it was trained for." type:"existingfile"`
	words
	streams `kong:"-"`
}

// Run answers every line with an object that has one member per axis.
func (c *ClassifyCmd) Run() error {
	r, err := newReader(c.Model, "", c.options())
	if err != nil {
		return err
	}
	axes := zhtext.Axes
	if len(c.Axis) > 0 {
		axes = nil
		for _, a := range c.Axis {
			axes = append(axes, zhtext.Axis(a))
		}
	}
	return c.eachLine(func(_ int, line string) any {
		out := make(map[zhtext.Axis]zhtext.Class, len(axes))
		for _, a := range axes {
			out[a] = r.Classify(line, a)
		}
		return out
	})
}

// ExtractCmd is `text extract`.
type ExtractCmd struct {
	Mask      bool   `help:"同时给出遮蔽个人信息后的文本 / Add the text with personal data masked."`
	Catalogue string `help:"产品目录 YAML：code、model、aliases、zh、en / Product catalogue." type:"existingfile"`
	words
	streams `kong:"-"`
}

// words are the flags of commands that read dictionaries.
type words struct {
	Dictionaries string `help:"替换内置词典的目录 / Folder with dictionaries that replace the shipped ones." type:"existingdir"`
}

func (w words) options() (o zhtext.Options) {
	if w.Dictionaries != "" {
		o.Dictionaries = os.DirFS(w.Dictionaries)
	}
	return o
}

// readCatalogue reads a list of products.
func readCatalogue(path string) (all []zhtext.Product, err error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	if err := yaml.Unmarshal(data, &all); err != nil {
		return nil, fmt.Errorf("catalogue %s: %w", path, err)
	}
	return all, nil
}

type extracted struct {
	Findings []zhtext.Finding `json:"findings"`
	Masked   string           `json:"masked,omitempty"`
}

// Run answers every line with its findings.
func (c *ExtractCmd) Run() error {
	o := c.options()
	var err error
	if o.Catalogue, err = readCatalogue(c.Catalogue); err != nil {
		return err
	}
	r, err := newReader("", "", o)
	if err != nil {
		return err
	}
	return c.eachLine(func(_ int, line string) any {
		e := extracted{Findings: r.Extract(line)}
		if c.Mask {
			e.Masked = zhtext.Mask(line)
		}
		return e
	})
}
