-- +goose Up
-- How long cases that have ended are kept, what keeps them longer, and who had them erased (R181, R188).
CREATE TABLE retentions (
    case_id    TEXT    PRIMARY KEY,
    keep_until BIGINT  NOT NULL,
    held       BOOLEAN NOT NULL, -- nothing is erased while it is
    erased_at  BIGINT  NOT NULL  -- 0 while the personal data is there
);
CREATE INDEX retentions_due ON retentions (keep_until, case_id) WHERE erased_at = 0;

CREATE TABLE retention_audit (
    id          TEXT   PRIMARY KEY, -- UUIDv7
    org         TEXT   NOT NULL,    -- owner of the case
    case_id     TEXT   NOT NULL,
    case_number TEXT   NOT NULL,
    act         TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    actor       TEXT   NOT NULL,
    run         TEXT   NOT NULL,    -- erasure_runs.id, '' when none
    keep_until  BIGINT NOT NULL,    -- 0 when none was set
    acted_at    BIGINT NOT NULL
);
CREATE INDEX retention_audit_org ON retention_audit (org, id);
CREATE INDEX retention_audit_case ON retention_audit (case_id, id);

CREATE TABLE erasure_runs (
    id         TEXT   PRIMARY KEY, -- UUIDv7
    orgs       TEXT   NOT NULL,    -- JSON; null for all
    org        TEXT   NOT NULL,    -- of who started it, '' for the suite itself
    creator    TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    due_before BIGINT NOT NULL,    -- what was due then is erased
    state      TEXT   NOT NULL CHECK (state IN ('RUNNING', 'DONE')),
    due        BIGINT NOT NULL,    -- cases that were due when it was started
    erased     BIGINT NOT NULL,
    failed     BIGINT NOT NULL,
    reached    TEXT   NOT NULL,    -- last case that was looked at
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX erasure_runs_running ON erasure_runs (id) WHERE state = 'RUNNING';

INSERT INTO retentions (case_id, keep_until, held, erased_at)
SELECT id, CAST(EXTRACT(EPOCH FROM (detail::json #>> '{retention,until}')::timestamptz) * 1000000 AS BIGINT), FALSE, 0 FROM cases WHERE detail::json #>> '{retention,until}' IS NOT NULL;
