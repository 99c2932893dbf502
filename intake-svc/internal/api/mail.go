package api

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/ledger"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/mail"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

const (
	channelEmail = "EMAIL"
	excerptRunes = 500
	problemRunes = 8000
	textRunes    = 20000
	nameRunes    = 200
)

// KnowsMailbox says that letters are taken for the address.
func (s *Server) KnowsMailbox(address string) bool {
	_, ok := s.Channels.Mailboxes[address]
	return ok
}

// ReceiveMail brings a letter into the case that it answers, or files a new one (R22). It is idempotent by the Message-ID; every
// step can be repeated after a crash between them: the filing is claimed by the Message-ID, and the message row, the evidence and
// the entry are one commit behind it.
func (s *Server) ReceiveMail(ctx context.Context, address string, m *mail.Message) error {
	box, ok := s.Channels.Mailboxes[address]
	if !ok {
		return apierr.NotFound("mailboxes/" + address)
	}
	id := storable(m.ID)
	if _, done, err := s.Cases.MessageBy(ctx, s.DB, box.Org, channelEmail, id); err != nil || done {
		return err
	}
	target, err := s.threadOf(ctx, box.Org, m)
	if err != nil {
		return err
	}
	opening := target == ""
	if opening {
		if target, err = s.fileLetter(ctx, box, id, m); err != nil {
			return err
		}
	}
	err = s.attachLetter(ctx, box.Org, target, id, m, opening)
	if apierr.Reason(err) != casefile.ErrState.Reason() || opening {
		return err
	}
	// The case takes nothing any more (it was merged): the letter must not be lost, nor come again for ever.
	if target, err = s.fileLetter(ctx, box, id, m); err != nil {
		return err
	}
	return s.attachLetter(ctx, box.Org, target, id, m, true)
}

// threadOf finds the case that a letter belongs to: by the letters it answers, then by the number in its subject; "" for none.
func (s *Server) threadOf(ctx context.Context, org string, m *mail.Message) (string, error) {
	for _, id := range m.Refers {
		known, ok, err := s.Cases.MessageBy(ctx, s.DB, org, channelEmail, storable(id))
		if err != nil || ok {
			return known.CaseID, err
		}
	}
	if number := m.CaseNumber(); number != "" {
		return s.Cases.CaseNumbered(ctx, s.DB, org, number)
	}
	return "", nil
}

// fileLetter files a case from a letter and answers its id; the same letter again answers the same case.
func (s *Server) fileLetter(ctx context.Context, box Mailbox, id string, m *mail.Message) (string, error) {
	c := &casefile.Case{
		Kind: box.Kind, Channel: channelEmail, Reported: m.Date.UTC(),
		Problem: cmp.Or(excerpt(strings.TrimSpace(m.Subject+"\n"+m.Text), problemRunes), "(无正文 / no text)"),
	}
	moment := s.momentOf(channelActor("email", box.Org))
	if c.Reported.After(moment.At) {
		c.Reported = moment.At
	}
	c.Personal.Parties = []casefile.Party{{
		Roles: casefile.PartyRoles, DisplayName: excerpt(m.FromName, 100), Email: excerpt(m.From, 254), Anonymous: m.From == "",
	}}
	change, err := opened(moment, c)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(id))
	filed, err := s.Filer.File(ctx, ledger.Filing{
		Case: c, Change: change,
		Claim:  &store.Claim{Partner: box.Org, Platform: channelEmail, AfterSaleID: id, CaseID: c.ID, Digest: sum[:]},
		Answer: func(c *casefile.Case) proto.Message { return &intakev1.PublicCase{CaseNumber: c.Number} },
	})
	if err != nil {
		return "", err
	}
	if filed.Owner != nil {
		return filed.Owner.CaseID, nil
	}
	return c.ID, nil
}

// attachLetter keeps the letter's text and files with its case, once.
func (s *Server) attachLetter(ctx context.Context, org, caseID, id string, m *mail.Message, opening bool) error {
	return s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		c, err := s.Cases.Lock(ctx, tx, store.Everything, caseID)
		if err != nil {
			return err
		}
		if _, done, err := s.Cases.MessageBy(ctx, tx, org, channelEmail, id); err != nil || done {
			return err
		}
		moment := s.momentOf(channelActor("email", org))
		kept := store.Message{
			ID: newID(), CaseID: c.ID, Org: org, Channel: channelEmail, ExternalID: id, Known: opening || c.PersonWithEmail(m.From), Sent: m.Date.UTC(), Created: moment.At,
			Content: store.MessageContent{Sender: m.From, Subject: excerpt(m.Subject, 500), Text: excerpt(m.Text, textRunes)},
		}
		in := casefile.Message{
			ID: kept.ID, Channel: channelEmail, Known: kept.Known, Opening: opening, Machine: m.Automatic,
			Points: excerpt(strings.TrimSpace(m.Subject+"\n"+m.Text), excerptRunes),
		}
		for _, file := range m.Attachments {
			e := letterEvidence(file, moment)
			if err := s.Cases.AddEvidence(ctx, tx, c.ID, e); err != nil {
				return err
			}
			kept.Content.Evidence = append(kept.Content.Evidence, e.ID)
			in.Evidence = append(in.Evidence, timeline.Evidence{Name: e.ID, SHA256: e.Digest})
		}
		if !opening {
			if in.Danger, err = dangerIn(m.Subject, m.Text); err != nil {
				return err
			}
		}
		change, err := c.Received(moment, in)
		if err != nil {
			return err
		}
		if err := s.addMessage(ctx, tx, kept); err != nil {
			return err
		}
		return s.Ledger.Commit(ctx, tx, c, change)
	})
}

// letterEvidence is an attachment as evidence; its type is found in its bytes.
func letterEvidence(file mail.Attachment, m casefile.Moment) store.Evidence {
	sum := sha256.Sum256(file.Content)
	return store.Evidence{
		ID: newID(), FileName: excerpt(storable(file.Name), nameRunes), MediaType: http.DetectContentType(file.Content), Digest: hex.EncodeToString(sum[:]),
		Uploader: m.By.Name, Size: int64(len(file.Content)), Created: m.At, Content: bytes.Clone(file.Content),
	}
}

// storable drops the character that PostgreSQL cannot keep.
func storable(text string) string { return strings.ReplaceAll(text, "\x00", "") }

// excerpt is the beginning of a text, at most so many characters.
func excerpt(text string, runes int) string {
	text = storable(text)
	n := 0
	for i := range text {
		if n == runes {
			return text[:i] + "…"
		}
		n++
	}
	return text
}
