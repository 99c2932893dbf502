package events

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
)

// Event is a fact that others may want to know.
type Event struct {
	ID      string // UUIDv7; filled by Append when empty
	Type    string // "aftersales.workorder.confirmed.v1"
	Source  string // producing service; filled by Append
	Subject string // "cases/<id>"
	Key     string // events of one key are delivered in strict order; normally the case's name
	Seq     int64  // the producer's number within Key, from 1 without gaps; filled by Append when 0
	NewKey  bool   // Key is made by this transaction, nobody else can know it: numbering needs no question to the database

	OwnerOrg, ServingOrg string
	Confidentiality      string // NORMAL, PROTECTED or RESTRICTED
	Partner              string // partner that filed the case, "partners/<id>"
	Time                 time.Time
	Payload              proto.Message
	TraceParent          string // W3C; filled by Append
}

// envelope is the event's form on the wire.
func (ev Event) envelope() (*eventv1.Envelope, error) {
	data, err := anypb.New(ev.Payload)
	if err != nil {
		return nil, fmt.Errorf("events: payload of %s: %w", ev.Type, err)
	}
	return &eventv1.Envelope{
		Id: ev.ID, Source: ev.Source, Type: ev.Type, Subject: ev.Subject, Key: ev.Key, Sequence: ev.Seq,
		Time: timestamppb.New(ev.Time), OwnerOrg: ev.OwnerOrg, ServingOrg: ev.ServingOrg,
		Confidentiality: ev.Confidentiality, Partner: ev.Partner, TraceParent: ev.TraceParent, Data: data,
	}, nil
}

// FromEnvelope reads an envelope. A payload of a type that this binary does not know stays the *anypb.Any it came in, so that
// an older receiver can skip it.
func FromEnvelope(in *eventv1.Envelope) (Event, error) {
	if in.GetId() == "" {
		return Event{}, fmt.Errorf("events: an envelope of type %q has no id", in.GetType())
	}
	ev := Event{
		ID: in.GetId(), Type: in.GetType(), Source: in.GetSource(), Subject: in.GetSubject(), Key: in.GetKey(), Seq: in.GetSequence(),
		OwnerOrg: in.GetOwnerOrg(), ServingOrg: in.GetServingOrg(), Confidentiality: in.GetConfidentiality(), Partner: in.GetPartner(),
		Time: in.GetTime().AsTime(), TraceParent: in.GetTraceParent(), Payload: in.GetData(),
	}
	if payload, err := in.GetData().UnmarshalNew(); err == nil {
		ev.Payload = payload
	}
	return ev, nil
}

// newID is a UUIDv7: it grows with time, which keeps the indexes on it compact.
func newID() (string, error) {
	id, err := uuid.NewV7()
	return id.String(), err
}

const traceParentField = "traceparent"

var traceContext = propagation.TraceContext{}
