// Package storetest is the conformance suite of the store: what the contract in store.go says, on any engine.
package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Now is the suite's time.
var Now = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

// Store is what the suite tests.
type Store interface {
	store.Cases
	store.Codes
	store.Promises
}

// Suite runs on one migrated, empty database.
type Suite struct {
	Store Store
	DB    sqldb.DB
}

// Run runs every test in turn; each uses rows of its own.
func (s *Suite) Run(t *testing.T) {
	for name, test := range map[string]func(*testing.T){
		"numbers": s.numbers, "round trip": s.roundTrip, "claims": s.claims, "stale": s.stale, "quiet": s.quiet, "visibility": s.visibility,
		"list": s.list, "due": s.due, "entries": s.entries, "attempts": s.attempts, "evidence": s.evidence, "archives": s.archives, "codes": s.codes,
		"deadlines": s.deadlines, "promises": s.promises, "news": s.news,
	} {
		t.Run(name, test)
	}
}

func (s *Suite) tx(t *testing.T, fn func(ctx context.Context, tx sqldb.Tx) error) {
	t.Helper()
	require.NoError(t, s.DB.InTx(t.Context(), func(tx sqldb.Tx) error { return fn(t.Context(), tx) }))
}

// NewCase is a case with everything in it.
func NewCase(org string) *casefile.Case {
	return &casefile.Case{
		ID: uuid.Must(uuid.NewV7()).String(), Number: "N-" + uuid.NewString(), Kind: casefile.Complaint, State: casefile.Received, Version: 1,
		Channel: "HOTLINE", OwnerOrg: org, Partner: "partners/mall", Filer: "users/agent", Confidentiality: casefile.Normal, ContentClass: "PARTS",
		Urgency: "HIGH", Created: Now, Updated: Now, ProgressSecret: "secret", Problem: "漏水 <&>\u2028", Region: "310115",
		Personal: casefile.Personal{
			Parties:  []casefile.Party{{Roles: casefile.PartyRoles, DisplayName: "王小明", Phone: "13800138000", Customer: "customers/7"}},
			Consents: map[string]casefile.ConsentWords{"s1": {Person: "王小明", Note: "电话"}}, OnBehalfOf: "wechat:o1",
		},
		ExternalRefs: []casefile.ExternalRef{{Platform: "mall", OrderID: "E1", AfterSaleID: "A1"}},
		Items:        []casefile.Item{{Brand: "海风", Serial: "SN-1"}}, Rounds: []casefile.Round{{Number: 1, Started: Now}},
		Clocks:  []casefile.Clock{{Code: casefile.ClockAcknowledge, Type: casefile.ClockPromise, Started: Now, Due: Now.Add(time.Hour)}},
		Tasks:   []casefile.Task{{ID: "t1", Kind: casefile.TaskInvite, Round: 1, Wake: Now.Add(2 * time.Hour)}},
		Desired: Now.Add(48 * time.Hour), Hazard: &casefile.Hazard{Kind: "FIRE", Raised: Now},
	}
}

// add registers a case.
func (s *Suite) add(t *testing.T, c *casefile.Case) *casefile.Case {
	t.Helper()
	change := casefile.Change{Entries: entries("CASE_RECEIVED")}
	s.tx(t, func(ctx context.Context, tx sqldb.Tx) error {
		var b sqldb.Batch
		if err := s.Store.Create(&b, tx.Engine(), []store.New{{Case: c, Change: change}}); err != nil {
			return err
		}
		return tx.Send(ctx, &b)
	})
	return c
}

func (s *Suite) get(t *testing.T, id string) *casefile.Case {
	t.Helper()
	c, err := s.Store.Get(t.Context(), s.DB, store.Everything, id)
	require.NoError(t, err)
	return c
}

func staff(org, subject string, roles ...string) store.Viewer {
	return store.ViewerOf(auth.Principal{Kind: auth.Staff, Org: org, Subject: subject, Roles: roles})
}

func org(n int) string { return fmt.Sprintf("organisations/%d-%s", n, uuid.NewString()[:8]) }
