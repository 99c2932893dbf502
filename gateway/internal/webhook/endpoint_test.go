package webhook

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/gateway/internal/feed"
)

func TestWants(t *testing.T) {
	t.Parallel()
	const typ = "aftersales.case.accepted.v1"
	for pattern, want := range map[string]bool{
		"aftersales.case.*": true, "aftersales.case.": true, typ: true, "aftersales.*": true,
		"aftersales.case": false, "aftersales.workorder.*": false, "case.*": false,
	} {
		require.Equal(t, want, Endpoint{EventTypes: []string{pattern}}.Wants(typ), pattern)
	}
	require.True(t, Endpoint{}.Wants(typ))
}

func TestCheckURL(t *testing.T) {
	t.Parallel()
	require.NoError(t, CheckURL("https://shop.example.com/hooks?x=1", false))
	for _, bad := range []string{"http://shop.example.com/", "https://user:pw@shop.example.com/", "https:///x", "ftp://x/", "https://x/#f", "//x", ":"} {
		require.ErrorIs(t, CheckURL(bad, false), ErrURL, bad)
	}
	require.NoError(t, CheckURL("http://127.0.0.1:1/", true))
	require.Error(t, CheckURL("ftp://127.0.0.1:1/", true))
}

func TestScheduleTakesThreeDays(t *testing.T) {
	t.Parallel()
	start := time.Unix(1764000000, 0)
	d, now := Delivery{FirstTry: start}, start
	for {
		d.Attempts++
		next, again := d.next(now, 0)
		if !again {
			break
		}
		require.True(t, next.After(now))
		now = next
	}
	require.Equal(t, 11, d.Attempts)
	require.InDelta(t, 72, now.Sub(start).Hours(), 1)

	patient := Delivery{FirstTry: start, Attempts: 1}
	at, again := patient.next(start, 10*time.Minute)
	require.True(t, again)
	require.Equal(t, start.Add(10*time.Minute), at, "Retry-After is honoured")
	at, _ = patient.next(start, 1000*time.Hour)
	require.Equal(t, start.Add(24*time.Hour), at, "within reason")
}

func TestFanOut(t *testing.T) {
	t.Parallel()
	entries := []feed.Entry{
		{EventID: "1", Case: "cases/1", Type: "a.b", Partner: "partners/p", OwnerOrg: "organisations/o", Confidentiality: "NORMAL"},
		{EventID: "2", Case: "cases/2", Type: "a.b", Partner: "partners/q", OwnerOrg: "organisations/o", Confidentiality: feed.Restricted},
	}
	require.Equal(t, []string{"organisations/o", "partners/p", "partners/q"}, Owners(entries))
	endpoints := []Endpoint{
		{Name: "p", Owner: "partners/p", State: Active}, {Name: "q", Owner: "partners/q", State: Active},
		{Name: "o", Owner: "organisations/o", State: Active}, {Name: "off", Owner: "partners/p", State: Gone},
	}
	all, err := FanOut(endpoints, entries, time.Unix(1764000000, 0))
	require.NoError(t, err)
	var got []string
	for _, d := range all {
		got = append(got, d.Endpoint+d.EventID)
	}
	require.Equal(t, []string{"p1", "q2", "o1"}, got, "nothing RESTRICTED to an organisation, nothing to what is off")
}
