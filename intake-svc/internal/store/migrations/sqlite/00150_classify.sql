-- +goose Up

-- Rules for routing, priority and authority. org '' is what is shipped; a row of an organisation stands in its place.
CREATE TABLE rules (
    org        TEXT    NOT NULL,
    code       TEXT    NOT NULL,
    kind       TEXT    NOT NULL CHECK (kind IN ('ROUTING', 'PRIORITY', 'AUTHORITY')),
    title_zh   TEXT    NOT NULL,
    title_en   TEXT    NOT NULL,
    expression TEXT    NOT NULL, -- CEL
    outcome    TEXT    NOT NULL, -- JSON object of strings
    rank       BIGINT  NOT NULL,
    active     BOOLEAN NOT NULL,
    version    BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL,
    PRIMARY KEY (org, code)
);

-- Texts by step. org '' is what is shipped; a row of an organisation stands in its place.
CREATE TABLE templates (
    org        TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    steps      TEXT   NOT NULL, -- " FIRST_CONTACT PROGRESS "
    carries    TEXT   NOT NULL, -- " R32 R34 "
    title_zh   TEXT   NOT NULL,
    title_en   TEXT   NOT NULL,
    text_zh    TEXT   NOT NULL,
    text_en    TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (org, id)
);

-- Classification schemes that an organisation chose; one that chose none may use all.
CREATE TABLE org_schemes (
    org       TEXT   NOT NULL,
    scheme    TEXT   NOT NULL,
    chosen_at BIGINT NOT NULL,
    PRIMARY KEY (org, scheme)
);

CREATE INDEX cases_order ON cases (order_id) WHERE order_id <> '';
