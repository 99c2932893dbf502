package api

import (
	"context"
	"strconv"

	"google.golang.org/grpc/metadata"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/events"
	"github.com/aftersales-suite/aftersales/platform/grpcx"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/callback"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/store"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

// Analyst reads a customer's words (R228-R230).
type Analyst interface {
	Read(text string) survey.Reading
}

// Core is what the RPCs share.
type Core struct {
	DB     sqldb.DB
	Store  *store.Store
	Replay *idempotency.Store
	Outbox *events.Outbox
	Clock  clock.Clock
	// Analyst reads answers; nil: nobody does.
	Analyst Analyst
	Policy  survey.Policy
	Calls   callback.Policy
	// ShowTokens lets staff see the links' tokens; for the demo.
	ShowTokens bool
	NewID      func() string
	NewToken   func() string
}

// locale chooses the language of an answer: what was asked for, what the request's header says, what the caller prefers,
// what the row says.
func locale(ctx context.Context, asked, fallback string) string {
	if asked != "" {
		return asked
	}
	if len(metadata.ValueFromIncomingContext(ctx, "accept-language")) > 0 {
		return grpcx.Locale(ctx)
	}
	if preferred := auth.FromContext(ctx).Locale; preferred != "" {
		return preferred
	}
	return fallback
}

// read analyses an answer outside any transaction.
func (c *Core) read(text string) survey.Reading {
	if c.Analyst == nil || text == "" {
		return survey.Reading{}
	}
	return c.Analyst.Read(text)
}

func etag(version int64) string { return strconv.FormatInt(version, 36) }

// fresh refuses a write on the basis of an old etag; an empty one asks for nothing.
func fresh(told string, version int64) error {
	if told != "" && told != etag(version) {
		return apierr.ErrStale.New()
	}
	return nil
}
