package keys

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// ArchiveSigner signs archives with the newest archive key; safe for concurrent use.
type ArchiveSigner struct {
	keyID string
	key   ed25519.PrivateKey
}

// KeyID names the key in the archive's manifest, e.g. archive-v1.
func (s ArchiveSigner) KeyID() string { return s.keyID }

// Sign gives the 64-byte Ed25519 signature of message.
func (s ArchiveSigner) Sign(message []byte) []byte { return ed25519.Sign(s.key, message) }

// Public is the key that verifies.
func (s ArchiveSigner) Public() ed25519.PublicKey { return s.key.Public().(ed25519.PublicKey) }

// ArchiveSigner gives the signer of the newest archive key.
func (r *Ring) ArchiveSigner() ArchiveSigner {
	v, key := r.archive.newest()
	return ArchiveSigner{keyID: archiveKeyID(v), key: key}
}

// ArchivePublic gives the archive key of an id.
func (r *Ring) ArchivePublic(id string) (ed25519.PublicKey, bool) {
	key, ok := r.public[id]
	return key, ok
}

// LoadArchivePublic reads only the public archive keys in dir, by key id: the
// offline verification needs no secret and no complete ring.
func LoadArchivePublic(dir string) (map[string]ed25519.PublicKey, error) {
	found, err := load(dir, "archive", ".pub", parsePublic)
	if err != nil {
		return nil, err
	}
	public := make(map[string]ed25519.PublicKey, len(found))
	for v, key := range found {
		public[archiveKeyID(v)] = key
	}
	return public, nil
}

// ParsePublic reads a public key file (PEM), as `verify --key` is given one.
func ParsePublic(content []byte) (ed25519.PublicKey, error) { return parsePublic(content) }

func archiveKeyID(version int) string { return fmt.Sprintf("archive-v%d", version) }

func (r *Ring) loadArchive() (err error) {
	if r.archive, err = load(r.dir, "archive", ".key", parsePrivate); err != nil {
		return err
	}
	r.public, err = LoadArchivePublic(r.dir)
	return err
}

func (r *Ring) loadToken() (err error) {
	r.token, err = load(r.dir, "token", ".key", parsePrivate)
	return err
}

// generateEd25519 writes a key pair; the public half first, so that there is
// never a private key whose signatures nobody can verify.
func generateEd25519(dir, name string, v int) error {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	publicDER, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return err
	}
	privateDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	if err := write(keyPath(dir, name, v, ".pub"), toPEM("PUBLIC KEY", publicDER)); err != nil {
		return err
	}
	return write(keyPath(dir, name, v, ".key"), toPEM("PRIVATE KEY", privateDER))
}

func parsePrivate(content []byte) (ed25519.PrivateKey, error) {
	der, err := fromPEM("PRIVATE KEY", content)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, errors.New("not an Ed25519 key")
	}
	return private, nil
}

func parsePublic(content []byte) (ed25519.PublicKey, error) {
	der, err := fromPEM("PUBLIC KEY", content)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, err
	}
	public, ok := key.(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("not an Ed25519 key")
	}
	return public, nil
}

func toPEM(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func fromPEM(kind string, content []byte) ([]byte, error) {
	block, _ := pem.Decode(content)
	if block == nil || block.Type != kind {
		return nil, fmt.Errorf("no PEM block %q", kind)
	}
	return block.Bytes, nil
}
