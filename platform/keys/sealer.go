package keys

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

const sealerFile = "aead.json"

// sealer is a Tink AEAD over all versions of the keyset. AES-256-GCM with random
// nonces: rotate before 2^32 sealings with one key.
type sealer struct{ primitive tink.AEAD }

func (s *sealer) Seal(plain, aad []byte) ([]byte, error) {
	return s.primitive.Encrypt(plain, aad)
}

func (s *sealer) Open(sealed, aad []byte) ([]byte, error) {
	plain, err := s.primitive.Decrypt(sealed, aad)
	if err != nil {
		return nil, fmt.Errorf("keys: cannot open: %w", err)
	}
	return plain, nil
}

func (r *Ring) loadSealer() error {
	handle, err := readKeyset(r.dir)
	if err != nil {
		return err
	}
	primitive, err := aead.New(handle)
	if err != nil {
		return fmt.Errorf("keys: %s: %w", sealerFile, err)
	}
	r.sealer = &sealer{primitive: primitive}
	return nil
}

func createSealer(dir string) error {
	_, err := os.Stat(filepath.Join(dir, sealerFile))
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return err
	}
	return writeKeyset(dir, handle)
}

// rotateSealer adds a key and makes it the one that seals.
func rotateSealer(dir string) error {
	handle, err := readKeyset(dir)
	if err != nil {
		return err
	}
	manager := keyset.NewManagerFromHandle(handle)
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	if err := manager.SetPrimary(id); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	if handle, err = manager.Handle(); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	return writeKeyset(dir, handle)
}

func readKeyset(dir string) (*keyset.Handle, error) {
	content, err := os.ReadFile(filepath.Join(dir, sealerFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("aead: %w", ErrNoKeys)
	}
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(content)))
	if err != nil {
		return nil, fmt.Errorf("keys: %s: %w", sealerFile, err)
	}
	return handle, nil
}

// writeKeyset writes the keyset in clear: the folder's mode protects it, as it
// does the other keys.
func writeKeyset(dir string, handle *keyset.Handle) error {
	var content bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&content)); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	return write(filepath.Join(dir, sealerFile), content.Bytes())
}
