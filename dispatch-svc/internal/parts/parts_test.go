package parts

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/workorder"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

func TestNormalise(t *testing.T) {
	t.Parallel()
	got, err := Normalise([]workorder.PartUsed{{Part: "parts/1"}, {Specification: "外购", Quantity: 2}})
	require.NoError(t, err)
	require.Equal(t, 1, got[0].Quantity)
	require.Equal(t, 2, got[1].Quantity)
	for _, bad := range []workorder.PartUsed{{}, {Part: "1"}, {Part: "parts/1", Location: "van"}} {
		_, err := Normalise([]workorder.PartUsed{bad})
		require.ErrorIs(t, err, apierr.ErrInvalid)
	}
}
