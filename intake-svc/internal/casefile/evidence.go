package casefile

import "github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"

// AddEvidence records that a file was given (R41, R106); the store keeps it.
func (c *Case) AddEvidence(m Moment, id, digest string) (Change, error) {
	to, err := c.check(AddEvidence, m.By)
	if err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	c.EvidenceAnswer = "OFFERED"
	s.change.Facts = append(s.change.Facts, Fact{Verb: AddEvidence, State: to, Previous: to, At: m.At})
	s.note("EVIDENCE_ADDED", timeline.Entry{Evidence: []timeline.Evidence{{Name: id, SHA256: digest}}})
	return s.change, nil
}
