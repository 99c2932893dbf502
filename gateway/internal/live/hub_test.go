package live

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHub(t *testing.T) {
	t.Parallel()
	h := NewHub()
	a, stopA := h.Listen("a")
	b, stopB := h.Listen("b")
	h.Wake("a")
	h.Wake("a")
	require.Len(t, a, 1, "several are one")
	require.Empty(t, b)
	h.WakeAll()
	require.Len(t, b, 1)
	stopA()
	stopB()
	h.Wake("a")
	require.Len(t, a, 1)
	require.Empty(t, h.topics, "nothing is left behind")
}
