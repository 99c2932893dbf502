package sqldb

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Insert writes many rows into one table as cheaply as the engine can, with one statement text whatever the number of rows,
// so that it is prepared once: on PostgreSQL one INSERT … SELECT FROM unnest($1, …) with an array per column, on SQLite
// one prepared INSERT per row, which costs no round trip there. Values are string, int64, int, int32, bool, float64, []byte
// or nil; within a column all are of one type.
type Insert struct {
	table    string
	columns  []string
	rows     [][]any
	conflict string
}

// NewInsert begins an insert into table.
func NewInsert(table string, columns ...string) *Insert {
	return &Insert{table: table, columns: columns}
}

// Row adds a row; it panics when the number of values is not that of the columns.
func (i *Insert) Row(values ...any) *Insert {
	if len(values) != len(i.columns) {
		panic(fmt.Sprintf("sqldb: %d values for %d columns of %s", len(values), len(i.columns), i.table))
	}
	i.rows = append(i.rows, values)
	return i
}

// OnConflict adds "ON CONFLICT " + clause, for example "DO NOTHING" or "(id) DO UPDATE SET …".
func (i *Insert) OnConflict(clause string) *Insert {
	i.conflict = clause
	return i
}

// Len is the number of rows.
func (i *Insert) Len() int { return len(i.rows) }

// AddTo puts the insert into a batch. check, when not nil, is called with the affected rows: once with the sum on
// PostgreSQL, row by row on SQLite.
func (i *Insert) AddTo(b *Batch, engine Engine, check func(affected int64) error) {
	i.build(engine, "", func(query string, args []any) { b.ExecThen(check, query, args...) })
}

// Exec writes the rows and says how many were affected.
func (i *Insert) Exec(ctx context.Context, tx Tx) (affected int64, err error) {
	var b Batch
	i.AddTo(&b, tx.Engine(), func(n int64) error { affected += n; return nil })
	return affected, tx.Send(ctx, &b)
}

// Returning writes the rows and calls each for every returned row, in the order of the rows. With ON CONFLICT DO NOTHING
// only inserted rows are returned.
func (i *Insert) Returning(ctx context.Context, tx Tx, columns string, each func(Row) error) error {
	var b Batch
	i.build(tx.Engine(), " RETURNING "+columns, func(query string, args []any) { b.Query(each, query, args...) })
	return tx.Send(ctx, &b)
}

func (i *Insert) build(engine Engine, tail string, add func(query string, args []any)) {
	if len(i.rows) == 0 {
		return
	}
	if i.conflict != "" {
		tail = " ON CONFLICT " + i.conflict + tail
	}
	if engine == SQLite || len(i.rows) == 1 {
		query := i.singleText(tail)
		for _, row := range i.rows {
			add(query, row)
		}
		return
	}
	query, args := i.unnest(tail)
	add(query, args)
}

func (i *Insert) head() string {
	return "INSERT INTO " + i.table + " (" + strings.Join(i.columns, ", ") + ") "
}

func (i *Insert) singleText(tail string) string {
	marks := make([]string, len(i.columns))
	for n := range marks {
		marks[n] = "$" + strconv.Itoa(n+1)
	}
	return i.head() + "VALUES (" + strings.Join(marks, ", ") + ")" + tail
}

// unnest turns the rows into one array per column. A column that is NULL in every row stays a literal: its type is not known.
func (i *Insert) unnest(tail string) (query string, args []any) {
	var selected, arrays, names []string
	for n := range i.columns {
		array, pgType := columnArray(i.rows, n)
		if array == nil {
			selected = append(selected, "NULL")
			continue
		}
		args = append(args, array)
		name := "c" + strconv.Itoa(n)
		names, selected = append(names, name), append(selected, name)
		arrays = append(arrays, "$"+strconv.Itoa(len(args))+"::"+pgType+"[]")
	}
	from := "unnest(" + strings.Join(arrays, ", ") + ") AS r(" + strings.Join(names, ", ") + ")"
	if len(args) == 0 {
		from = "generate_series(1, " + strconv.Itoa(len(i.rows)) + ")"
	}
	return i.head() + "SELECT " + strings.Join(selected, ", ") + " FROM " + from + tail, args
}

func columnArray(rows [][]any, column int) (array any, pgType string) {
	for _, row := range rows {
		switch row[column].(type) {
		case nil:
			continue
		case string:
			return typedColumn[string](rows, column), "text"
		case []byte:
			return bytesColumn(rows, column), "bytea"
		case bool:
			return typedColumn[bool](rows, column), "boolean"
		case float64:
			return typedColumn[float64](rows, column), "double precision"
		default:
			return integerColumn(rows, column), "bigint"
		}
	}
	return nil, ""
}

func typedColumn[T any](rows [][]any, column int) []*T {
	values, out := make([]T, len(rows)), make([]*T, len(rows))
	for n, row := range rows {
		if row[column] != nil {
			values[n] = row[column].(T)
			out[n] = &values[n]
		}
	}
	return out
}

func bytesColumn(rows [][]any, column int) [][]byte {
	out := make([][]byte, len(rows))
	for n, row := range rows {
		out[n], _ = row[column].([]byte)
	}
	return out
}

func integerColumn(rows [][]any, column int) []*int64 {
	values, out := make([]int64, len(rows)), make([]*int64, len(rows))
	for n, row := range rows {
		if row[column] != nil {
			values[n] = reflect.ValueOf(row[column]).Int()
			out[n] = &values[n]
		}
	}
	return out
}

// In gives the condition "column is one of values" and its one argument, so that the text does not change with the number
// of values: In(e, "id", 2, ids) is "id = ANY($2)" on PostgreSQL and "id IN (SELECT value FROM json_each($2))" on SQLite.
func In[T string | int64](engine Engine, column string, index int, values []T) (condition string, arg any) {
	mark := "$" + strconv.Itoa(index)
	if engine == Postgres {
		return column + " = ANY(" + mark + ")", nonNil(values)
	}
	text, err := json.Marshal(nonNil(values))
	if err != nil {
		panic(err) // strings and integers always can be
	}
	return column + " IN (SELECT value FROM json_each(" + mark + "))", string(text)
}

func nonNil[T any](values []T) []T {
	if values == nil {
		return []T{}
	}
	return values
}
