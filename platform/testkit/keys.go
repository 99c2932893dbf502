package testkit

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/keys"
)

// Keys is a fresh ring in the test's folder.
func Keys(t testing.TB) *keys.Ring {
	t.Helper()
	ring, err := keys.Init(t.TempDir())
	require.NoError(t, err)
	return ring
}
