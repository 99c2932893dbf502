package region

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/geo"
)

func TestCentre(t *testing.T) {
	t.Parallel()
	pudong, ok := Centre("310115")
	require.True(t, ok)
	require.InDelta(t, 31.22, pudong.Lat, 0.01)
	city, ok := Centre("320505")
	require.True(t, ok)
	require.InDelta(t, 31.30, city.Lat, 0.01, "Suzhou for its districts")
	province, ok := Centre("320102")
	require.True(t, ok)
	require.InDelta(t, 32.06, province.Lat, 0.01, "the province's seat where the city is not listed")
	for _, unknown := range []string{"", "9", "990000"} {
		_, ok = Centre(unknown)
		require.False(t, ok, unknown)
	}
}

func TestSeatsAreInChina(t *testing.T) {
	t.Parallel()
	middle := geo.Point{Lat: 35, Lon: 105}
	for code, p := range seats {
		require.Less(t, p.Metres(middle), 2.6e6, code)
	}
}
