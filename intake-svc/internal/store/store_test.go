package store_test

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store/storetest"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

// The contract, on both engines.
func TestConformance(t *testing.T) {
	t.Parallel()
	files, err := fs.Sub(store.Migrations, "migrations")
	require.NoError(t, err)
	ring := testkit.Keys(t)
	testkit.Engines(t, files, func(t *testing.T, db sqldb.DB) {
		suite := storetest.Suite{Store: store.NewSQL(ring.Sealer(), ring.Indexer()), DB: db}
		suite.Run(t)
	})
}

// One phone number, however it is written, has one blind index.
func TestPhoneIndex(t *testing.T) {
	t.Parallel()
	ring := testkit.Keys(t)
	s := store.NewSQL(ring.Sealer(), ring.Indexer())
	want := s.PhoneIndex("13800138000")
	for _, same := range []string{"+8613800138000", "+86 138-0013-8000", "138 0013 8000"} {
		require.Equal(t, want, s.PhoneIndex(same), same)
	}
	require.NotEqual(t, want, s.PhoneIndex("13800138001"))
	require.Empty(t, s.PhoneIndex(" - "))
	require.NotContains(t, want, "138")
}
