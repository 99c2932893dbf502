// Package firstcontact says what is missing or vague in the record of a first contact, for the kind of case and the channel it
// came by, and which question asks for it (R35-R50, R55, R56). What is asked for is data (fields.yaml).
package firstcontact

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
)

// Level says how bad a gap is.
type Level string

// Levels, worst first.
const (
	Missing Level = "MISSING"
	Vague   Level = "VAGUE"
	Wanted  Level = "WANTED"
)

// Field is one thing that the record should hold.
type Field struct {
	Key       string          `yaml:"field"`
	Need      []casefile.Kind `yaml:"need"`
	Want      []casefile.Kind `yaml:"want"`
	Only      []string        `yaml:"only"`
	Anonymous bool            `yaml:"anonymous"`
	ZH        string          `yaml:"zh"`
	EN        string          `yaml:"en"`
	AskZH     string          `yaml:"ask_zh"`
	AskEN     string          `yaml:"ask_en"`
}

// Gap is a field that is missing or vague.
type Gap struct {
	Field
	Level Level
}

//go:embed fields.yaml
var shipped []byte

// Checker checks records. Specific says whether a text tells something to work on, e.g. a fault or a part.
type Checker struct {
	fields   []Field
	specific func(text string) bool
}

// New makes a checker.
func New(specific func(text string) bool) (*Checker, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(shipped))
	decoder.KnownFields(true)
	c := &Checker{specific: specific}
	if err := decoder.Decode(&c.fields); err != nil {
		return nil, fmt.Errorf("firstcontact: %w", err)
	}
	for _, f := range c.fields {
		if readers[f.Key] == nil {
			return nil, fmt.Errorf("firstcontact: no field %q", f.Key)
		}
	}
	return c, nil
}

// Field finds a field.
func (c *Checker) Field(key string) (Field, bool) {
	i := slices.IndexFunc(c.fields, func(f Field) bool { return f.Key == key })
	if i < 0 {
		return Field{}, false
	}
	return c.fields[i], true
}

// Check answers what is missing or vague, worst first, else in the order of the questions.
func (c *Checker) Check(k *casefile.Case) (gaps []Gap) {
	p := k.Personal.Party(casefile.PartyCustomer)
	anonymous := p == nil || p.Anonymous
	for _, f := range c.fields {
		if len(f.Only) > 0 && !slices.Contains(f.Only, k.Channel) || anonymous && k.Kind == casefile.Complaint && !f.Anonymous {
			continue
		}
		if level, ok := c.level(f, k); ok {
			gaps = append(gaps, Gap{Field: f, Level: level})
		}
	}
	order := []Level{Missing, Vague, Wanted}
	slices.SortStableFunc(gaps, func(a, b Gap) int { return slices.Index(order, a.Level) - slices.Index(order, b.Level) })
	return gaps
}

func (c *Checker) level(f Field, k *casefile.Case) (Level, bool) {
	value := readers[f.Key](k)
	needed := slices.Contains(f.Need, k.Kind)
	switch {
	case value == "" && needed:
		return Missing, true
	case value == "":
		return Wanted, slices.Contains(f.Want, k.Kind)
	case c.vague(f.Key, value, k.Kind):
		return Vague, true
	}
	return "", false
}

// Complete says that nothing needed is missing or vague.
func Complete(gaps []Gap) bool {
	return !slices.ContainsFunc(gaps, func(g Gap) bool { return g.Level != Wanted })
}

const (
	plainProblem = 15 // runes that must name a fault or a part
	phoneLeast   = 7  // digits of a phone number
)

// vague says that a value was told but cannot be worked on.
func (c *Checker) vague(key, value string, kind casefile.Kind) bool {
	runes := utf8.RuneCountInString(strings.TrimSpace(value))
	switch key {
	case "problem":
		trouble := kind == casefile.Complaint || kind == casefile.ServiceRequest // a question may be short
		return trouble && runes < plainProblem && !c.specific(value)
	case "contact":
		return !strings.Contains(value, "@") && !strings.HasPrefix(value, "customers/") && digits(value) < phoneLeast
	case "address":
		return digits(value) == 0 && !strings.ContainsAny(value, "号室栋幢楼弄村组")
	case "model":
		return !strings.ContainsFunc(value, func(r rune) bool { return unicode.IsDigit(r) || r < 0x80 && unicode.IsLetter(r) })
	}
	return false
}

func digits(text string) (n int) {
	for _, r := range text {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}
