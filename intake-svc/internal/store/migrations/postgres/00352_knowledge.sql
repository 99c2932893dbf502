-- +goose Up

-- Words of cases, blind: a term is a keyed digest of a pair of characters or of a Latin word, and of the organisation that may find it (R185).
CREATE TABLE case_texts (
    case_id TEXT   PRIMARY KEY,
    place   BIGINT NOT NULL, -- µs of registration, made unique: lists of what was found are in its order
    terms   BYTEA NOT NULL  -- 8 bytes each: what stands in case_terms
);
CREATE UNIQUE INDEX case_texts_place ON case_texts (place);
CREATE TABLE case_terms (
    term  BIGINT NOT NULL,
    place BIGINT NOT NULL,
    PRIMARY KEY (term, place)
);

-- What read models were last made with: a key, a version. Where it differs they are made anew.
CREATE TABLE read_models (
    name TEXT PRIMARY KEY,
    made TEXT NOT NULL
);

-- The knowledge base (R214).
CREATE TABLE articles (
    id                TEXT   PRIMARY KEY, -- UUIDv7
    org               TEXT   NOT NULL,
    state             TEXT   NOT NULL CHECK (state IN ('DRAFT', 'IN_REVIEW', 'PUBLISHED', 'RETIRED')), -- of the latest version
    version           BIGINT NOT NULL, -- latest
    published_version BIGINT NOT NULL, -- 0 when none is
    published_at      BIGINT NOT NULL, -- 0 when none is
    revision          BIGINT NOT NULL, -- counts changes: the etag
    from_case         TEXT   NOT NULL, -- '' when written from nothing
    brand             TEXT   NOT NULL, -- of what is published, as the next three; '' for any
    model             TEXT   NOT NULL,
    fault             TEXT   NOT NULL,
    content_class     TEXT   NOT NULL,
    uses              BIGINT NOT NULL,
    helped            BIGINT NOT NULL,
    not_helped        BIGINT NOT NULL,
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL
);
CREATE INDEX articles_org ON articles (org, state, updated_at, id);
CREATE INDEX articles_published ON articles (org, published_at, id) WHERE published_at > 0;
CREATE TABLE article_versions (
    article_id TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    author     TEXT   NOT NULL,
    reviewer   TEXT   NOT NULL,
    note       TEXT   NOT NULL, -- what the review said
    created_at BIGINT NOT NULL,
    content    TEXT   NOT NULL, -- JSON, nothing personal
    PRIMARY KEY (article_id, version)
);
-- Terms of what is published.
CREATE TABLE article_terms (
    org        TEXT   NOT NULL,
    term       TEXT   NOT NULL,
    article_id TEXT   NOT NULL,
    weight     BIGINT NOT NULL,
    PRIMARY KEY (org, term, article_id)
);
CREATE INDEX article_terms_article ON article_terms (article_id);
-- Organisations that an article is shared with.
CREATE TABLE article_shares (
    org        TEXT NOT NULL,
    article_id TEXT NOT NULL,
    owner      TEXT NOT NULL,
    PRIMARY KEY (org, article_id)
);
CREATE INDEX article_shares_article ON article_shares (article_id);
-- Who used an article for a case, and whether it helped.
CREATE TABLE article_uses (
    article_id TEXT   NOT NULL,
    case_id    TEXT   NOT NULL,
    reader     TEXT   NOT NULL, -- users/…
    verdict    BIGINT NOT NULL, -- 1 it helped, -1 it did not, 0 not told
    comment    TEXT   NOT NULL,
    used_at    BIGINT NOT NULL,
    PRIMARY KEY (article_id, case_id, reader)
);
