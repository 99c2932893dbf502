-- +goose Up

-- The knowledge base (R214).
CREATE TABLE articles (
    id                TEXT   PRIMARY KEY, -- UUIDv7
    org               TEXT   NOT NULL,
    state             TEXT   NOT NULL CHECK (state IN ('DRAFT', 'IN_REVIEW', 'PUBLISHED', 'RETIRED')), -- of the latest version
    version           BIGINT NOT NULL, -- latest
    published_version BIGINT NOT NULL, -- 0 when none is
    revision          BIGINT NOT NULL, -- counts changes: the etag
    from_case         TEXT   NOT NULL,
    content_class     TEXT   NOT NULL, -- of what is published, as the next three
    brand             TEXT   NOT NULL,
    model             TEXT   NOT NULL,
    search            TEXT   NOT NULL, -- folded text of what is published, '' when nothing is
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL
);
CREATE INDEX articles_org ON articles (org, state, updated_at, id);

CREATE TABLE article_versions (
    article_id    TEXT   NOT NULL,
    version       BIGINT NOT NULL,
    title         TEXT   NOT NULL,
    problem       TEXT   NOT NULL,
    solution      TEXT   NOT NULL,
    keywords      TEXT   NOT NULL, -- JSON
    content_class TEXT   NOT NULL,
    brand         TEXT   NOT NULL,
    model         TEXT   NOT NULL,
    author        TEXT   NOT NULL,
    reviewer      TEXT   NOT NULL,
    review_note   TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (article_id, version)
);
