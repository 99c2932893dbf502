package story

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// check compares an answer with what a step expects. Expected strings may be patterns:
//
//	"~REGEX"   the value matches
//	"*"        the value is there and not empty
//	"!"        the value is absent, null, false or empty
//	"≠TEXT"    the value is another one
//	"#N"       the list has N items; "#>N" more than N
func check(status int, body []byte, step Step, v vars) error {
	want := step.Status
	if want == 0 {
		want = 200
	}
	if status != want {
		return fmt.Errorf("status %d, expected %d: %s", status, want, clip(body))
	}
	for _, path := range sortedKeys(step.Expect) {
		expected, err := v.expandTree(step.Expect[path])
		if err != nil {
			return err
		}
		where, err := v.expand(path)
		if err != nil {
			return err
		}
		if err := match(gjson.GetBytes(body, where), expected); err != nil {
			return fmt.Errorf("%s: %w in %s", where, err, clip(body))
		}
	}
	return nil
}

func match(got gjson.Result, expected any) error {
	text, isText := expected.(string)
	if !isText {
		if got.Raw == fmt.Sprint(expected) || got.String() == fmt.Sprint(expected) {
			return nil
		}
		return fmt.Errorf("is %s, expected %v", got.Raw, expected)
	}
	ok := false
	switch {
	case text == "*":
		ok = got.Exists() && got.String() != "" && got.Type != gjson.Null
	case text == "!":
		ok = !got.Exists() || got.Type == gjson.Null || got.Type == gjson.False || got.String() == "" || got.String() == "[]"
	case strings.HasPrefix(text, "~"):
		pattern, err := regexp.Compile(text[1:])
		if err != nil {
			return err
		}
		ok = got.Exists() && pattern.MatchString(got.String())
	case strings.HasPrefix(text, "≠"):
		ok = got.Exists() && got.String() != strings.TrimPrefix(text, "≠")
	case strings.HasPrefix(text, "#>"):
		ok = fmt.Sprint(len(got.Array())) != text[2:] && len(got.Array()) > atoi(text[2:])
	case strings.HasPrefix(text, "#"):
		ok = len(got.Array()) == atoi(text[1:])
	default:
		ok = got.Exists() && got.String() == text
	}
	if !ok {
		return fmt.Errorf("is %q, expected %q", got.String(), text)
	}
	return nil
}

func atoi(text string) int {
	n := 0
	for _, r := range text {
		n = n*10 + int(r-'0')
	}
	return n
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// clip shortens an answer for an error message.
func clip(body []byte) string {
	if len(body) > 1500 {
		return string(body[:1500]) + "…"
	}
	return string(body)
}
