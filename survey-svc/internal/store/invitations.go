package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

// invitationColumns are read by scanInvitation, in this order.
const invitationColumns = `i.id, i.case_name, i.case_number, i.round, i.purpose, i.state, i.survey, i.owner_org, i.serving_org,
	i.partner, i.confidentiality, i.contact, i.locale, i.token, i.not_before_us, i.expire_us, i.create_us, i.deliver_us,
	i.respond_us, i.amend_until_us, i.next_attempt_us, i.attempts, i.reason, i.version,
	COALESCE((SELECT c.id FROM call_backs c WHERE c.invitation = i.id), '')`

// TokenDigest is what a token is found by. A token has 256 random bits, so a plain digest cannot be guessed back.
func TokenDigest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Insert adds an invitation with its handlers. It reports false, and adds nothing, when the (case, round, purpose) has one.
func (s *Store) Insert(ctx context.Context, tx sqldb.Tx, inv *survey.Invitation) (bool, error) {
	contact, err := s.seal(inv.Contact, "contact", inv.ID)
	if err != nil {
		return false, err
	}
	token, err := s.seal(inv.Token, "token", inv.ID)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO invitations (id, case_name, case_number, round, purpose, state, survey, owner_org,
			serving_org, partner, confidentiality, contact, locale, token_digest, token, not_before_us, expire_us, create_us,
			next_attempt_us, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
		ON CONFLICT (case_name, round, purpose) DO NOTHING`,
		inv.ID, inv.Case, inv.CaseNumber, inv.Round, string(inv.Purpose), string(inv.State), inv.Survey, inv.OwnerOrg,
		inv.ServingOrg, inv.Partner, inv.Confidentiality, contact, inv.Locale, TokenDigest(inv.Token), token,
		sqldb.Micros(inv.NotBefore), sqldb.Micros(inv.Expire), sqldb.Micros(inv.Created), sqldb.Micros(inv.NextAttempt), inv.Reason)
	if err != nil || n == 0 {
		return false, err
	}
	inv.Version = 1
	return true, insertHandlers(ctx, tx, inv)
}

func insertHandlers(ctx context.Context, tx sqldb.Tx, inv *survey.Invitation) error {
	if len(inv.Handlers) == 0 {
		return nil
	}
	insert := sqldb.NewInsert("invitation_handlers", "invitation", "subject").OnConflict("DO NOTHING")
	for _, subject := range inv.Handlers {
		insert.Row(inv.ID, subject)
	}
	_, err := insert.Exec(ctx, tx)
	return err
}

// Save writes what changes in an invitation's life, on the version it was read at.
func (s *Store) Save(ctx context.Context, tx sqldb.Tx, inv *survey.Invitation) error {
	err := one(tx.Exec(ctx, `UPDATE invitations SET state = $1, deliver_us = $2, respond_us = $3, amend_until_us = $4,
			next_attempt_us = $5, attempts = $6, reason = $7, version = version + 1
		WHERE id = $8 AND version = $9`,
		string(inv.State), sqldb.Micros(inv.Delivered), sqldb.Micros(inv.Responded), sqldb.Micros(inv.AmendUntil),
		sqldb.Micros(inv.NextAttempt), inv.Attempts, inv.Reason, inv.ID, inv.Version))
	if err == nil {
		inv.Version++
	}
	return err
}

// Invitation reads one by id, for jobs and other services' events; it asks nobody's permission.
func (s *Store) Invitation(ctx context.Context, q sqldb.Queryer, id string) (survey.Invitation, error) {
	return s.invitationWhere(ctx, q, "invitations/"+id, "i.id = $1", id)
}

// InvitationByToken reads the one that a link leads to. The error does not repeat the token: it would reach logs.
func (s *Store) InvitationByToken(ctx context.Context, q sqldb.Queryer, token string) (survey.Invitation, error) {
	return s.invitationWhere(ctx, q, "invitations/…", "i.token_digest = $1", TokenDigest(token))
}

// InvitationOf reads the one of a case's round and purpose.
func (s *Store) InvitationOf(ctx context.Context, q sqldb.Queryer, caseName string, round int, p survey.Purpose) (survey.Invitation, error) {
	return s.invitationWhere(ctx, q, caseName, "i.case_name = $1 AND i.round = $2 AND i.purpose = $3", caseName, round, string(p))
}

func (s *Store) invitationWhere(ctx context.Context, q sqldb.Queryer, name, where string, args ...any) (survey.Invitation, error) {
	inv, err := s.scanInvitation(q.Row(ctx, `SELECT `+invitationColumns+` FROM invitations i WHERE `+where, args...))
	if missing(err) {
		return inv, apierr.NotFound(name)
	}
	if err == nil {
		err = s.loadHandlers(ctx, q, &inv)
	}
	return inv, err
}

func (s *Store) loadHandlers(ctx context.Context, q sqldb.Queryer, inv *survey.Invitation) error {
	rows, err := q.Rows(ctx, `SELECT subject FROM invitation_handlers WHERE invitation = $1 ORDER BY subject`, inv.ID)
	inv.Handlers, err = collect(rows, err, scanString)
	return err
}

func scanString(row sqldb.Row) (v string, err error) { return v, row.Scan(&v) }

func (s *Store) scanInvitation(row sqldb.Row) (inv survey.Invitation, err error) {
	var contact, token []byte
	var notBefore, expire, created, delivered, responded, amendUntil, next int64
	err = row.Scan(&inv.ID, &inv.Case, &inv.CaseNumber, &inv.Round, &inv.Purpose, &inv.State, &inv.Survey, &inv.OwnerOrg,
		&inv.ServingOrg, &inv.Partner, &inv.Confidentiality, &contact, &inv.Locale, &token, &notBefore, &expire, &created,
		&delivered, &responded, &amendUntil, &next, &inv.Attempts, &inv.Reason, &inv.Version, &inv.CallBack)
	if err != nil {
		return inv, err
	}
	inv.NotBefore, inv.Expire, inv.Created = sqldb.Time(notBefore), sqldb.Time(expire), sqldb.Time(created)
	inv.Delivered, inv.Responded, inv.AmendUntil = sqldb.Time(delivered), sqldb.Time(responded), sqldb.Time(amendUntil)
	inv.NextAttempt = sqldb.Time(next)
	if err := s.open(contact, &inv.Contact, "contact", inv.ID); err != nil {
		return inv, err
	}
	return inv, s.open(token, &inv.Token, "token", inv.ID)
}

// InvitationSpec is what a list of invitations can be filtered and ordered by.
var InvitationSpec = &listing.Spec{
	Fields: map[string]listing.Field{
		"case":         {Column: "i.case_name", Type: listing.Ref},
		"case_number":  {Column: "i.case_number", Type: listing.String},
		"caseNumber":   {Column: "i.case_number", Type: listing.String},
		"state":        {Column: "i.state", Type: listing.Enum, Values: names(survey.States)},
		"purpose":      {Column: "i.purpose", Type: listing.Enum, Values: names(survey.Purposes)},
		"round":        {Column: "i.round", Type: listing.Int},
		"create_time":  {Column: "i.create_us", Type: listing.Time},
		"createTime":   {Column: "i.create_us", Type: listing.Time},
		"respond_time": {Column: "i.respond_us", Type: listing.Time},
		"respondTime":  {Column: "i.respond_us", Type: listing.Time},
	},
	Orders:       map[string]string{"create_time": "i.create_us", "createTime": "i.create_us"},
	DefaultOrder: "create_time desc",
	Tie:          "i.id",
}

// names gives the spellings of a list of states.
func names[T ~string](list []T) []string {
	out := make([]string, len(list))
	for n, v := range list {
		out[n] = string(v)
	}
	return out
}

// List reads a page of what p may see: at most q.Limit rows, without handlers.
func (s *Store) List(ctx context.Context, db Queryer, p auth.Principal, q listing.Query) ([]survey.Invitation, error) {
	seen, args := visible(db.Engine(), p, 1)
	where, more := q.Where(len(args) + 1)
	rows, err := db.Rows(ctx, fmt.Sprintf(`SELECT `+invitationColumns+` FROM invitations i WHERE %s AND %s ORDER BY %s LIMIT %d`,
		seen, where, q.OrderBy, q.Limit), append(args, more...)...)
	return collect(rows, err, s.scanInvitation)
}

// OfCase reads all invitations of a case, oldest first, with their handlers; for other services.
func (s *Store) OfCase(ctx context.Context, q sqldb.Queryer, caseName string) ([]survey.Invitation, error) {
	rows, err := q.Rows(ctx, `SELECT `+invitationColumns+` FROM invitations i WHERE i.case_name = $1
		ORDER BY i.create_us, i.id`, caseName)
	all, err := collect(rows, err, s.scanInvitation)
	if err != nil {
		return nil, err
	}
	for n := range all {
		if err := s.loadHandlers(ctx, q, &all[n]); err != nil {
			return nil, err
		}
	}
	return all, nil
}
