-- +goose Up
CREATE TABLE idempotency (
    key        TEXT   PRIMARY KEY, -- digest of principal, on-behalf-of, method and request id
    digest     BYTEA  NOT NULL,    -- of the request without its request id
    answer     BYTEA  NOT NULL,    -- sealed
    created_at BIGINT NOT NULL
);
-- For pruning only; rows are never changed, so that a BRIN index serves and costs an insert nothing.
CREATE INDEX idempotency_created_at ON idempotency USING BRIN (created_at) WITH (autosummarize = on);

CREATE TABLE outbox (
    position   BIGINT GENERATED ALWAYS AS IDENTITY,
    subscriber TEXT   NOT NULL,
    event_key  TEXT   NOT NULL,
    event_id   TEXT   NOT NULL,
    envelope   BYTEA  NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (subscriber, position)
);
-- Rows come and go all the time: vacuum early, so that the relay does not read through dead ones.
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000);

CREATE TABLE outbox_seq (
    event_key TEXT   PRIMARY KEY,
    seq       BIGINT NOT NULL -- the last number given out
);

CREATE TABLE relay_lease (
    subscriber TEXT   PRIMARY KEY,
    holder     TEXT   NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE inbox (
    event_id    TEXT   PRIMARY KEY, -- UUIDv7: in the order of time, which serves pruning
    received_at BIGINT NOT NULL
);
