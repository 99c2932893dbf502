package sqldb

import (
	"container/list"
	"context"
	"database/sql/driver"
)

// preparedMax is how many statements a connection keeps; a service has a few hundred texts.
const preparedMax = 512

// preparedConnector gives connections that keep their prepared statements, as pgx does: compiling an insert costs SQLite
// more than running it, and database/sql would compile each time.
type preparedConnector struct{ driver.Connector }

func (c preparedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := conn.(sqliteConn)
	if !ok {
		return conn, nil
	}
	return &preparedConn{sqliteConn: inner, byText: map[string]*list.Element{}, recent: list.New()}, nil
}

// sqliteConn is what modernc's connection offers to database/sql.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// preparedConn runs statements from a least-recently-used cache. database/sql never uses a connection from two goroutines.
type preparedConn struct {
	sqliteConn
	byText map[string]*list.Element
	recent *list.List // of *preparedStmt, most recently used in front
}

type preparedStmt struct {
	driver.Stmt
	text string
	busy bool // a result of it is still open
}

func (c *preparedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	stmt, err := c.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	if stmt == nil {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	return stmt.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

func (c *preparedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	stmt, err := c.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	if stmt == nil {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	rows, err := stmt.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	stmt.busy = true
	return &preparedRows{Rows: rows, stmt: stmt}, nil
}

// stmt finds or prepares the statement; nil when it is in use further up the stack.
func (c *preparedConn) stmt(ctx context.Context, query string) (*preparedStmt, error) {
	if element, ok := c.byText[query]; ok {
		stmt := element.Value.(*preparedStmt)
		if stmt.busy {
			return nil, nil
		}
		c.recent.MoveToFront(element)
		return stmt, nil
	}
	raw, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	stmt := &preparedStmt{Stmt: raw, text: query}
	c.byText[query] = c.recent.PushFront(stmt)
	return stmt, c.evict()
}

func (c *preparedConn) evict() error {
	for element := c.recent.Back(); element != nil && c.recent.Len() > preparedMax; {
		previous := element.Prev()
		if stmt := element.Value.(*preparedStmt); !stmt.busy {
			c.recent.Remove(element)
			delete(c.byText, stmt.text)
			if err := stmt.Close(); err != nil {
				return err
			}
		}
		element = previous
	}
	return nil
}

func (c *preparedConn) Close() error {
	for element := c.recent.Front(); element != nil; element = element.Next() {
		_ = element.Value.(*preparedStmt).Close() // closing the connection frees what is left
	}
	c.recent.Init()
	clear(c.byText)
	return c.sqliteConn.Close()
}

type preparedRows struct {
	driver.Rows
	stmt *preparedStmt
}

func (r *preparedRows) Close() error {
	r.stmt.busy = false
	return r.Rows.Close()
}
