package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Reserve implements Cases.
func (s *SQL) Reserve(ctx context.Context, tx sqldb.Tx, day string, n int) (first int64, err error) {
	var last int64
	err = tx.Row(ctx, `INSERT INTO case_counter (day, last) VALUES ($1, $2)
		ON CONFLICT (day) DO UPDATE SET last = case_counter.last + excluded.last RETURNING last`, day, int64(n)).Scan(&last)
	if err != nil {
		return 0, fmt.Errorf("store: reserve numbers: %w", err)
	}
	return last - int64(n) + 1, nil
}

// GiveBack implements Cases.
func (s *SQL) GiveBack(ctx context.Context, tx sqldb.Tx, day string, n int) error {
	_, err := tx.Exec(ctx, `UPDATE case_counter SET last = last - $2 WHERE day = $1`, day, int64(n))
	return err
}

// ClaimRefs implements Cases.
func (s *SQL) ClaimRefs(ctx context.Context, tx sqldb.Tx, claims []Claim) (map[int]Owner, error) {
	if len(claims) == 0 {
		return nil, nil
	}
	insert := sqldb.NewInsert("external_refs", "partner", "platform", "after_sale_id", "case_id", "digest").OnConflict("DO NOTHING")
	for _, c := range claims {
		insert.Row(c.Partner, c.Platform, c.AfterSaleID, c.CaseID, c.Digest)
	}
	kept := make(map[string]bool, len(claims))
	err := insert.Returning(ctx, tx, "case_id", func(row sqldb.Row) error {
		var id string
		err := row.Scan(&id)
		kept[id] = true
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: keep references: %w", err)
	}
	return s.owners(ctx, tx, claims, kept)
}

func (s *SQL) owners(ctx context.Context, tx sqldb.Tx, claims []Claim, kept map[string]bool) (map[int]Owner, error) {
	taken := map[int]Owner{}
	for n, c := range claims {
		if kept[c.CaseID] {
			continue
		}
		var o Owner
		err := tx.Row(ctx, `SELECT case_id, digest FROM external_refs WHERE partner = $1 AND platform = $2 AND after_sale_id = $3`,
			c.Partner, c.Platform, c.AfterSaleID).Scan(&o.CaseID, &o.Digest)
		if err != nil {
			return nil, fmt.Errorf("store: find reference: %w", err)
		}
		taken[n] = o
	}
	return taken, nil
}

// Create implements Cases.
func (s *SQL) Create(b *sqldb.Batch, engine sqldb.Engine, filed []New) error {
	cases := sqldb.NewInsert("cases", caseColumns...)
	entries := newEntries()
	fresh := make([]*casefile.Case, 0, len(filed))
	for _, n := range filed {
		fresh = append(fresh, n.Case)
		if err := s.chain(entries, n); err != nil {
			return err
		}
		row, err := s.row(n.Case)
		if err != nil {
			return err
		}
		cases.Row(row...)
	}
	cases.AddTo(b, engine, nil)
	entries.AddTo(b, engine, nil)
	addReadModels(b, engine, true, fresh...)
	for _, n := range filed { // what is resolved at once may be closed at once
		retained(b, engine, n.Case, n.Change)
	}
	return s.addDeadlines(b, engine, filed...)
}

// chain puts the first entries of a case behind each other.
func (s *SQL) chain(into *sqldb.Insert, n New) error {
	for _, e := range n.Change.Entries {
		link, err := n.Case.Chain.Append(n.Case.Name(), e, n.Case.Created)
		if err != nil {
			return err
		}
		if err := s.addEntry(into, n.Case.ID, link); err != nil {
			return err
		}
	}
	return nil
}

func newEntries() *sqldb.Insert {
	return sqldb.NewInsert("entries", "case_id", "seq", "header", "hash", "content")
}

func (s *SQL) addEntry(into *sqldb.Insert, caseID string, link timeline.Link) error {
	content, err := s.seal(link.Content, entryAAD(caseID, link.Seq))
	if err != nil {
		return err
	}
	var kept any // a nil []byte is not a NULL on every engine
	if content != nil {
		kept = content
	}
	into.Row(caseID, link.Seq, link.Header, link.Hash, kept)
	return nil
}

func entryAAD(caseID string, seq int64) string {
	return fmt.Sprintf("cases/%s/entries/%d", caseID, seq)
}

// updateCase sets every column but the id ($1), by position; the last argument is the version that was read.
var updateCase = func() string {
	set := make([]string, 0, len(caseColumns))
	for n, column := range caseColumns {
		if column != "id" {
			set = append(set, fmt.Sprintf("%s = $%d", column, n+1))
		}
	}
	return fmt.Sprintf("UPDATE cases SET %s WHERE id = $1 AND version = $%d", strings.Join(set, ", "), len(caseColumns)+1)
}()
