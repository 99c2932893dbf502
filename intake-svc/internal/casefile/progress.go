package casefile

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"time"

	"github.com/google/uuid"
)

const (
	idBytes     = 16
	secretBytes = 16
)

// NewProgressSecret draws what proves a progress link.
func NewProgressSecret() string {
	secret := make([]byte, secretBytes)
	rand.Read(secret) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(secret)
}

// ProgressToken is the token of the progress link (R54): the case and its secret, 43 characters. It is found by the case's id,
// so that it needs no index.
func (c *Case) ProgressToken() string {
	id, err := uuid.Parse(c.ID)
	secret, err2 := base64.RawURLEncoding.DecodeString(c.ProgressSecret)
	if err != nil || err2 != nil || len(secret) != secretBytes {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(id[:], secret...))
}

// ProgressCase is the id of the case that a token is about; ok is false when it is no token.
func ProgressCase(token string) (id string, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != idBytes+secretBytes {
		return "", false
	}
	return uuid.UUID(raw[:idBytes]).String(), true
}

// ProvesProgress compares a token in constant time.
func (c *Case) ProvesProgress(token string) bool {
	own := c.ProgressToken()
	return own != "" && subtle.ConstantTimeCompare([]byte(own), []byte(token)) == 1
}

// Promise is when a running clock of the code is due; zero when none runs.
func (c *Case) Promise(code string) time.Time {
	if k := c.runningClock(code); k != nil {
		return k.Due
	}
	return time.Time{}
}

// runningClock is the clock of the code that has not ended; nil when there is none.
func (c *Case) runningClock(code string) *Clock {
	for i := range c.Clocks {
		if k := &c.Clocks[i]; k.Code == code && k.Ended.IsZero() {
			return k
		}
	}
	return nil
}
