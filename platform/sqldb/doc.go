// Package sqldb is the narrow way to the database: exec, row, rows, a transaction, a job in the same transaction. The same
// SQL text runs on PostgreSQL (pgx, natively) and on SQLite (modernc.org/sqlite through database/sql).
//
// Dialect that both engines share: placeholders $1…, RETURNING, ON CONFLICT. Types, chosen once: times BIGINT microseconds
// UTC, ids TEXT, JSON TEXT, money BIGINT fen, BOOLEAN, BYTEA on PostgreSQL and BLOB on SQLite. What differs is hidden in
// three places: Insert (many rows), In (membership in a list) and the migrations, which are written per engine.
//
// SQLite runs with WAL, synchronous=FULL (an acknowledged commit survives a power cut), BEGIN IMMEDIATE on one writer
// connection, a pool of readers, and a lock on the data folder against a second process.
package sqldb
