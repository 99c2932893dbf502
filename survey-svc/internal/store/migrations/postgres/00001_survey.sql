-- +goose Up
-- Invitations to answer how one round of a case was handled. Times are microseconds UTC, 0 when there is none.
CREATE TABLE invitations (
  id              TEXT PRIMARY KEY,
  case_name       TEXT    NOT NULL,
  case_number     TEXT    NOT NULL,
  round           INTEGER NOT NULL,
  purpose         TEXT    NOT NULL CHECK (purpose IN ('SURVEY', 'CALL_BACK_WEEK', 'CALL_BACK_MONTH')),
  state           TEXT    NOT NULL CHECK (state IN ('SCHEDULED', 'DELIVERED', 'UNDELIVERABLE', 'RESPONDED', 'EXPIRED', 'CANCELLED', 'NOT_SAMPLED')),
  survey          TEXT    NOT NULL,
  owner_org       TEXT    NOT NULL,
  serving_org     TEXT    NOT NULL DEFAULT '',
  partner         TEXT    NOT NULL DEFAULT '',
  confidentiality TEXT    NOT NULL CHECK (confidentiality IN ('NORMAL', 'PROTECTED', 'RESTRICTED')),
  contact         BYTEA   NOT NULL, -- sealed
  locale          TEXT    NOT NULL,
  token_digest    TEXT    NOT NULL UNIQUE, -- SHA-256 of the token
  token           BYTEA   NOT NULL, -- sealed
  not_before_us   BIGINT  NOT NULL,
  expire_us       BIGINT  NOT NULL,
  create_us       BIGINT  NOT NULL,
  deliver_us      BIGINT  NOT NULL DEFAULT 0,
  respond_us      BIGINT  NOT NULL DEFAULT 0,
  amend_until_us  BIGINT  NOT NULL DEFAULT 0,
  next_attempt_us BIGINT  NOT NULL DEFAULT 0,
  attempts        INTEGER NOT NULL DEFAULT 0,
  reason          TEXT    NOT NULL DEFAULT '',
  version         BIGINT  NOT NULL DEFAULT 1,
  UNIQUE (case_name, round, purpose)
);
CREATE INDEX invitations_owner ON invitations (owner_org, create_us, id);
CREATE INDEX invitations_serving ON invitations (serving_org, create_us, id) WHERE serving_org <> '';
CREATE INDEX invitations_attempt ON invitations (next_attempt_us) WHERE next_attempt_us > 0;
CREATE INDEX invitations_expiry ON invitations (expire_us) WHERE state IN ('SCHEDULED', 'DELIVERED', 'UNDELIVERABLE');

-- Who handled the case: they do not call, and they alone see what is RESTRICTED.
CREATE TABLE invitation_handlers (
  invitation TEXT NOT NULL REFERENCES invitations (id),
  subject    TEXT NOT NULL,
  PRIMARY KEY (invitation, subject)
);

-- Each try to hand the message over; a record for ever (R184).
CREATE TABLE delivery_attempts (
  invitation TEXT    NOT NULL REFERENCES invitations (id),
  number     INTEGER NOT NULL,
  channel    TEXT    NOT NULL,
  message_id TEXT    NOT NULL, -- the same for every try of one message, so that a driver can drop doubles
  start_us   BIGINT  NOT NULL,
  lease_us   BIGINT  NOT NULL, -- nobody else tries before
  end_us     BIGINT  NOT NULL DEFAULT 0,
  result     TEXT    NOT NULL DEFAULT '' CHECK (result IN ('', 'ACCEPTED', 'FAILED')),
  detail     TEXT    NOT NULL DEFAULT '',
  PRIMARY KEY (invitation, number)
);

-- Revisions of answers; earlier ones are kept.
CREATE TABLE responses (
  invitation      TEXT    NOT NULL REFERENCES invitations (id),
  revision        INTEGER NOT NULL,
  id              TEXT    NOT NULL,
  survey          TEXT    NOT NULL,
  newest          BOOLEAN NOT NULL,
  solved          BOOLEAN NOT NULL,
  satisfied       BOOLEAN NOT NULL,
  satisfied_told  BOOLEAN NOT NULL,
  more_help       BOOLEAN NOT NULL,
  normal_use      INTEGER NOT NULL, -- 0 not asked, 1 yes, 2 no
  overall         INTEGER NOT NULL, -- 0 not given
  channel         TEXT    NOT NULL,
  recorded_by     TEXT    NOT NULL,
  words           BYTEA   NOT NULL, -- sealed: comment, new claim, questions, findings with their evidence
  sentiment       TEXT    NOT NULL,
  sentiment_score DOUBLE PRECISION NOT NULL,
  analysis_model  TEXT    NOT NULL,
  create_us       BIGINT  NOT NULL,
  PRIMARY KEY (invitation, revision)
);

CREATE TABLE ratings (
  invitation TEXT    NOT NULL,
  revision   INTEGER NOT NULL,
  dimension  TEXT    NOT NULL,
  value      INTEGER NOT NULL CHECK (value BETWEEN 1 AND 5),
  PRIMARY KEY (invitation, revision, dimension),
  FOREIGN KEY (invitation, revision) REFERENCES responses (invitation, revision)
);

-- Codes the text analysis found, for counting; the words are sealed in responses.
CREATE TABLE response_codes (
  invitation TEXT    NOT NULL,
  revision   INTEGER NOT NULL,
  kind       TEXT    NOT NULL CHECK (kind IN ('TOPIC', 'DEMAND')),
  code       TEXT    NOT NULL,
  PRIMARY KEY (invitation, revision, kind, code),
  FOREIGN KEY (invitation, revision) REFERENCES responses (invitation, revision)
);

-- Tasks to call a customer a week or a month later (R173).
CREATE TABLE call_backs (
  id             TEXT PRIMARY KEY,
  invitation     TEXT    NOT NULL UNIQUE REFERENCES invitations (id),
  state          TEXT    NOT NULL CHECK (state IN ('WAITING', 'DUE', 'CLAIMED', 'ANSWERED', 'UNREACHED', 'REFUSED', 'CANCELLED', 'EXPIRED')),
  due_us         BIGINT  NOT NULL,
  caller         TEXT    NOT NULL DEFAULT '',
  claim_until_us BIGINT  NOT NULL DEFAULT 0,
  attempts       INTEGER NOT NULL DEFAULT 0,
  create_us      BIGINT  NOT NULL,
  version        BIGINT  NOT NULL DEFAULT 1
);
CREATE INDEX call_backs_due ON call_backs (state, due_us, id);

CREATE TABLE call_attempts (
  call_back TEXT    NOT NULL REFERENCES call_backs (id),
  number    INTEGER NOT NULL,
  caller    TEXT    NOT NULL,
  call_us   BIGINT  NOT NULL,
  result    TEXT    NOT NULL,
  channel   TEXT    NOT NULL,
  note      BYTEA   NOT NULL, -- sealed
  PRIMARY KEY (call_back, number)
);

-- What intake's events told of a case: to cancel by, and to split figures by.
CREATE TABLE case_copies (
  case_name     TEXT PRIMARY KEY,
  state         TEXT    NOT NULL,
  round         INTEGER NOT NULL,
  kind          TEXT    NOT NULL,
  content_class TEXT    NOT NULL,
  brand         TEXT    NOT NULL,
  model         TEXT    NOT NULL,
  sequence      BIGINT  NOT NULL
);

-- Copies of intake's code tables, for labels.
CREATE TABLE codes (
  axis       TEXT    NOT NULL,
  code       TEXT    NOT NULL,
  org        TEXT    NOT NULL,
  label_zh   TEXT    NOT NULL,
  label_en   TEXT    NOT NULL,
  attributes TEXT    NOT NULL,
  active     BOOLEAN NOT NULL,
  PRIMARY KEY (axis, code, org)
);
-- +goose Down
DROP TABLE codes;
DROP TABLE case_copies;
DROP TABLE call_attempts;
DROP TABLE call_backs;
DROP TABLE response_codes;
DROP TABLE ratings;
DROP TABLE responses;
DROP TABLE delivery_attempts;
DROP TABLE invitation_handlers;
DROP TABLE invitations;
