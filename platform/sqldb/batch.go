package sqldb

// Batch collects statements for Tx.Send. Its zero value is ready.
type Batch struct {
	items []batchItem
}

type batchItem struct {
	query string
	args  []any
	done  func(affected int64) error // after a statement without rows
	row   func(Row) error            // for every row of a query, in order
}

// Exec adds a statement.
func (b *Batch) Exec(query string, args ...any) {
	b.items = append(b.items, batchItem{query: query, args: args})
}

// ExecThen adds a statement and looks at the number of rows it affected; an error of done ends the batch.
func (b *Batch) ExecThen(done func(affected int64) error, query string, args ...any) {
	b.items = append(b.items, batchItem{query: query, args: args, done: done})
}

// Query adds a query; each is called for every row, in order.
func (b *Batch) Query(each func(Row) error, query string, args ...any) {
	b.items = append(b.items, batchItem{query: query, args: args, row: each})
}

// Len is the number of statements.
func (b *Batch) Len() int { return len(b.items) }
