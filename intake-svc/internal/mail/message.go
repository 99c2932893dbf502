package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"net/mail"
	"regexp"
	"strings"
	"time"
)

// Limits of what one letter may hold.
const (
	maxParts    = 100
	maxDepth    = 10
	maxText     = 200_000 // bytes of text that are read
	maxMessages = 50      // ids of earlier letters that are looked at
)

// ErrMalformed is a letter that cannot be read.
var ErrMalformed = errors.New("mail: malformed letter")

// Message is a letter as intake needs it.
type Message struct {
	ID          string   // Message-ID without brackets; a digest of the letter where it has none
	Refers      []string // ids of earlier letters, the one answered first
	From        string   // address
	FromName    string
	To          []string
	Subject     string
	Text        string
	Date        time.Time
	Automatic   bool // an automatic reply, a bounce or a bulk letter
	Attachments []Attachment
}

// Attachment is a file of a letter.
type Attachment struct {
	Name    string
	Content []byte
}

// Read reads a letter.
func Read(raw []byte) (*Message, error) {
	letter, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	h := letter.Header
	m := &Message{ID: idOf(h, raw), Refers: refers(h), Subject: clean(decode(h.Get("Subject"))), Automatic: automatic(h)}
	m.Date, _ = h.Date() // a letter without a good date came when it came
	m.From, m.FromName = sender(h)
	for _, field := range []string{"To", "Cc"} {
		list, _ := (&mail.AddressParser{WordDecoder: words}).ParseList(h.Get(field)) // what cannot be read is not needed
		for _, a := range list {
			m.To = append(m.To, a.Address)
		}
	}
	b := body{message: m}
	if err := b.part(header(h), letter.Body, 0); err != nil {
		return nil, err
	}
	m.Text = strings.TrimSpace(b.text())
	return m, nil
}

var angled = regexp.MustCompile(`<([^<>\s]{1,998})>`)

func idOf(h mail.Header, raw []byte) string {
	if found := angled.FindStringSubmatch(h.Get("Message-Id")); found != nil {
		return found[1]
	}
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// refers lists In-Reply-To, then References from the youngest on.
func refers(h mail.Header) (ids []string) {
	for _, found := range angled.FindAllStringSubmatch(h.Get("In-Reply-To"), maxMessages) {
		ids = append(ids, found[1])
	}
	references := angled.FindAllStringSubmatch(h.Get("References"), -1)
	for n := len(references) - 1; n >= 0 && len(ids) < maxMessages; n-- {
		ids = append(ids, references[n][1])
	}
	return ids
}

func sender(h mail.Header) (address, name string) {
	for _, field := range []string{"From", "Reply-To", "Sender"} {
		if a, err := (&mail.AddressParser{WordDecoder: words}).Parse(h.Get(field)); err == nil {
			return strings.ToLower(a.Address), clean(decode(a.Name))
		}
	}
	if at := angled.FindStringSubmatch(h.Get("From")); at != nil { // a name in raw bytes
		name, _, _ = strings.Cut(h.Get("From"), "<")
		return strings.ToLower(at[1]), strings.Trim(clean(decode(name)), `" `)
	}
	return "", ""
}

// automatic follows RFC 3834 and what older mailers do.
func automatic(h mail.Header) bool {
	auto := strings.ToLower(h.Get("Auto-Submitted"))
	bulk := strings.ToLower(h.Get("Precedence"))
	return auto != "" && auto != "no" || bulk == "bulk" || bulk == "junk" || bulk == "auto_reply" || h.Get("X-Autoreply") != "" ||
		strings.TrimSpace(h.Get("Return-Path")) == "<>"
}

var caseNumber = regexp.MustCompile(`AS[0-9]{8}-[0-9]{6,9}`)

// CaseNumber finds a case's number in the subject; "" when there is none.
func (m *Message) CaseNumber() string { return caseNumber.FindString(m.Subject) }

// words decodes encoded words in any charset that is known.
var words = &mime.WordDecoder{CharsetReader: reader}

// decode reads a header: encoded words, or raw bytes in UTF-8 or GB18030.
func decode(value string) string {
	if decoded, err := words.DecodeHeader(value); err == nil {
		value = decoded
	}
	return toUTF8([]byte(value), "")
}

// clean keeps a header on one line and free of control characters.
func clean(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text))
}
