-- +goose Up

-- Deadlines: one row for each clock of a case. The sweeper finds them by wake_at; nothing depends on a queue.
CREATE TABLE deadlines (
    case_id     TEXT   NOT NULL,
    n           BIGINT NOT NULL, -- place in the case, from 1
    round       BIGINT NOT NULL,
    code        TEXT   NOT NULL,
    type        TEXT   NOT NULL CHECK (type IN ('PROMISE', 'LEGAL', 'REGULATOR', 'PLATFORM')),
    state       TEXT   NOT NULL CHECK (state IN ('RUNNING', 'PAUSED', 'BREACHED', 'MET', 'MET_LATE')),
    policy      TEXT   NOT NULL, -- '' for external clocks
    started_at  BIGINT NOT NULL,
    due_at      BIGINT NOT NULL, -- 0 while it is paused
    warn_at     BIGINT NOT NULL, -- 0: no warning
    wake_at     BIGINT NOT NULL, -- when somebody must look, 0: never again
    ended_at    BIGINT NOT NULL,
    breached_at BIGINT NOT NULL,
    detail      TEXT   NOT NULL, -- JSON: pauses, reasons, tiers, why
    way         TEXT   NOT NULL, -- JSON: segments from start to due time
    PRIMARY KEY (case_id, n)
);
CREATE INDEX deadlines_wake ON deadlines (wake_at) WHERE wake_at > 0;
CREATE INDEX deadlines_due ON deadlines (due_at, case_id) WHERE ended_at = 0 AND due_at > 0;

-- What somebody must look after: warnings, missed deadlines by tier, urging.
CREATE TABLE escalations (
    id           TEXT   PRIMARY KEY, -- UUIDv7
    case_id      TEXT   NOT NULL,
    clock_n      BIGINT NOT NULL, -- 0 for urging
    code         TEXT   NOT NULL,
    reason       TEXT   NOT NULL,
    role         TEXT   NOT NULL,
    assignee     TEXT   NOT NULL,
    tier         BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,
    late_us      BIGINT NOT NULL,
    raised_at    BIGINT NOT NULL,
    settled_at   BIGINT NOT NULL, -- 0 while it is open
    acknowledger TEXT   NOT NULL
);
CREATE INDEX escalations_case ON escalations (case_id, clock_n);
CREATE INDEX escalations_role ON escalations (role, id) WHERE settled_at = 0;

CREATE TABLE sla_policies (
    id         TEXT    PRIMARY KEY,
    org        TEXT    NOT NULL, -- '' general
    promise    TEXT    NOT NULL,
    active     BOOLEAN NOT NULL,
    version    BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL,
    detail     TEXT    NOT NULL  -- JSON: conditions, times, tiers
);

CREATE TABLE working_calendars (
    id         TEXT   PRIMARY KEY,
    org        TEXT   NOT NULL, -- '' general
    version    BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    detail     TEXT   NOT NULL  -- JSON
);

CREATE TABLE holidays (
    region    TEXT    NOT NULL,
    first_day TEXT    NOT NULL, -- YYYY-MM-DD
    last_day  TEXT    NOT NULL,
    year      BIGINT  NOT NULL,
    make_up   BOOLEAN NOT NULL, -- worked on
    name_zh   TEXT    NOT NULL,
    name_en   TEXT    NOT NULL,
    PRIMARY KEY (region, first_day)
);

-- What the customer was told of the progress.
CREATE TABLE progress_news (
    id          TEXT   PRIMARY KEY, -- UUIDv7
    case_id     TEXT   NOT NULL,
    round       BIGINT NOT NULL,
    next_at     BIGINT NOT NULL, -- 0: nothing more to come
    expected_at BIGINT NOT NULL,
    author      TEXT   NOT NULL,
    told_at     BIGINT NOT NULL,
    content     BYTEA           -- sealed JSON
);
CREATE INDEX progress_news_case ON progress_news (case_id, id);

ALTER TABLE contact_attempts ADD COLUMN inbound BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE contact_attempts ADD COLUMN place TEXT NOT NULL DEFAULT '';
ALTER TABLE contact_attempts ADD COLUMN seconds BIGINT NOT NULL DEFAULT 0;
ALTER TABLE contact_attempts ADD COLUMN record BYTEA; -- sealed JSON: person, subject, measures
