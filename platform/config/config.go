// Package config reads a program's configuration from, in rising order, defaults, a YAML file, the environment and the
// command line. The configuration is a Go struct with kong's tags; one field is one key under three spellings:
//
//	data-dir: /var/lib/aftersales        in the file; sections may be nested, intake: {zone: …} is intake-zone
//	AFTERSALES_DATA_DIR=/var/lib/…       in the environment
//	--data-dir=/var/lib/…                on the command line
//
// A key that nobody knows is refused in each of the three, with the nearest known one: a misspelt key must not silently mean
// its default. A field tagged `secret:""` is hidden where the effective configuration is printed.
package config

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"gopkg.in/yaml.v3"
)

// prefix of every environment variable.
const prefix = "AFTERSALES"

// fileVariable names the configuration file; --config does as well.
const fileVariable = prefix + "_CONFIG"

// Sources say where to read from. The zero value reads the process' own environment and no file.
type Sources struct {
	// Env is "KEY=value" lines; nil means os.Environ().
	Env []string
	// Args are the arguments without the program's name.
	Args []string
	// Foreign are sections that belong to other programs of the same installation and are passed over in file and
	// environment, e.g. "intake" in the gateway's process.
	Foreign []string
	// Description heads the help text.
	Description string
	// Name of the program in the help text.
	Name string
}

// file is embedded beside the caller's struct so that --config is a flag like the others.
type file struct {
	Config string `help:"配置文件(YAML) / Configuration file (YAML)." placeholder:"FILE"`
}

// Load fills dst, a pointer to a struct, and answers the command that was chosen, if dst has commands.
func Load(dst any, s Sources) (*kong.Context, error) {
	if s.Env == nil {
		s.Env = os.Environ()
	}
	parser, err := newParser(dst, s)
	if err != nil {
		return nil, err
	}
	keys := Keys(parser.Model)
	values, err := s.values(keys)
	if err != nil {
		return nil, err
	}
	parser, err = newParser(dst, s, kong.Resolvers(values))
	if err != nil {
		return nil, err
	}
	return parser.Parse(s.Args)
}

func newParser(dst any, s Sources, more ...kong.Option) (*kong.Kong, error) {
	options := append([]kong.Option{kong.Name(s.Name), kong.Description(s.Description), kong.Embed(&file{}), kong.UsageOnError()}, more...)
	return kong.New(dst, options...)
}

// values merges file and environment, the environment over the file, and refuses what nobody knows.
func (s Sources) values(keys []Key) (kong.Resolver, error) {
	merged, err := s.fromFile()
	if err != nil {
		return nil, err
	}
	for name := range merged {
		if err := s.check(name, name, keys); err != nil {
			return nil, err
		}
	}
	for _, line := range s.Env {
		variable, value, _ := strings.Cut(line, "=")
		name, ours := strings.CutPrefix(variable, prefix+"_")
		if !ours || variable == fileVariable || isTestHook(name) {
			continue
		}
		name = strings.ToLower(strings.ReplaceAll(name, "_", "-"))
		if err := s.check(variable, name, keys); err != nil {
			return nil, err
		}
		merged[name] = value
	}
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if value, ok := merged[flag.Name]; ok {
			return value, nil
		}
		return nil, nil
	}), nil
}

// isTestHook tells the variables of test builds, which are no configuration.
func isTestHook(name string) bool {
	return strings.HasPrefix(name, "TEST_") || name == "CRASH_AT" || name == "DATA"
}

func (s Sources) check(spelling, name string, keys []Key) error {
	known := make([]string, len(keys))
	for i, key := range keys {
		known[i] = key.Name
	}
	if slices.Contains(known, name) {
		return nil
	}
	for _, section := range s.Foreign {
		if strings.HasPrefix(name, section+"-") {
			return nil
		}
	}
	return fmt.Errorf("config: unknown key %s; the nearest known key is %s", spelling, nearest(name, known))
}

func (s Sources) fromFile() (map[string]any, error) {
	path := s.filePath()
	if path == "" {
		return map[string]any{}, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	var tree map[string]any
	if err := yaml.Unmarshal(data, &tree); err != nil {
		return nil, fmt.Errorf("config: %s: %w", path, err)
	}
	flat := map[string]any{}
	flatten("", tree, flat)
	return flat, nil
}

func (s Sources) filePath() string {
	for i, arg := range s.Args {
		if value, ok := strings.CutPrefix(arg, "--config="); ok {
			return value
		}
		if arg == "--config" && i+1 < len(s.Args) {
			return s.Args[i+1]
		}
	}
	for _, line := range s.Env {
		if value, ok := strings.CutPrefix(line, fileVariable+"="); ok {
			return value
		}
	}
	return ""
}

// flatten turns nested sections into the names that flags have.
func flatten(at string, tree map[string]any, into map[string]any) {
	for name, value := range tree {
		name = at + strings.ReplaceAll(name, "_", "-")
		switch v := value.(type) {
		case map[string]any:
			flatten(name+"-", v, into)
		case []any:
			items := make([]string, len(v))
			for i, item := range v {
				items[i] = fmt.Sprint(item)
			}
			into[name] = strings.Join(items, ",")
		default:
			into[name] = fmt.Sprint(v)
		}
	}
}

// Key is one configuration key.
type Key struct {
	Name, Help, Default string
	Secret              bool
	flag                *kong.Flag
}

// Env is the environment variable of the key.
func (k Key) Env() string {
	return prefix + "_" + strings.ToUpper(strings.ReplaceAll(k.Name, "-", "_"))
}

// Keys lists the configuration keys of a program in the order of its struct; flags of single commands are not configuration.
func Keys(model *kong.Application) []Key {
	var keys []Key
	for _, flag := range model.Flags {
		if flag.Name == "help" || flag.Name == "config" {
			continue
		}
		keys = append(keys, Key{Name: flag.Name, Help: flag.Help, Default: flag.Default, Secret: flag.Tag.Has("secret"), flag: flag})
	}
	return keys
}

// Effective prints every key with the value in force; secrets are shown as set or unset.
func Effective(w io.Writer, model *kong.Application) error {
	for _, key := range Keys(model) {
		value := fmt.Sprint(key.flag.Target.Interface())
		if key.Secret && value != "" {
			value = "(hidden)"
		}
		if _, err := fmt.Fprintf(w, "%s: %q\n", key.Name, value); err != nil {
			return err
		}
	}
	return nil
}

// Reference prints a Markdown table of all keys.
func Reference(w io.Writer, model *kong.Application) error {
	if _, err := fmt.Fprint(w, "| key | environment | default | meaning |\n|---|---|---|---|\n"); err != nil {
		return err
	}
	for _, key := range Keys(model) {
		value := "`" + key.Default + "`"
		if key.Default == "" {
			value = ""
		}
		if _, err := fmt.Fprintf(w, "| `%s` | `%s` | %s | %s |\n", key.Name, key.Env(), value, strings.ReplaceAll(key.Help, "|", `\|`)); err != nil {
			return err
		}
	}
	return nil
}
