package identity

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
)

// Scopes of partners, as they stand in access options.
const (
	ScopeCasesRead     = "cases.read"
	ScopeCasesWrite    = "cases.write"
	ScopeEventsRead    = "events.read"
	ScopeWebhooksWrite = "webhooks.write"
	ScopeCallsWrite    = "calls.write" // of a telephone system
)

// Scopes lists every scope.
var Scopes = []string{ScopeCasesRead, ScopeCasesWrite, ScopeEventsRead, ScopeWebhooksWrite, ScopeCallsWrite, auth.ScopeActForCustomer}

// LiveKeys is how many keys of a partner may live at a time: the old and the new one.
const LiveKeys = 2

// Partner calls for a platform or a mini-program.
type Partner struct {
	Name        string // partners/<id>
	DisplayName string
	Org         string
	Platform    string
	Scopes      []string
	Addresses   []string // prefixes it may call from; empty: any
	Disabled    bool
	Created     time.Time
	Updated     time.Time
	Version     int64
	Keys        []PartnerKey
}

// Algorithms of keys.
const (
	HMACSHA256 = "HMAC_SHA256"
	Ed25519    = "ED25519"
)

// PartnerKey is a key without its secret.
type PartnerKey struct {
	KeyID     string
	Partner   string
	Algorithm string
	Secret    []byte // sealed, or the public key
	Created   time.Time
	Revoked   time.Time
}

// Etag changes with every change.
func (p Partner) Etag() string { return strconv.FormatInt(p.Version, 36) }

// Principal is the partner as services see it; orgs are those below its own.
func (p Partner) Principal(orgs, scopes []string) auth.Principal {
	return auth.Principal{
		Subject: p.Name, Kind: auth.Partner, DisplayName: p.DisplayName, Org: p.Org, Orgs: orgs, Scopes: scopes, Platform: p.Platform,
	}
}

// CheckScopes refuses scopes that do not exist.
func CheckScopes(scopes []string) error {
	for _, scope := range scopes {
		if !slices.Contains(Scopes, scope) {
			return apierr.ErrUnknownCode.New("axis", "SCOPE", "value", scope, "allowed", list(Scopes))
		}
	}
	return nil
}

// ParseAddresses reads IP addresses and CIDR prefixes.
func ParseAddresses(texts []string) ([]netip.Prefix, error) {
	prefixes := make([]netip.Prefix, 0, len(texts))
	for _, text := range texts {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			addr, aerr := netip.ParseAddr(text)
			if aerr != nil {
				return nil, apierr.Invalid("partner.addresses", "应为 IP 地址或 CIDR 前缀", "must be IP addresses or CIDR prefixes")
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		prefixes = append(prefixes, prefix.Masked())
	}
	return prefixes, nil
}

func list(values []string) string { return strings.Join(values, ", ") }
