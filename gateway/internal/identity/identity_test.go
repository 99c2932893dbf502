package identity

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

func TestBelow(t *testing.T) { // R1
	t.Parallel()
	entity := []Organisation{{Name: "a"}, {Name: "b", Parent: "a"}, {Name: "c", Parent: "b"}, {Name: "d", Parent: "a"}}
	require.Equal(t, []string{"a", "b", "c", "d"}, Below("a", entity))
	require.Equal(t, []string{"b", "c"}, Below("b", entity))
	require.Equal(t, []string{"x"}, Below("x", nil))
	circle := []Organisation{{Name: "a", Parent: "b"}, {Name: "b", Parent: "a"}}
	require.Equal(t, []string{"a", "b"}, Below("a", circle), "a damaged tree ends")
}

func TestHasher(t *testing.T) {
	t.Parallel()
	h := NewHasher()
	hash, err := h.Hash(t.Context(), "correct horse")
	require.NoError(t, err)
	again, err := h.Hash(t.Context(), "correct horse")
	require.NoError(t, err)
	require.NotEqual(t, hash, again, "salted")
	for password, want := range map[string]bool{"correct horse": true, "Correct horse": false, "": false} {
		ok, err := h.Verify(t.Context(), password, hash)
		require.NoError(t, err)
		require.Equal(t, want, ok, password)
	}
	ok, err := h.Verify(t.Context(), "correct horse", "")
	require.NoError(t, err)
	require.False(t, ok, "nobody's hash")
	_, err = h.Verify(t.Context(), "x", strings.Replace(hash, "t=2", "t=1", 1))
	require.Error(t, err, "a weaker cost is not taken")
}

func TestHasherSheds(t *testing.T) {
	t.Parallel()
	h := NewHasher()
	for range AtATime {
		h.turns <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := h.Hash(ctx, "x")
	require.ErrorIs(t, err, apierr.ErrOverloaded)
}

func TestDrawnSecretsDiffer(t *testing.T) {
	t.Parallel()
	require.NotEqual(t, NewSecret(), NewSecret())
	require.GreaterOrEqual(t, len(NewSecret()), 40)
	require.NotEqual(t, NewPassword(), NewPassword())
	require.Regexp(t, `^[a-z2-7]{26}$`, NewPassword())
	require.Regexp(t, `^ak_[a-z2-7]{20}$`, NewKeyID())
}

func TestParseAddresses(t *testing.T) {
	t.Parallel()
	prefixes, err := ParseAddresses([]string{"192.0.2.7", "198.51.100.9/24", "2001:db8::/32"})
	require.NoError(t, err)
	for addr, want := range map[string]bool{
		"192.0.2.7": true, "192.0.2.8": false, "198.51.100.200": true, "::ffff:192.0.2.7": true, "2001:db8::5": true, "2001:db9::5": false,
	} {
		require.Equal(t, want, contains(prefixes, netip.MustParseAddr(addr)), addr)
	}
	_, err = ParseAddresses([]string{"example.com"})
	require.ErrorIs(t, err, apierr.ErrInvalid)
}

func TestCacheForgetsWhatWasReadBeforeAClear(t *testing.T) {
	t.Parallel()
	c, now, one := newCache[int](), time.Unix(1764000000, 0), 1
	epoch := c.now()
	c.clear() // an administrator's change, between the read and the put
	c.put("k", &one, now, epoch)
	_, ok := c.get("k", now)
	require.False(t, ok)
	c.put("k", &one, now, c.now())
	v, ok := c.get("k", now.Add(fresh-1))
	require.True(t, ok)
	require.Equal(t, 1, *v)
	_, ok = c.get("k", now.Add(fresh))
	require.False(t, ok)
}

func TestGuessesDoNotPushOutWhatIsGood(t *testing.T) {
	t.Parallel()
	c, now, one := newCache[int](), time.Unix(1764000000, 0), 1
	c.put("good", &one, now, 0)
	for i := range 10 * cacheSize {
		c.put(strings.Repeat("x", i%97)+string(rune('a'+i%26))+time.Duration(i).String(), nil, now, 0)
	}
	_, ok := c.get("good", now)
	require.True(t, ok)
	require.LessOrEqual(t, len(c.young)+len(c.old), cacheSize)
}
