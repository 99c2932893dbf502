-- +goose Up
-- Who investigates what (R7, R99): routing rules name a team, the team has members.
CREATE TABLE investigator_teams (
    org           TEXT    NOT NULL,
    id            TEXT    NOT NULL, -- what routing rules call it
    display_name  TEXT    NOT NULL,
    lead          TEXT    NOT NULL, -- users/…, '' for nobody
    exclude_leads BOOLEAN NOT NULL,
    version       BIGINT  NOT NULL,
    updated_at    BIGINT  NOT NULL,
    PRIMARY KEY (org, id)
);

CREATE TABLE investigator_team_members (
    org        TEXT    NOT NULL,
    team       TEXT    NOT NULL,
    member     TEXT    NOT NULL, -- users/… or engineers/…
    complex    BOOLEAN NOT NULL,
    max_open   BIGINT  NOT NULL, -- 0: no bound
    away_until BIGINT  NOT NULL, -- 0: there
    last_at    BIGINT  NOT NULL, -- when a case was last given, 0: never
    PRIMARY KEY (org, team, member)
);
CREATE INDEX investigator_team_members_member ON investigator_team_members (org, member);

-- How much somebody has to do.
CREATE INDEX cases_investigator ON cases (investigator, state) WHERE investigator <> '';
