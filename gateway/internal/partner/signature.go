package partner

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash"
	"io"
	"strconv"
	"sync"
	"time"
)

// Window is how far a timestamp may be from our clock, to either side.
const Window = 300 * time.Second

// Message is what a signature is over, as it was sent.
type Message struct {
	Method     string
	Target     string // request target of the request line: path and query, undecoded
	Body       []byte
	OnBehalfOf string // value of X-On-Behalf-Of, a sixth line; "" when the header was not sent
}

var (
	errSignature = errors.New("partner: signature does not match")
	errScheme    = errors.New("partner: the key is of another scheme")
	// ErrTimestamp is told to the partner: the signature was good, so it is known who asks.
	ErrTimestamp = errors.New("partner: timestamp outside the window")
)

// Key checks signatures of one partner key. It is safe for concurrent use.
type Key struct {
	scheme Scheme
	public ed25519.PublicKey
	pool   sync.Pool // of keyed hashes: making one costs as much as a short body
}

// NewHMACKey takes the secret's characters as UTF-8.
func NewHMACKey(secret string) *Key {
	k := &Key{scheme: HMAC}
	k.pool.New = func() any { return hmac.New(sha256.New, []byte(secret)) }
	return k
}

// NewEd25519Key takes a registered public key of 32 bytes.
func NewEd25519Key(public ed25519.PublicKey) *Key { return &Key{scheme: Ed25519, public: public} }

// NobodysKey matches nothing; an unknown key id is checked against it, so that it takes as long as a known one.
func NobodysKey() *Key { return NewHMACKey(rand.Text()) }

// Verify checks the signature and then the timestamp. A wrong signature must not be told apart from an unknown key.
func (k *Key) Verify(c Credentials, m Message, now time.Time) error {
	if k.scheme != c.Scheme {
		return errScheme
	}
	signature, err := base64.StdEncoding.DecodeString(c.Signature)
	if err != nil {
		return errSignature
	}
	if !k.matches(signature, c, m) {
		return errSignature
	}
	return checkTime(c.Timestamp, now)
}

func (k *Key) matches(signature []byte, c Credentials, m Message) bool {
	if k.scheme == Ed25519 {
		var text buffer
		writeMessage(&text, c, m)
		return ed25519.Verify(k.public, text, signature)
	}
	mac := k.pool.Get().(hash.Hash)
	defer k.pool.Put(mac)
	mac.Reset()
	writeMessage(mac, c, m)
	var sum [sha256.Size]byte
	return hmac.Equal(mac.Sum(sum[:0]), signature) // constant time
}

// Sign makes the signature of an HMAC key: for the demo, tests and Go partners.
func Sign(secret string, c Credentials, m Message) string {
	mac := hmac.New(sha256.New, []byte(secret))
	writeMessage(mac, c, m)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// SignEd25519 makes the signature of an Ed25519 key.
func SignEd25519(key ed25519.PrivateKey, c Credentials, m Message) string {
	var text buffer
	writeMessage(&text, c, m)
	return base64.StdEncoding.EncodeToString(ed25519.Sign(key, text))
}

// writeMessage writes the lines: one LF after each, no spaces.
func writeMessage(w io.Writer, c Credentials, m Message) {
	head := make([]byte, 0, 256)
	for _, line := range [...]string{m.Method, m.Target, c.Timestamp, c.Nonce} {
		head = append(append(head, line...), '\n')
	}
	_, _ = w.Write(head) // hashes and buffers do not fail
	_, _ = w.Write(m.Body)
	_, _ = w.Write(newline)
	if m.OnBehalfOf != "" {
		_, _ = io.WriteString(w, m.OnBehalfOf+"\n")
	}
}

var newline = []byte{'\n'}

type buffer []byte

func (b *buffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

func checkTime(timestamp string, now time.Time) error {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return ErrTimestamp
	}
	if off := now.Unix() - seconds; off > int64(Window.Seconds()) || -off > int64(Window.Seconds()) {
		return ErrTimestamp
	}
	return nil
}
