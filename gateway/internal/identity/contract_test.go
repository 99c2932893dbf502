package identity

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A contract ties two organisations for places, categories and a time; what is not known is not held against the matter.
func TestContractCovers(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	c := Contract{Regions: []string{"31", "3205"}, Categories: []string{"WASHER"}, ValidFrom: now, ValidUntil: now.AddDate(1, 0, 0)}
	for _, x := range []struct {
		region, category string
		at               time.Time
		want             bool
	}{
		{"310115", "WASHER", now, true}, {"320500", "", now, true}, {"", "", now, true}, {"320100", "WASHER", now, false}, {"310115", "FRIDGE", now, false},
		{"310115", "WASHER", now.Add(-time.Second), false}, {"310115", "WASHER", now.AddDate(1, 0, 0), false},
	} {
		require.Equal(t, x.want, c.Covers(x.region, x.category, x.at), x)
	}
	require.True(t, (&Contract{}).Covers("110101", "FRIDGE", now), "an open contract covers everything")
}
