package listing

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of a filter: beyond them somebody tries something.
const (
	maxFilterBytes = 4096
	maxTerms       = 32
)

// term is one comparison of a filter, with its value as it is stored.
type term struct {
	column string
	op     string
	value  any
}

// sql spells the comparison for both engines. ":" is "contains", regardless of
// case: LIKE alone minds it on PostgreSQL and not on SQLite.
func (t term) sql(b *builder) string {
	if t.op == ":" {
		return "LOWER(" + t.column + ") LIKE " + b.arg(t.value) + ` ESCAPE '\'`
	}
	return t.column + " " + sqlOp(t.op) + " " + b.arg(t.value)
}

func sqlOp(op string) string {
	if op == "!=" {
		return "<>"
	}
	return op
}

// parseFilter reads comparisons joined by AND.
func (s *Spec) parseFilter(text string) ([]term, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	if len(text) > maxFilterBytes {
		return nil, filterError("太长", "too long")
	}
	sc := scanner{text: text}
	var terms []term
	for {
		t, err := s.parseTerm(&sc)
		if err != nil {
			return nil, err
		}
		if terms = append(terms, t); len(terms) > maxTerms {
			return nil, filterError("条件过多", "too many terms")
		}
		if sc.atEnd() {
			return terms, nil
		}
		if word := sc.word(); !strings.EqualFold(word, "AND") {
			return nil, filterError("条件之间只能用 AND 连接", "terms are joined by AND only")
		}
	}
}

func (s *Spec) parseTerm(sc *scanner) (term, error) {
	name := sc.word()
	field, ok := s.Fields[name]
	name = short(name)
	if !ok {
		allowed := strings.Join(slices.Sorted(maps.Keys(s.Fields)), ", ")
		return term{}, filterError("没有字段 "+strconv.Quote(name)+",可用:"+allowed,
			"no field "+strconv.Quote(name)+"; allowed: "+allowed)
	}
	op := sc.operator()
	if !field.allows(op) {
		return term{}, filterError("字段 "+name+" 不支持运算符 "+strconv.Quote(op), "field "+name+" has no operator "+strconv.Quote(op))
	}
	text, err := sc.value()
	if err != nil {
		return term{}, filterError("字段 "+name+" 的值有误", "the value of "+name+": "+err.Error())
	}
	value, err := field.parse(text, op)
	if errors.Is(err, ErrFilter) { // the field says itself what is wrong, in both languages
		return term{}, err
	}
	if err != nil {
		return term{}, filterError("字段 "+name+" 的值有误", "the value of "+name+": "+err.Error())
	}
	return term{column: field.Column, op: op, value: value}, nil
}

// parse turns a value's text into what the column holds.
func (f Field) parse(text, op string) (any, error) {
	if err := checkText(&text, nil); err != nil {
		return nil, err
	}
	if f.Type == Enum && f.Values != nil && !slices.Contains(f.Values, text) {
		return nil, errors.New("one of " + strings.Join(f.Values, ", ") + " is expected")
	}
	if f.Fold != nil {
		return f.Fold(text)
	}
	switch f.Type {
	case Int:
		n, err := strconv.ParseInt(text, 10, 64)
		return n, plain(err, "a whole number is expected")
	case Time:
		t, err := time.Parse(time.RFC3339Nano, text)
		return t.UnixMicro(), plain(err, "an RFC 3339 time is expected")
	case Bool:
		if text != "true" && text != "false" {
			return nil, errors.New("true or false is expected")
		}
		return text == "true", nil
	}
	if op == ":" {
		return "%" + likeEscaper.Replace(strings.ToLower(text)) + "%", nil
	}
	return text, nil
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// checkText refuses what PostgreSQL cannot store: it would answer with an error
// of its own.
func checkText(s *string, err error) error {
	if err != nil || s == nil {
		return err
	}
	if !utf8.ValidString(*s) || strings.ContainsRune(*s, 0) {
		return errors.New("not valid text")
	}
	return nil
}

func plain(err error, text string) error {
	if err == nil {
		return nil
	}
	return errors.New(text)
}

// short keeps a client's own text in an error small: details travel in a trailer.
func short(text string) string {
	const most = 64 // bytes
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

func filterError(zh, en string) error {
	return ErrFilter.New("detail_zh", zh, "detail", en)
}
