-- +goose Up
CREATE TABLE idempotency (
    key        TEXT   PRIMARY KEY, -- digest of principal, on-behalf-of, method and request id
    digest     BLOB   NOT NULL,    -- of the request without its request id
    answer     BLOB   NOT NULL,    -- sealed
    created_at INTEGER NOT NULL
);
CREATE INDEX idempotency_created_at ON idempotency (created_at);

CREATE TABLE outbox (
    position   INTEGER PRIMARY KEY AUTOINCREMENT,
    subscriber TEXT   NOT NULL,
    event_key  TEXT   NOT NULL,
    event_id   TEXT   NOT NULL,
    envelope   BLOB   NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX outbox_subscriber ON outbox (subscriber); -- SQLite adds the position to every entry

CREATE TABLE outbox_seq (
    event_key TEXT   PRIMARY KEY,
    seq       INTEGER NOT NULL -- the last number given out
);

CREATE TABLE relay_lease (
    subscriber TEXT   PRIMARY KEY,
    holder     TEXT   NOT NULL,
    expires_at INTEGER NOT NULL
);

CREATE TABLE inbox (
    event_id    TEXT   PRIMARY KEY, -- UUIDv7: in the order of time, which serves pruning
    received_at INTEGER NOT NULL
);
