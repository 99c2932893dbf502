package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// words are the personal part of a record.
type words struct {
	Text   string `json:"text"`
	Person string `json:"person,omitempty"`
}

// AddInquiry keeps a record; a second one of the same source is refused by the table.
func (s *SQL) AddInquiry(ctx context.Context, tx sqldb.Tx, caseID string, q casefile.Inquiry) error {
	content, err := s.sealJSON(words{Text: q.Text, Person: q.Person}, "records/"+q.ID)
	if err != nil {
		return err
	}
	evidence, err := json.Marshal(q.Evidence)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO investigation_records (id, case_id, round, kind, channel, place, source, recorder, evidence, occurred_at, content)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		q.ID, caseID, int64(q.Round), q.Kind, q.Channel, q.Place, q.Source, q.Recorder, string(evidence), sqldb.Micros(q.At), content)
	if err != nil {
		return fmt.Errorf("store: keep record: %w", err)
	}
	return nil
}

// Inquiries answers the records of a case behind an id, in order.
func (s *SQL) Inquiries(ctx context.Context, q sqldb.Queryer, caseID, after string, limit int) ([]casefile.Inquiry, error) {
	rows, err := q.Rows(ctx, `SELECT id, round, kind, channel, place, source, recorder, evidence, occurred_at, content FROM investigation_records
		WHERE case_id = $1 AND id > $2 ORDER BY id LIMIT `+strconv.Itoa(limit), caseID, after)
	if err != nil {
		return nil, fmt.Errorf("store: read records: %w", err)
	}
	defer rows.Close()
	var all []casefile.Inquiry
	for rows.Next() {
		found, err := s.scanInquiry(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, found)
	}
	return all, rows.Err()
}

func (s *SQL) scanInquiry(row sqldb.Row) (q casefile.Inquiry, err error) {
	var evidence string
	var at int64
	var content []byte
	if err := row.Scan(&q.ID, &q.Round, &q.Kind, &q.Channel, &q.Place, &q.Source, &q.Recorder, &evidence, &at, &content); err != nil {
		return q, err
	}
	q.At = sqldb.Time(at)
	if err := json.Unmarshal([]byte(evidence), &q.Evidence); err != nil {
		return q, fmt.Errorf("store: evidence of record %s: %w", q.ID, err)
	}
	var w words
	err = s.openJSON(content, "records/"+q.ID, &w)
	q.Text, q.Person = w.Text, w.Person
	return q, err
}
