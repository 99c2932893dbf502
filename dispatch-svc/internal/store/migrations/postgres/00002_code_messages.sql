-- +goose Up
-- Acceptance codes on their way to customers. The content is sealed, and emptied once it was sent; what stays is the record of it.
CREATE TABLE code_messages (
  id         TEXT PRIMARY KEY,
  work_order TEXT NOT NULL REFERENCES work_orders (id),
  content    BYTEA NOT NULL,
  due_us     BIGINT NOT NULL, -- next attempt
  attempts   BIGINT NOT NULL,
  expires_us BIGINT NOT NULL,
  ended_us   BIGINT NOT NULL, -- sent or given up; 0 while pending
  result     TEXT NOT NULL    -- driver and its answer, never personal
);
CREATE INDEX code_messages_due ON code_messages (due_us) WHERE ended_us = 0;
CREATE INDEX code_messages_order ON code_messages (work_order);

-- +goose Down
DROP TABLE code_messages;
