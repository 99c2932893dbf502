package textcmd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/aftersales-suite/aftersales/platform/zhtext"
	"github.com/aftersales-suite/aftersales/platform/zhtext/linear"
)

// sentimentAliases are labels that public review sets use for the product's three.
var sentimentAliases = map[string]string{
	"1": zhtext.Satisfied, "pos": zhtext.Satisfied, "positive": zhtext.Satisfied, "+": zhtext.Satisfied, "好评": zhtext.Satisfied,
	"正面": zhtext.Satisfied, "满意": zhtext.Satisfied, "satisfied": zhtext.Satisfied,
	"0": zhtext.Dissatisfied, "-1": zhtext.Dissatisfied, "neg": zhtext.Dissatisfied, "negative": zhtext.Dissatisfied, "-": zhtext.Dissatisfied,
	"差评": zhtext.Dissatisfied, "负面": zhtext.Dissatisfied, "不满": zhtext.Dissatisfied, "dissatisfied": zhtext.Dissatisfied,
	"2": zhtext.Neutral, "neutral": zhtext.Neutral, "中性": zhtext.Neutral, "中评": zhtext.Neutral,
}

// readTSV reads label, tab, text. Labels of the sentiment task are brought to the product's.
func readTSV(path, task string) ([]linear.Example, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	defer func() { _ = f.Close() }()
	in := bufio.NewReaderSize(f, 1<<16)
	var all []linear.Example
	for n := 1; ; n++ {
		line, err := readLine(in)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("data %s: %w", path, err)
		}
		if line = strings.TrimPrefix(line, "\uFEFF"); line != "" {
			label, text, ok := strings.Cut(line, "\t")
			if !ok {
				return nil, fmt.Errorf("data %s line %d: no tab between label and text", path, n)
			}
			all = append(all, linear.Example{Label: labelFor(task, label), Text: text})
		}
		if errors.Is(err, io.EOF) {
			return all, nil
		}
	}
}

func labelFor(task, label string) string {
	label = strings.TrimSpace(label)
	if task != string(zhtext.AxisSentiment) {
		return label
	}
	if known, ok := sentimentAliases[strings.ToLower(label)]; ok {
		return known
	}
	return label
}
