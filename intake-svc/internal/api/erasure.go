package api

import (
	"context"
	"errors"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/archive"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

const (
	// erasureBatch bounds the cases that are looked up at once.
	erasureBatch = 100
	// erasureEvery is how often the installation starts a run by itself, where it is told to.
	erasureEvery = 24 * time.Hour
)

// erase takes what is personal out of the rows, the archives and the case itself (R188). Nothing is left that the digests in the chain stand for.
func (s *Server) erase(ctx context.Context, tx sqldb.Tx, c *casefile.Case, m casefile.Moment, reason, run string) (casefile.Change, error) {
	done, err := c.Erase(m, reason, run)
	if err != nil {
		return done, err
	}
	for i := range c.Rounds {
		if err := s.eraseArchive(ctx, tx, c, &c.Rounds[i], m.At); err != nil {
			return done, err
		}
	}
	return done, s.Cases.Erase(ctx, tx, c.ID)
}

func (s *Server) eraseArchive(ctx context.Context, tx sqldb.Tx, c *casefile.Case, r *casefile.Round, at time.Time) error {
	if r.Archive == nil {
		return nil
	}
	file, err := s.Cases.Archive(ctx, tx, c.ID, r.Number)
	if err != nil {
		return err
	}
	bare, err := archive.Erase(file, at, s.Signer)
	if err != nil {
		return err
	}
	r.Archive.FileDigest, r.Archive.Size = bare.FileDigest, int64(len(bare.File))
	return s.Cases.ReplaceArchive(ctx, tx, c.ID, r.Number, bare.File)
}

// startErasure counts what is due now and begins a run.
func (s *Server) startErasure(ctx context.Context, tx sqldb.Tx, r store.ErasureRun) (store.ErasureRun, error) {
	now := s.Clock.Now()
	r.ID, r.DueBefore, r.Created, r.Updated = newID(), now, now, now
	var err error
	if r.Due, err = s.Cases.CountDue(ctx, tx, r); err != nil {
		return r, err
	}
	return r, s.Cases.AddErasureRun(ctx, tx, r)
}

// RunErasures goes on with the runs that are not done; after a restart too, for how far each has come stands in its row.
func (s *Server) RunErasures(ctx context.Context) error {
	running, err := s.Cases.RunningErasures(ctx, s.DB)
	for _, r := range running {
		err = errors.Join(err, s.runErasure(ctx, r))
	}
	return err
}

func (s *Server) runErasure(ctx context.Context, r store.ErasureRun) error {
	for {
		due, err := s.Cases.DueForErasure(ctx, s.DB, r, erasureBatch)
		if err != nil {
			return err
		}
		if len(due) == 0 {
			return s.DB.InTx(ctx, func(tx sqldb.Tx) error {
				return s.Cases.ErasureStep(ctx, tx, r.ID, r.Reached, 0, 0, true, s.Clock.Now())
			})
		}
		for _, id := range due {
			if err := s.eraseDue(ctx, r, id); err != nil {
				return err
			}
			r.Reached = id
		}
	}
}

// eraseDue erases one case of a run and writes how far the run has come, in one transaction. A case that says no is counted and passed over.
func (s *Server) eraseDue(ctx context.Context, r store.ErasureRun, id string) error {
	err := s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		c, err := s.Cases.Lock(ctx, tx, store.Everything, id)
		if err != nil {
			return err
		}
		m := s.momentOf(casefile.Actor{Name: r.Creator, Kind: casefile.ActorSystem})
		done, err := s.erase(ctx, tx, c, m, r.Reason, r.ID)
		if err != nil {
			return err
		}
		if err := s.Ledger.Commit(ctx, tx, c, done); err != nil {
			return err
		}
		return s.Cases.ErasureStep(ctx, tx, r.ID, id, 1, 0, false, m.At)
	})
	if err == nil || !refusal(err) {
		return err
	}
	return s.DB.InTx(ctx, func(tx sqldb.Tx) error { return s.Cases.ErasureStep(ctx, tx, r.ID, id, 0, 1, false, s.Clock.Now()) })
}

// refusal says that the case's rules said no, rather than that something is broken.
func refusal(err error) bool {
	return apierr.From(err).Kind().Code().String() == "FailedPrecondition"
}

// EraseWhatIsDue starts a run over every organisation once a day, where the installation is configured to.
func (s *Server) EraseWhatIsDue(ctx context.Context) error {
	return s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		last, err := s.Cases.LastErasure(ctx, tx)
		if err != nil || !last.IsZero() && s.Clock.Now().Sub(last) < erasureEvery {
			return err
		}
		all := store.ErasureRun{Creator: casefile.System.Name, DueBefore: s.Clock.Now()}
		if n, err := s.Cases.CountDue(ctx, tx, all); err != nil || n == 0 {
			return err
		}
		_, err = s.startErasure(ctx, tx, all)
		return err
	})
}
