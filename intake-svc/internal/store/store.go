package store

import (
	"context"
	"embed"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/keys"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Migrations are the service's own, by engine.
//
//go:embed migrations
var Migrations embed.FS

// Cases keeps cases. Every read takes a Viewer: what the viewer may not see must be answered as if it were not there
// (apierr.ErrNotFound), in gets as in lists. Personal data must be sealed in every row.
type Cases interface {
	// Reserve must be the first statement of a registering transaction: it takes n numbers of the local day and keeps the
	// day's row locked until the commit, so that number order is commit order.
	Reserve(ctx context.Context, tx sqldb.Tx, day string, n int) (first int64, err error)
	// GiveBack must be called in the same transaction with the numbers that were not used, so that there is no gap.
	GiveBack(ctx context.Context, tx sqldb.Tx, day string, n int) error
	// ClaimRefs must keep each reference for its case, unless it is kept for another case already: that one is answered,
	// by the index of the claim. Of two equal claims the first must win.
	ClaimRefs(ctx context.Context, tx sqldb.Tx, claims []Claim) (taken map[int]Owner, err error)
	// Create must add the rows of new cases and of their first entries to the batch.
	Create(b *sqldb.Batch, engine sqldb.Engine, filed []New) error

	// Get answers a case.
	Get(ctx context.Context, q Reader, v Viewer, id string) (*casefile.Case, error)
	// Lock answers a case and must keep others from changing it, and from appending to its chain, until the commit.
	Lock(ctx context.Context, tx sqldb.Tx, v Viewer, id string) (*casefile.Case, error)
	// Save must write a locked case and append the entries to its chain. It must fail with apierr.ErrStale when the row's
	// version is not the one that was read. Version counts on, unless the change is quiet.
	Save(ctx context.Context, tx sqldb.Tx, c *casefile.Case, change casefile.Change, at time.Time) error
	// List answers a page of what the viewer may see.
	List(ctx context.Context, q Reader, v Viewer, query listing.Query) ([]*casefile.Case, error)
	// Due answers the ids of cases that somebody must look at, longest overdue first: for a task, or for one of their deadlines.
	Due(ctx context.Context, q sqldb.Queryer, at time.Time, limit int) ([]string, error)

	// Entries answers the chain of a case behind an entry, in order; limit 0 means all. Who may see the case was asked before.
	Entries(ctx context.Context, q sqldb.Queryer, caseID string, after int64, limit int) ([]timeline.Link, error)

	// AddAttempt must keep an attempt to reach the customer; Attempts answers them in order, behind an id.
	AddAttempt(ctx context.Context, tx sqldb.Tx, caseID string, a casefile.Attempt) error
	Attempts(ctx context.Context, q sqldb.Queryer, caseID, after string, limit int) ([]casefile.Attempt, error)

	// AddEvidence must keep a file; EvidenceOf answers the files without content, Content one with it.
	AddEvidence(ctx context.Context, tx sqldb.Tx, caseID string, e Evidence) error
	EvidenceOf(ctx context.Context, q sqldb.Queryer, caseID, after string, limit int) ([]Evidence, error)
	Content(ctx context.Context, q sqldb.Queryer, caseID, id string) (Evidence, error)

	// KeepArchive must keep the archive file of a round once and for ever; Archive answers it.
	KeepArchive(ctx context.Context, tx sqldb.Tx, caseID string, round int, info casefile.ArchiveInfo, file []byte) error
	Archive(ctx context.Context, q sqldb.Queryer, caseID string, round int) ([]byte, error)
}

// Codes keeps the code tables.
type Codes interface {
	// AllCodes answers every code, by axis and rank.
	AllCodes(ctx context.Context, q sqldb.Queryer) ([]Code, error)
	// ListCodes answers a page of codes.
	ListCodes(ctx context.Context, q sqldb.Queryer, query listing.Query) ([]Code, error)
	// AddCode must add a code that is not there yet, and answer false when it is.
	AddCode(ctx context.Context, tx sqldb.Tx, c Code) (added bool, err error)
	// UpdateCode must write a code of the version that was read, or fail with apierr.ErrStale.
	UpdateCode(ctx context.Context, tx sqldb.Tx, c Code) error
}

// Reader is a Queryer that says its engine: a DB or a Tx.
type Reader interface {
	sqldb.Queryer
	Engine() sqldb.Engine
}

// New is a case on its way in, with what its filing wrote.
type New struct {
	Case   *casefile.Case
	Change casefile.Change

	saved bool // it is not new: only what changed is written
}

// Claim is a partner's reference for a new case.
type Claim struct {
	Partner, Platform, AfterSaleID string
	CaseID                         string
	Digest                         []byte // of what is filed
}

// Owner is the case that a reference is kept for.
type Owner struct {
	CaseID string
	Digest []byte
}

// Evidence is a file of a case.
type Evidence struct {
	ID, FileName, MediaType, Description, Digest, Uploader string
	Size                                                   int64
	Created                                                time.Time
	Content                                                []byte
}

// Code is one row of a code table.
type Code struct {
	Axis, Code, LabelZH, LabelEN string
	Attributes                   map[string]string
	Active                       bool
	Rank                         int
	Version                      int64
	Updated                      time.Time
}

// SQL is the store on either engine.
type SQL struct {
	sealer keys.Sealer
	index  keys.Indexer
}

var (
	_ Cases = (*SQL)(nil)
	_ Codes = (*SQL)(nil)
)

// NewSQL makes the store. It has no state: the database is handed to every method.
func NewSQL(sealer keys.Sealer, index keys.Indexer) *SQL { return &SQL{sealer: sealer, index: index} }
