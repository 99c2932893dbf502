-- +goose Up
-- Times are microseconds since 1970 UTC in columns *_us, 0 is "not yet"; names are full resource names except the table's own id.
CREATE TABLE work_orders (
  id                TEXT PRIMARY KEY,
  case_name         TEXT NOT NULL,
  case_number       TEXT NOT NULL,
  round             BIGINT NOT NULL,
  solution          TEXT NOT NULL,
  purpose           TEXT NOT NULL,
  state             TEXT NOT NULL,
  outcome           TEXT NOT NULL,
  owner_org         TEXT NOT NULL,
  serving_org       TEXT NOT NULL,
  released          BOOLEAN NOT NULL,
  engineer          TEXT NOT NULL,
  urgency           TEXT NOT NULL,
  region            TEXT NOT NULL,
  partner           TEXT NOT NULL,
  confidentiality   TEXT NOT NULL,
  contact           BYTEA NOT NULL, -- sealed
  window_start_us   BIGINT NOT NULL,
  window_end_us     BIGINT NOT NULL,
  confirmed_us      BIGINT NOT NULL,
  offered_us        BIGINT NOT NULL,
  offer_deadline_us BIGINT NOT NULL,
  decline_reason    TEXT NOT NULL,
  code_digest       TEXT NOT NULL,
  code_tries        BIGINT NOT NULL,
  code_expires_us   BIGINT NOT NULL,
  body              TEXT NOT NULL, -- JSON: what no query looks at
  created_us        BIGINT NOT NULL,
  updated_us        BIGINT NOT NULL,
  version           BIGINT NOT NULL
);
-- The same measure of a case asked for twice is one order, unless the first was called off.
CREATE UNIQUE INDEX work_orders_measure ON work_orders (case_name, solution, round, purpose) WHERE state <> 'CANCELLED';
CREATE INDEX work_orders_case ON work_orders (case_name, created_us, id);
CREATE INDEX work_orders_owner ON work_orders (owner_org, created_us, id);
CREATE INDEX work_orders_serving ON work_orders (serving_org, created_us, id);
CREATE INDEX work_orders_partner ON work_orders (partner, created_us, id);
CREATE INDEX work_orders_engineer ON work_orders (engineer, window_start_us, id);
CREATE INDEX work_orders_created ON work_orders (created_us, id);
CREATE INDEX work_orders_updated ON work_orders (updated_us, id);
CREATE INDEX work_orders_offered ON work_orders (offer_deadline_us) WHERE state = 'OFFERED';

-- Who has or had an order. One live row an order: two dispatchers cannot both win.
CREATE TABLE assignments (
  id          TEXT PRIMARY KEY,
  work_order  TEXT NOT NULL REFERENCES work_orders (id),
  engineer    TEXT NOT NULL,
  assigned_us BIGINT NOT NULL,
  assigned_by TEXT NOT NULL,
  ended_us    BIGINT NOT NULL,
  ended_by    TEXT NOT NULL -- verb
);
CREATE UNIQUE INDEX assignments_live ON assignments (work_order) WHERE ended_us = 0;
CREATE INDEX assignments_engineer ON assignments (engineer, work_order);

-- One row a case: it numbers the case's steps and counts its open orders; every change takes its lock, so that the last of two
-- orders that end at the same time sees the other one ended.
CREATE TABLE case_orders (
  case_name   TEXT PRIMARY KEY,
  seq         BIGINT NOT NULL,
  open_orders BIGINT NOT NULL
);

CREATE TABLE order_steps (
  case_name  TEXT NOT NULL,
  seq        BIGINT NOT NULL,
  work_order TEXT NOT NULL,
  verb       TEXT NOT NULL,
  from_state TEXT NOT NULL,
  to_state   TEXT NOT NULL,
  actor      TEXT NOT NULL,
  at_us      BIGINT NOT NULL,
  device_us  BIGINT NOT NULL,
  detail     TEXT NOT NULL, -- JSON
  PRIMARY KEY (case_name, seq)
);
CREATE INDEX order_steps_order ON order_steps (work_order, seq);

CREATE TABLE engineers (
  id           TEXT PRIMARY KEY,
  user_name    TEXT NOT NULL,
  display_name TEXT NOT NULL,
  org          TEXT NOT NULL,
  active       BOOLEAN NOT NULL,
  profile      TEXT NOT NULL, -- JSON
  feed_seq     BIGINT NOT NULL,
  changed_us   BIGINT NOT NULL
);
CREATE INDEX engineers_org ON engineers (org, display_name, id);
CREATE INDEX engineers_user ON engineers (user_name);
CREATE INDEX engineers_changed ON engineers (changed_us);

-- What an engineer's phone is told, in order.
CREATE TABLE engineer_feed (
  engineer   TEXT NOT NULL,
  seq        BIGINT NOT NULL,
  work_order TEXT NOT NULL,
  verb       TEXT NOT NULL,
  removed    BOOLEAN NOT NULL,
  at_us      BIGINT NOT NULL,
  PRIMARY KEY (engineer, seq)
);
CREATE INDEX engineer_feed_at ON engineer_feed (at_us);

CREATE TABLE parts (
  id            TEXT PRIMARY KEY,
  org           TEXT NOT NULL,
  number        TEXT NOT NULL,
  display_name  TEXT NOT NULL,
  specification TEXT NOT NULL,
  price_fen     BIGINT NOT NULL,
  UNIQUE (org, number)
);
CREATE TABLE stock_locations (
  id           TEXT PRIMARY KEY,
  org          TEXT NOT NULL,
  display_name TEXT NOT NULL,
  kind         TEXT NOT NULL,
  engineer     TEXT NOT NULL
);
CREATE INDEX stock_locations_org ON stock_locations (org, display_name, id);
CREATE UNIQUE INDEX stock_locations_van ON stock_locations (engineer) WHERE engineer <> '';
CREATE TABLE stock (
  part     TEXT NOT NULL REFERENCES parts (id),
  location TEXT NOT NULL REFERENCES stock_locations (id),
  on_hand  BIGINT NOT NULL CHECK (on_hand >= 0), -- never oversold
  PRIMARY KEY (part, location)
);
CREATE TABLE part_uses (
  id         TEXT PRIMARY KEY,
  work_order TEXT NOT NULL REFERENCES work_orders (id),
  part       TEXT NOT NULL,
  location   TEXT NOT NULL,
  quantity   BIGINT NOT NULL,
  used_us    BIGINT NOT NULL
);
CREATE INDEX part_uses_order ON part_uses (work_order);

-- Copies of intake's code tables, by event.
CREATE TABLE codes (
  axis     TEXT NOT NULL,
  org      TEXT NOT NULL,
  code     TEXT NOT NULL,
  label_zh TEXT NOT NULL,
  label_en TEXT NOT NULL,
  active   BOOLEAN NOT NULL,
  PRIMARY KEY (axis, org, code)
);

-- +goose Down
DROP TABLE codes;
DROP TABLE part_uses;
DROP TABLE stock;
DROP TABLE stock_locations;
DROP TABLE parts;
DROP TABLE engineer_feed;
DROP TABLE engineers;
DROP TABLE order_steps;
DROP TABLE case_orders;
DROP TABLE assignments;
DROP TABLE work_orders;
