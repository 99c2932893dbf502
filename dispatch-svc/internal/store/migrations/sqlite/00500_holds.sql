-- +goose Up
-- Households as keyed indexes of phone and address, never in clear: what an engineer can be kept away from.
CREATE TABLE order_households (
  work_order TEXT NOT NULL REFERENCES work_orders (id),
  household  TEXT NOT NULL,
  PRIMARY KEY (work_order, household)
);
CREATE TABLE engineer_exclusions (
  org        TEXT NOT NULL,
  household  TEXT NOT NULL,
  engineer   TEXT NOT NULL,
  created_us BIGINT NOT NULL,
  PRIMARY KEY (org, household, engineer)
);

-- What orders wait for. A wait ends with its order; pieces that were set aside are in part_holds and no longer in stock.
CREATE TABLE part_waits (
  work_order  TEXT NOT NULL REFERENCES work_orders (id),
  part        TEXT NOT NULL,
  org         TEXT NOT NULL,
  quantity    BIGINT NOT NULL,
  held        BIGINT NOT NULL CHECK (held >= 0),
  promised_us BIGINT NOT NULL,
  PRIMARY KEY (work_order, part)
);
CREATE INDEX part_waits_part ON part_waits (part, promised_us, work_order);
CREATE TABLE part_holds (
  work_order TEXT NOT NULL REFERENCES work_orders (id),
  part       TEXT NOT NULL,
  location   TEXT NOT NULL REFERENCES stock_locations (id),
  quantity   BIGINT NOT NULL CHECK (quantity >= 0),
  PRIMARY KEY (work_order, part, location)
);
-- Orders whose parts are all there, until they are booked.
CREATE TABLE part_arrivals (
  work_order TEXT PRIMARY KEY REFERENCES work_orders (id),
  due_us     BIGINT NOT NULL -- next attempt to book
);
CREATE INDEX part_arrivals_due ON part_arrivals (due_us);
CREATE TABLE goods_receipts (
  id            TEXT PRIMARY KEY,
  part          TEXT NOT NULL,
  location      TEXT NOT NULL,
  quantity      BIGINT NOT NULL,
  delivery_note TEXT NOT NULL,
  actor         TEXT NOT NULL,
  received_us   BIGINT NOT NULL
);
CREATE INDEX goods_receipts_part ON goods_receipts (part, received_us);

-- +goose Down
DROP TABLE goods_receipts;
DROP TABLE part_arrivals;
DROP TABLE part_holds;
DROP TABLE part_waits;
DROP TABLE engineer_exclusions;
DROP TABLE order_households;
