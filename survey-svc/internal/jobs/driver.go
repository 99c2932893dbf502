package jobs

import (
	"context"
	"log/slog"

	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

// Message asks a customer to follow a link.
type Message struct {
	ID      string // the same for every try, so that a driver can drop doubles
	To      survey.Contact
	Locale  string
	Purpose survey.Purpose
	Text    string
	Link    string
}

// Driver hands messages over: subscribe message, SMS, e-mail. Send must be harmless when repeated with the same ID. Its
// detail and its error's text are kept as a record and must not be personal.
type Driver interface {
	Name() string
	Send(ctx context.Context, m Message) (detail string, err error)
}

// LogDriver writes that a message would have gone out, without a word of it: neither person nor link belong in a log.
type LogDriver struct{ Log *slog.Logger }

// Name implements Driver.
func (LogDriver) Name() string { return "log" }

// Send implements Driver.
func (d LogDriver) Send(ctx context.Context, m Message) (string, error) {
	d.Log.InfoContext(ctx, "invitation message", "message", m.ID, "purpose", string(m.Purpose), "locale", m.Locale)
	return m.ID, nil
}
