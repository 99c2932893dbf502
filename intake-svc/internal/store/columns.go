package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// caseColumns are all columns of cases, in the order of row and scan.
var caseColumns = []string{
	"id", "number", "kind", "state", "round", "version", "channel", "content_class", "urgency", "confidentiality", "owner_org", "serving_org",
	"partner", "filer", "handler", "investigator", "engineer", "customer", "phone_index", "serial", "order_id", "after_sale_id",
	"created_at", "updated_at", "deadline", "next_due", "event_seq", "chain_seq", "chain_hash", "detail", "personal",
}

// readColumns are those that a case is read from; the others are derived from it when it is written.
const readColumns = `id, number, kind, state, version, channel, content_class, urgency, confidentiality, owner_org, serving_org,
	partner, filer, handler, created_at, updated_at, event_seq, chain_seq, chain_hash, detail, personal`

// row is a case as its columns.
func (s *SQL) row(c *casefile.Case) ([]any, error) {
	detail, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("store: write %s: %w", c.Name(), err)
	}
	personal, err := s.sealJSON(c.Personal, personalAAD(c.ID))
	if err != nil {
		return nil, err
	}
	k := s.keysOf(c)
	return []any{
		c.ID, c.Number, string(c.Kind), string(c.State), int64(c.RoundNumber()), c.Version, c.Channel, c.ContentClass, c.Urgency,
		string(c.Confidentiality), c.OwnerOrg, c.ServingOrg, c.Partner, c.Filer, c.Handler, k.investigator, k.engineer, k.customer,
		k.phone, k.serial, k.order, k.afterSale, sqldb.Micros(c.Created), sqldb.Micros(c.Updated), sqldb.Micros(c.Deadline()),
		sqldb.Micros(c.NextDue()), c.EventSeq, c.Chain.Seq, c.Chain.Hash, string(detail), personal,
	}, nil
}

// searchKeys are the columns that a case is found by, besides its own.
type searchKeys struct{ investigator, engineer, customer, phone, serial, order, afterSale string }

func (s *SQL) keysOf(c *casefile.Case) (k searchKeys) {
	switch inv := c.Round().Investigation; {
	case inv != nil:
		k.investigator = inv.Investigator
	case c.Assigned != nil:
		k.investigator = c.Assigned.Investigator // it waits for the one assigned
	}
	if c.Visit != nil {
		k.engineer = c.Visit.Engineer
	}
	if p := c.Personal.Party(casefile.PartyCustomer); p != nil {
		k.customer, k.phone = p.Customer, s.PhoneIndex(p.Phone)
	}
	if len(c.Items) > 0 {
		k.serial = c.Items[0].Serial
	}
	if len(c.ExternalRefs) > 0 {
		k.order, k.afterSale = c.ExternalRefs[0].OrderID, c.ExternalRefs[0].AfterSaleID
	}
	return k
}

// PhoneIndex is the blind index of a phone number, written in any way; "" for none.
func (s *SQL) PhoneIndex(phone string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
	if digits == "" {
		return ""
	}
	if len(digits) == 13 { // +86 before a mobile number
		digits = cmp.Or(strings.TrimPrefix(digits, "86"), digits)
	}
	return s.index.BlindIndex("phone", digits)
}

// ConsentDigest is the keyed digest of a consent code of a solution.
func (s *SQL) ConsentDigest(solution, code string) string {
	return s.index.BlindIndex("consent_code", solution+"/"+code)
}

// scan reads a row of readColumns.
func (s *SQL) scan(row sqldb.Row) (*casefile.Case, error) {
	var c casefile.Case
	var kind, state, confidentiality, detail string
	var created, updated int64
	var personal []byte
	err := row.Scan(&c.ID, &c.Number, &kind, &state, &c.Version, &c.Channel, &c.ContentClass, &c.Urgency, &confidentiality,
		&c.OwnerOrg, &c.ServingOrg, &c.Partner, &c.Filer, &c.Handler, &created, &updated, &c.EventSeq, &c.Chain.Seq, &c.Chain.Hash,
		&detail, &personal)
	if err != nil {
		return nil, err
	}
	c.Kind, c.State, c.Confidentiality = casefile.Kind(kind), casefile.State(state), casefile.Confidentiality(confidentiality)
	c.Created, c.Updated = sqldb.Time(created), sqldb.Time(updated)
	if err := json.Unmarshal([]byte(detail), &c); err != nil {
		return nil, fmt.Errorf("store: read %s: %w", c.Name(), err)
	}
	return &c, s.openJSON(personal, personalAAD(c.ID), &c.Personal)
}

func personalAAD(id string) string { return "cases/" + id + "/personal" }

func (s *SQL) sealJSON(value any, aad string) ([]byte, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("store: write %s: %w", aad, err)
	}
	return s.seal(plain, aad)
}

func (s *SQL) openJSON(sealed []byte, aad string, into any) error {
	plain, err := s.open(sealed, aad)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(plain, into); err != nil {
		return fmt.Errorf("store: read %s: %w", aad, err)
	}
	return nil
}

// seal keeps nil as nil: there is nothing to hide.
func (s *SQL) seal(plain []byte, aad string) ([]byte, error) {
	if plain == nil {
		return nil, nil
	}
	sealed, err := s.sealer.Seal(plain, []byte(aad))
	if err != nil {
		return nil, fmt.Errorf("store: seal %s: %w", aad, err)
	}
	return sealed, nil
}

func (s *SQL) open(sealed []byte, aad string) ([]byte, error) {
	if sealed == nil {
		return nil, nil
	}
	plain, err := s.sealer.Open(sealed, []byte(aad))
	if err != nil {
		return nil, fmt.Errorf("store: open %s: %w", aad, err)
	}
	return plain, nil
}
