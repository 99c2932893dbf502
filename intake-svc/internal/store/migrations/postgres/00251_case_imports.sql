-- +goose Up

-- Files of cases on their way in. The file stays until every row has its report: a lost job loses no row.
CREATE TABLE case_imports (
    id              TEXT    PRIMARY KEY, -- UUIDv7
    org             TEXT    NOT NULL,
    creator         TEXT    NOT NULL,
    acting          TEXT    NOT NULL, -- JSON: roles and organisations that the creator had
    locale          TEXT    NOT NULL,
    file_name       TEXT    NOT NULL,
    dry_run         BOOLEAN NOT NULL,
    channel         TEXT    NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('RUNNING', 'DONE')),
    total_rows      BIGINT  NOT NULL,
    done_rows       BIGINT  NOT NULL,
    good_rows       BIGINT  NOT NULL,
    unknown_columns TEXT    NOT NULL, -- JSON
    created_at      BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL,
    content         BYTEA             -- sealed; NULL when done
);
CREATE INDEX case_imports_running ON case_imports (updated_at) WHERE state = 'RUNNING';

CREATE TABLE case_import_rows (
    import_id TEXT    NOT NULL,
    row_no    BIGINT  NOT NULL, -- in the file, the heading is 1
    good      BOOLEAN NOT NULL,
    case_id   TEXT    NOT NULL,
    reason    TEXT    NOT NULL,
    message   TEXT    NOT NULL,
    PRIMARY KEY (import_id, row_no)
);
