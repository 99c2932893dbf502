package identity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/aftersales-suite/aftersales/gateway/internal/partner"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/keys"
)

// Session is a token that was given out.
type Session struct {
	ID        string
	TokenHash string
	Subject   string
	KeyID     string // of a partner's token
	Created   time.Time
	Expires   time.Time
}

// Records is what the directory reads. Nothing found is no error but found == false.
type Records interface {
	// LivePartnerKey gives a key that is not revoked and its partner.
	LivePartnerKey(ctx context.Context, keyID string) (key PartnerKey, owner Partner, found bool, err error)
	// SessionByToken gives a session whose subject is not disabled.
	SessionByToken(ctx context.Context, tokenHash string) (s Session, found bool, err error)
	// PartnerByName gives a partner that is not disabled.
	PartnerByName(ctx context.Context, name string) (p Partner, found bool, err error)
	// VisibleOrgs lists the organisation and those below it.
	VisibleOrgs(ctx context.Context, org string) ([]string, error)
}

// Caller is a partner's key, ready to check and to call with.
type Caller struct {
	Key       *partner.Key
	KeyID     string
	Secret    string // of an HMAC key
	Partner   Partner
	Principal auth.Principal
	addresses []netip.Prefix
}

// AllowedFrom says whether the partner may call from the address.
func (c *Caller) AllowedFrom(addr netip.Addr) bool {
	return len(c.addresses) == 0 || contains(c.addresses, addr)
}

func contains(prefixes []netip.Prefix, addr netip.Addr) bool {
	addr = addr.Unmap()
	for _, p := range prefixes {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// Holder is who holds a bearer token.
type Holder struct {
	Principal auth.Principal
	Session   string
	expires   time.Time
	addresses []netip.Prefix
}

// AllowedFrom says whether the holder may call from the address.
func (h *Holder) AllowedFrom(addr netip.Addr) bool {
	return len(h.addresses) == 0 || contains(h.addresses, addr)
}

// Directory answers who calls.
type Directory struct {
	records  Records
	sealer   keys.Sealer
	verifier *auth.Verifier
	clock    clock.Clock
	callers  *cache[Caller]
	holders  *cache[Holder]
	flight   singleflight.Group
}

// NewDirectory makes a directory that remembers nothing yet.
func NewDirectory(records Records, sealer keys.Sealer, verifier *auth.Verifier, c clock.Clock) *Directory {
	return &Directory{records: records, sealer: sealer, verifier: verifier, clock: c, callers: newCache[Caller](), holders: newCache[Holder]()}
}

// Forget makes the next requests ask the store; after every change of a user, a partner or a session.
func (d *Directory) Forget() {
	d.callers.clear()
	d.holders.clear()
}

// Caller gives the partner of a key id, nil when there is none that lives.
func (d *Directory) Caller(ctx context.Context, keyID string) (*Caller, error) {
	return lookUp(ctx, d, d.callers, "key "+keyID, keyID, d.loadCaller)
}

// Holder gives who holds a token, or apierr.ErrUnauthenticated.
func (d *Directory) Holder(ctx context.Context, token string) (*Holder, error) {
	h, err := lookUp(ctx, d, d.holders, "token "+token, token, d.loadHolder)
	if err != nil {
		return nil, err
	}
	if h == nil || !d.clock.Now().Before(h.expires) {
		return nil, apierr.ErrUnauthenticated.New()
	}
	return h, nil
}

// lookUp asks the memory, then the store: once for all who wait for the same answer.
func lookUp[V any](ctx context.Context, d *Directory, c *cache[V], flight, key string, load func(context.Context, string) (*V, error)) (*V, error) {
	if v, ok := c.get(key, d.clock.Now()); ok {
		return v, nil
	}
	v, err, _ := d.flight.Do(flight, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadLimit) // others wait for it too
		defer cancel()
		epoch := c.now()
		v, err := load(ctx, key)
		if err == nil {
			c.put(key, v, d.clock.Now(), epoch)
		}
		return v, err
	})
	if err != nil {
		return nil, err
	}
	return v.(*V), nil
}

const loadLimit = 5 * time.Second

func (d *Directory) loadCaller(ctx context.Context, keyID string) (*Caller, error) {
	key, owner, found, err := d.records.LivePartnerKey(ctx, keyID)
	if err != nil || !found {
		return nil, err
	}
	orgs, err := d.records.VisibleOrgs(ctx, owner.Org)
	if err != nil {
		return nil, err
	}
	addresses, err := ParseAddresses(owner.Addresses)
	if err != nil {
		return nil, err
	}
	c := &Caller{KeyID: keyID, Partner: owner, Principal: owner.Principal(orgs, owner.Scopes), addresses: addresses}
	if key.Algorithm == Ed25519 {
		c.Key = partner.NewEd25519Key(key.Secret)
		return c, nil
	}
	secret, err := d.sealer.Open(key.Secret, KeyAAD(keyID))
	if err != nil {
		return nil, err
	}
	c.Secret, c.Key = string(secret), partner.NewHMACKey(string(secret))
	return c, nil
}

// KeyAAD binds a sealed secret to its key.
func KeyAAD(keyID string) []byte { return []byte("partner_keys/" + keyID) }

// loadHolder checks the signature before it asks the store: garbage costs no query.
func (d *Directory) loadHolder(ctx context.Context, token string) (*Holder, error) {
	p, err := d.verifier.Verify(token)
	if err != nil {
		return nil, err // not remembered: garbage must not push out what is good
	}
	s, found, err := d.records.SessionByToken(ctx, TokenHash(token))
	if err != nil || !found || s.Subject != p.Subject {
		return nil, err
	}
	h := &Holder{Principal: p, Session: s.ID, expires: s.Expires}
	if p.Kind != auth.Partner {
		return h, nil
	}
	owner, found, err := d.records.PartnerByName(ctx, p.Subject)
	if err != nil || !found {
		return nil, err
	}
	h.addresses, err = ParseAddresses(owner.Addresses)
	return h, err
}

// TokenHash is what is stored of a token.
func TokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
