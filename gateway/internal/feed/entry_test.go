package feed

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/events"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

func TestEntriesAreThin(t *testing.T) {
	t.Parallel()
	at := time.Unix(1764000000, 0).UTC()
	e, ok, err := FromEvent(events.Event{
		ID: "e", Type: "aftersales.survey.responded.v1", Source: "aftersales/survey", Subject: "invitations/1", Time: at,
		Payload: &eventv1.SurveyResponded{Case: "cases/1", NewClaim: "赔偿", Comment: "很不满意"},
	})
	require.NoError(t, err)
	require.True(t, ok)
	event, err := Scope{Partner: "partners/p"}.CloudEvent(e)
	require.NoError(t, err)
	require.NotContains(t, event.String(), "赔偿", "the customer's words stay inside")
	require.NotContains(t, event.String(), "不满意")

	_, ok, err = FromEvent(events.Event{Payload: &eventv1.CodeChanged{Axis: "X"}})
	require.NoError(t, err)
	require.False(t, ok)
	_, ok, err = FromEvent(events.Event{Payload: &eventv1.CaseChanged{}})
	require.NoError(t, err)
	require.False(t, ok, "an event without a case is nobody's")
}

func TestCaseEntry(t *testing.T) {
	t.Parallel()
	deadline := time.Unix(1764003600, 0).UTC()
	e, ok, err := FromEvent(events.Event{Subject: "cases/1", Payload: &eventv1.CaseChanged{
		Case: "cases/1", CaseNumber: "AS1", State: "ACCEPTED", StateDeadline: timestamppb.New(deadline),
		ExternalRef: &commonv1.ExternalRef{Platform: "m", OrderId: "E1"},
	}})
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, `{"platform":"m","orderId":"E1"}`, e.ExternalRef)
	require.Equal(t, deadline, e.StateDeadline)
}

func TestScopes(t *testing.T) { // R1
	t.Parallel()
	partner := ScopeOf(auth.Principal{Kind: auth.Partner, Subject: "partners/p", Org: "o"})
	owner := ScopeOf(auth.Principal{Kind: auth.Staff, Org: "o", Orgs: []string{"o", "store"}})
	server := ScopeOf(auth.Principal{Kind: auth.Staff, Org: "s"})
	base := Entry{Partner: "partners/p", OwnerOrg: "o", ServingOrg: "s", Confidentiality: "NORMAL", ExternalRef: `{"orderId":"E1"}`}
	with := func(edit func(*Entry)) Entry { e := base; edit(&e); return e }
	for name, c := range map[string]struct {
		entry                   Entry
		partner, owner, serving bool
	}{
		"normal":      {base, true, true, true},
		"not served":  {with(func(e *Entry) { e.ServingOrg = "" }), true, true, false},
		"store's":     {with(func(e *Entry) { e.OwnerOrg = "store" }), true, true, true},
		"restricted":  {with(func(e *Entry) { e.Confidentiality = Restricted }), true, false, false},
		"other filer": {with(func(e *Entry) { e.Partner = "partners/q" }), false, true, true},
		"no filer":    {with(func(e *Entry) { e.Partner = "" }), false, true, true},
		"foreign":     {with(func(e *Entry) { e.OwnerOrg, e.ServingOrg = "x", "y" }), true, false, false},
	} {
		require.Equal(t, c.partner, partner.Covers(c.entry), name)
		require.Equal(t, c.owner, owner.Covers(c.entry), name)
		require.Equal(t, c.serving, server.Covers(c.entry), name)
	}
	secret := with(func(e *Entry) { e.Confidentiality = protected })
	for scope, want := range map[*Scope]bool{&partner: true, &owner: true, &server: false} {
		event, err := scope.CloudEvent(secret)
		require.NoError(t, err)
		require.Equal(t, want, event.GetData().GetExternalRef() != nil)
	}
}

func TestCompleteTakesTheStricter(t *testing.T) {
	t.Parallel()
	e := Entry{Confidentiality: "NORMAL", OwnerOrg: ""}
	e.Complete(Entry{Confidentiality: protected, OwnerOrg: "o", Partner: "partners/p", CaseNumber: "AS1"})
	require.Equal(t, protected, e.Confidentiality)
	require.Equal(t, "o", e.OwnerOrg)
	require.Equal(t, "partners/p", e.Partner)
	e.Complete(Entry{Confidentiality: "NORMAL"})
	require.Equal(t, protected, e.Confidentiality)
}
