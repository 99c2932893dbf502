-- +goose Up

-- What was written or said on a channel beside a case: mails, transcripts, letters, posts (R20, R22, R28).
CREATE TABLE case_messages (
    id          TEXT    PRIMARY KEY, -- UUIDv7
    case_id     TEXT    NOT NULL,
    org         TEXT    NOT NULL,    -- owner of the case
    channel     TEXT    NOT NULL,
    external_id TEXT    NOT NULL,    -- Message-ID, session id …; the row's own id where there is none
    known       BOOLEAN NOT NULL,    -- the sender is one of the case's persons
    sent_at     BIGINT  NOT NULL,    -- by the sender's account, 0 when not told
    created_at  BIGINT  NOT NULL,
    content     BLOB    NOT NULL     -- sealed JSON
);
CREATE UNIQUE INDEX case_messages_external ON case_messages (org, channel, external_id);
CREATE INDEX case_messages_case ON case_messages (case_id, id);

-- Calls on the hotline, by the telephone system's id (R19, R191).
CREATE TABLE calls (
    id           TEXT    PRIMARY KEY, -- UUIDv7
    org          TEXT    NOT NULL,
    external_id  TEXT    NOT NULL,
    phone_index  TEXT    NOT NULL,    -- blind index, '' when not shown
    phone        BLOB,                -- sealed
    agent        TEXT    NOT NULL,
    queue        TEXT    NOT NULL,
    case_id      TEXT    NOT NULL,    -- '' before it is linked
    rang_at      BIGINT  NOT NULL,    -- each 0 before it happened
    connected_at BIGINT  NOT NULL,
    answered_at  BIGINT  NOT NULL,
    ended_at     BIGINT  NOT NULL,
    in_time      BOOLEAN NOT NULL,    -- the wait kept the policy's limit
    created_at   BIGINT  NOT NULL
);
CREATE UNIQUE INDEX calls_external ON calls (org, external_id);
CREATE INDEX calls_org ON calls (org, created_at, id);
CREATE INDEX calls_case ON calls (case_id) WHERE case_id <> '';
CREATE INDEX calls_phone ON calls (phone_index) WHERE phone_index <> '';
