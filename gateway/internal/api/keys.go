package api

import (
	"time"

	"github.com/aftersales-suite/aftersales/gateway/internal/identity"
	"github.com/aftersales-suite/aftersales/platform/keys"
)

// SecretKey draws an HMAC key; the secret is given back once and kept sealed.
func SecretKey(sealer keys.Sealer, partner string, now time.Time) (key identity.PartnerKey, secret string, err error) {
	key = identity.PartnerKey{KeyID: identity.NewKeyID(), Partner: partner, Algorithm: identity.HMACSHA256, Created: now}
	secret = identity.NewSecret()
	key.Secret, err = sealer.Seal([]byte(secret), identity.KeyAAD(key.KeyID))
	return key, secret, err
}
