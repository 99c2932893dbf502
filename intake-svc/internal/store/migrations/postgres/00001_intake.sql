-- +goose Up

-- The last case number of each local day. Its row is locked first and until the commit: number order is commit order (R52).
CREATE TABLE case_counter (
    day  TEXT   PRIMARY KEY, -- YYYYMMDD in the installation's zone
    last BIGINT NOT NULL
);

CREATE TABLE cases (
    id              TEXT   PRIMARY KEY, -- UUIDv7
    number          TEXT   NOT NULL,
    kind            TEXT   NOT NULL CHECK (kind IN ('COMPLAINT', 'SERVICE_REQUEST', 'ENQUIRY', 'FEEDBACK')),
    state           TEXT   NOT NULL,
    round           BIGINT NOT NULL,
    version         BIGINT NOT NULL,
    channel         TEXT   NOT NULL,
    content_class   TEXT   NOT NULL,
    urgency         TEXT   NOT NULL,
    confidentiality TEXT   NOT NULL,
    owner_org       TEXT   NOT NULL,
    serving_org     TEXT   NOT NULL, -- '' when the owner serves
    partner         TEXT   NOT NULL, -- '' when no partner filed it
    filer           TEXT   NOT NULL,
    handler         TEXT   NOT NULL,
    investigator    TEXT   NOT NULL,
    engineer        TEXT   NOT NULL, -- of the latest visit
    customer        TEXT   NOT NULL, -- customers/… where known
    phone_index     TEXT   NOT NULL, -- blind index of the customer's phone
    serial          TEXT   NOT NULL, -- of the first product
    order_id        TEXT   NOT NULL, -- of the first external reference
    after_sale_id   TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    deadline        BIGINT NOT NULL, -- nearest deadline that runs, 0 when none does
    next_due        BIGINT NOT NULL, -- when the sweeper must look, 0 when it need not
    event_seq       BIGINT NOT NULL, -- last event told to others
    chain_seq       BIGINT NOT NULL, -- end of the timeline
    chain_hash      BYTEA,
    detail          TEXT   NOT NULL, -- JSON, nothing personal
    personal        BYTEA  NOT NULL  -- sealed JSON
);
CREATE UNIQUE INDEX cases_number ON cases (number);
CREATE INDEX cases_owner_org ON cases (owner_org, created_at, id);
CREATE INDEX cases_serving_org ON cases (serving_org, created_at, id) WHERE serving_org <> '';
CREATE INDEX cases_partner ON cases (partner, created_at, id) WHERE partner <> '';
CREATE INDEX cases_customer ON cases (customer, created_at, id) WHERE customer <> '';
CREATE INDEX cases_engineer ON cases (engineer, created_at, id) WHERE engineer <> '';
CREATE INDEX cases_phone ON cases (phone_index) WHERE phone_index <> '';
CREATE INDEX cases_serial ON cases (serial) WHERE serial <> '';
CREATE INDEX cases_next_due ON cases (next_due) WHERE next_due > 0;

-- One after-sale order of a partner's platform is one case.
CREATE TABLE external_refs (
    partner       TEXT  NOT NULL,
    platform      TEXT  NOT NULL,
    after_sale_id TEXT  NOT NULL,
    case_id       TEXT  NOT NULL,
    digest        BYTEA NOT NULL, -- of what was filed
    PRIMARY KEY (partner, platform, after_sale_id)
);

CREATE TABLE entries (
    case_id TEXT   NOT NULL,
    seq     BIGINT NOT NULL,
    header  BYTEA  NOT NULL, -- exact bytes that are hashed
    hash    BYTEA  NOT NULL,
    content BYTEA,           -- sealed salt and content; NULL when there is none or it was erased
    PRIMARY KEY (case_id, seq)
);

CREATE TABLE contact_attempts (
    id       TEXT   PRIMARY KEY, -- UUIDv7
    case_id  TEXT   NOT NULL,
    round    BIGINT NOT NULL,
    channel  TEXT   NOT NULL,
    result   TEXT   NOT NULL,
    notice   TEXT   NOT NULL,
    actor    TEXT   NOT NULL,
    tried_at BIGINT NOT NULL,
    points   BYTEA           -- sealed
);
CREATE INDEX contact_attempts_case ON contact_attempts (case_id, id);

CREATE TABLE evidence (
    id          TEXT   PRIMARY KEY, -- UUIDv7
    case_id     TEXT   NOT NULL,
    file_name   TEXT   NOT NULL,
    media_type  TEXT   NOT NULL,
    description TEXT   NOT NULL,
    size        BIGINT NOT NULL,
    digest      TEXT   NOT NULL, -- SHA-256, hex
    uploader    TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    content     BYTEA            -- sealed; NULL when erased
);
CREATE INDEX evidence_case ON evidence (case_id, id);

CREATE TABLE archives (
    case_id         TEXT   NOT NULL,
    round           BIGINT NOT NULL,
    manifest_digest TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    file            BYTEA  NOT NULL, -- sealed zip
    PRIMARY KEY (case_id, round)
);

CREATE TABLE codes (
    axis       TEXT    NOT NULL,
    code       TEXT    NOT NULL,
    label_zh   TEXT    NOT NULL,
    label_en   TEXT    NOT NULL,
    attributes TEXT    NOT NULL, -- JSON object of strings
    active     BOOLEAN NOT NULL,
    rank       BIGINT  NOT NULL,
    version    BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL,
    PRIMARY KEY (axis, code)
);
