package gateway

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

// happening is one event of a test.
type happening struct {
	source, typ, subject, caseName string
	partner, owner, serving        string
	confidentiality                string
	payload                        proto.Message
}

func (h happening) envelope(t testing.TB) *eventv1.Envelope {
	t.Helper()
	data, err := anypb.New(h.payload)
	require.NoError(t, err)
	return &eventv1.Envelope{
		Id: uuid.Must(uuid.NewV7()).String(), Source: h.source, Type: h.typ, Subject: h.subject, Key: h.caseName, Time: timestamppb.New(t0),
		OwnerOrg: h.owner, ServingOrg: h.serving, Partner: h.partner, Confidentiality: h.confidentiality, Data: data,
	}
}

func caseChanged(name, state string) happening {
	return happening{
		source: "aftersales/intake", typ: "aftersales.case." + strings.ToLower(state) + ".v1", subject: name, caseName: name,
		partner: "partners/demo-mall", owner: "organisations/demo-brand", confidentiality: "NORMAL",
		payload: &eventv1.CaseChanged{
			Case: name, CaseNumber: "AS20261122-000001", State: state, StateDeadline: timestamppb.New(t0.Add(time.Hour)),
			ExternalRef: &commonv1.ExternalRef{Platform: "demo-mall", AfterSaleId: "A1"},
		},
	}
}

func orderChanged(name, caseName, state string) happening {
	return happening{
		source: "aftersales/dispatch", typ: "aftersales.workorder." + strings.ToLower(state) + ".v1", subject: name, caseName: caseName,
		owner: "organisations/demo-brand", serving: "organisations/demo-provider", confidentiality: "NORMAL",
		payload: &eventv1.WorkOrderChanged{WorkOrder: name, Case: caseName, State: state},
	}
}

func (w *world) deliver(all ...happening) []*eventv1.Envelope {
	w.t.Helper()
	envelopes := make([]*eventv1.Envelope, len(all))
	for i, h := range all {
		envelopes[i] = h.envelope(w.t)
	}
	_, err := w.inbox.Deliver(w.t.Context(), &eventv1.DeliverRequest{Envelopes: envelopes})
	require.NoError(w.t, err)
	return envelopes
}

func (w *world) events(c call) (events []map[string]any, next string) {
	w.t.Helper()
	a := w.do(c)
	require.Equal(w.t, 200, a.status, a.text)
	for _, e := range a.json["events"].([]any) {
		events = append(events, e.(map[string]any))
	}
	return events, a.json["nextCursor"].(string)
}

func TestPartnersFeed(t *testing.T) { // R161, R162, R164
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		sent := w.deliver(caseChanged("cases/1", "RECEIVED"), caseChanged("cases/1", "ACCEPTED"))
		_, err := w.inbox.Deliver(t.Context(), &eventv1.DeliverRequest{Envelopes: sent}) // at least once
		require.NoError(t, err)
		other := caseChanged("cases/2", "RECEIVED")
		other.partner = "partners/other"
		w.deliver(other)
		w.deliver(orderChanged("workOrders/1", "cases/1", "ASSIGNED"))

		events, next := w.events(call{method: "GET", path: "/v1/events", signed: true})
		require.Len(t, events, 3, "each once, and only its own cases")
		first := events[0]
		require.Equal(t, "1.0", first["specversion"])
		require.Equal(t, "aftersales.case.received.v1", first["type"])
		data := first["data"].(map[string]any)
		require.Equal(t, "cases/1", data["name"])
		require.Equal(t, "RECEIVED", data["state"])
		require.Equal(t, "2026-11-22T09:00:00Z", data["stateDeadline"])
		require.Equal(t, "A1", data["externalRef"].(map[string]any)["afterSaleId"])
		order := events[2]["data"].(map[string]any)
		require.Equal(t, "workOrders/1", order["name"])
		require.Equal(t, "A1", order["externalRef"].(map[string]any)["afterSaleId"], "completed from the case")

		events, again := w.events(call{method: "GET", path: "/v1/events?after=" + next, signed: true})
		require.Empty(t, events)
		require.Equal(t, next, again)
		w.do(call{method: "GET", path: "/v1/events?after=x", signed: true}).requireError(t, 400, "FIELD_INVALID")
	})
}

func TestStaffSeeTheirOrganisations(t *testing.T) { // R1
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		foreign, secret := caseChanged("cases/9", "RECEIVED"), caseChanged("cases/8", "RECEIVED")
		foreign.owner, secret.confidentiality = "organisations/elsewhere", "RESTRICTED"
		protected, theirs := caseChanged("cases/7", "IN_SERVICE"), orderChanged("workOrders/7", "cases/7", "OFFERED")
		protected.confidentiality = "PROTECTED"
		w.deliver(foreign, secret, protected)
		w.deliver(theirs)

		events, _ := w.events(call{method: "GET", path: "/v1/events", as: "manager"})
		require.Len(t, events, 2)
		require.Contains(t, events[0]["data"], "externalRef", "the owner may know")
		w.creds.Users["pd"] = w.creds.Users["provider-dispatcher"]
		events, _ = w.events(call{method: "GET", path: "/v1/events", as: "pd"})
		require.Len(t, events, 1, "only what is released to the provider")
		require.NotContains(t, events[0]["data"], "externalRef", "the order number would tell who complains")
	})
}

func TestAnotherServicesEventWaitsForItsCase(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		w.deliver(orderChanged("workOrders/1", "cases/1", "CREATED"))
		w.deliver(orderChanged("workOrders/1", "cases/1", "ASSIGNED"))
		events, _ := w.events(call{method: "GET", path: "/v1/events", signed: true})
		require.Empty(t, events)
		w.deliver(caseChanged("cases/1", "RECEIVED"))
		events, _ = w.events(call{method: "GET", path: "/v1/events", signed: true})
		require.Len(t, events, 3)
		for i, state := range []string{"RECEIVED", "CREATED", "ASSIGNED"} {
			require.Equal(t, state, events[i]["data"].(map[string]any)["state"])
		}
	})
}

// Many writers at once: a reader who goes on from its last cursor gets everything, once, in order.
func TestReaderSkipsNothing(t *testing.T) {
	everywhere(t, Config{RatePerSecond: 1e6, RateBurst: 1e6}, func(t *testing.T, w *world) {
		const writers, rounds = 8, 20
		var wg sync.WaitGroup
		for n := range writers {
			wg.Go(func() {
				for i := range rounds {
					h := caseChanged(fmt.Sprintf("cases/%d", n), "RECEIVED")
					if _, err := w.inbox.Deliver(t.Context(), &eventv1.DeliverRequest{Envelopes: []*eventv1.Envelope{h.envelope(t)}}); err != nil {
						t.Errorf("writer %d, round %d: %v", n, i, err)
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { wg.Wait(); close(done) }()
		var cursors []int64
		seen, after, finished := map[string]bool{}, "0", false
		for !finished || len(cursors) < writers*rounds {
			select {
			case <-done:
				finished = true
			default:
			}
			events, next := w.events(call{method: "GET", path: "/v1/events?pageSize=7&after=" + after, as: "manager"})
			for _, e := range events {
				cursor, err := strconv.ParseInt(e["cursor"].(string), 10, 64)
				require.NoError(t, err)
				cursors, seen[e["id"].(string)] = append(cursors, cursor), true
			}
			if finished && len(events) == 0 {
				break
			}
			after = next
		}
		require.Len(t, seen, writers*rounds)
		require.IsIncreasing(t, cursors)
	})
}

func TestWatchResumesAndWakes(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		w.deliver(caseChanged("cases/1", "RECEIVED"))
		lines, stop := w.watch("/v1/events:watch", "")
		defer stop()
		require.Contains(t, <-lines, `"RECEIVED"`)
		w.deliver(caseChanged("cases/1", "ACCEPTED"))
		line := <-lines
		require.Contains(t, line, `"ACCEPTED"`)
		require.NotContains(t, line, `"result"`)

		sse, stopSSE := w.watch("/v1/events:watch", "1")
		defer stopSSE()
		require.True(t, strings.HasPrefix(<-sse, "id: "), "Last-Event-ID skips the first")
		require.Contains(t, <-sse, `data: {`)
	})
}

// watch reads a stream's lines; with last it asks for server-sent events.
func (w *world) watch(path, last string) (<-chan string, context.CancelFunc) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.server.URL+path, nil)
	require.NoError(w.t, err)
	req.Header.Set("Authorization", "Bearer "+w.token("manager"))
	want := "application/x-ndjson"
	if last != "" {
		req.Header.Set("Accept", "text/event-stream")
		req.Header.Set("Last-Event-ID", last)
		want = "text/event-stream; charset=utf-8"
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(w.t, err)
	require.Equal(w.t, want, resp.Header.Get("Content-Type"))
	lines := make(chan string, 16)
	go func() {
		defer resp.Body.Close()
		for scanner := bufio.NewScanner(resp.Body); scanner.Scan(); {
			if scanner.Text() != "" {
				lines <- scanner.Text()
			}
		}
	}()
	return lines, cancel
}
