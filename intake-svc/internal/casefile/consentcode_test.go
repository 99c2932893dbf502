package casefile

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// keyed stands for the keyed digest of the store.
func keyed(solution, code string) string {
	sum := sha256.Sum256([]byte("key/" + solution + "/" + code))
	return hex.EncodeToString(sum[:])
}

func (d *desk) codeSent(t *testing.T, c *Case) string {
	t.Helper()
	code, change, err := c.SendConsentCode(d.as(anAgent), c.Current().ID, keyed)
	require.NoError(t, err)
	require.Len(t, code, 6)
	require.Equal(t, []string{"CONSENT_CODE_SENT"}, events(change))
	return code
}

func wrong(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

// R134, R151: the code on the phone is the customer's consent: who, how and when are kept, also to a fee.
func TestConsentByCode(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, SolutionProposed)
	c.Current().Fee = Money{"CNY", 120_00}
	id := c.Current().ID
	_, err := c.TryConsentCode(d.as(anAgent), id, "123456", keyed)
	requireReason(t, err, "CONSENT_CODE_EXPIRED")
	code := d.codeSent(t, c)
	kept, err := json.Marshal(c)
	require.NoError(t, err)
	require.NotContains(t, string(kept), `"`+code+`"`, "kept one-way")
	require.Equal(t, code, c.Personal.Codes[c.Tasks[len(c.Tasks)-1].ID], "sealed until it is sent")
	c.NoticeTried(d.as(System), c.Tasks[len(c.Tasks)-1], &Attempt{Result: Delivered})
	require.Empty(t, c.Personal.Codes)
	_, err = c.TryConsentCode(d.as(anAgent), id, code, keyed)
	require.NoError(t, err)
	_, err = c.Agree(d.as(anAgent), id, ConsentWords{ByCode: true}, "HOTLINE")
	require.NoError(t, err)
	require.Equal(t, &Consent{Method: "ACCEPTANCE_CODE", Channel: "HOTLINE", Recorder: "users/agent", At: d.now}, c.Current().Consent)
	require.Nil(t, c.Current().Code, "spent")
}

func TestACodeHasFiveTriesAndThreeDays(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, SolutionProposed)
	id := c.Current().ID
	code := d.codeSent(t, c)
	for left := 4; left > 0; left-- {
		change, err := c.TryConsentCode(d.as(anAgent), id, wrong(code), keyed)
		requireReason(t, err, "CONSENT_CODE_WRONG")
		require.Equal(t, []string{"CONSENT_CODE_WRONG"}, events(change), "each is written down")
		require.Equal(t, left, c.Current().Code.TriesLeft())
	}
	for range 2 {
		_, err := c.TryConsentCode(d.as(anAgent), id, wrong(code), keyed)
		requireReason(t, err, "CONSENT_CODE_EXHAUSTED")
	}
	_, err := c.TryConsentCode(d.as(anAgent), id, code, keyed)
	requireReason(t, err, "CONSENT_CODE_EXHAUSTED")
	code = d.codeSent(t, c)
	d.now = d.now.Add(codeValidity)
	_, err = c.TryConsentCode(d.as(anAgent), id, code, keyed)
	require.NoError(t, err)
	d.now = d.now.Add(time.Microsecond)
	_, err = c.TryConsentCode(d.as(anAgent), id, code, keyed)
	requireReason(t, err, "CONSENT_CODE_EXPIRED")
	for range 3 {
		d.codeSent(t, c)
	}
	_, _, err = c.SendConsentCode(d.as(anAgent), id, keyed)
	requireReason(t, err, "CONSENT_CODE_EXHAUSTED")
	require.Len(t, c.Personal.Codes, 1, "a new code replaces the one before")
}

func TestACodeNeedsAPhoneAndAnOpenProposal(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, SolutionProposed)
	c.Personal.Parties[0].Phone = ""
	_, _, err := c.SendConsentCode(d.as(anAgent), c.Current().ID, keyed)
	requireReason(t, err, "CONSENT_CODE_NO_PHONE")
	c = d.at(t, SolutionAgreed)
	_, _, err = c.SendConsentCode(d.as(anAgent), c.Current().ID, keyed)
	requireReason(t, err, "SOLUTION_STATE_INVALID")
}
