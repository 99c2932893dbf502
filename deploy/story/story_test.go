package story

import (
	"fmt"
	"regexp"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// Every step that is played over gRPC names an RPC that exists and a body that fits its request message; most slips in a
// story show here, without a server.
func TestStoriesFitTheProtos(t *testing.T) {
	t.Parallel()
	stories, err := All()
	require.NoError(t, err)
	require.NotEmpty(t, stories)
	all := bindings()
	for _, c := range stories {
		for i, step := range c.Steps {
			if c.Only == "json" || step.Only == "json" || step.Status == 400 {
				continue
			}
			request, err := expandRequest(step, everything(step))
			require.NoError(t, err, "%s step %d", c.File, i+1)
			b, path, query, err := find(all, request.Method, request.Target)
			require.NoError(t, err, "%s step %d %s", c.File, i+1, step.Name)
			in, err := newMessage(b.method.Input())
			require.NoError(t, err)
			require.NoError(t, fill(in, b, path, query, request), "%s step %d %s", c.File, i+1, step.Name)
		}
	}
}

// everything knows a plausible value for every name that a step reads.
func everything(step Step) vars {
	v := vars{}
	for _, name := range regexp.MustCompile(`\$\{([A-Za-z0-9]+)\}`).FindAllStringSubmatch(step.Call+flat(step.Body)+flat(step.Headers), -1) {
		v[name[1]] = "x"
	}
	v["link"] = "x"
	for _, name := range []string{"case", "child", "other", "first", "complaint", "next"} {
		v[name] = "cases/x"
	}
	v["task"], v["device"] = "financeTasks/x", "devices/x"
	v["incident"] = "incidents/x"
	v["solution"], v["order"] = "cases/x/solutions/y", "workOrders/x"
	v["deadline"], v["escalation"] = "cases/x/deadlines/1", "escalations/x"
	v["run"] = "erasureRuns/x"
	v["call"], v["article"], v["import"] = "calls/x", "articles/x", "caseImports/x"
	for name := range v {
		if regexp.MustCompile(`^(solution|order|case)[0-9A-Z]`).MatchString(name) {
			v[name] = map[byte]string{'s': "cases/x/solutions/y", 'o': "workOrders/x", 'c': "cases/x"}[name[0]]
		}
	}
	return v
}

func TestLoadRefusesUnknownKeysAndEmptyCases(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"unknown key":  "name: x\nsteps: [{as: agent, call: GET /, bodi: {}}]",
		"no steps":     "name: x",
		"no caller":    "name: x\nsteps: [{call: GET /}]",
		"not a number": "name: x\nsteps: [{as: agent, call: GET /, status: many}]",
	} {
		_, err := Load(fstest.MapFS{"cases/a.yaml": {Data: []byte(text)}}, "cases")
		require.Error(t, err, name)
	}
}

func TestCheckPatterns(t *testing.T) {
	t.Parallel()
	body := []byte(`{"state":"RECEIVED","n":"5","flag":false,"on":true,"list":[1,2],"none":null,"empty":""}`)
	for name, expect := range map[string]struct {
		path, want string
		ok         bool
	}{
		"equal": {"state", "RECEIVED", true}, "other": {"state", "CLOSED", false},
		"matches": {"state", "~^REC", true}, "matches not": {"state", "~^X", false},
		"there": {"state", "*", true}, "not there": {"nowhere", "*", false}, "null is not there": {"none", "*", false},
		"absent": {"nowhere", "!", true}, "false counts as absent": {"flag", "!", true}, "true does not": {"on", "!", false},
		"differs": {"state", "≠CLOSED", true}, "differs not": {"state", "≠RECEIVED", false},
		"two items": {"list", "#2", true}, "not three": {"list", "#3", false}, "more than one": {"list", "#>1", true}, "not more than two": {"list", "#>2", false},
	} {
		err := check(200, body, Step{Expect: map[string]any{expect.path: expect.want}}, vars{})
		if expect.ok {
			require.NoError(t, err, name)
		} else {
			require.Error(t, err, name)
		}
	}
	require.Error(t, check(404, body, Step{}, vars{}), "an unexpected status fails")
}

func TestExpandKnowsTimesAndRefusesUnknownNames(t *testing.T) {
	t.Parallel()
	v := vars{"clock.offset": "48h"}
	out, err := v.expand("${now+1h}")
	require.NoError(t, err)
	require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`, out)
	_, err = v.expand("${unheardOf}")
	require.Error(t, err)
}

func flat(value any) string { return fmt.Sprint(value) }
