-- +goose Up

-- What organisations decide: products, warranty, remedies, guarantees. The row is the rule.
CREATE TABLE rule_rows (
    id         TEXT    PRIMARY KEY,
    kind       TEXT    NOT NULL CHECK (kind IN ('productModels', 'warrantyRules', 'remedyPolicies', 'guaranteeRules')),
    owner_org  TEXT    NOT NULL, -- '' is the installation's
    brand      TEXT    NOT NULL, -- '' is any
    model      TEXT    NOT NULL,
    category   TEXT    NOT NULL,
    active     BOOLEAN NOT NULL,
    created_at BIGINT  NOT NULL,
    detail     TEXT    NOT NULL  -- JSON
);
CREATE INDEX rule_rows_kind ON rule_rows (kind, owner_org, id);

CREATE TABLE devices (
    id          TEXT   PRIMARY KEY, -- UUIDv7
    owner_org   TEXT   NOT NULL,
    brand       TEXT   NOT NULL,
    model       TEXT   NOT NULL,
    category    TEXT   NOT NULL,
    serial      TEXT   NOT NULL,
    purchased   TEXT   NOT NULL, -- YYYY-MM-DD, '' when not known
    proof       TEXT   NOT NULL,
    installed   TEXT   NOT NULL,
    replaced_by TEXT   NOT NULL, -- serial number
    phone_index TEXT   NOT NULL, -- blind index of the owner's phone
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    owner       BYTEA           -- sealed JSON
);
CREATE UNIQUE INDEX devices_serial ON devices (owner_org, serial, brand);
CREATE INDEX devices_org ON devices (owner_org, created_at, id);
CREATE INDEX devices_phone ON devices (phone_index) WHERE phone_index <> '';

-- What was done to a device; one row a work order.
CREATE TABLE device_events (
    device_id   TEXT NOT NULL,
    work_order  TEXT NOT NULL, -- workOrders/…
    case_id     TEXT NOT NULL,
    case_number TEXT NOT NULL,
    kind        TEXT NOT NULL, -- purpose of the work order
    started     TEXT NOT NULL, -- YYYY-MM-DD
    ended       TEXT NOT NULL, -- '' while it lasts
    outcome     TEXT NOT NULL,
    PRIMARY KEY (device_id, work_order)
);

CREATE TABLE investigation_records (
    id          TEXT   PRIMARY KEY, -- UUIDv7
    case_id     TEXT   NOT NULL,
    round       BIGINT NOT NULL,
    kind        TEXT   NOT NULL,
    channel     TEXT   NOT NULL,
    place       TEXT   NOT NULL,
    source      TEXT   NOT NULL, -- '' for what people wrote down
    recorder    TEXT   NOT NULL,
    evidence    TEXT   NOT NULL, -- JSON
    occurred_at BIGINT NOT NULL,
    content     BYTEA NOT NULL  -- sealed JSON: text and person
);
CREATE INDEX investigation_records_case ON investigation_records (case_id, id);
CREATE UNIQUE INDEX investigation_records_source ON investigation_records (case_id, source) WHERE source <> '';

-- One payment a measure, and one use of a payment's number: nothing is paid twice (R148).
CREATE TABLE finance_tasks (
    id           TEXT   PRIMARY KEY, -- UUIDv7
    case_id      TEXT   NOT NULL,
    case_number  TEXT   NOT NULL,
    owner_org    TEXT   NOT NULL,
    solution     TEXT   NOT NULL,
    measure      TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    currency     TEXT   NOT NULL,
    amount_fen   BIGINT NOT NULL CHECK (amount_fen > 0),
    order_id     TEXT   NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('PENDING', 'APPROVED', 'PAID', 'BLOCKED')),
    proposer     TEXT   NOT NULL,
    approver     TEXT   NOT NULL,
    payer        TEXT   NOT NULL,
    reference    TEXT   NOT NULL,
    block_reason TEXT   NOT NULL,
    version      BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    paid_at      BIGINT NOT NULL, -- 0 when not paid
    CHECK (state <> 'PAID' OR (approver <> '' AND payer <> '' AND reference <> '' AND paid_at > 0))
);
CREATE UNIQUE INDEX finance_tasks_measure ON finance_tasks (case_id, solution, measure);
CREATE UNIQUE INDEX finance_tasks_reference ON finance_tasks (owner_org, reference) WHERE reference <> '';
CREATE INDEX finance_tasks_org ON finance_tasks (owner_org, state, created_at, id);
