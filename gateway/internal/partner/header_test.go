package partner

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseHeader(t *testing.T) {
	t.Parallel()
	c, err := ParseHeader(`AFTERSALES-HMAC-SHA256 key_id="k1", timestamp="1764000000",nonce="0123456789abcdef",signature="c2ln"`)
	require.NoError(t, err)
	require.Equal(t, Credentials{Scheme: HMAC, KeyID: "k1", Timestamp: "1764000000", Nonce: "0123456789abcdef", Signature: "c2ln"}, c)
}

func TestParseHeaderRefuses(t *testing.T) {
	t.Parallel()
	const good = `AFTERSALES-HMAC-SHA256 key_id="k1",timestamp="1764000000",nonce="0123456789abcdef",signature="c2ln"`
	for name, header := range map[string]string{
		"no scheme":          `key_id="k1"`,
		"other scheme":       `WECHATPAY2-SHA256-RSA2048 key_id="k1",timestamp="1",nonce="0123456789abcdef",signature="c2ln"`,
		"missing part":       `AFTERSALES-HMAC-SHA256 key_id="k1",timestamp="1764000000",nonce="0123456789abcdef"`,
		"twice":              good + `,nonce="0123456789abcdeg"`,
		"unknown part":       good + `,extra="1"`,
		"empty value":        `AFTERSALES-HMAC-SHA256 key_id="",timestamp="1764000000",nonce="0123456789abcdef",signature="c2ln"`,
		"short nonce":        `AFTERSALES-HMAC-SHA256 key_id="k1",timestamp="1764000000",nonce="0123456789abcde",signature="c2ln"`,
		"long nonce":         `AFTERSALES-HMAC-SHA256 key_id="k1",timestamp="1764000000",nonce="` + string(make([]byte, 65)) + `",signature="c2ln"`,
		"line in the nonce":  "AFTERSALES-HMAC-SHA256 key_id=\"k1\",timestamp=\"1764000000\",nonce=\"0123456789\nabcdef\",signature=\"c2ln\"",
		"signed timestamp":   `AFTERSALES-HMAC-SHA256 key_id="k1",timestamp="+1764000000",nonce="0123456789abcdef",signature="c2ln"`,
		"leading zero":       `AFTERSALES-HMAC-SHA256 key_id="k1",timestamp="01764000000",nonce="0123456789abcdef",signature="c2ln"`,
		"without quotes":     `AFTERSALES-HMAC-SHA256 key_id=k1,timestamp=1764000000,nonce=0123456789abcdef,signature=c2ln`,
		"lower case":         `aftersales-hmac-sha256 key_id="k1",timestamp="1764000000",nonce="0123456789abcdef",signature="c2ln"`,
		"quote in the value": `AFTERSALES-HMAC-SHA256 key_id="k"1",timestamp="1764000000",nonce="0123456789abcdef",signature="c2ln"`,
	} {
		_, err := ParseHeader(header)
		require.Error(t, err, name)
	}
}
