package gateway

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/gateway/internal/identity"
	"github.com/aftersales-suite/aftersales/gateway/internal/partner"
	"github.com/aftersales-suite/aftersales/gateway/internal/transcode"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
)

const headerOnBehalfOf = "X-On-Behalf-Of"

// identify finds out who asks. Without credentials it is nobody, who may call public RPCs; wrong ones are refused everywhere,
// and what was wrong is only told to those who proved who they are.
func (f *front) identify(ctx context.Context, r *http.Request, req *transcode.Request, remote netip.Addr) error {
	values := r.Header.Values("Authorization")
	switch {
	case len(values) == 0:
		return nil
	case len(values) > 1:
		return apierr.ErrUnauthenticated.New()
	case partner.Handles(values[0]):
		return f.identifySigned(ctx, r, req, values[0], remote)
	}
	if token, ok := bearer(values[0]); ok {
		return f.identifyBearer(ctx, r, req, token, remote)
	}
	return apierr.ErrUnauthenticated.New()
}

func bearer(header string) (string, bool) {
	const scheme = "bearer "
	if len(header) <= len(scheme) || !strings.EqualFold(header[:len(scheme)], scheme) {
		return "", false
	}
	return header[len(scheme):], true
}

// identifyBearer knows staff and partners by tokens that this gateway gave out.
func (f *front) identifyBearer(ctx context.Context, r *http.Request, req *transcode.Request, token string, remote netip.Addr) error {
	holder, err := f.dir.Holder(ctx, token)
	if err != nil {
		return unavailableOr(err)
	}
	if !holder.AllowedFrom(remote) {
		return identity.ErrAddress.New()
	}
	req.Principal, req.Session = holder.Principal, holder.Session
	return actFor(&req.Principal, r.Header.Values(headerOnBehalfOf))
}

// identifySigned knows partners by their signature.
func (f *front) identifySigned(ctx context.Context, r *http.Request, req *transcode.Request, header string, remote netip.Addr) error {
	c, err := partner.ParseHeader(header)
	if err != nil {
		return apierr.ErrUnauthenticated.Wrap(err)
	}
	behalf := r.Header.Values(headerOnBehalfOf)
	message := partner.Message{Method: r.Method, Target: target(r), OnBehalfOf: strings.Join(behalf, "\n")}
	caller, err := f.dir.Caller(ctx, c.KeyID)
	if err != nil {
		return unavailableOr(err)
	}
	now := f.deps.Clock.Now()
	if caller == nil {
		return apierr.ErrUnauthenticated.Wrap(f.nobody.Verify(c, message, now))
	}
	if err := req.ReadBody(r); err != nil {
		return err
	}
	message.Body = req.Bytes()
	if err := caller.Key.Verify(c, message, now); err != nil {
		return signatureError(err, now)
	}
	return f.admitPartner(ctx, req, caller, c, behalf, remote)
}

// admitPartner goes on with a partner whose signature was good.
func (f *front) admitPartner(ctx context.Context, req *transcode.Request, caller *identity.Caller, c partner.Credentials, behalf []string, remote netip.Addr) error {
	if !caller.AllowedFrom(remote) {
		return identity.ErrAddress.New()
	}
	taken, err := f.nonces.Take(ctx, c.KeyID, c.Nonce)
	if errors.Is(err, partner.ErrReplay) {
		return identity.ErrNonce.Wrap(err)
	}
	if err != nil {
		return apierr.ErrUnavailable.Wrap(err)
	}
	req.Settle = taken.Settle
	req.Principal = caller.Principal
	return actFor(&req.Principal, behalf)
}

// target is the request target as it was sent, undecoded.
func target(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		return r.RequestURI
	}
	return r.URL.RequestURI()
}

func signatureError(err error, now time.Time) error {
	if errors.Is(err, partner.ErrTimestamp) {
		return identity.ErrTimestamp.Wrap(err, "serverTime", now.Format(time.RFC3339))
	}
	return apierr.ErrUnauthenticated.Wrap(err)
}

// unavailableOr keeps errors that a client may see; the store's are not among them.
func unavailableOr(err error) error {
	if errors.Is(err, apierr.ErrUnauthenticated) {
		return err
	}
	return apierr.ErrUnavailable.Wrap(err)
}

// onBehalfOf is a namespace and an id there, e.g. wechat:<openid>.
var onBehalfOf = regexp.MustCompile(`^[a-z][a-z0-9]{1,15}:[!-9;-~]{1,128}$`)

// actFor lets a mini-program's back end act for the customer that it names (api.md section 3).
func actFor(p *auth.Principal, values []string) error {
	switch {
	case len(values) == 0:
		return nil
	case !p.HasScope(auth.ScopeActForCustomer):
		return identity.ErrOnBehalf.New()
	case len(values) > 1 || !onBehalfOf.MatchString(values[0]):
		return identity.ErrOnBehalfBad.New()
	}
	p.OnBehalfOf = values[0]
	return nil
}

// remote is where the request comes from: the peer, or what a trusted proxy says.
func (f *front) remote(r *http.Request) netip.Addr {
	addr := peer(r)
	if !f.isProxy(addr) {
		return addr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) { // the last ones were added by our own proxies
		next, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return addr
		}
		if addr = next.Unmap(); !f.isProxy(addr) {
			return addr
		}
	}
	return addr
}

func peer(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}

func (f *front) isProxy(addr netip.Addr) bool {
	return slices.ContainsFunc(f.proxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// trusted callers may continue a trace of their own.
func (f *front) trusted(addr netip.Addr) bool { return addr.IsLoopback() || f.isProxy(addr) }
