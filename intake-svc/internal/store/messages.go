package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Message is something written or said on a channel beside a case.
type Message struct {
	ID, CaseID, Org, Channel, ExternalID string
	Known                                bool
	Sent, Created                        time.Time
	Content                              MessageContent // sealed at rest
}

// MessageContent is the part that may be personal.
type MessageContent struct {
	Sender   string        `json:"sender,omitempty"`
	Subject  string        `json:"subject,omitempty"`
	Text     string        `json:"text,omitempty"`
	Lines    []MessageLine `json:"lines,omitempty"`
	Evidence []string      `json:"evidence,omitempty"` // ids
}

// MessageLine is one utterance of a chat.
type MessageLine struct {
	Sender string    `json:"from"`
	Text   string    `json:"text"`
	At     time.Time `json:"at,omitzero"`
}

// AddMessage keeps a message once: added is false when its external id is known already.
func (s *SQL) AddMessage(ctx context.Context, tx sqldb.Tx, m Message) (added bool, err error) {
	content, err := s.sealJSON(m.Content, "messages/"+m.ID)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO case_messages (id, case_id, org, channel, external_id, known, sent_at, created_at, content)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
		m.ID, m.CaseID, m.Org, m.Channel, m.ExternalID, m.Known, sqldb.Micros(m.Sent), sqldb.Micros(m.Created), content)
	if err != nil {
		return false, fmt.Errorf("store: keep message: %w", err)
	}
	return n == 1, nil
}

const messageColumns = `id, case_id, org, channel, external_id, known, sent_at, created_at, content`

// MessageBy finds a message by its external id; ok is false when it is not known.
func (s *SQL) MessageBy(ctx context.Context, q sqldb.Queryer, org, channel, externalID string) (m Message, ok bool, err error) {
	m, err = s.scanMessage(q.Row(ctx, `SELECT `+messageColumns+` FROM case_messages WHERE org = $1 AND channel = $2 AND external_id = $3`,
		org, channel, externalID))
	if errors.Is(err, sqldb.ErrNoRows) {
		return m, false, nil
	}
	return m, err == nil, err
}

// Messages answers the messages of a case in order, behind an id.
func (s *SQL) Messages(ctx context.Context, q sqldb.Queryer, caseID, after string, limit int) ([]Message, error) {
	rows, err := q.Rows(ctx, `SELECT `+messageColumns+` FROM case_messages WHERE case_id = $1 AND id > $2 ORDER BY id LIMIT $3`, caseID, after, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("store: read messages: %w", err)
	}
	defer rows.Close()
	var found []Message
	for rows.Next() {
		m, err := s.scanMessage(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, m)
	}
	return found, rows.Err()
}

func (s *SQL) scanMessage(row sqldb.Row) (m Message, err error) {
	var sent, created int64
	var sealed []byte
	if err := row.Scan(&m.ID, &m.CaseID, &m.Org, &m.Channel, &m.ExternalID, &m.Known, &sent, &created, &sealed); err != nil {
		return m, err
	}
	m.Sent, m.Created = sqldb.Time(sent), sqldb.Time(created)
	return m, s.openJSON(sealed, "messages/"+m.ID, &m.Content)
}

// CaseNumbered finds the id of an organisation's case by its number; "" when there is none.
func (s *SQL) CaseNumbered(ctx context.Context, q sqldb.Queryer, org, number string) (id string, err error) {
	err = q.Row(ctx, `SELECT id FROM cases WHERE number = $1 AND owner_org = $2`, number, org).Scan(&id)
	if errors.Is(err, sqldb.ErrNoRows) {
		return "", nil
	}
	return id, err
}
