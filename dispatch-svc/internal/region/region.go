// Package region knows roughly where a division (GB/T 2260 code) is: enough to say who is near, until an address has been located
// exactly. The places are the seats of governments, to about a kilometre (WGS-84); a code that is not listed is taken for its city,
// then for its province.
package region

import "github.com/aftersales-suite/aftersales/dispatch-svc/internal/geo"

// Centre is the place of the division's seat; false when not even the province is known.
func Centre(code string) (geo.Point, bool) {
	for _, n := range []int{6, 4, 2} {
		if len(code) >= n {
			if p, ok := seats[code[:n]]; ok {
				return p, true
			}
		}
	}
	return geo.Point{}, false
}

// seats of provinces by two digits, of large cities by four, of Shanghai's districts by six.
var seats = map[string]geo.Point{
	"11": {Lat: 39.904, Lon: 116.407}, "12": {Lat: 39.084, Lon: 117.201}, "13": {Lat: 38.043, Lon: 114.515},
	"14": {Lat: 37.871, Lon: 112.549}, "15": {Lat: 40.842, Lon: 111.749}, "21": {Lat: 41.806, Lon: 123.432},
	"22": {Lat: 43.817, Lon: 125.324}, "23": {Lat: 45.803, Lon: 126.535}, "31": {Lat: 31.230, Lon: 121.474},
	"32": {Lat: 32.060, Lon: 118.797}, "33": {Lat: 30.274, Lon: 120.155}, "34": {Lat: 31.821, Lon: 117.227},
	"35": {Lat: 26.074, Lon: 119.297}, "36": {Lat: 28.683, Lon: 115.858}, "37": {Lat: 36.651, Lon: 117.120},
	"41": {Lat: 34.747, Lon: 113.625}, "42": {Lat: 30.593, Lon: 114.306}, "43": {Lat: 28.228, Lon: 112.939},
	"44": {Lat: 23.129, Lon: 113.264}, "45": {Lat: 22.817, Lon: 108.366}, "46": {Lat: 20.044, Lon: 110.199},
	"50": {Lat: 29.563, Lon: 106.552}, "51": {Lat: 30.573, Lon: 104.067}, "52": {Lat: 26.647, Lon: 106.630},
	"53": {Lat: 25.045, Lon: 102.710}, "54": {Lat: 29.650, Lon: 91.117}, "61": {Lat: 34.342, Lon: 108.940},
	"62": {Lat: 36.061, Lon: 103.834}, "63": {Lat: 36.617, Lon: 101.778}, "64": {Lat: 38.487, Lon: 106.231},
	"65": {Lat: 43.825, Lon: 87.617}, "71": {Lat: 25.033, Lon: 121.565}, "81": {Lat: 22.320, Lon: 114.169},
	"82": {Lat: 22.199, Lon: 113.544},

	"2102": {Lat: 38.914, Lon: 121.615}, "3202": {Lat: 31.491, Lon: 120.312}, "3205": {Lat: 31.299, Lon: 120.585},
	"3302": {Lat: 29.868, Lon: 121.544}, "3502": {Lat: 24.480, Lon: 118.089}, "3702": {Lat: 36.067, Lon: 120.383},
	"4403": {Lat: 22.543, Lon: 114.058}, "4406": {Lat: 23.022, Lon: 113.122}, "4419": {Lat: 23.021, Lon: 113.752},

	"310101": {Lat: 31.231, Lon: 121.484}, "310104": {Lat: 31.188, Lon: 121.437}, "310105": {Lat: 31.220, Lon: 121.424},
	"310106": {Lat: 31.228, Lon: 121.448}, "310107": {Lat: 31.249, Lon: 121.396}, "310109": {Lat: 31.264, Lon: 121.505},
	"310110": {Lat: 31.260, Lon: 121.526}, "310112": {Lat: 31.113, Lon: 121.382}, "310113": {Lat: 31.405, Lon: 121.489},
	"310114": {Lat: 31.375, Lon: 121.265}, "310115": {Lat: 31.221, Lon: 121.544}, "310116": {Lat: 30.742, Lon: 121.342},
	"310117": {Lat: 31.032, Lon: 121.228}, "310118": {Lat: 31.150, Lon: 121.124}, "310120": {Lat: 30.918, Lon: 121.474},
	"310151": {Lat: 31.623, Lon: 121.397},
}
