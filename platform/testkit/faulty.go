package testkit

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Faulty is a database that can do a write and then report that it got no answer, as a network does in the worst moment.
// Everything above must come to the right end when it simply tries again.
type Faulty struct {
	sqldb.DB
	pending atomic.Int64
	lost    atomic.Int64
}

// FaultyDB wraps db. It behaves well until Lose is called.
func FaultyDB(db sqldb.DB) *Faulty { return &Faulty{DB: db} }

// Unwrap gives the real database.
func (f *Faulty) Unwrap() sqldb.DB { return f.DB }

// Lose makes the next n successful writes report sqldb.ErrUnavailable after they were committed.
func (f *Faulty) Lose(n int) { f.pending.Store(int64(n)) }

// Lost counts the answers that were lost.
func (f *Faulty) Lost() int { return int(f.lost.Load()) }

// InTx commits and then may lose the answer.
func (f *Faulty) InTx(ctx context.Context, fn func(tx sqldb.Tx) error) error {
	if err := f.DB.InTx(ctx, fn); err != nil {
		return err
	}
	return f.answer()
}

// Exec writes and then may lose the answer.
func (f *Faulty) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	affected, err := f.DB.Exec(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	if err := f.answer(); err != nil {
		return 0, err
	}
	return affected, nil
}

func (f *Faulty) answer() error {
	if f.pending.Add(-1) < 0 {
		return nil
	}
	f.lost.Add(1)
	return fmt.Errorf("%w: the write was executed, its answer was lost (testkit)", sqldb.ErrUnavailable)
}
