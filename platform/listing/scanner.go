package listing

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// scanner reads the words, operators and values of a filter.
type scanner struct {
	text string
	pos  int
}

func (s *scanner) skipSpace() {
	s.pos += len(s.rest()) - len(strings.TrimLeftFunc(s.rest(), unicode.IsSpace))
}

func (s *scanner) rest() string { return s.text[s.pos:] }

func (s *scanner) atEnd() bool {
	s.skipSpace()
	return s.pos >= len(s.text)
}

// word reads a name: letters, digits, underscore and dot.
func (s *scanner) word() string {
	s.skipSpace()
	return s.take(func(r rune) bool {
		return r == '_' || r == '.' || unicode.IsLetter(r) || unicode.IsDigit(r)
	})
}

// operator reads the longest run of operator signs.
func (s *scanner) operator() string {
	s.skipSpace()
	return s.take(func(r rune) bool { return strings.ContainsRune("=!<>:", r) })
}

// value reads a quoted string, or a bare word up to the next space.
func (s *scanner) value() (string, error) {
	s.skipSpace()
	if s.pos < len(s.text) && (s.text[s.pos] == '"' || s.text[s.pos] == '\'') {
		return s.quoted()
	}
	bare := s.take(func(r rune) bool { return !unicode.IsSpace(r) && !strings.ContainsRune(`"'()=<>!`, r) })
	if bare == "" {
		return "", errors.New("a value is missing")
	}
	return bare, nil
}

// quoted reads up to the closing quote; a backslash takes the next sign as it is.
func (s *scanner) quoted() (string, error) {
	quote := s.text[s.pos]
	s.pos++
	var b strings.Builder
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; {
		case c == quote:
			s.pos++
			return b.String(), nil
		case c == '\\' && s.pos+1 < len(s.text):
			s.pos++
			fallthrough
		default:
			b.WriteByte(s.text[s.pos])
			s.pos++
		}
	}
	return "", errors.New("the closing quote is missing")
}

func (s *scanner) take(fits func(rune) bool) string {
	start := s.pos
	for s.pos < len(s.text) {
		r, size := utf8.DecodeRuneInString(s.rest())
		if !fits(r) {
			break
		}
		s.pos += size
	}
	return s.text[start:s.pos]
}
