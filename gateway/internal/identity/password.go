package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// Cost of a password's hash (architecture.md section 6): OWASP's second choice, about 20 ms.
const (
	argonMemory  = 19 * 1024 // KiB
	argonTime    = 2
	argonThreads = 1
	argonKey     = 32
	argonSalt    = 16
	// AtATime bounds the memory: 38 MiB, and leaves the other requests a core.
	AtATime = 2
	// queueLimit is how long a sign-in waits for its turn.
	queueLimit = 5 * time.Second
)

// Hasher hashes passwords, two at a time.
type Hasher struct {
	turns chan struct{}
	dummy string
}

// NewHasher makes a hasher.
func NewHasher() *Hasher {
	h := &Hasher{turns: make(chan struct{}, AtATime)}
	h.dummy = encode(make([]byte, argonSalt), make([]byte, argonKey))
	return h
}

// Hash makes the PHC string that is stored.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // never fails
	sum, err := h.sum(ctx, password, salt)
	if err != nil {
		return "", err
	}
	return encode(salt, sum), nil
}

// Verify compares. For a user that does not exist hash is "": then it takes as long, and is false.
func (h *Hasher) Verify(ctx context.Context, password, hash string) (bool, error) {
	known := hash != ""
	if !known {
		hash = h.dummy
	}
	salt, want, err := decode(hash)
	if err != nil {
		return false, err
	}
	got, err := h.sum(ctx, password, salt)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && known, nil
}

func (h *Hasher) sum(ctx context.Context, password string, salt []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, queueLimit)
	defer cancel()
	select {
	case h.turns <- struct{}{}:
		defer func() { <-h.turns }()
		return argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, argonKey), nil
	case <-ctx.Done():
		return nil, apierr.ErrOverloaded.New().WithRetry(time.Second)
	}
}

const argonPrefix = "$argon2id$v=19$m=19456,t=2,p=1$"

func encode(salt, sum []byte) string {
	return argonPrefix + base64.RawStdEncoding.EncodeToString(salt) + "$" + base64.RawStdEncoding.EncodeToString(sum)
}

// decode reads hashes of our one cost: another cost comes with a migration.
func decode(hash string) (salt, sum []byte, err error) {
	rest, ok := strings.CutPrefix(hash, argonPrefix)
	saltText, sumText, both := strings.Cut(rest, "$")
	if !ok || !both {
		return nil, nil, errors.New("identity: stored password hash is of another kind")
	}
	if salt, err = base64.RawStdEncoding.DecodeString(saltText); err == nil {
		sum, err = base64.RawStdEncoding.DecodeString(sumText)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("identity: stored password hash: %w", err)
	}
	return salt, sum, nil
}

// NewPassword draws a password of 26 characters, 130 bits, that people can type.
func NewPassword() string { return strings.ToLower(rand.Text()) }

// NewSecret draws a partner's secret, 260 bits.
func NewSecret() string { return rand.Text() + rand.Text() }

// NewKeyID draws the id of a partner's key.
func NewKeyID() string { return "ak_" + strings.ToLower(rand.Text()[:20]) }
