package feed

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/events"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
)

// Confidentiality of a case.
const (
	protected  = "PROTECTED"
	Restricted = "RESTRICTED"
)

// SourceIntake is the source of the events that say whose case it is.
const SourceIntake = "aftersales/intake"

// Entry is one event of the feed. It holds no personal data.
type Entry struct {
	Cursor          int64
	EventID         string // UUIDv7
	Type            string
	Source          string
	Case            string // cases/<id>
	Subject         string // what changed
	Time            time.Time
	OwnerOrg        string
	ServingOrg      string
	Partner         string // that filed the case
	Confidentiality string
	CaseNumber      string
	ExternalRef     string // JSON of common.v1.ExternalRef, "" when none
	State           string
	StateDeadline   time.Time
}

// FromEvent makes an entry without a cursor; ok is false for events that are not about a case.
func FromEvent(ev events.Event) (e Entry, ok bool, err error) {
	e = Entry{
		EventID: ev.ID, Type: ev.Type, Source: ev.Source, Subject: ev.Subject, Time: ev.Time, OwnerOrg: ev.OwnerOrg,
		ServingOrg: ev.ServingOrg, Partner: ev.Partner, Confidentiality: ev.Confidentiality,
	}
	switch p := ev.Payload.(type) {
	case *eventv1.CaseChanged:
		e.Case, e.CaseNumber, e.State, e.StateDeadline = p.GetCase(), p.GetCaseNumber(), p.GetState(), timeOf(p.GetStateDeadline())
		e.ExternalRef, err = refText(p.GetExternalRef())
	case *eventv1.WorkOrderChanged:
		e.Case, e.State = p.GetCase(), p.GetState()
	case *eventv1.SurveyResponded:
		e.Case, e.State = p.GetCase(), "RESPONDED"
	default:
		return e, false, nil // code tables and the like
	}
	return e, e.Case != "", err
}

// Complete fills in from the case's last entry what another service does not know about a case.
func (e *Entry) Complete(from Entry) {
	e.Partner, e.ExternalRef, e.CaseNumber = from.Partner, from.ExternalRef, from.CaseNumber
	if e.OwnerOrg == "" {
		e.OwnerOrg = from.OwnerOrg
	}
	// The stricter of the two: confidentiality may have been raised after the other service learnt it.
	e.Confidentiality = stricter(e.Confidentiality, from.Confidentiality)
}

func stricter(a, b string) string {
	for _, level := range []string{Restricted, protected} {
		if a == level || b == level {
			return level
		}
	}
	return a
}

// Scope is whose events are read: a partner's, or those of organisations.
type Scope struct {
	Partner string
	Orgs    []string
}

// ScopeOf is what the caller may read.
func ScopeOf(p auth.Principal) Scope {
	if p.Kind == auth.Partner {
		return Scope{Partner: p.Subject}
	}
	return Scope{Orgs: p.Sees()}
}

// Covers says whether the entry is in the scope; the store has the same rule in SQL.
func (s Scope) Covers(e Entry) bool {
	if s.Partner != "" {
		return e.Partner == s.Partner
	}
	return e.Confidentiality != Restricted &&
		(slices.Contains(s.Orgs, e.OwnerOrg) || (e.ServingOrg != "" && slices.Contains(s.Orgs, e.ServingOrg)))
}

// CloudEvent is the entry as somebody in the scope reads it.
func (s Scope) CloudEvent(e Entry) (*gatewayv1.CloudEvent, error) {
	data := &gatewayv1.CloudEvent_Data{
		Name: e.Subject, Case: e.Case, State: e.State, StateDeadline: stamp(e.StateDeadline), CaseNumber: e.CaseNumber,
	}
	if e.ExternalRef != "" && s.seesReference(e) {
		data.ExternalRef = &commonv1.ExternalRef{}
		if err := protojson.Unmarshal([]byte(e.ExternalRef), data.ExternalRef); err != nil {
			return nil, err
		}
	}
	return &gatewayv1.CloudEvent{
		Specversion: "1.0", Id: e.EventID, Source: e.Source, Type: e.Type, Subject: e.Subject, Time: stamp(e.Time),
		Datacontenttype: "application/json", Data: data, Cursor: strconv.FormatInt(e.Cursor, 10),
	}, nil
}

// seesReference: of a PROTECTED case the serving organisation must not find out who complains, and an order number tells.
func (s Scope) seesReference(e Entry) bool {
	return s.Partner != "" || e.Confidentiality != protected || slices.Contains(s.Orgs, e.OwnerOrg)
}

func refText(ref *commonv1.ExternalRef) (string, error) {
	if ref == nil {
		return "", nil
	}
	text, err := protojson.Marshal(ref)
	if err != nil {
		return "", err
	}
	// protojson varies its spaces on purpose; what is stored should not.
	var compact json.RawMessage = text
	text, err = json.Marshal(compact)
	return string(text), err
}

func timeOf(ts *timestamppb.Timestamp) time.Time {
	if ts == nil {
		return time.Time{}
	}
	return ts.AsTime()
}

func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
