package listing

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"
)

// tokenVersion is the first byte of a token, so that its form may change.
const tokenVersion = 1

// checksumBytes of SHA-256 are kept: it guards against mistakes, not forgers (a
// forged token only starts a page elsewhere in the caller's own rows).
const checksumBytes = 8

// maxTokenBytes bounds what is decoded.
const maxTokenBytes = 4096

func checksum(in Request, orderBy string) []byte {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(in.Filter), []byte(orderBy), in.Checksum} {
		_ = binary.Write(h, binary.BigEndian, uint32(len(part))) // a hash never fails
		h.Write(part)
	}
	return h.Sum(nil)[:checksumBytes]
}

// NextToken makes the token of the page behind the row with these values: those
// of the order columns, the tie last (see OrderBy). Times are microseconds.
func (q Query) NextToken(values ...any) string {
	if len(values) != len(q.orders) {
		panic(fmt.Sprintf("listing: %d values for the order %q", len(values), q.OrderBy))
	}
	content, err := json.Marshal(values)
	if err != nil {
		panic(fmt.Sprintf("listing: token of %v: %v", values, err)) // only strings, numbers and booleans come here
	}
	raw := append([]byte{tokenVersion}, q.checksum...)
	return base64.RawURLEncoding.EncodeToString(append(raw, content...))
}

// Page cuts the extra row off and makes the next page's token, "" on the last
// page. key gives the values of all columns that the list can be ordered by, by
// column name, the tie among them.
func Page[T any](q Query, rows []T, key func(T) map[string]any) (page []T, next string) {
	if len(rows) <= q.size {
		return rows, ""
	}
	rows = rows[:q.size]
	byColumn := key(rows[q.size-1])
	values := make([]any, len(q.orders))
	for i, o := range q.orders {
		v, ok := byColumn[o.column]
		if !ok {
			panic("listing: no value of order column " + o.column)
		}
		values[i] = micros(v)
	}
	return rows, q.NextToken(values...)
}

// micros lets keys hold times as they are in Go.
func micros(v any) any {
	if t, ok := v.(time.Time); ok {
		return t.UnixMicro()
	}
	return v
}

func decodeToken(token string, sum []byte, orders []order) ([]any, error) {
	if len(token) > maxTokenBytes {
		return nil, ErrPageToken.New()
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) < 1+checksumBytes || raw[0] != tokenVersion || !bytes.Equal(raw[1:1+checksumBytes], sum) {
		return nil, ErrPageToken.New()
	}
	var values []json.RawMessage
	if err := json.Unmarshal(raw[1+checksumBytes:], &values); err != nil || len(values) != len(orders) {
		return nil, ErrPageToken.New()
	}
	after := make([]any, len(values))
	for i, v := range values {
		if after[i], err = decodeValue(v, orders[i].typ); err != nil {
			return nil, ErrPageToken.Wrap(err)
		}
	}
	return after, nil
}

// decodeValue accepts only a value of the column's type.
func decodeValue(raw json.RawMessage, typ Type) (any, error) {
	switch typ {
	case Int, Time:
		var n *int64
		err := json.Unmarshal(raw, &n)
		return deref(n, err)
	case Bool:
		var b *bool
		err := json.Unmarshal(raw, &b)
		return deref(b, err)
	}
	var s *string
	err := json.Unmarshal(raw, &s)
	return deref(s, checkText(s, err))
}

func deref[T any](v *T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, fmt.Errorf("listing: null in a token")
	}
	return *v, nil
}
