package gateway

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/gateway/internal/partner"
	"github.com/aftersales-suite/aftersales/gateway/internal/store"
	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

// benchWorld is a gateway before an intake that only answers, on SQLite with the real clock.
func benchWorld(b *testing.B) *world {
	w := &world{t: b, db: testkit.Open(b, testkit.SQLite(b), store.Migrations()), ring: testkit.Keys(b), intake: &fakeIntake{}}
	conn := serve(b, w.ring, clock.System, nil, w.intake)
	svc, err := New(Config{RatePerSecond: 1e9, RateBurst: 1e9}, Deps{DB: w.db, Keys: w.ring, Intake: conn, Dispatch: conn, Survey: conn})
	require.NoError(b, err)
	require.NoError(b, svc.Start(context.WithoutCancel(b.Context())))
	b.Cleanup(func() { _ = svc.Stop(context.Background()) })
	w.svc = svc
	w.seed()
	return w
}

// signed makes requests ahead, so that the client's work is not measured.
func (w *world) signedRequests(n int) []*http.Request {
	all := make([]*http.Request, n)
	for i := range all {
		r := httptest.NewRequest("POST", "/v1/cases", nopCloser{bytes.NewReader([]byte(goodCase))})
		c := partner.Credentials{Scheme: partner.HMAC, KeyID: w.creds.Partner.KeyID, Nonce: rand.Text(), Timestamp: strconv.FormatInt(time.Now().Unix(), 10)}
		c.Signature = partner.Sign(w.creds.Partner.Secret, c, partner.Message{Method: "POST", Target: "/v1/cases", Body: []byte(goodCase)})
		r.Header.Set("Authorization", authorization(c))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", c.Nonce)
		r.ContentLength = int64(len(goodCase))
		all[i] = r
	}
	return all
}

type nopCloser struct{ io.Reader }

func (nopCloser) Close() error { return nil }

// BenchmarkCreate is a signed POST through the whole gateway and the service's chain, without sockets. cpu-us/op counts every
// thread of the process: also the nonces' log. /parallel has 64 callers, as the nonces are written in groups.
func BenchmarkCreate(b *testing.B) {
	for name, parallel := range map[string]int{"alone": 0, "parallel": 32} {
		b.Run(name, func(b *testing.B) {
			w := benchWorld(b)
			requests := make(chan *http.Request, b.N)
			for _, r := range w.signedRequests(b.N) {
				requests <- r
			}
			handler := w.svc.Handler()
			one := func() {
				rec := httptest.NewRecorder()
				handler.ServeHTTP(rec, <-requests)
				if rec.Code != 200 {
					b.Error(rec.Body.String())
				}
			}
			b.ReportAllocs()
			b.ResetTimer()
			before := cpu()
			if parallel == 0 {
				for range b.N {
					one()
				}
			} else {
				b.SetParallelism(parallel)
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						one()
					}
				})
			}
			b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-us/op")
		})
	}
}

// BenchmarkGet is a read with a staff token: no nonce.
func BenchmarkGet(b *testing.B) {
	w := benchWorld(b)
	handler := w.svc.Handler()
	login := httptest.NewRequest("POST", "/v1/auth:login", bytes.NewReader([]byte(`{"username":"agent","password":"`+w.creds.Users["agent"].Password+`"}`)))
	rec := httptest.NewRecorder()
	handler.ServeHTTP(rec, login)
	require.Equal(b, 200, rec.Code, rec.Body.String())
	token := tokenIn(rec.Body.Bytes())
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("GET", "/v1/cases/1", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		rec := httptest.NewRecorder()
		if handler.ServeHTTP(rec, r); rec.Code != 200 {
			b.Fatal(rec.Body.String())
		}
	}
}

// cpu is what the process has used on all threads.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func tokenIn(body []byte) string {
	_, rest, _ := bytes.Cut(body, []byte(`"accessToken":`))
	rest = bytes.TrimLeft(rest, ` "`)
	token, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(token)
}
