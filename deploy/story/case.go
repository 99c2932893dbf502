package story

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Case is one file: a story told in steps.
type Case struct {
	// File is the base name without its ending.
	File string `yaml:"-"`
	// Name says what is shown, with requirement numbers.
	Name string `yaml:"name"`
	// Only limits the case to one protocol, "json" or "grpc"; empty means both.
	Only string `yaml:"only"`
	// Env is configuration, "KEY=value", that the deployment must have: such a case is played on one of its own.
	Env []string `yaml:"env"`
	// Vars are values known from the start.
	Vars map[string]string `yaml:"vars"`
	// Steps are played in order; the first that fails ends the case.
	Steps []Step `yaml:"steps"`
}

// Step is one call and what it must answer.
type Step struct {
	Name string `yaml:"name"`
	// Zh is the name in Chinese, where a person reads it (the demo).
	Zh string `yaml:"zh"`
	// As names the caller: a user of the demo, "partner", or "nobody".
	As string `yaml:"as"`
	// Call is "METHOD /path?query".
	Call string `yaml:"call"`
	// Headers are sent as they are; Idempotency-Key works on both protocols.
	Headers map[string]string `yaml:"headers"`
	// Body is sent as JSON.
	Body any `yaml:"body"`
	// Raw is sent instead of Body, byte for byte (JSON protocol only).
	Raw string `yaml:"raw"`
	// Status is the HTTP status that must be answered; 0 means 200.
	Status int `yaml:"status"`
	// Expect maps gjson paths to expected values; see expect.go for the patterns.
	Expect map[string]any `yaml:"expect"`
	// Save maps names to gjson paths.
	Save map[string]string `yaml:"save"`
	// Within repeats the call until it answers as expected or the time is over: for what happens by itself.
	Within time.Duration `yaml:"within"`
	// Advance moves the clock of all processes before the call, e.g. "72h".
	Advance time.Duration `yaml:"advance"`
	// Only limits the step to one protocol.
	Only string `yaml:"only"`
	// Times repeats the step, e.g. to fill a page; 0 means once.
	Times int `yaml:"times"`
}

// Load reads every case of the file system's folder, strictly: an unknown key is an error.
func Load(fsys fs.FS, dir string) ([]Case, error) {
	names, err := fs.Glob(fsys, path.Join(dir, "*.yaml"))
	if err != nil {
		return nil, err
	}
	cases := make([]Case, 0, len(names))
	for _, name := range names {
		c, err := loadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		cases = append(cases, c)
	}
	return cases, nil
}

func loadFile(fsys fs.FS, name string) (Case, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return Case{}, err
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	c := Case{File: strings.TrimSuffix(path.Base(name), ".yaml")}
	if err := dec.Decode(&c); err != nil {
		return Case{}, err
	}
	if c.Name == "" || len(c.Steps) == 0 {
		return Case{}, fmt.Errorf("a case needs a name and steps")
	}
	for i, s := range c.Steps {
		if s.Call == "" || s.As == "" {
			return Case{}, fmt.Errorf("step %d (%s): needs call and as", i+1, s.Name)
		}
	}
	return c, nil
}

// MovesClock says that the case moves the clock of the deployment and must run alone.
func (c Case) MovesClock() bool {
	return slices.ContainsFunc(c.Steps, func(s Step) bool { return s.Advance != 0 })
}
