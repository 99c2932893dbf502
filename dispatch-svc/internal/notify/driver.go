package notify

import (
	"context"
	"log/slog"
	"time"
)

// Message tells a customer the code that confirms the work.
type Message struct {
	ID         string // the same for every attempt, so that a driver can drop doubles
	Phone      string
	CaseNumber string
	Code       string
	Expires    time.Time
}

// Driver hands messages over: SMS, subscribe message. Send must be harmless when repeated with the same ID. Its detail is kept as a
// record and must not be personal.
type Driver interface {
	Name() string
	Send(ctx context.Context, m Message) (detail string, err error)
}

// LogDriver writes that a message would have gone out, without a word of it: neither phone nor code belong in a log.
type LogDriver struct{ Log *slog.Logger }

// Name implements Driver.
func (LogDriver) Name() string { return "log" }

// Send implements Driver.
func (d LogDriver) Send(ctx context.Context, m Message) (string, error) {
	d.Log.InfoContext(ctx, "acceptance code message", "message", m.ID, "case", m.CaseNumber)
	return m.ID, nil
}
