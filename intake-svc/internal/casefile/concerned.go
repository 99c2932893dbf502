package casefile

import (
	"cmp"
	"slices"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// Verbs of the parties concerned.
const (
	AddConcerned    Verb = "addConcernedParty"
	RemoveConcerned Verb = "removeConcernedParty"
)

// Kinds of parties concerned (R261).
const (
	ConcernedPlatform  = "PLATFORM"
	ConcernedRegulator = "REGULATOR"
	ConcernedProvider  = "PROVIDER"
)

// Notices to parties concerned.
const (
	NoticePartyDecision = "PARTY_DECISION"
	NoticePartyClosed   = "PARTY_CLOSED"
)

// Concerned is somebody beside the customer who is told the decision and the end (R261). Where notices go stands in Personal.
type Concerned struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Name     string    `json:"name"`
	Ref      string    `json:"ref,omitempty"` // partners/… or organisations/… of the suite
	Inherent bool      `json:"-"`             // it follows from the case itself
	Notified time.Time `json:"notified,omitzero"`
}

// ConcernedParties are those who were put on the case, and those that follow from it: the platform that filed it, the regulator, who serves.
func (c *Case) ConcernedParties() []Concerned {
	var all []Concerned
	add := func(id, kind, name, ref string) {
		p := Concerned{ID: id, Kind: kind, Name: name, Ref: ref, Inherent: true}
		if i := slices.IndexFunc(c.Concerned, func(k Concerned) bool { return k.ID == id }); i >= 0 {
			p.Notified = c.Concerned[i].Notified
		}
		all = append(all, p)
	}
	if c.Partner != "" {
		platform := c.Partner
		if len(c.ExternalRefs) > 0 {
			platform = cmp.Or(c.ExternalRefs[0].Platform, platform)
		}
		add("platform", ConcernedPlatform, platform, c.Partner)
	}
	if c.Regulator != nil {
		add("regulator", ConcernedRegulator, c.Regulator.Body, "")
	}
	if c.ServingOrg != "" && c.ServingOrg != c.OwnerOrg {
		add("provider", ConcernedProvider, c.ServingOrg, c.ServingOrg)
	}
	for _, k := range c.Concerned {
		if !slices.ContainsFunc(all, func(p Concerned) bool { return p.ID == k.ID }) && k.Kind != "" {
			all = append(all, k)
		}
	}
	return all
}

// AddConcerned puts somebody on the case who is told the decision and the end too.
func (c *Case) AddConcerned(m Moment, p Concerned, email string) (Change, error) {
	to, err := c.check(AddConcerned, m.By)
	if err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	p.ID = m.NewID()
	s.Concerned = append(s.Concerned, p)
	if email != "" {
		if s.Personal.ConcernedMail == nil {
			s.Personal.ConcernedMail = map[string]string{}
		}
		s.Personal.ConcernedMail[p.ID] = email
	}
	s.move(AddConcerned, to)
	s.note("CONCERNED_PARTY_ADDED", timeline.Entry{Points: p.Name, Facts: map[string]string{"party": p.ID, "kind": p.Kind}})
	return s.change, nil
}

// RemoveConcerned takes somebody off who was put on; those that follow from the case stay.
func (c *Case) RemoveConcerned(m Moment, id string) (Change, error) {
	to, err := c.check(RemoveConcerned, m.By)
	if err != nil {
		return Change{}, err
	}
	i := slices.IndexFunc(c.Concerned, func(p Concerned) bool { return p.ID == id && p.Kind != "" })
	if i < 0 {
		return Change{}, apierr.NotFound(c.Name() + "/concernedParties/" + id)
	}
	s := c.begin(m)
	s.Concerned = slices.Delete(s.Concerned, i, i+1)
	delete(s.Personal.ConcernedMail, id)
	s.Tasks = slices.DeleteFunc(s.Tasks, func(t Task) bool { return t.Party == id })
	s.move(RemoveConcerned, to)
	s.note("CONCERNED_PARTY_REMOVED", timeline.Entry{Facts: map[string]string{"party": id}})
	return s.change, nil
}

// tellConcerned has every party concerned told, each by a notice of its own (R261). A RESTRICTED case is told to nobody who was not put on it by
// name, but to the regulator.
func (s *step) tellConcerned(notice string) {
	for _, p := range s.ConcernedParties() {
		if s.Confidentiality == Restricted && p.Inherent && p.Kind != ConcernedRegulator {
			continue
		}
		s.task(Task{Kind: TaskDeliverNotice, Notice: notice, Party: p.ID})
	}
}

// told remembers when a party was told. Of those that follow from the case only that is kept.
func (s *step) told(id string) {
	i := slices.IndexFunc(s.Concerned, func(p Concerned) bool { return p.ID == id })
	if i < 0 {
		s.Concerned = append(s.Concerned, Concerned{ID: id})
		i = len(s.Concerned) - 1
	}
	s.Concerned[i].Notified = s.At
}

// ConcernedParty finds a party concerned.
func (c *Case) ConcernedParty(id string) (p Concerned, ok bool) {
	all := c.ConcernedParties()
	i := slices.IndexFunc(all, func(p Concerned) bool { return p.ID == id })
	if i < 0 {
		return p, false
	}
	return all[i], true
}
