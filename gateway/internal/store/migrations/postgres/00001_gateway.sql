-- +goose Up
CREATE TABLE organisations (
    name         TEXT   PRIMARY KEY, -- organisations/<id>
    display_name TEXT   NOT NULL,
    kind         TEXT   NOT NULL,    -- BRAND, PROVIDER, STORE
    parent       TEXT   NOT NULL,    -- '' for a legal entity
    legal_entity TEXT   NOT NULL,    -- root of the tree
    created_at   BIGINT NOT NULL
);
CREATE INDEX organisations_legal_entity ON organisations (legal_entity);

CREATE TABLE contracts (
    name        TEXT   PRIMARY KEY, -- contracts/<id>
    principal   TEXT   NOT NULL,    -- brand
    provider    TEXT   NOT NULL,
    regions     TEXT   NOT NULL,    -- JSON list of division code prefixes
    categories  TEXT   NOT NULL,    -- JSON list
    valid_from  BIGINT NOT NULL,
    valid_until BIGINT NOT NULL     -- 0: open
);
CREATE INDEX contracts_principal ON contracts (principal);
CREATE INDEX contracts_provider ON contracts (provider);

CREATE TABLE users (
    name          TEXT    PRIMARY KEY, -- users/<id>
    username      TEXT    NOT NULL UNIQUE,
    display_name  TEXT    NOT NULL,
    org           TEXT    NOT NULL,
    roles         TEXT    NOT NULL, -- JSON list
    engineer      TEXT    NOT NULL,
    team          TEXT    NOT NULL,
    locale        TEXT    NOT NULL,
    password_hash TEXT    NOT NULL, -- argon2id, PHC string
    disabled      BOOLEAN NOT NULL,
    created_at    BIGINT  NOT NULL,
    updated_at    BIGINT  NOT NULL,
    version       BIGINT  NOT NULL
);
CREATE INDEX users_org ON users (org, username);

CREATE TABLE sessions (
    id         TEXT   PRIMARY KEY,
    token_hash TEXT   NOT NULL UNIQUE, -- SHA-256 of the token
    subject    TEXT   NOT NULL,        -- users/<id> or partners/<id>
    key_id     TEXT   NOT NULL,        -- key that a partner's token was got with
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_subject ON sessions (subject);
CREATE INDEX sessions_expires_at ON sessions (expires_at);

CREATE TABLE partners (
    name         TEXT    PRIMARY KEY, -- partners/<id>
    display_name TEXT    NOT NULL,
    org          TEXT    NOT NULL,
    platform     TEXT    NOT NULL,
    scopes       TEXT    NOT NULL, -- JSON list
    addresses    TEXT    NOT NULL, -- JSON list of prefixes; [] is any
    disabled     BOOLEAN NOT NULL,
    created_at   BIGINT  NOT NULL,
    updated_at   BIGINT  NOT NULL,
    version      BIGINT  NOT NULL
);
CREATE INDEX partners_org ON partners (org);

CREATE TABLE partner_keys (
    key_id     TEXT   PRIMARY KEY,
    partner    TEXT   NOT NULL,
    algorithm  TEXT   NOT NULL, -- HMAC_SHA256, ED25519
    secret     BYTEA  NOT NULL, -- sealed secret, or the public key
    created_at BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL  -- 0: lives
);
CREATE INDEX partner_keys_partner ON partner_keys (partner);

-- Nonces heard, for a restart: a row per group, 8 bytes per nonce.
CREATE TABLE nonce_log (
    id         TEXT   PRIMARY KEY,
    hashes     BYTEA  NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX nonce_log_expires_at ON nonce_log (expires_at);

-- Nonces heard while Redis was gone: decides among several gateways.
CREATE TABLE nonces (
    hash       BIGINT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX nonces_expires_at ON nonces (expires_at);

-- The feed: one writer at a time gives each event its cursor, under the lock of feed_counter's row.
CREATE TABLE feed_counter (
    id   BIGINT PRIMARY KEY,
    last BIGINT NOT NULL
);
INSERT INTO feed_counter (id, last) VALUES (1, 0);

CREATE TABLE feed (
    cursor          BIGINT PRIMARY KEY,
    event_id        TEXT   NOT NULL,
    type            TEXT   NOT NULL,
    source          TEXT   NOT NULL,
    case_name       TEXT   NOT NULL,
    subject         TEXT   NOT NULL,
    event_time      BIGINT NOT NULL,
    owner_org       TEXT   NOT NULL,
    serving_org     TEXT   NOT NULL,
    partner         TEXT   NOT NULL,
    confidentiality TEXT   NOT NULL,
    case_number     TEXT   NOT NULL,
    external_ref    TEXT   NOT NULL, -- JSON
    state           TEXT   NOT NULL,
    state_deadline  BIGINT NOT NULL  -- 0: none
);
CREATE INDEX feed_owner_org ON feed (owner_org, cursor);
CREATE INDEX feed_serving_org ON feed (serving_org, cursor) WHERE serving_org <> '';
CREATE INDEX feed_partner ON feed (partner, cursor) WHERE partner <> '';
CREATE INDEX feed_case_name ON feed (case_name, cursor);

-- Events of other services about a case of which intake's first event has not come yet.
CREATE TABLE feed_waiting (
    event_id    TEXT   PRIMARY KEY,
    case_name   TEXT   NOT NULL,
    position    BIGINT NOT NULL, -- order of arrival within the case
    envelope    BYTEA  NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE INDEX feed_waiting_case_name ON feed_waiting (case_name, position);

CREATE TABLE webhook_endpoints (
    name        TEXT   PRIMARY KEY, -- webhookEndpoints/<id>
    url         TEXT   NOT NULL,
    event_types TEXT   NOT NULL, -- JSON list
    owner       TEXT   NOT NULL, -- partners/<id> or organisations/<id>
    secret      BYTEA  NOT NULL, -- sealed
    state       TEXT   NOT NULL, -- ACTIVE, DISABLED, GONE
    created_at  BIGINT NOT NULL
);
CREATE INDEX webhook_endpoints_owner ON webhook_endpoints (owner, name);

CREATE TABLE webhook_deliveries (
    id              TEXT    PRIMARY KEY, -- UUIDv7
    endpoint        TEXT    NOT NULL REFERENCES webhook_endpoints (name) ON DELETE CASCADE,
    event_id        TEXT    NOT NULL,
    cursor          BIGINT  NOT NULL,
    case_name       TEXT    NOT NULL, -- order is kept within endpoint and case
    type            TEXT    NOT NULL,
    state           TEXT    NOT NULL, -- PENDING, DELIVERED, FAILED
    attempts        INTEGER NOT NULL,
    last_status     INTEGER NOT NULL,
    last_error      TEXT    NOT NULL,
    first_attempt_at BIGINT NOT NULL, -- 0: none yet
    last_attempt_at BIGINT  NOT NULL,
    next_attempt_at BIGINT  NOT NULL, -- also the end of a claim while an attempt runs
    created_at      BIGINT  NOT NULL
);
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (endpoint, id);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE state = 'PENDING';
CREATE INDEX webhook_deliveries_order ON webhook_deliveries (endpoint, case_name, cursor, id) WHERE state = 'PENDING';
