package webhook

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// errAddress says that a name led to an address which no web-hook may reach.
var errAddress = errors.New("webhook: address is not public")

// refused are networks that are not the public internet, beyond what net/netip knows by name.
var refused = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // carriers' own, RFC 6598
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), // documentation
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), // carries an IPv4 address
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), // Teredo and the like
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), // 6to4 carries an IPv4 address
	netip.MustParsePrefix("fec0::/10"),
}

// public says whether a web-hook may connect to the address.
func public(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	if !addr.IsValid() || addr.IsUnspecified() || addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast() || addr.IsMulticast() {
		return false
	}
	for _, prefix := range refused {
		if prefix.Contains(addr) {
			return false
		}
	}
	return addr.IsGlobalUnicast()
}

// control is called by the dialler with the address that DNS gave, for each one it tries: a name cannot change its mind
// afterwards.
func control(_ context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !public(at.Addr()) {
		return errAddress
	}
	return nil
}

// Bounds of one attempt.
const (
	attemptLimit = 15 * time.Second
	dialLimit    = 5 * time.Second
	headerBytes  = 16 << 10
)

// newClient makes the one client of the sender. private is for development: partners on the same machine.
func newClient(private bool) *http.Client {
	dialer := &net.Dialer{Timeout: dialLimit, KeepAlive: -1}
	if !private {
		dialer.ControlContext = control
	}
	return &http.Client{
		Timeout: attemptLimit,
		Transport: &http.Transport{
			Proxy: nil, DialContext: dialer.DialContext, DisableKeepAlives: true, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: dialLimit, ResponseHeaderTimeout: attemptLimit, MaxResponseHeaderBytes: headerBytes,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // a redirect is a failure: it could lead inside
	}
}
