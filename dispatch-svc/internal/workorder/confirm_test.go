package workorder

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// done is an order that waits for the customer, with its code.
func done(t *testing.T) (*Order, string) {
	t.Helper()
	o := order(Done, Repair)
	o.Outcome = Fixed
	code, err := o.IssueCode(noon, digest)
	require.NoError(t, err)
	require.Len(t, code, 6)
	require.NotContains(t, o.Code.Digest, " ")
	return o, code
}

func wrong(code string) string {
	if code[0] == '0' {
		return "1" + code[1:]
	}
	return "0" + code[1:]
}

// R159
func TestConfirmByCode(t *testing.T) {
	t.Parallel()
	o, code := done(t)
	c, tried, err := o.Confirm(at(time.Hour), Proof{Code: code}, digest)
	require.NoError(t, err)
	require.False(t, tried)
	require.Equal(t, Confirmed, o.State)
	require.Equal(t, "ACCEPTANCE_CODE", o.Confirmation.Method)
	require.Equal(t, "customer", c.OnBehalf)
	require.Zero(t, o.Code, "a used code is forgotten")
	require.Equal(t, noon.Add(time.Hour), o.ConfirmedAt)
}

func TestFiveTries(t *testing.T) {
	t.Parallel()
	o, code := done(t)
	for i := range codeTries {
		_, tried, err := o.Confirm(at(0), Proof{Code: wrong(code)}, digest)
		require.True(t, tried)
		if i < codeTries-1 {
			require.ErrorIs(t, err, ErrCodeWrong)
		} else {
			require.ErrorIs(t, err, ErrCodeExhausted)
		}
		require.Equal(t, Done, o.State)
	}
	_, tried, err := o.Confirm(at(0), Proof{Code: code}, digest)
	require.ErrorIs(t, err, ErrCodeExhausted, "the right code comes too late")
	require.False(t, tried)
	_, _, err = o.Confirm(at(0), Proof{Signature: "evidence-1"}, digest)
	require.NoError(t, err, "another way stays open")
	require.Equal(t, "evidence-1", o.Confirmation.Evidence)
}

func TestCodeExpires(t *testing.T) {
	t.Parallel()
	o, code := done(t)
	_, tried, err := o.Confirm(at(codeValidity+time.Second), Proof{Code: code}, digest)
	require.ErrorIs(t, err, ErrCodeExpired)
	require.False(t, tried)

	queued := Step{By: almighty, Now: noon.Add(codeValidity + time.Hour), Device: noon.Add(time.Hour)}
	_, _, err = o.Confirm(queued, Proof{Code: code}, digest)
	require.NoError(t, err, "entered in time on a phone without a network")
}

func TestExactlyOneProof(t *testing.T) {
	t.Parallel()
	o, code := done(t)
	for _, p := range []Proof{{}, {Code: code, Signature: "s"}, {SlipPhoto: "p", HotlineNote: "h"}} {
		_, tried, err := o.Confirm(at(0), p, digest)
		require.ErrorIs(t, err, apierr.ErrInvalid)
		require.False(t, tried)
	}
}

func TestEngineerCannotBeTheHotline(t *testing.T) {
	t.Parallel()
	o, _ := done(t)
	_, _, err := o.Confirm(at(0), Proof{HotlineNote: "客户说好"}, digest)
	require.ErrorIs(t, err, apierr.ErrForbidden)

	o, _ = done(t)
	agent := Step{By: Actor{Subject: "users/a", Roles: []string{"agent"}, Orgs: []string{"organisations/o"}}, Now: noon}
	_, _, err = o.Confirm(agent, Proof{HotlineNote: "客户说好"}, digest)
	require.NoError(t, err)
	require.Equal(t, "HOTLINE", o.Confirmation.Method)
}

func TestRefusedThenReworked(t *testing.T) {
	t.Parallel()
	o, _ := done(t)
	_, err := o.RefuseConfirm(at(0), "还在漏水")
	require.NoError(t, err)
	require.Equal(t, noon.Add(2*time.Hour), o.Confirmation.CallBackDue)
	require.True(t, o.Open())
	_, err = o.Book(at(0), Window{noon, noon.Add(time.Hour)}, "", Money{})
	require.NoError(t, err)
}

func TestWhoSeesTheContact(t *testing.T) {
	t.Parallel()
	engineer := Actor{Engineer: "engineers/e"}
	other := Actor{Engineer: "engineers/f"}
	dispatcher := Actor{Orgs: []string{"organisations/o"}, Roles: []string{"dispatcher"}}
	agent := Actor{Orgs: []string{"organisations/o"}, Roles: []string{"agent"}}
	for _, s := range States {
		o := order(s, Repair)
		o.ConfirmedAt = noon
		hidden := s == Created || s == Offered || s == ProviderAccepted || s == ProviderDeclined || s == OfferExpired || s == Assigned ||
			s == Declined || s == Suspended || s == Transferred || s == Cancelled
		require.Equal(t, !hidden, o.ShowsContact(engineer, noon), s)
		require.False(t, o.ShowsContact(other, noon), s)
		require.False(t, o.ShowsContact(agent, noon), s)
		require.Equal(t, o.Open(), o.ShowsContact(dispatcher, noon), s)
	}
	o := order(Confirmed, Repair)
	o.ConfirmedAt = noon
	require.True(t, o.ShowsContact(engineer, noon.Add(contactAfter)))
	require.False(t, o.ShowsContact(engineer, noon.Add(contactAfter+time.Second)))
	secret := order(Booked, Repair)
	secret.Secrecy = "PROTECTED"
	require.False(t, secret.ShowsContact(dispatcher, noon))
}

func TestMasks(t *testing.T) {
	t.Parallel()
	c := Contact{Name: "王小明", Phone: "13812345678", RegionCode: "310115", Line: "世纪大道1号", LocationIsAccurate: true}.Masked()
	require.Equal(t, Contact{Name: "王*", Phone: "138****5678", RegionCode: "310115"}, c)
	require.Equal(t, Contact{}, Contact{}.Masked())
	require.Equal(t, "****21", Contact{Phone: "87654321"}.Masked().Phone)
	require.Equal(t, "****", Contact{Phone: "110"}.Masked().Phone)
}
