package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/aftersales-suite/aftersales/deploy/story"
)

// ledger is what the filers were told, by their own keys.
type ledger struct {
	mu       sync.Mutex
	accepted map[string]string // idempotency key -> case number
	unknown  map[string]bool   // keys whose answer never came
}

// fileBody has a key of its own in the after-sale order, so that a doubled case could be seen.
func fileBody(key string) []byte {
	return fmt.Appendf(nil, `{"kind":"COMPLAINT","channel":"PARTNER_PLATFORM","externalRef":{"platform":"demo-mall","afterSaleId":%q},`+
		`"customer":{"displayName":"王小明","phone":"13800138000"},"problem":"漏水"}`, key)
}

func fileCase(ctx context.Context, login *story.JSON, key string) (status int, body []byte, err error) {
	return login.Call(ctx, story.Request{As: "partner", Method: http.MethodPost, Target: "/v1/cases",
		Headers: map[string]string{"Idempotency-Key": key}, Body: fileBody(key)})
}

// keepFiling files until ctx ends and writes down what it was told.
func (l *ledger) keepFiling(ctx context.Context, login *story.JSON) {
	for ctx.Err() == nil {
		key := uuid.NewString()
		status, body, err := fileCase(context.WithoutCancel(ctx), login, key)
		l.mu.Lock()
		if err == nil && status == http.StatusOK {
			l.accepted[key] = gjson.GetBytes(body, "caseNumber").String()
		} else {
			l.unknown[key] = true
		}
		l.mu.Unlock()
	}
}

func kills(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("AFTERSALES_TEST_KILLS"))
	if err != nil {
		return 6
	}
	return n
}

// kill -9 at any moment loses no acknowledged case, doubles none, and leaves no gap in the numbers.
func TestKillLosesNothing(t *testing.T) {
	for _, f := range forms[:2] {
		t.Run(f.name, func(t *testing.T) {
			d := deploy(t, f)
			l := &ledger{accepted: map[string]string{}, unknown: map[string]bool{}}
			for range kills(t) {
				l.round(t, d)
			}
			require.NotEmpty(t, l.accepted)
			l.settle(t, d)
			l.compare(t, listNumbers(t, d))
		})
	}
}

// randomMoment is when a kill comes: random by intent.
func randomMoment() time.Duration { return time.Duration(100+rand.IntN(400)) * time.Millisecond }

// round files from eight sides, kills the processes in the middle, and starts them again.
func (l *ledger) round(t *testing.T, d *deployment) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var filers sync.WaitGroup
	for range 8 {
		filers.Go(func() { l.keepFiling(ctx, d.login) })
	}
	timer := time.NewTimer(randomMoment())
	<-timer.C
	cancel()
	require.NoError(t, d.Kill())
	filers.Wait()
	http.DefaultClient.CloseIdleConnections()
	require.NoError(t, d.Start(t.Context()))
}

// settle sends every request again whose answer never came: each must now be accepted, once.
func (l *ledger) settle(t *testing.T, d *deployment) {
	t.Helper()
	for key := range l.unknown {
		status, body, err := fileCase(t.Context(), d.login, key)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, status, "%s", body)
		l.accepted[key] = gjson.GetBytes(body, "caseNumber").String()
	}
}

// listNumbers pages through all cases, by number with the reference that each was filed under.
func listNumbers(t *testing.T, d *deployment) map[string]string {
	t.Helper()
	found := map[string]string{}
	for token := ""; ; {
		status, body, err := d.login.Call(t.Context(), story.Request{As: "partner", Method: http.MethodGet, Target: "/v1/cases?pageSize=1000&pageToken=" + token})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, status, "%s", body)
		for _, item := range gjson.GetBytes(body, "cases").Array() {
			number := item.Get("caseNumber").String()
			require.NotContains(t, found, number)
			found[number] = item.Get("externalRef.afterSaleId").String()
		}
		if token = gjson.GetBytes(body, "nextPageToken").String(); token == "" {
			return found
		}
	}
}

func (l *ledger) compare(t *testing.T, found map[string]string) {
	t.Helper()
	for key, number := range l.accepted {
		require.Equal(t, key, found[number], "case %s was acknowledged", number)
	}
	keys := map[string]bool{}
	for number, key := range found {
		require.False(t, keys[key], "%s is there twice, the second time as %s", key, number)
		keys[key] = true
	}
	require.Len(t, found, len(l.accepted))
	byDate := map[string][]int{}
	for number := range found {
		n, err := strconv.Atoi(number[len(number)-6:])
		require.NoError(t, err)
		byDate[number[:len(number)-6]] = append(byDate[number[:len(number)-6]], n)
	}
	for date, numbers := range byDate {
		slices.Sort(numbers)
		require.Equal(t, len(numbers), numbers[len(numbers)-1]-numbers[0]+1, "a gap in %s", date)
	}
}

// A retried request, 64 at a time, makes one case; so do two hundred different ones in order and without a gap.
func TestConcurrentFiling(t *testing.T) {
	d := deploy(t, forms[0])
	var mu sync.Mutex
	file := func(keys []string) map[string]int {
		names := map[string]int{}
		var all sync.WaitGroup
		for _, key := range keys {
			all.Go(func() {
				status, body, err := fileCase(t.Context(), d.login, key)
				mu.Lock()
				defer mu.Unlock()
				if err != nil || status != http.StatusOK {
					t.Errorf("status %d, %v: %s", status, err, body)
				}
				names[gjson.GetBytes(body, "caseNumber").String()]++
			})
		}
		all.Wait()
		return names
	}
	one := file(slices.Repeat([]string{uuid.NewString()}, 64))
	require.Len(t, one, 1, "64 retries at once make one case")
	keys := make([]string, 200)
	for i := range keys {
		keys[i] = uuid.NewString()
	}
	require.Len(t, file(keys), 200)
	require.Len(t, listNumbers(t, d), 201)
}
