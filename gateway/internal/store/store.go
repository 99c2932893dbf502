package store

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

//go:embed migrations
var files embed.FS

// Migrations are the gateway's goose files, a folder per engine.
func Migrations() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// Reader is what reads need: the database, or a transaction.
type Reader interface {
	sqldb.Queryer
	Engine() sqldb.Engine
}

// Store reads outside transactions, for the directory and the nonces.
type Store struct{ db sqldb.DB }

// New makes a store.
func New(db sqldb.DB) *Store { return &Store{db: db} }

// DB is the database behind the store.
func (s *Store) DB() sqldb.DB { return s.db }

// query reads all rows; scan reads one.
func query[T any](ctx context.Context, q sqldb.Queryer, scan func(sqldb.Row) (T, error), sql string, args ...any) ([]T, error) {
	rows, err := q.Rows(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// one reads a row that may not be there.
func one[T any](row sqldb.Row, scan func(sqldb.Row) (T, error)) (T, bool, error) {
	v, err := scan(row)
	if errors.Is(err, sqldb.ErrNoRows) {
		return v, false, nil
	}
	return v, err == nil, err
}

// textList is how lists of strings are stored.
func textList(values []string) string {
	if len(values) == 0 {
		return "[]"
	}
	text, err := json.Marshal(values)
	if err != nil {
		panic(err) // strings always can be
	}
	return string(text)
}

func readList(text string) (values []string, err error) {
	if err := json.Unmarshal([]byte(text), &values); err != nil {
		return nil, fmt.Errorf("store: list %q: %w", text, err)
	}
	return values, nil
}
