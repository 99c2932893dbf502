-- +goose Up

-- Named lists of RESTRICTED cases.
CREATE TABLE case_readers (
    case_id TEXT NOT NULL,
    reader  TEXT NOT NULL, -- users/…
    PRIMARY KEY (case_id, reader)
);
CREATE INDEX case_readers_reader ON case_readers (reader, case_id);

-- Work lists: what follows from a case, written with it.
CREATE TABLE work_items (
    case_id  TEXT   NOT NULL,
    place    BIGINT NOT NULL, -- within the case
    work_org TEXT   NOT NULL,
    role     TEXT   NOT NULL,
    assignee TEXT   NOT NULL, -- '' when anybody of the role may take it
    step     TEXT   NOT NULL,
    due_at   BIGINT NOT NULL, -- the far future when nothing presses
    PRIMARY KEY (case_id, place)
);
CREATE INDEX work_items_list ON work_items (work_org, role, due_at, case_id);

CREATE TABLE incidents (
    id         TEXT   PRIMARY KEY, -- UUIDv7
    owner_org  TEXT   NOT NULL,
    title      TEXT   NOT NULL,
    brand      TEXT   NOT NULL,
    model      TEXT   NOT NULL,
    finding    TEXT   NOT NULL,
    measure    TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX incidents_org ON incidents (owner_org, id);
CREATE TABLE incident_cases (
    incident_id TEXT NOT NULL,
    case_id     TEXT NOT NULL,
    PRIMARY KEY (incident_id, case_id)
);

-- Cases whose figures are to be counted again, written with every change of a case.
CREATE TABLE stats_dirty (
    case_id TEXT PRIMARY KEY
);
-- What a case contributed to the roll-up last, so that it can be taken out again.
CREATE TABLE stats_facts (
    case_id TEXT PRIMARY KEY,
    fact    TEXT NOT NULL -- JSON
);
-- Sums by local day of registration, organisation and up to two dimensions.
CREATE TABLE stats_rollup (
    org        TEXT   NOT NULL,
    dim1       TEXT   NOT NULL, -- '' in the row of all
    dim2       TEXT   NOT NULL,
    day        TEXT   NOT NULL, -- YYYY-MM-DD
    val1       TEXT   NOT NULL,
    val2       TEXT   NOT NULL,
    secret     BOOLEAN NOT NULL, -- PROTECTED and RESTRICTED cases have rows of their own
    cases      BIGINT NOT NULL,
    open       BIGINT NOT NULL,
    closed     BIGINT NOT NULL,
    exceptions BIGINT NOT NULL,
    resolved   BIGINT NOT NULL,
    in_time    BIGINT NOT NULL,
    first_time BIGINT NOT NULL,
    serials    BIGINT NOT NULL,
    repeats    BIGINT NOT NULL,
    reopened   BIGINT NOT NULL,
    accepted   BIGINT NOT NULL,
    accept_s   BIGINT NOT NULL,
    resolve_s  BIGINT NOT NULL,
    rated      BIGINT NOT NULL,
    rating     BIGINT NOT NULL,
    hazards    BIGINT NOT NULL,
    PRIMARY KEY (org, dim1, dim2, day, val1, val2, secret)
);
CREATE INDEX stats_rollup_value ON stats_rollup (org, dim1, dim2, val1, day);

CREATE INDEX cases_owner_state ON cases (owner_org, state, created_at, id);
CREATE INDEX cases_serial_time ON cases (serial, created_at) WHERE serial <> '';
