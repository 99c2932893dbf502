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

const teamColumns = `id, display_name, lead, exclude_leads, version, updated_at`

func scanTeam(row sqldb.Row) (t casefile.Team, err error) {
	var updated int64
	err = row.Scan(&t.ID, &t.DisplayName, &t.Lead, &t.ExcludeLeads, &t.Version, &updated)
	t.Updated = sqldb.Time(updated)
	return t, err
}

// Team answers a team of an organisation with its members and what each has open; ok is false when there is none.
func (s *SQL) Team(ctx context.Context, q Reader, org, id string) (t casefile.Team, ok bool, err error) {
	return s.team(ctx, q, org, id, "")
}

// LockTeam is Team that keeps others from giving cases to it until the commit, so that two acceptances at once see each other's.
func (s *SQL) LockTeam(ctx context.Context, tx sqldb.Tx, org, id string) (t casefile.Team, ok bool, err error) {
	lock := ""
	if tx.Engine() == sqldb.Postgres {
		lock = " FOR UPDATE"
	}
	return s.team(ctx, tx, org, id, lock)
}

func (s *SQL) team(ctx context.Context, q Reader, org, id, lock string) (t casefile.Team, ok bool, err error) {
	t, err = scanTeam(q.Row(ctx, `SELECT `+teamColumns+` FROM investigator_teams WHERE org = $1 AND id = $2`+lock, org, id))
	if errors.Is(err, sqldb.ErrNoRows) {
		return t, false, nil
	}
	if err == nil {
		err = s.members(ctx, q, org, &t)
	}
	return t, err == nil, err
}

// members reads who belongs to a team. What somebody has open is counted over all teams: it is the person who is busy.
func (s *SQL) members(ctx context.Context, q Reader, org string, t *casefile.Team) (err error) {
	t.Members, err = scanAll(scanMember)(q.Rows(ctx, `SELECT member, complex, max_open, away_until, last_at,
			(SELECT COUNT(*) FROM cases WHERE cases.investigator = m.member AND cases.investigator <> '' AND cases.state IN ('ACCEPTED', 'UNDER_INVESTIGATION'))
		FROM investigator_team_members m WHERE org = $1 AND team = $2 ORDER BY member`, org, t.ID))
	return err
}

func scanMember(row sqldb.Row) (m casefile.Member, err error) {
	var away, last int64
	err = row.Scan(&m.Name, &m.Complex, &m.MaxOpen, &away, &last, &m.Open)
	m.Away, m.Last = sqldb.Time(away), sqldb.Time(last)
	return m, err
}

// Teams lists the teams of an organisation behind an id.
func (s *SQL) Teams(ctx context.Context, q Reader, org, after string, limit int) ([]casefile.Team, error) {
	teams, err := scanAll(scanTeam)(q.Rows(ctx, `SELECT `+teamColumns+` FROM investigator_teams WHERE org = $1 AND id > $2 ORDER BY id LIMIT $3`, org, after, int64(limit)))
	for i := range teams {
		if err == nil {
			err = s.members(ctx, q, org, &teams[i])
		}
	}
	return teams, err
}

// LeadsOf answers who leads the teams that these persons belong to.
func (s *SQL) LeadsOf(ctx context.Context, q Reader, org string, names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	in, arg := sqldb.In(q.Engine(), "m.member", 2, names) //nolint:mnd // the argument behind the organisation
	return ids(q.Rows(ctx, `SELECT DISTINCT t.lead FROM investigator_team_members m JOIN investigator_teams t ON t.org = m.org AND t.id = m.team
		WHERE m.org = $1 AND t.lead <> '' AND `+in, org, arg))
}

// Gave writes down when a member was given a case.
func (s *SQL) Gave(ctx context.Context, tx sqldb.Tx, org, team, member string, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE investigator_team_members SET last_at = $4 WHERE org = $1 AND team = $2 AND member = $3`, org, team, member, sqldb.Micros(at))
	return err
}

// SetTeam keeps a team with its members. It must fail with apierr.ErrStale when the row is not of the version that was read (0: not there).
func (s *SQL) SetTeam(ctx context.Context, tx sqldb.Tx, org string, t casefile.Team) error {
	n, err := tx.Exec(ctx, `INSERT INTO investigator_teams (org, id, display_name, lead, exclude_leads, version, updated_at) VALUES ($1, $2, $3, $4, $5, $6 + 1, $7)
		ON CONFLICT (org, id) DO UPDATE SET display_name = excluded.display_name, lead = excluded.lead, exclude_leads = excluded.exclude_leads,
			version = investigator_teams.version + 1, updated_at = excluded.updated_at WHERE investigator_teams.version = $6`,
		org, t.ID, t.DisplayName, t.Lead, t.ExcludeLeads, t.Version, sqldb.Micros(t.Updated))
	if err != nil {
		return fmt.Errorf("store: keep team: %w", err)
	}
	if n != 1 {
		return apierr.ErrStale.New()
	}
	return s.setMembers(ctx, tx, org, t)
}

// setMembers replaces the members; when each was last given a case stays known.
func (s *SQL) setMembers(ctx context.Context, tx sqldb.Tx, org string, t casefile.Team) error {
	last := map[string]time.Time{}
	before := casefile.Team{ID: t.ID}
	if err := s.members(ctx, tx, org, &before); err != nil {
		return err
	}
	for _, m := range before.Members {
		last[m.Name] = m.Last
	}
	if err := s.dropMembers(ctx, tx, org, t.ID); err != nil || len(t.Members) == 0 {
		return err
	}
	insert := sqldb.NewInsert("investigator_team_members", "org", "team", "member", "complex", "max_open", "away_until", "last_at")
	for _, m := range t.Members {
		insert.Row(org, t.ID, m.Name, m.Complex, int64(m.MaxOpen), microsOr0(m.Away), microsOr0(last[m.Name]))
	}
	var b sqldb.Batch
	insert.AddTo(&b, tx.Engine(), nil)
	return tx.Send(ctx, &b)
}

func microsOr0(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return sqldb.Micros(t)
}

func (s *SQL) dropMembers(ctx context.Context, tx sqldb.Tx, org, team string) error {
	_, err := tx.Exec(ctx, `DELETE FROM investigator_team_members WHERE org = $1 AND team = $2`, org, team)
	return err
}

// DropTeam takes a team away, or answers apierr.ErrNotFound.
func (s *SQL) DropTeam(ctx context.Context, tx sqldb.Tx, org, id string) error {
	n, err := tx.Exec(ctx, `DELETE FROM investigator_teams WHERE org = $1 AND id = $2`, org, id)
	if err == nil && n == 0 {
		return apierr.NotFound("investigatorTeams/" + id)
	}
	if err != nil {
		return err
	}
	return s.dropMembers(ctx, tx, org, id)
}
