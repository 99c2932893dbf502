package store

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/aftersales-suite/aftersales/platform/keys"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

//go:embed migrations
var files embed.FS

// Migrations are the tables of this service, per engine.
func Migrations() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// ErrChanged says that a row was changed by somebody else since it was read. Inside InTx it makes the transaction run
// again, on the new row.
var ErrChanged = fmt.Errorf("store: row changed meanwhile: %w", sqldb.ErrRetryTx)

// Store reads and writes rows. It holds no state; every method works on the transaction or database it is given.
type Store struct {
	sealer keys.Sealer
}

// New makes a store whose personal fields are sealed.
func New(sealer keys.Sealer) *Store { return &Store{sealer: sealer} }

// Queryer is a database or a transaction together with its engine.
type Queryer interface {
	sqldb.Queryer
	Engine() sqldb.Engine
}

// seal writes v as JSON and seals it for one field of one row.
func (s *Store) seal(v any, field, id string) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("store: write %s: %w", field, err)
	}
	sealed, err := s.sealer.Seal(plain, []byte("survey/"+field+"/"+id))
	if err != nil {
		return nil, fmt.Errorf("store: seal %s: %w", field, err)
	}
	return sealed, nil
}

// open is the reverse of seal.
func (s *Store) open(sealed []byte, v any, field, id string) error {
	plain, err := s.sealer.Open(sealed, []byte("survey/"+field+"/"+id))
	if err != nil {
		return fmt.Errorf("store: open %s: %w", field, err)
	}
	if err := json.Unmarshal(plain, v); err != nil {
		return fmt.Errorf("store: read %s: %w", field, err)
	}
	return nil
}

// one turns the number of affected rows of a conditional write into ErrChanged.
func one(affected int64, err error) error {
	if err == nil && affected != 1 {
		return ErrChanged
	}
	return err
}

// collect reads all rows.
func collect[T any](rows sqldb.Rows, err error, scan func(sqldb.Row) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// missing says whether a row was not there.
func missing(err error) bool { return errors.Is(err, sqldb.ErrNoRows) }
