package testkit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/testkit"
)

func TestClockOnlyMovesByHand(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 2, 14, 9, 0, 0, 1234, time.FixedZone("CST", 8*3600))
	c := testkit.NewClock(at)
	require.Equal(t, time.Date(2026, 2, 14, 1, 0, 0, 1000, time.UTC), c.Now())
	c.Advance(time.Hour)
	require.Equal(t, 2, c.Now().Hour())
	c.Set(at)
	require.Equal(t, 1, c.Now().Hour())
}

func TestRedisDatabasesAreApart(t *testing.T) {
	t.Parallel()
	a, b := testkit.Redis(t), testkit.Redis(t)
	require.NotEqual(t, a.DB, b.DB)
	require.NotZero(t, a.DB)
}

func TestKeysAreFresh(t *testing.T) {
	t.Parallel()
	sealed, err := testkit.Keys(t).Sealer().Seal([]byte("x"), nil)
	require.NoError(t, err)
	_, err = testkit.Keys(t).Sealer().Open(sealed, nil)
	require.Error(t, err)
}
