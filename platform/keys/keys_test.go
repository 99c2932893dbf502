package keys_test

import (
	"crypto/ed25519"
	"crypto/tls"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/keys"
)

func now() time.Time { return time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC) }

func ring(t testing.TB) (*keys.Ring, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	r, err := keys.Init(dir)
	require.NoError(t, err)
	return r, dir
}

func reload(t *testing.T, dir string) *keys.Ring {
	t.Helper()
	r, err := keys.Load(dir)
	require.NoError(t, err)
	return r
}

func rotate(t *testing.T, dir, name string) *keys.Ring {
	t.Helper()
	require.NoError(t, keys.Rotate(dir, name))
	return reload(t, dir)
}

func TestFilesAreTheOwnersOnly(t *testing.T) {
	t.Parallel()
	_, dir := ring(t)
	info, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o700), info.Mode().Perm())
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 8, "no temporary file stays")
	for _, e := range entries {
		info, err := e.Info()
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o600), info.Mode().Perm(), e.Name())
	}
}

func TestOpenToEverybodyIsRefused(t *testing.T) {
	t.Parallel()
	_, dir := ring(t)
	require.NoError(t, os.Chmod(filepath.Join(dir, "index-v1.key"), 0o644))
	_, err := keys.Load(dir)
	require.ErrorContains(t, err, "index-v1.key")
	require.ErrorContains(t, err, "chmod 600")
}

func TestInitIsHarmlessWhenRepeated(t *testing.T) {
	t.Parallel()
	first, dir := ring(t)
	second, err := keys.Init(dir)
	require.NoError(t, err)
	require.Equal(t, first.BlindIndex("phone", "1"), second.BlindIndex("phone", "1"))
	require.Equal(t, first.ArchiveSigner().Public(), second.ArchiveSigner().Public())
	sealed, err := first.Sealer().Seal([]byte("x"), nil)
	require.NoError(t, err)
	_, err = second.Sealer().Open(sealed, nil)
	require.NoError(t, err)
}

func TestLoadSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := keys.Load(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, keys.ErrNoKeys)
	_, dir := ring(t)
	for _, name := range []string{"aead.json", "index-v1.key", "archive-v1.key", "token-v1.key", "ca-v1.crt"} {
		path := filepath.Join(dir, name)
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.Remove(path))
		_, err = keys.Load(dir)
		require.ErrorIs(t, err, keys.ErrNoKeys, name)
		require.NoError(t, os.WriteFile(path, []byte("garbage"), 0o600))
		_, err = keys.Load(dir)
		require.ErrorContains(t, err, name)
		require.NoError(t, os.WriteFile(path, content, 0o600))
	}
	reload(t, dir)
	require.ErrorContains(t, keys.Rotate(dir, "nonsense"), "nonsense")
}

func TestSealedValuesAreBoundToTheirPlace(t *testing.T) {
	t.Parallel()
	r, _ := ring(t)
	sealed, err := r.Sealer().Seal([]byte("13800138000"), []byte("cases/1/phone"))
	require.NoError(t, err)
	require.NotContains(t, string(sealed), "13800138000")
	plain, err := r.Sealer().Open(sealed, []byte("cases/1/phone"))
	require.NoError(t, err)
	require.Equal(t, "13800138000", string(plain))
	_, err = r.Sealer().Open(sealed, []byte("cases/2/phone"))
	require.Error(t, err)
	for i := range sealed {
		forged := append([]byte(nil), sealed...)
		forged[i] ^= 1
		_, err = r.Sealer().Open(forged, []byte("cases/1/phone"))
		require.Error(t, err, "byte %d", i)
	}
	again, err := r.Sealer().Seal([]byte("13800138000"), []byte("cases/1/phone"))
	require.NoError(t, err)
	require.NotEqual(t, sealed, again, "equal values do not look equal")
}

func TestRotationKeepsTheOldReadable(t *testing.T) {
	t.Parallel()
	old, dir := ring(t)
	sealed, err := old.Sealer().Seal([]byte("x"), nil)
	require.NoError(t, err)
	index := old.BlindIndex("phone", "1")
	token, _, err := old.TokenSigner(now).Sign(auth.ServicePrincipal("intake"), time.Minute)
	require.NoError(t, err)
	signature := old.ArchiveSigner().Sign([]byte("manifest"))

	for _, name := range keys.Names {
		rotate(t, dir, name)
	}
	r := reload(t, dir)
	plain, err := r.Sealer().Open(sealed, nil)
	require.NoError(t, err)
	require.Equal(t, "x", string(plain))
	newer, err := r.Sealer().Seal([]byte("x"), nil)
	require.NoError(t, err)
	_, err = old.Sealer().Open(newer, nil)
	require.Error(t, err, "new things use the new key")

	require.Equal(t, []string{r.BlindIndex("phone", "1"), index}, r.BlindIndexes("phone", "1"))
	require.NotEqual(t, index, r.BlindIndex("phone", "1"))

	_, err = r.TokenVerifier(now).Verify(token)
	require.NoError(t, err)
	later, _, err := r.TokenSigner(now).Sign(auth.ServicePrincipal("intake"), time.Minute)
	require.NoError(t, err)
	_, err = old.TokenVerifier(now).Verify(later)
	require.Error(t, err)

	require.Equal(t, "archive-v2", r.ArchiveSigner().KeyID())
	public, ok := r.ArchivePublic("archive-v1")
	require.True(t, ok)
	require.True(t, ed25519.Verify(public, []byte("manifest"), signature))
}

func TestArchiveVerifiesWithThePublicHalfAlone(t *testing.T) {
	t.Parallel()
	r, dir := ring(t)
	signature := r.ArchiveSigner().Sign([]byte("manifest"))
	require.Len(t, signature, 64)
	elsewhere := t.TempDir()
	content, err := os.ReadFile(filepath.Join(dir, "archive-v1.pub"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(elsewhere, "archive-v1.pub"), content, 0o600))
	public, err := keys.LoadArchivePublic(elsewhere)
	require.NoError(t, err)
	require.True(t, ed25519.Verify(public["archive-v1"], []byte("manifest"), signature))
	parsed, err := keys.ParsePublic(content)
	require.NoError(t, err)
	require.Equal(t, public["archive-v1"], parsed)
	_, err = keys.LoadArchivePublic(t.TempDir())
	require.ErrorIs(t, err, keys.ErrNoKeys)
	// A private key that was retired leaves its archives verifiable.
	rotate(t, dir, "archive")
	require.NoError(t, os.Remove(filepath.Join(dir, "archive-v1.key")))
	_, ok := reload(t, dir).ArchivePublic("archive-v1")
	require.True(t, ok)
}

func TestBlindIndexKeepsFieldsApart(t *testing.T) {
	t.Parallel()
	r, _ := ring(t)
	require.Equal(t, r.BlindIndex("phone", "1"), r.BlindIndex("phone", "1"))
	require.NotEqual(t, r.BlindIndex("phone", "1"), r.BlindIndex("name", "1"))
	require.NotEqual(t, r.BlindIndex("ab", "c"), r.BlindIndex("a", "bc"))
	other, _ := ring(t)
	require.NotEqual(t, r.BlindIndex("phone", "1"), other.BlindIndex("phone", "1"))
}

// handshake tries TLS between the two configurations.
func handshake(t *testing.T, server, client *tls.Config, name string) error {
	t.Helper()
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	client = client.Clone()
	client.ServerName = name
	done := make(chan error, 1)
	go func() {
		err := tls.Server(a, server).HandshakeContext(t.Context())
		_ = a.Close() // a refused client waits for an alert that a pipe may not take
		done <- err
	}()
	clientErr := tls.Client(b, client).HandshakeContext(t.Context())
	_ = b.Close()
	if err := <-done; err != nil {
		return err
	}
	return clientErr
}

func TestMutualTLS(t *testing.T) {
	t.Parallel()
	r, dir := ring(t)
	server, _, err := r.TLS("intake")
	require.NoError(t, err)
	_, client, err := r.TLS("survey")
	require.NoError(t, err)
	require.NoError(t, handshake(t, server, client, keys.ServerName("intake")))
	require.Error(t, handshake(t, server, client, keys.ServerName("dispatch")))

	_, rotated, err := rotate(t, dir, "ca").TLS("survey")
	require.NoError(t, err)
	require.Error(t, handshake(t, server, rotated, keys.ServerName("intake")), "one that has not been restarted does not know the new CA")
	server, _, err = reload(t, dir).TLS("intake")
	require.NoError(t, err)
	require.NoError(t, handshake(t, server, rotated, keys.ServerName("intake")))
}

func BenchmarkSealer(b *testing.B) {
	r, _ := ring(b)
	plain, aad := make([]byte, 64), []byte("cases/1/phone")
	for range b.N {
		sealed, err := r.Sealer().Seal(plain, aad)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := r.Sealer().Open(sealed, aad); err != nil {
			b.Fatal(err)
		}
	}
}
