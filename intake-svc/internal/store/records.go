package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// AddAttempt implements Cases.
func (s *SQL) AddAttempt(ctx context.Context, tx sqldb.Tx, caseID string, a casefile.Attempt) error {
	points, err := s.seal([]byte(a.Points), "attempts/"+a.ID)
	if err != nil {
		return err
	}
	var record any // NULL when there is nothing to keep
	if words := (contactWords{a.Person, a.Subject, a.Measures}); words != (contactWords{}) {
		if record, err = s.sealJSON(words, "attempts/"+a.ID+"/record"); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO contact_attempts (id, case_id, round, channel, result, notice, actor, tried_at, points, inbound, place, seconds, record)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		a.ID, caseID, int64(a.Round), a.Channel, a.Result, a.Notice, a.Actor, sqldb.Micros(a.At), points, a.Inbound, a.Place,
		int64(a.Duration.Seconds()), record)
	if err != nil {
		return fmt.Errorf("store: keep attempt: %w", err)
	}
	return nil
}

// contactWords is what a contact was about, sealed in its row.
type contactWords struct {
	Person   string `json:"person,omitempty"`
	Subject  string `json:"subject,omitempty"`
	Measures string `json:"measures,omitempty"`
}

// Attempts implements Cases.
func (s *SQL) Attempts(ctx context.Context, q sqldb.Queryer, caseID, after string, limit int) ([]casefile.Attempt, error) {
	rows, err := q.Rows(ctx, `SELECT id, round, channel, result, notice, actor, tried_at, points, inbound, place, seconds, record FROM contact_attempts
		WHERE case_id = $1 AND id > $2 ORDER BY id LIMIT $3`, caseID, after, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("store: read attempts: %w", err)
	}
	defer rows.Close()
	var found []casefile.Attempt
	for rows.Next() {
		a, err := s.scanAttempt(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, a)
	}
	return found, rows.Err()
}

func (s *SQL) scanAttempt(row sqldb.Row) (a casefile.Attempt, err error) {
	var at, seconds int64
	var sealed, record []byte
	if err := row.Scan(&a.ID, &a.Round, &a.Channel, &a.Result, &a.Notice, &a.Actor, &at, &sealed, &a.Inbound, &a.Place, &seconds, &record); err != nil {
		return a, err
	}
	a.At, a.Duration = sqldb.Time(at), time.Duration(seconds)*time.Second
	if record != nil { // older rows have none
		var words contactWords
		if err := s.openJSON(record, "attempts/"+a.ID+"/record", &words); err != nil {
			return a, err
		}
		a.Person, a.Subject, a.Measures = words.Person, words.Subject, words.Measures
	}
	points, err := s.open(sealed, "attempts/"+a.ID)
	a.Points = string(points)
	return a, err
}

// AddEvidence implements Cases.
func (s *SQL) AddEvidence(ctx context.Context, tx sqldb.Tx, caseID string, e Evidence) error {
	content, err := s.seal(e.Content, "evidence/"+e.ID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO evidence (id, case_id, file_name, media_type, description, size, digest, uploader, created_at, content)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		e.ID, caseID, e.FileName, e.MediaType, e.Description, e.Size, e.Digest, e.Uploader, sqldb.Micros(e.Created), content)
	if err != nil {
		return fmt.Errorf("store: keep evidence: %w", err)
	}
	return nil
}

const evidenceColumns = `id, file_name, media_type, description, size, digest, uploader, created_at`

// EvidenceOf implements Cases.
func (s *SQL) EvidenceOf(ctx context.Context, q sqldb.Queryer, caseID, after string, limit int) ([]Evidence, error) {
	rows, err := q.Rows(ctx, `SELECT `+evidenceColumns+` FROM evidence WHERE case_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
		caseID, after, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("store: read evidence: %w", err)
	}
	defer rows.Close()
	var found []Evidence
	for rows.Next() {
		var e Evidence
		var created int64
		if err := rows.Scan(&e.ID, &e.FileName, &e.MediaType, &e.Description, &e.Size, &e.Digest, &e.Uploader, &created); err != nil {
			return nil, err
		}
		e.Created = sqldb.Time(created)
		found = append(found, e)
	}
	return found, rows.Err()
}

// Content implements Cases.
func (s *SQL) Content(ctx context.Context, q sqldb.Queryer, caseID, id string) (e Evidence, err error) {
	var created int64
	var sealed []byte
	err = q.Row(ctx, `SELECT `+evidenceColumns+`, content FROM evidence WHERE case_id = $1 AND id = $2`, caseID, id).
		Scan(&e.ID, &e.FileName, &e.MediaType, &e.Description, &e.Size, &e.Digest, &e.Uploader, &created, &sealed)
	if errors.Is(err, sqldb.ErrNoRows) {
		return e, apierr.NotFound("cases/" + caseID + "/evidence/" + id)
	}
	if err != nil {
		return e, fmt.Errorf("store: read evidence: %w", err)
	}
	if sealed == nil { // erased at the end of the retention; the digest stays
		return e, apierr.NotFound("cases/" + caseID + "/evidence/" + id)
	}
	e.Created = sqldb.Time(created)
	e.Content, err = s.open(sealed, "evidence/"+id)
	return e, err
}

// KeepArchive implements Cases.
func (s *SQL) KeepArchive(ctx context.Context, tx sqldb.Tx, caseID string, round int, info casefile.ArchiveInfo, file []byte) error {
	sealed, err := s.seal(file, archiveAAD(caseID, round))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO archives (case_id, round, manifest_digest, created_at, file) VALUES ($1, $2, $3, $4, $5)`,
		caseID, int64(round), info.ManifestDigest, sqldb.Micros(info.At), sealed)
	if err != nil {
		return fmt.Errorf("store: keep archive: %w", err)
	}
	return nil
}

// Archive implements Cases.
func (s *SQL) Archive(ctx context.Context, q sqldb.Queryer, caseID string, round int) ([]byte, error) {
	var sealed []byte
	err := q.Row(ctx, `SELECT file FROM archives WHERE case_id = $1 AND round = $2`, caseID, int64(round)).Scan(&sealed)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, apierr.NotFound("cases/" + caseID + "/archive")
	}
	if err != nil {
		return nil, fmt.Errorf("store: read archive: %w", err)
	}
	return s.open(sealed, archiveAAD(caseID, round))
}

func archiveAAD(caseID string, round int) string {
	return fmt.Sprintf("cases/%s/archives/%d", caseID, round)
}
