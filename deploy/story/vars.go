package story

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
)

// vars are the values that a case knows: its own, those of the deployment and those saved by earlier steps.
type vars map[string]string

var placeholder = regexp.MustCompile(`\$\{([^}]+)\}`)

// expand replaces every ${name}; ${uuid} and ${newPhone} are new each time, ${now+48h} is a time from the deployment's clock.
func (v vars) expand(text string) (string, error) {
	var failed error
	out := placeholder.ReplaceAllStringFunc(text, func(match string) string {
		value, err := v.value(match[2 : len(match)-1])
		if err != nil {
			failed = err
		}
		return value
	})
	return out, failed
}

func (v vars) value(name string) (string, error) {
	switch {
	case name == "uuid":
		return uuid.NewString(), nil
	case name == "newPhone":
		return fmt.Sprintf("139%08d", rand.IntN(100_000_000)), nil
	case name == "now" || strings.HasPrefix(name, "now+") || strings.HasPrefix(name, "now-"):
		return v.time(strings.TrimPrefix(name, "now"))
	}
	value, ok := v[name]
	if !ok {
		return "", fmt.Errorf("${%s} is not known at this step", name)
	}
	return value, nil
}

func (v vars) time(offset string) (string, error) {
	shift, err := time.ParseDuration(v["clock.offset"])
	if err != nil {
		shift = 0
	}
	if offset != "" {
		more, err := time.ParseDuration(strings.TrimPrefix(offset, "+"))
		if err != nil {
			return "", fmt.Errorf("${now%s}: %w", offset, err)
		}
		shift += more
	}
	return time.Now().UTC().Add(shift).Truncate(time.Second).Format(time.RFC3339), nil
}

// expandTree expands the strings of a decoded YAML value.
func (v vars) expandTree(value any) (any, error) {
	switch x := value.(type) {
	case string:
		return v.expand(x)
	case map[string]any:
		out := make(map[string]any, len(x))
		for key, item := range x {
			expanded, err := v.expandTree(item)
			if err != nil {
				return nil, err
			}
			out[key] = expanded
		}
		return out, nil
	case []any:
		out := make([]any, len(x))
		for i, item := range x {
			expanded, err := v.expandTree(item)
			if err != nil {
				return nil, err
			}
			out[i] = expanded
		}
		return out, nil
	default:
		return value, nil
	}
}
