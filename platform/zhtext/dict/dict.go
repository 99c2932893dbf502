package dict

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"gopkg.in/yaml.v3"
)

//go:embed *.yaml divisions.csv
var shipped embed.FS

// Shipped is the file system of the dictionaries that come with the product.
func Shipped() fs.FS { return shipped }

// Entry is one thing that words stand for.
type Entry struct {
	Code  string `yaml:"code"`
	ZH    string `yaml:"zh"`
	EN    string `yaml:"en"`
	Words string `yaml:"words"`
	// Weak words count only beside a word of another entry of the same file (classes).
	Weak string `yaml:"weak"`
	Not  string `yaml:"not"`
	// Sort is a finer code: the sort of hazard, the axis of a class.
	Sort string `yaml:"sort"`
}

// Dictionary is one file.
type Dictionary struct {
	Kind    string  `yaml:"kind"`
	Entries []Entry `yaml:"entries"`
	// Not are idioms for the whole dictionary.
	Not string `yaml:"not"`
	// Negators, placed right before a word, take its meaning away; Unless are words that look like one and are none.
	Negators string `yaml:"negators"`
	Unless   string `yaml:"unless"`
	// Hearsay anywhere before a word in its sentence means that it was not lived through.
	Hearsay string `yaml:"hearsay"`
}

// Load reads the dictionary name (without .yaml) from files, and where it is absent there from the shipped ones.
func Load(files fs.FS, name string) (Dictionary, error) {
	data, err := readFirst(name+".yaml", files, shipped)
	if err != nil {
		return Dictionary{}, err
	}
	var d Dictionary
	if err := yaml.Unmarshal(data, &d); err != nil {
		return Dictionary{}, fmt.Errorf("dictionary %s: %w", name, err)
	}
	for _, e := range d.Entries {
		if e.Code == "" || e.ZH == "" || e.EN == "" {
			return Dictionary{}, fmt.Errorf("dictionary %s: entry %q needs code, zh and en", name, e.Code)
		}
	}
	return d, nil
}

func readFirst(name string, from ...fs.FS) ([]byte, error) {
	for _, f := range from {
		if f == nil {
			continue
		}
		data, err := fs.ReadFile(f, name)
		if err == nil {
			return data, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("dictionary %s: %w", name, err)
		}
	}
	return nil, fmt.Errorf("dictionary %s: %w", name, fs.ErrNotExist)
}

// Division is a province, city or county with its code of 2, 4 or 6 digits.
type Division struct{ Code, Name string }

// Divisions reads divisions.csv.
func Divisions(files fs.FS) ([]Division, error) {
	data, err := readFirst("divisions.csv", files, shipped)
	if err != nil {
		return nil, err
	}
	list := make([]Division, 0, 3400)
	for line := range strings.Lines(string(data)) {
		code, name, ok := strings.Cut(strings.TrimSpace(line), ",")
		if ok {
			list = append(list, Division{code, name})
		}
	}
	return list, nil
}
