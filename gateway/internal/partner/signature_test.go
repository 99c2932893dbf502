package partner

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var at = time.Unix(1764000000, 0).UTC()

func credentials() Credentials {
	return Credentials{Scheme: HMAC, KeyID: "k1", Timestamp: "1764000000", Nonce: "0123456789abcdef"}
}

// The shape of api.md section 2, written out once without the code under test.
func TestSignatureIsOverTheWrittenShape(t *testing.T) {
	t.Parallel()
	c := credentials()
	mac := hmac.New(sha256.New, []byte("s3cret"))
	mac.Write([]byte("POST\n/v1/cases?requestId=a\n1764000000\n0123456789abcdef\n{\"kind\":\"COMPLAINT\"}\nwechat:o1\n"))
	c.Signature = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	m := Message{Method: "POST", Target: "/v1/cases?requestId=a", Body: []byte(`{"kind":"COMPLAINT"}`), OnBehalfOf: "wechat:o1"}
	require.NoError(t, NewHMACKey("s3cret").Verify(c, m, at))
	require.Equal(t, c.Signature, Sign("s3cret", c, m))

	m.OnBehalfOf = ""
	require.Error(t, NewHMACKey("s3cret").Verify(c, m, at), "the sixth line counts")
}

func TestWindow(t *testing.T) {
	t.Parallel()
	c := credentials()
	m := Message{Method: "GET", Target: "/v1/events"}
	c.Signature = Sign("s3cret", c, m)
	key := NewHMACKey("s3cret")
	for off, want := range map[time.Duration]error{
		0: nil, Window: nil, -Window: nil, Window + time.Second: ErrTimestamp, -Window - time.Second: ErrTimestamp,
	} {
		require.ErrorIs(t, key.Verify(c, m, at.Add(off)), want, off)
	}
	c.Timestamp = "1763999999"
	require.NotErrorIs(t, key.Verify(c, m, at), ErrTimestamp, "an unsigned timestamp is not worth an answer")
}

func TestEd25519(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	c := credentials()
	c.Scheme = Ed25519
	m := Message{Method: "POST", Target: "/v1/cases", Body: []byte("{}")}
	c.Signature = SignEd25519(private, c, m)
	require.NoError(t, NewEd25519Key(public).Verify(c, m, at))
	require.Error(t, NewHMACKey("s3cret").Verify(c, m, at), "a key is for one scheme")
	m.Body = []byte("{ }")
	require.Error(t, NewEd25519Key(public).Verify(c, m, at))
}

// Any change of any signed part is noticed, and so is a moved boundary between parts.
func TestEveryPartIsSigned(t *testing.T) {
	t.Parallel()
	key := NewHMACKey("s3cret")
	rapid.Check(t, func(rt *rapid.T) {
		c := credentials()
		m := Message{
			Method: rapid.SampledFrom([]string{"GET", "POST"}).Draw(rt, "method"),
			Target: "/" + rapid.StringMatching(`[a-z/?=&%]{0,20}`).Draw(rt, "target"),
			Body:   rapid.SliceOfN(rapid.Byte(), 0, 50).Draw(rt, "body"),
		}
		c.Signature = Sign("s3cret", c, m)
		require.NoError(rt, key.Verify(c, m, at))
		changed, other := m, c
		switch rapid.IntRange(0, 5).Draw(rt, "what") {
		case 0:
			changed.Method = "PUT"
		case 1:
			changed.Target += "x"
		case 2:
			changed.Body = append([]byte{'x'}, m.Body...)
		case 3:
			changed.OnBehalfOf = "wechat:o1"
		case 4:
			other.Nonce += "0"
		case 5:
			other.Timestamp = "1764000001"
		}
		require.Error(rt, key.Verify(other, changed, at))
	})
}

func TestNobodysKeyMatchesNothing(t *testing.T) {
	t.Parallel()
	c := credentials()
	c.Signature = Sign("", c, Message{})
	require.Error(t, NobodysKey().Verify(c, Message{}, at))
}

func BenchmarkVerify(b *testing.B) {
	c := credentials()
	m := Message{Method: "POST", Target: "/v1/cases", Body: make([]byte, 900)}
	c.Signature = Sign("s3cret", c, m)
	key := NewHMACKey("s3cret")
	b.ReportAllocs()
	for b.Loop() {
		if key.Verify(c, m, at) != nil {
			b.Fatal("refused")
		}
	}
}
