package e2e

import (
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/aftersales-suite/aftersales/deploy/story"
)

// A clock that is due while the process is down fires after the restart, once however often it is restarted, and says how late it was.
func TestADeadlineDueWhileDown(t *testing.T) {
	for _, f := range forms[:2] {
		t.Run(f.name, func(t *testing.T) {
			d := deploy(t, f)
			d.ask(t, "agent", http.MethodPost, "/v1/cases", `{"kind":"COMPLAINT","channel":"HOTLINE","customer":{"displayName":"王小明","phone":"13800138000"},"problem":"漏水"}`)
			name := d.ask(t, "agent", http.MethodGet, "/v1/cases", "").Get("cases.0.name").String()
			due := d.now().Add(time.Hour).UTC().Format(time.RFC3339)
			d.ask(t, "manager", http.MethodPost, "/v1/"+name+"/deadlines", `{"code":"REPLY_12315","type":"REGULATOR","dueTime":"`+due+`","reason":"沪市监 1 号"}`)
			require.NoError(t, d.Kill())
			require.NoError(t, os.WriteFile(d.clock, []byte("3h"), 0o600)) // it is due while nobody is there
			for range 2 {
				require.NoError(t, d.Start(t.Context()))
				require.Eventually(t, func() bool { return len(d.missed(t, name)) > 0 }, 20*time.Second, 100*time.Millisecond)
				require.NoError(t, d.Kill())
				http.DefaultClient.CloseIdleConnections()
			}
			require.NoError(t, d.Start(t.Context()))
			found := d.missed(t, name)
			require.Len(t, found, 1)
			late, err := time.ParseDuration(found[0].Get("facts.late").String())
			require.NoError(t, err, found[0].Raw)
			require.Greater(t, late, 2*time.Hour-time.Minute)
			require.Less(t, late, 2*time.Hour+5*time.Minute)
		})
	}
}

// missed are the entries of the regulator's deadline that was missed.
func (d *deployment) missed(t *testing.T, name string) []gjson.Result {
	t.Helper()
	entries := d.ask(t, "manager", http.MethodGet, "/v1/"+name+"/timelineEntries?pageSize=200", "")
	return entries.Get(`timelineEntries.#(event=="DEADLINE_MISSED")#|#(facts.clock=="REPLY_12315")#`).Array()
}

func (d *deployment) ask(t *testing.T, as, method, target, body string) gjson.Result {
	t.Helper()
	r := story.Request{As: as, Method: method, Target: target}
	if body != "" {
		r.Body = []byte(body)
	}
	status, answer, err := d.login.Call(t.Context(), r)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status, "%s", answer)
	return gjson.ParseBytes(answer)
}
