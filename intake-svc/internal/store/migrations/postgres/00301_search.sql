-- +goose Up

-- Searches within an organisation, in the order of its lists. Whole indexes, not partial ones: SQLite takes a partial index for a bound value
-- only where the query repeats its condition, and then reads the organisation's cases one by one.
CREATE INDEX cases_owner_serial ON cases (owner_org, serial, created_at, id);
CREATE INDEX cases_owner_phone ON cases (owner_org, phone_index, created_at, id);
