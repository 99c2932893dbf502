package auth

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// clock is a clock that the test moves.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func newClock() *clock { return &clock{time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)} }

func keyPair(t testing.TB) (ed25519.PublicKey, ed25519.PrivateKey) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	return public, private
}

var full = Principal{
	Subject: "users/1", Kind: Staff, DisplayName: "李工", Org: "organisations/a", Roles: []string{RoleAgent, RoleManager},
	Scopes: []string{"s"}, OnBehalfOf: "wechat:o1", Engineer: "engineers/7", Platform: "demo-mall", Team: "teams/2", Locale: "en",
}

func TestTokenCarriesThePrincipalUntilItEnds(t *testing.T) {
	t.Parallel()
	c := newClock()
	public, private := keyPair(t)
	signer := NewSigner("token-v1", private, c.now)
	verifier := NewVerifier(map[string]ed25519.PublicKey{"token-v1": public}, c.now)
	token, expire, err := signer.Sign(full, time.Minute)
	require.NoError(t, err)
	require.Equal(t, c.t.Add(time.Minute), expire)
	for range 2 { // the second time from memory
		p, err := verifier.Verify(token)
		require.NoError(t, err)
		require.Equal(t, full, p)
	}
	c.t = expire.Add(leeway)
	_, err = verifier.Verify(token)
	require.ErrorIs(t, err, apierr.ErrUnauthenticated, "memory does not prolong a token")
}

func TestForgedTokensAreRefused(t *testing.T) {
	t.Parallel()
	c := newClock()
	public, private := keyPair(t)
	_, strange := keyPair(t)
	verifier := NewVerifier(map[string]ed25519.PublicKey{"token-v1": public}, c.now)
	sign := func(key any, method jwt.SigningMethod, kid string, edit func(*claims)) string {
		cl := claimsOf(full)
		cl.RegisteredClaims = jwt.RegisteredClaims{Issuer: issuer, Audience: jwt.ClaimStrings{issuer}, Subject: "users/1", ExpiresAt: jwt.NewNumericDate(c.t.Add(time.Minute))}
		edit(&cl)
		tok := jwt.NewWithClaims(method, cl)
		tok.Header["kid"] = kid
		text, err := tok.SignedString(key)
		require.NoError(t, err)
		return text
	}
	keep := func(*claims) {}
	good := sign(private, jwt.SigningMethodEdDSA, "token-v1", keep)
	_, err := verifier.Verify(good)
	require.NoError(t, err)
	der, err := x509.MarshalPKIXPublicKey(public)
	require.NoError(t, err)
	parts := strings.Split(good, ".")
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	raised := base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(payload), `"agent"`, `"admin"`, 1)))

	for name, token := range map[string]string{
		"other key":       sign(strange, jwt.SigningMethodEdDSA, "token-v1", keep),
		"unknown key id":  sign(private, jwt.SigningMethodEdDSA, "token-v9", keep),
		"none":            sign(jwt.UnsafeAllowNoneSignatureType, jwt.SigningMethodNone, "token-v1", keep),
		"hmac by public":  sign(der, jwt.SigningMethodHS256, "token-v1", keep),
		"hmac by raw key": sign([]byte(public), jwt.SigningMethodHS256, "token-v1", keep),
		"no expiry":       sign(private, jwt.SigningMethodEdDSA, "token-v1", func(c *claims) { c.ExpiresAt = nil }),
		"other issuer":    sign(private, jwt.SigningMethodEdDSA, "token-v1", func(c *claims) { c.Issuer = "x" }),
		"other audience":  sign(private, jwt.SigningMethodEdDSA, "token-v1", func(c *claims) { c.Audience = nil }),
		"no subject":      sign(private, jwt.SigningMethodEdDSA, "token-v1", func(c *claims) { c.Subject = " " }),
		"kind public":     sign(private, jwt.SigningMethodEdDSA, "token-v1", func(c *claims) { c.Kind = "PUBLIC" }),
		"kind unknown":    sign(private, jwt.SigningMethodEdDSA, "token-v1", func(c *claims) { c.Kind = "ROOT" }),
		"issued later":    sign(private, jwt.SigningMethodEdDSA, "token-v1", func(cl *claims) { cl.IssuedAt = jwt.NewNumericDate(c.t.Add(time.Minute)) }),
		"changed payload": parts[0] + "." + raised + "." + parts[2],
		"no signature":    parts[0] + "." + parts[1] + ".",
		"not a token":     "abc",
		"empty":           "",
		"endless":         strings.Repeat("a", maxTokenBytes+1),
		"cut":             good[:len(good)-2],
	} {
		p, err := verifier.Verify(token)
		require.ErrorIs(t, err, apierr.ErrUnauthenticated, name)
		require.Zero(t, p, name)
	}
}

func TestSignRefusesNobody(t *testing.T) {
	t.Parallel()
	_, private := keyPair(t)
	signer := NewSigner("k", private, newClock().now)
	_, _, err := signer.Sign(Principal{}, time.Minute)
	require.Error(t, err)
	_, _, err = signer.Sign(Principal{Subject: "users/1"}, time.Minute)
	require.Error(t, err)
	huge := full
	huge.Scopes = []string{strings.Repeat("x", maxTokenBytes)}
	_, _, err = signer.Sign(huge, time.Minute)
	require.ErrorContains(t, err, "exceeds", "what cannot be verified is not signed")
}

func TestCacheIsBoundedAndKeepsWhatIsUsed(t *testing.T) {
	t.Parallel()
	now := newClock().t
	cache := newTokenCache(2)
	for _, token := range []string{"a", "b", "c"} { // a and b grow old
		cache.put(token, &Principal{Subject: token}, now.Add(time.Hour), now)
	}
	_, ok := cache.get("a", now) // and a comes back
	require.True(t, ok)
	cache.put("d", &Principal{}, now.Add(time.Hour), now)
	_, ok = cache.get("a", now)
	require.True(t, ok)
	_, ok = cache.get("b", now)
	require.False(t, ok)
	require.LessOrEqual(t, len(cache.young)+len(cache.old), 4)
	cache.put("late", &Principal{}, now, now)
	_, ok = cache.get("late", now)
	require.False(t, ok)
}

func TestSourceSignsAgainAtHalfTheLife(t *testing.T) {
	t.Parallel()
	c := newClock()
	_, private := keyPair(t)
	source := NewSource(NewSigner("k", private, c.now), 10*time.Minute)
	first, err := source.Token(full)
	require.NoError(t, err)
	c.t = c.t.Add(4 * time.Minute)
	again, err := source.Token(full)
	require.NoError(t, err)
	require.Equal(t, first, again)
	other := full
	other.OnBehalfOf = "wechat:o2"
	otherToken, err := source.Token(other)
	require.NoError(t, err)
	require.NotEqual(t, first, otherToken)
	c.t = c.t.Add(2 * time.Minute)
	renewed, err := source.Token(full)
	require.NoError(t, err)
	require.NotEqual(t, first, renewed)
}

func TestContext(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	require.Equal(t, Principal{}, FromContext(ctx))
	require.Equal(t, Public, FromContext(ctx).Kind)
	ctx = WithCaller(ctx, full, "token")
	require.Equal(t, full, FromContext(ctx))
	require.Equal(t, "token", TokenFromContext(ctx))
	ctx = WithPrincipal(ctx, SystemPrincipal())
	require.Empty(t, TokenFromContext(ctx), "a token does not outlive its principal")
	require.True(t, full.Has(RoleAgent))
	require.False(t, full.Has(RoleAdmin))
	require.False(t, full.HasScope("s"), "scopes are partners'")
	require.False(t, Principal{Kind: Partner, Roles: []string{RoleAdmin}}.Has(RoleAdmin), "roles are staff's")
}

func BenchmarkVerify(b *testing.B) {
	c := newClock()
	public, private := keyPair(b)
	token, _, err := NewSigner("k", private, c.now).Sign(full, time.Hour)
	require.NoError(b, err)
	b.Run("first", func(b *testing.B) {
		v := NewVerifier(map[string]ed25519.PublicKey{"k": public}, c.now)
		for range b.N {
			if _, _, err := v.parse(token); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("again", func(b *testing.B) {
		v := NewVerifier(map[string]ed25519.PublicKey{"k": public}, c.now)
		for range b.N {
			if _, err := v.Verify(token); err != nil {
				b.Fatal(err)
			}
		}
	})
}
