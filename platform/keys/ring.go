package keys

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/aftersales-suite/aftersales/platform/auth"
)

// Sealer encrypts with the newest key and opens what any version sealed.
type Sealer interface {
	// Seal encrypts plain and binds it to aad, which must be given again to Open:
	// the row and field it belongs to, so that sealed values cannot be swapped.
	Seal(plain, aad []byte) ([]byte, error)
	Open(sealed, aad []byte) ([]byte, error)
}

// Indexer makes values searchable without storing them.
type Indexer interface {
	// BlindIndex is a keyed digest of the value, different for each field name.
	// The caller normalises the value first (a phone number without spaces).
	BlindIndex(field, value string) string
}

// Ring holds every key of an installation.
type Ring struct {
	dir     string
	sealer  *sealer
	index   versions[[]byte]
	archive versions[ed25519.PrivateKey]
	public  map[string]ed25519.PublicKey // archive keys, also those whose private half is gone
	token   versions[ed25519.PrivateKey]
	ca      versions[*authority]
}

// ErrNoKeys says that the folder lacks a kind of key: `aftersales keys init`.
var ErrNoKeys = errors.New("keys: missing; run keys init")

// Init creates what is missing in dir and loads it. It is safe to repeat.
func Init(dir string) (*Ring, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	for _, name := range Names {
		if err := create(dir, name); err != nil {
			return nil, fmt.Errorf("keys: %s: %w", name, err)
		}
	}
	return Load(dir)
}

// Load reads the keys in dir. It refuses files that others can read.
func Load(dir string) (*Ring, error) {
	r := &Ring{dir: dir}
	if err := checkModes(dir); err != nil {
		return nil, err
	}
	err := errors.Join(r.loadSealer(), r.loadIndex(), r.loadArchive(), r.loadToken(), r.loadCA())
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Sealer encrypts personal fields and stored answers.
func (r *Ring) Sealer() Sealer { return r.sealer }

// Indexer makes blind indexes.
func (r *Ring) Indexer() Indexer { return r }

// TokenSigner signs tokens with the newest token key.
func (r *Ring) TokenSigner(now func() time.Time) *auth.Signer {
	id, key := r.token.newest()
	return auth.NewSigner(tokenKeyID(id), key, now)
}

// TokenVerifier verifies tokens of every version in the folder.
func (r *Ring) TokenVerifier(now func() time.Time) *auth.Verifier {
	public := make(map[string]ed25519.PublicKey, len(r.token))
	for id, key := range r.token {
		public[tokenKeyID(id)] = key.Public().(ed25519.PublicKey)
	}
	return auth.NewVerifier(public, now)
}

func tokenKeyID(version int) string { return fmt.Sprintf("token-v%d", version) }

// versions are the versions of one kind of key.
type versions[T any] map[int]T

func (v versions[T]) newest() (version int, key T) {
	for n := range v {
		version = max(version, n)
	}
	return version, v[version]
}

func (v versions[T]) ascending() []int { return slices.Sorted(maps.Keys(v)) }
