package partner

import (
	"errors"
	"strings"
)

// Scheme of an Authorization header.
type Scheme string

// The two schemes of api.md section 2.
const (
	HMAC    Scheme = "AFTERSALES-HMAC-SHA256"
	Ed25519 Scheme = "AFTERSALES-ED25519"
)

// Credentials are what stands in the Authorization header.
type Credentials struct {
	Scheme    Scheme
	KeyID     string
	Timestamp string // Unix seconds, as sent: it is signed as sent
	Nonce     string
	Signature string // base64
}

// errHeader is for the log; a client is told only that it is not known.
var errHeader = errors.New("partner: malformed Authorization header")

// Handles says whether the header is for this package.
func Handles(authorization string) bool {
	scheme, _, _ := strings.Cut(authorization, " ")
	return Scheme(scheme) == HMAC || Scheme(scheme) == Ed25519
}

// ParseHeader reads `SCHEME key_id="…",timestamp="…",nonce="…",signature="…"`: each once, in any order, nothing else.
func ParseHeader(authorization string) (Credentials, error) {
	scheme, rest, ok := strings.Cut(authorization, " ")
	c := Credentials{Scheme: Scheme(scheme)}
	if !ok || !Handles(authorization) {
		return c, errHeader
	}
	fields := map[string]*string{"key_id": &c.KeyID, "timestamp": &c.Timestamp, "nonce": &c.Nonce, "signature": &c.Signature}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		target := fields[name]
		if !ok || target == nil || len(value) < 3 || value[0] != '"' || value[len(value)-1] != '"' {
			return c, errHeader
		}
		delete(fields, name) // so that a second one is refused
		*target = value[1 : len(value)-1]
	}
	if len(fields) > 0 || !c.wellFormed() {
		return c, errHeader
	}
	return c, nil
}

// Bounds of the parts.
const (
	minNonce = 16
	maxNonce = 64
	maxKeyID = 64
)

func (c Credentials) wellFormed() bool {
	return len(c.KeyID) <= maxKeyID && plain(c.KeyID) &&
		len(c.Nonce) >= minNonce && len(c.Nonce) <= maxNonce && plain(c.Nonce) &&
		digits(c.Timestamp) && len(c.Signature) <= 128
}

// plain says whether s is visible ASCII without the characters of the header itself.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' || s[i] == '"' || s[i] == '\\' || s[i] == ',' {
			return false
		}
	}
	return s != ""
}

func digits(s string) bool {
	if s == "" || len(s) > 12 || (s[0] == '0' && len(s) > 1) {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
