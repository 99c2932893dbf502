package casefile

import (
	"slices"
	"strconv"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// SetConfidentiality changes who may know what. RESTRICTED is a named list; handler, investigator and filer are on it by nature.
func (c *Case) SetConfidentiality(m Moment, level Confidentiality, readers []string, reason string) (Change, error) {
	to, err := c.check(SetConfidentiality, m.By)
	if err != nil {
		return Change{}, err
	}
	if c.complainsAbout(m.By) {
		return Change{}, ErrConfidential.New()
	}
	if level != Restricted && len(readers) > 0 {
		return Change{}, apierr.Invalid("readers", "仅用于 RESTRICTED", "is for RESTRICTED only")
	}
	s := c.begin(m)
	was := c.Confidentiality
	slices.Sort(readers)
	c.Confidentiality, c.Readers = level, slices.Compact(readers)
	s.move(SetConfidentiality, to)
	s.note("CONFIDENTIALITY_SET", timeline.Entry{Points: reason, Facts: map[string]string{
		"from": string(was), "to": string(level), "readers": strconv.Itoa(len(c.Readers)),
	}})
	return s.change, nil
}

// RevealContact writes down who looked at unmasked contact data, and why.
func (c *Case) RevealContact(m Moment, orgs []string, reason string) (Change, error) {
	if _, err := c.check(RevealContact, m.By); err != nil {
		return Change{}, err
	}
	if c.Hides(orgs, m.By.Name, m.By.Engineer) {
		return Change{}, ErrConfidential.New()
	}
	s := c.begin(m)
	s.note("CONTACT_REVEALED", timeline.Entry{Points: reason})
	s.change.Quiet = true
	return s.change, nil
}

// Authorise records the proof that a third party may speak for the customer (R259).
func (c *Case) Authorise(m Moment, party int, proof string) (Change, error) {
	to, err := c.check(Authorise, m.By)
	if err != nil {
		return Change{}, err
	}
	if party < 0 || party >= len(c.Personal.Parties) {
		return Change{}, apierr.Invalid("party", "没有这位当事人", "is no party of the case")
	}
	s := c.begin(m)
	s.Personal.Parties[party].Authorisation = proof
	s.move(Authorise, to)
	s.note("AUTHORISATION_RECORDED", timeline.Entry{Points: proof, Facts: map[string]string{"party": strconv.Itoa(party + 1)}})
	return s.change, nil
}

// proved is the gate before money goes to, or is agreed by, a third party.
func (c *Case) proved(p *Solution) error {
	if p != nil && p.Compensation.Fen+p.Fee.Fen > 0 && c.third() {
		return ErrAuthorisation.New("what", "compensation or fee")
	}
	return nil
}

// Transfer offers the case to another organisation. Until that accepts, the giver answers; no clock stops.
func (c *Case) Transfer(m Moment, to, reason string) (Change, error) {
	state, err := c.check(TransferCase, m.By)
	if err != nil {
		return Change{}, err
	}
	if p := c.PendingTransfer(); p != nil {
		return Change{}, ErrTransferOpen.New("to", p.To)
	}
	if to == c.OwnerOrg {
		return Change{}, apierr.Invalid("organisation", "案件已属于该组织", "owns the case already")
	}
	const third = 2 // transfers that were made before the third
	if len(c.Transfers) >= third && !m.By.Has(RoleManager) {
		return Change{}, ErrTransferManager.New()
	}
	s := c.begin(m)
	s.Transfers = append(s.Transfers, Transfer{From: c.OwnerOrg, To: to, Reason: reason, By: m.By.Name, At: m.At, Due: m.At.Add(m.Policy.Hard.TransferWithin)})
	s.flag(FlagTransfer, to, m.At)
	s.move(TransferCase, state)
	s.note("TRANSFER_OFFERED", timeline.Entry{Points: reason, Facts: map[string]string{"from": c.OwnerOrg, "to": to, "number": strconv.Itoa(len(c.Transfers))}})
	return s.change, nil
}

// answering finds the transfer that waits for the actor's organisation.
func (c *Case) answering(orgs []string) (*Transfer, error) {
	p := c.PendingTransfer()
	if p == nil || !slices.Contains(orgs, p.To) {
		return nil, ErrTransferNone.New()
	}
	return p, nil
}

// AcceptTransfer makes the receiver the owner; the customer is told who it is, and by when the next news comes.
func (c *Case) AcceptTransfer(m Moment, orgs []string) (Change, error) {
	state, err := c.check(AcceptTransfer, m.By)
	if err != nil {
		return Change{}, err
	}
	p, err := c.answering(orgs)
	if err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	p.Accepted, p.Answerer, p.AnswererName = m.At, m.By.Name, m.By.DisplayName
	s.OwnerOrg, s.Handler = p.To, m.By.Name
	s.unflag(FlagTransfer)
	s.move(AcceptTransfer, state)
	s.note("TRANSFER_ACCEPTED", timeline.Entry{Facts: map[string]string{"from": p.From, "to": p.To}})
	s.task(Task{Kind: TaskDeliverNotice, Notice: NoticeTransferred})
	return s.change, nil
}

// ReturnTransfer gives the case back unaccepted, within the limit.
func (c *Case) ReturnTransfer(m Moment, orgs []string, reason string) (Change, error) {
	state, err := c.check(ReturnTransfer, m.By)
	if err != nil {
		return Change{}, err
	}
	p, err := c.answering(orgs)
	if err != nil {
		return Change{}, err
	}
	if m.At.After(p.Due) {
		return Change{}, ErrTransferLate.New("due", p.Due.Format(time.RFC3339))
	}
	s := c.begin(m)
	p.Returned, p.Answerer, p.Answer = m.At, m.By.Name, reason
	s.unflag(FlagTransfer)
	s.move(ReturnTransfer, state)
	s.note("TRANSFER_RETURNED", timeline.Entry{Points: reason, Facts: map[string]string{"from": p.From, "to": p.To}})
	return s.change, nil
}
