package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/smtp"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/aftersales-suite/aftersales/deploy/story"
)

const importedRows = 1500

// call expects 200.
func (d *deployment) call(t *testing.T, as, method, target string, body any) gjson.Result {
	t.Helper()
	raw, err := json.Marshal(body)
	require.NoError(t, err)
	status, answer, err := d.login.Call(t.Context(), story.Request{As: as, Method: method, Target: target, Body: raw, Headers: map[string]string{}})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status, "%s %s: %s", method, target, answer)
	return gjson.ParseBytes(answer)
}

// problems pages through all cases and counts what they tell, by its first line.
func (d *deployment) problems(t *testing.T, channel string) map[string]int {
	t.Helper()
	found := map[string]int{}
	for token := ""; ; {
		page := d.call(t, "agent", http.MethodGet, "/v1/cases?pageSize=1000&pageToken="+token, nil)
		for _, c := range page.Get("cases").Array() {
			if c.Get("channel").String() == channel {
				line, _, _ := strings.Cut(c.Get("problem").String(), "\n")
				found[line]++
			}
		}
		if token = page.Get("nextPageToken").String(); token == "" {
			return found
		}
	}
}

// kill -9 in the middle of an import: it goes on where it stood, and no row is filed twice.
func TestKillImportDoublesNoRow(t *testing.T) {
	for _, f := range forms[:2] {
		t.Run(f.name, func(t *testing.T) {
			d := deploy(t, f)
			file := "kind,customer,phone,problem\n"
			for n := range importedRows {
				file += fmt.Sprintf("COMPLAINT,王小明,138%08d,row %d\n", n, n)
			}
			name := d.call(t, "agent", http.MethodPost, "/v1/caseImports",
				map[string]any{"fileName": "rows.csv", "content": []byte(file), "channel": "SOCIAL_MEDIA"}).Get("name").String()
			killed, done := 0, d.awaitRows(t, name, 1)
			for ; killed < kills(t) && done < importedRows; killed++ {
				require.NoError(t, d.Kill())
				http.DefaultClient.CloseIdleConnections()
				d.moveClock(t, 2*time.Minute) // an import that nobody reports on is taken up again
				require.NoError(t, d.Start(t.Context()))
				done = d.awaitRows(t, name, min(done+1, importedRows))
			}
			require.NotZero(t, killed, "the import was over before the first kill")
			d.awaitRows(t, name, importedRows)
			last := d.call(t, "agent", http.MethodGet, "/v1/"+name, nil)
			require.EqualValues(t, importedRows, last.Get("goodRows").Int())
			found := d.problems(t, "SOCIAL_MEDIA")
			require.Len(t, found, importedRows)
			for row, n := range found {
				require.Equal(t, 1, n, row)
			}
			t.Logf("%d rows over %d kills", importedRows, killed)
		})
	}
}

// awaitRows waits until so many rows are reported.
func (d *deployment) awaitRows(t *testing.T, name string, rows int64) int64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		done := d.call(t, "agent", http.MethodGet, "/v1/"+name, nil).Get("doneRows").Int()
		if done >= rows {
			return done
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%d of %d rows\n%s", done, rows, d.Output())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// moveClock moves the clock of all processes.
func (d *deployment) moveClock(t *testing.T, by time.Duration) {
	t.Helper()
	offset := time.Until(d.now()).Round(time.Second) + by
	require.NoError(t, os.WriteFile(d.clock, []byte(offset.String()), 0o600))
}

// letters is what the relay was told, by Message-ID.
type letters struct {
	mu               sync.Mutex
	address          string
	taken, uncertain map[string]bool
}

// send hands a letter over; nil means that the door said 250.
func (l *letters) send(id string) error {
	text := "From: =?UTF-8?B?546L5bCP5piO?= <wang@example.com>\r\nTo: help@brand.example\r\nMessage-ID: <" + id + "@example.com>\r\nDate: " +
		time.Now().Add(-time.Hour).Format(time.RFC1123Z) + "\r\nSubject: letter " + id + "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n洗衣机漏水\r\n"
	return smtp.SendMail(l.address, nil, "wang@example.com", []string{"help@brand.example"}, []byte(text))
}

func (l *letters) keepSending(ctx context.Context) {
	for ctx.Err() == nil {
		id := uuid.NewString()
		err := l.send(id)
		l.mu.Lock()
		if err == nil {
			l.taken[id] = true
		} else {
			l.uncertain[id] = true
		}
		l.mu.Unlock()
	}
}

// kill -9 at any moment loses no letter that was taken, and a letter that comes again is the same case (R22).
func TestKillMailLosesNothing(t *testing.T) {
	for _, f := range forms[:2] {
		t.Run(f.name, func(t *testing.T) {
			l := &letters{address: freeAddress(t), taken: map[string]bool{}, uncertain: map[string]bool{}}
			d := deploy(t, f, "AFTERSALES_INTAKE_MAIL_ADDR="+l.address, "AFTERSALES_INTAKE_MAILBOXES=help@brand.example=organisations/demo-brand:COMPLAINT",
				"AFTERSALES_INTAKE_MAIL_PER_MINUTE=1000000")
			for range kills(t) {
				l.round(t, d)
			}
			require.NotEmpty(t, l.taken)
			for id := range l.uncertain {
				require.NoError(t, l.send(id), "the relay tries again")
				l.taken[id] = true
			}
			found := d.problems(t, "EMAIL")
			for id := range l.taken {
				require.Equal(t, 1, found["letter "+id], id)
			}
			require.Len(t, found, len(l.taken))
			l.again(t, d)
			t.Logf("%d letters, %d of them uncertain, over %d kills", len(l.taken), len(l.uncertain), kills(t))
		})
	}
}

// again sends some letters once more: nothing comes of it.
func (l *letters) again(t *testing.T, d *deployment) {
	t.Helper()
	n := 0
	for id := range l.taken {
		if n++; n > 20 {
			break
		}
		require.NoError(t, l.send(id))
	}
	require.Len(t, d.problems(t, "EMAIL"), len(l.taken))
}

func (l *letters) round(t *testing.T, d *deployment) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var relays sync.WaitGroup
	for range 4 {
		relays.Go(func() { l.keepSending(ctx) })
	}
	timer := time.NewTimer(randomMoment())
	<-timer.C
	require.NoError(t, d.Kill())
	cancel()
	relays.Wait()
	http.DefaultClient.CloseIdleConnections()
	require.NoError(t, d.Start(t.Context()))
}
