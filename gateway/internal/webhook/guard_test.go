package webhook

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]bool{
		"8.8.8.8": true, "114.114.114.114": true, "2400:3200::1": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "0.0.0.0": false,
		"100.64.0.1": false, "198.18.0.1": false, "224.0.0.1": false, "255.255.255.255": false, "240.0.0.1": false,
		"::1": false, "::": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd12::1": false, "ff02::1": false,
		"::ffff:10.0.0.1": false, "::ffff:8.8.8.8": true, "64:ff9b::a00:1": false, "2002:a00:1::": false, "2001:db8::1": false, "fec0::1": false,
	} {
		require.Equal(t, want, public(netip.MustParseAddr(addr)), addr)
	}
	require.False(t, public(netip.Addr{}))
}

// However an IPv4 address is written as IPv6, the judgement is no softer.
func TestMappedAddressesAreJudgedAsTheirIPv4(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := [4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "addr"))
		v4 := netip.AddrFrom4(b)
		require.Equal(t, public(v4), public(netip.AddrFrom16(v4.As16())))
	})
}

func TestControlRefusesWhatIsNoAddress(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, control(t.Context(), "tcp", "localhost:80", nil), errAddress)
	require.ErrorIs(t, control(t.Context(), "tcp", "127.0.0.1:80", nil), errAddress)
	require.NoError(t, control(t.Context(), "tcp", "8.8.8.8:443", nil))
}
