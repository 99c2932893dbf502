package gateway

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/clock"
)

// receiver is a partner's address.
type receiver struct {
	server *httptest.Server
	mu     sync.Mutex
	bodies []string
	ids    []string
	header http.Header
	status int
	reply  http.Header
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{status: 204, reply: http.Header{}}
	r.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.bodies, r.ids, r.header = append(r.bodies, string(body)), append(r.ids, req.Header.Get("webhook-id")), req.Header
		for name, values := range r.reply {
			w.Header()[name] = values
		}
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.server.Close)
	return r
}

func (r *receiver) answer(status int, retryAfter string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status, r.reply = status, http.Header{"Retry-After": {retryAfter}}
}

func (r *receiver) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.bodies...)
}

func (w *world) hook(url, types string) (name, secret string) {
	w.t.Helper()
	a := w.do(call{method: "POST", path: "/v1/webhookEndpoints", signed: true, body: fmt.Sprintf(`{"url":%q,"eventTypes":[%s]}`, url, types)})
	require.Equal(w.t, 200, a.status, a.text)
	return a.json["webhookEndpoint"].(map[string]any)["name"].(string), a.json["secret"].(string)
}

func (w *world) log(name string) (all []map[string]any) {
	w.t.Helper()
	a := w.do(call{method: "GET", path: "/v1/" + name + "/deliveries", signed: true})
	require.Equal(w.t, 200, a.status, a.text)
	for _, d := range a.json["deliveries"].([]any) {
		all = append(all, d.(map[string]any))
	}
	return all
}

// hooked is a world whose sender runs only when the test says so.
func hooked(t *testing.T, fn func(t *testing.T, w *world, r *receiver)) {
	everywhere(t, Config{WebhookPrivate: true}, func(t *testing.T, w *world) {
		require.NoError(t, w.svc.sender.Stop(t.Context()))
		fn(t, w, newReceiver(t))
	})
}

func (w *world) send() int {
	w.t.Helper()
	sent, err := w.svc.sender.RunDue(w.t.Context())
	require.NoError(w.t, err)
	return sent
}

func TestWebhookIsSignedAndThin(t *testing.T) { // R161, R162, R164
	hooked(t, func(t *testing.T, w *world, r *receiver) {
		w.clock.Set(clock.System.Now()) // the library checks against the real clock
		name, secret := w.hook(r.server.URL, `"aftersales.case.*"`)
		w.deliver(caseChanged("cases/1", "RECEIVED"))
		w.deliver(orderChanged("workOrders/1", "cases/1", "ASSIGNED"))
		require.Equal(t, 1, w.send(), "only what is wanted")
		hook, err := standardwebhooks.NewWebhook(secret)
		require.NoError(t, err)
		require.NoError(t, hook.Verify([]byte(r.got()[0]), r.header))
		require.Contains(t, r.got()[0], `"A1"`)
		require.Less(t, len(r.got()[0]), 20_000)
		require.Equal(t, "DELIVERED", w.log(name)[0]["state"])

		replay := w.do(call{method: "POST", path: "/v1/" + name + ":replay", signed: true, body: `{"after":"0"}`})
		require.EqualValues(t, 1, replay.json["queued"], replay.text)
		require.Equal(t, 1, w.send())
		require.Equal(t, r.ids[0], r.ids[1], "the receiver recognises a double")
	})
}

func TestWebhooksKeepTheOrderOfACase(t *testing.T) {
	hooked(t, func(t *testing.T, w *world, r *receiver) {
		name, _ := w.hook(r.server.URL, "")
		r.answer(503, "120")
		w.deliver(caseChanged("cases/1", "RECEIVED"), caseChanged("cases/1", "ACCEPTED"), caseChanged("cases/2", "RECEIVED"))
		require.Equal(t, 2, w.send(), "one of each case")
		r.answer(204, "")
		require.Zero(t, w.send())
		w.clock.Advance(30 * time.Second)
		require.Zero(t, w.send(), "Retry-After is honoured")
		w.clock.Advance(100 * time.Second)
		require.Equal(t, 3, w.send())
		got := r.got()[2:]
		var ofOne []string
		for _, body := range got {
			if strings.Contains(body, `cases/1`) {
				ofOne = append(ofOne, body)
			}
		}
		require.Contains(t, ofOne[0], "RECEIVED")
		require.Contains(t, ofOne[1], "ACCEPTED")
		for _, d := range w.log(name) {
			require.Equal(t, "DELIVERED", d["state"])
		}
	})
}

func TestWebhookIsTriedForThreeDays(t *testing.T) {
	hooked(t, func(t *testing.T, w *world, r *receiver) {
		name, _ := w.hook(r.server.URL, "")
		r.answer(500, "")
		w.deliver(caseChanged("cases/1", "RECEIVED"), caseChanged("cases/1", "ACCEPTED"))
		for range 80 {
			w.send()
			w.clock.Advance(time.Hour)
		}
		first := w.log(name)[1]
		require.Equal(t, "FAILED", first["state"])
		require.EqualValues(t, 500, first["lastStatus"])
		require.Greater(t, first["attempts"], float64(8))
		last, err := time.Parse(time.RFC3339, first["lastAttemptTime"].(string))
		require.NoError(t, err)
		require.WithinRange(t, last, t0.Add(48*time.Hour), t0.Add(73*time.Hour))
		require.Greater(t, w.log(name)[0]["attempts"], float64(0), "the next one had its turn")
	})
}

func TestGoneSwitchesOff(t *testing.T) {
	hooked(t, func(t *testing.T, w *world, r *receiver) {
		name, _ := w.hook(r.server.URL, "")
		r.answer(410, "")
		w.deliver(caseChanged("cases/1", "RECEIVED"), caseChanged("cases/1", "ACCEPTED"))
		require.Equal(t, 1, w.send())
		require.Equal(t, "GONE", w.do(call{method: "GET", path: "/v1/" + name, signed: true}).json["state"])
		w.deliver(caseChanged("cases/1", "CLOSED"))
		require.Zero(t, w.send())
		require.Len(t, w.log(name), 2)
		w.do(call{method: "POST", path: "/v1/" + name + ":replay", signed: true, body: "{}"}).requireError(t, 400, "WEBHOOK_DISABLED")
		require.Equal(t, 200, w.do(call{method: "POST", path: "/v1/" + name + ":enable", signed: true, body: "{}"}).status)
		r.answer(204, "")
		w.deliver(caseChanged("cases/1", "ARCHIVED"))
		require.Equal(t, 1, w.send())
		require.Equal(t, 200, w.do(call{method: "DELETE", path: "/v1/" + name, signed: true}).status)
		w.do(call{method: "GET", path: "/v1/" + name, signed: true}).requireError(t, 404, "RESOURCE_NOT_FOUND")
	})
}

func TestWebhookNeverReachesInside(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		require.NoError(t, w.svc.sender.Stop(t.Context()))
		r := newReceiver(t)
		a := w.do(call{method: "POST", path: "/v1/webhookEndpoints", signed: true, body: fmt.Sprintf(`{"url":%q}`, r.server.URL)})
		a.requireError(t, 400, "WEBHOOK_URL_INVALID")
		for _, host := range []string{"localhost", "127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1", "[::ffff:127.0.0.1]", "0.0.0.0"} {
			w.hook("https://"+host+":"+r.server.URL[strings.LastIndex(r.server.URL, ":")+1:]+"/x", "")
		}
		w.deliver(caseChanged("cases/1", "RECEIVED"))
		require.Equal(t, 7, w.send())
		require.Empty(t, r.got())
		endpoints := w.do(call{method: "GET", path: "/v1/webhookEndpoints", signed: true}).json["webhookEndpoints"].([]any)
		for _, e := range endpoints {
			require.Equal(t, "ADDRESS_REFUSED", w.log(e.(map[string]any)["name"].(string))[0]["lastError"], e)
		}
	})
}

func TestWebhooksOfOthersAreNotFound(t *testing.T) {
	hooked(t, func(t *testing.T, w *world, r *receiver) {
		name, _ := w.hook(r.server.URL, "")
		w.do(call{method: "GET", path: "/v1/" + name, as: "admin"}).requireError(t, 404, "RESOURCE_NOT_FOUND")
		w.do(call{method: "DELETE", path: "/v1/" + name, as: "admin"}).requireError(t, 404, "RESOURCE_NOT_FOUND")
		w.do(call{method: "GET", path: "/v1/" + name + "/deliveries", as: "admin"}).requireError(t, 404, "RESOURCE_NOT_FOUND")
	})
}

func TestWebhookGoesOutByItself(t *testing.T) {
	everywhere(t, Config{WebhookPrivate: true}, func(t *testing.T, w *world) {
		r := newReceiver(t)
		w.hook(r.server.URL, "")
		w.deliver(caseChanged("cases/1", "RECEIVED"))
		require.Eventually(t, func() bool { return len(r.got()) == 1 }, 10*time.Second, 5*time.Millisecond)
	})
}
