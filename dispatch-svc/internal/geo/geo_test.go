package geo

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMetres(t *testing.T) {
	t.Parallel()
	// One degree of latitude on the mean sphere.
	require.InDelta(t, 111195, Point{Lat: 31, Lon: 121}.Metres(Point{Lat: 32, Lon: 121}), 1)
	require.Zero(t, Point{Lat: 31, Lon: 121}.Metres(Point{Lat: 31, Lon: 121}))
}

func TestShiftIsOfTheKnownSize(t *testing.T) {
	t.Parallel()
	shanghai := Point{Lat: 31.1774276, Lon: 121.5272106}
	// A published pair of the conversion (EvilTransform's test data).
	require.Less(t, ToGCJ02(shanghai).Metres(Point{Lat: 31.17530398364597, Lon: 121.531541859215}), 1.0)
	d := shanghai.Metres(ToGCJ02(shanghai))
	require.Greater(t, d, 20.0)
	require.Less(t, d, 700.0)
}

func TestInverse(t *testing.T) {
	t.Parallel()
	for _, p := range []Point{{31.2304, 121.4737}, {39.9042, 116.4074}, {22.5431, 114.0579}, {43.825, 87.617}} {
		require.Less(t, FromGCJ02(ToGCJ02(p)).Metres(p), 0.1)
	}
}

func TestBaidu(t *testing.T) {
	t.Parallel()
	// Baidu adds (0.0065, 0.006) degrees and a ripple to GCJ-02: about 0.9 km in Shanghai.
	g := Point{Lat: 31.1753, Lon: 121.5315}
	b := Point{Lat: g.Lat + 0.006, Lon: g.Lon + 0.0065}
	require.Less(t, FromBD09(b).Metres(FromGCJ02(g)), 60.0)
	require.Greater(t, b.Metres(FromGCJ02(g)), 500.0)
}

func TestOutsideChinaNothingIsShifted(t *testing.T) {
	t.Parallel()
	berlin := Point{Lat: 52.52, Lon: 13.405}
	require.Equal(t, berlin, ToGCJ02(berlin))
	require.True(t, Point{}.IsZero())
}
