package casefile

import (
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// What a release of identity may answer.
var (
	// ErrNotProtected is a release in a case that hides nobody; metadata: confidentiality.
	ErrNotProtected = apierr.Define(codes.FailedPrecondition, "IDENTITY_NOT_PROTECTED",
		"只有 PROTECTED 案件逐项披露身份(本案为 {confidentiality})", "only a PROTECTED case releases an identity step by step; this one is {confidentiality}")
	// ErrReceiver is a receiver who does not serve the case; metadata: receiver.
	ErrReceiver = apierr.Define(codes.FailedPrecondition, "IDENTITY_RECEIVER_INVALID", "{receiver} 不是本案的服务方", "{receiver} does not serve the case")
	// ErrNotReleased is a withdrawal of what was not released.
	ErrNotReleased = apierr.Define(codes.FailedPrecondition, "IDENTITY_NOT_RELEASED", "没有已披露的信息可收回", "nothing was released")
)

// Verbs of the identity.
const (
	ReleaseIdentity  Verb = "releaseIdentity"
	WithdrawIdentity Verb = "withdrawIdentity"
)

// Parts of an identity.
const (
	PartName    = "NAME"
	PartPhone   = "PHONE"
	PartAddress = "ADDRESS"
)

// Release is one part of the identity that one receiver was told.
type Release struct {
	Part   string    `json:"part"`
	To     string    `json:"to"` // engineers/… or organisations/…
	Reason string    `json:"reason,omitempty"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Ended  time.Time `json:"ended,omitzero"`
}

// ReleaseIdentity tells one part of the customer's identity to who serves: the engineer of the visit, or the organisation. orgs are those that the
// actor sees: who the identity is hidden from does not release it.
func (c *Case) ReleaseIdentity(m Moment, orgs []string, part, to, reason string) (Change, error) {
	state, err := c.check(ReleaseIdentity, m.By)
	switch {
	case err != nil:
		return Change{}, err
	case c.Confidentiality != Protected:
		return Change{}, ErrNotProtected.New("confidentiality", string(c.Confidentiality))
	case c.Hides(orgs, m.By.Name, m.By.Engineer):
		return Change{}, ErrConfidential.New()
	case !c.serves(to) || slices.Contains(c.ComplainedAbout, to):
		return Change{}, ErrReceiver.New("receiver", to)
	}
	s := c.begin(m)
	if c.released(part, to) {
		s.change.Quiet = true
		return s.change, nil
	}
	s.Releases = append(s.Releases, Release{Part: part, To: to, Reason: reason, By: m.By.Name, At: m.At})
	s.move(ReleaseIdentity, state)
	s.note("IDENTITY_RELEASED", timeline.Entry{Points: reason, Facts: map[string]string{"part": part, "to": to}})
	return s.change, nil
}

// serves says that the engineer has the visit, or that the organisation serves the case.
func (c *Case) serves(name string) bool {
	if strings.HasPrefix(name, "engineers/") {
		return c.Visit != nil && c.Visit.Engineer == name
	}
	return name == c.ServingOrg
}

func (c *Case) released(part, to string) bool {
	return slices.ContainsFunc(c.Releases, func(r Release) bool { return r.Part == part && r.To == to && r.Ended.IsZero() })
}

// ReleasedTo are the parts that somebody of these organisations, or this engineer, was told.
func (c *Case) ReleasedTo(a Actor, orgs []string) (parts []string) {
	if c.complainsAbout(a) {
		return nil
	}
	for _, r := range c.Releases {
		if r.Ended.IsZero() && (r.To == a.Engineer || slices.Contains(orgs, r.To)) {
			parts = append(parts, r.Part)
		}
	}
	return parts
}

// WithdrawIdentity takes released parts back; "" stands for all parts, or all receivers.
func (c *Case) WithdrawIdentity(m Moment, orgs []string, part, from, reason string) (Change, error) {
	state, err := c.check(WithdrawIdentity, m.By)
	switch {
	case err != nil:
		return Change{}, err
	case c.Hides(orgs, m.By.Name, m.By.Engineer):
		return Change{}, ErrConfidential.New()
	}
	s := c.begin(m)
	n := s.endReleases(func(r *Release) bool { return (part == "" || r.Part == part) && (from == "" || r.To == from) })
	if n == 0 {
		return Change{}, ErrNotReleased.New()
	}
	s.move(WithdrawIdentity, state)
	s.note("IDENTITY_WITHDRAWN", timeline.Entry{Points: reason, Facts: map[string]string{"part": part, "from": from}})
	return s.change, nil
}

// endReleases ends those that are meant and still hold.
func (s *step) endReleases(meant func(*Release) bool) (n int) {
	for i := range s.Releases {
		if r := &s.Releases[i]; r.Ended.IsZero() && meant(r) {
			r.Ended = s.At
			n++
		}
	}
	return n
}

// settleReleases: what was released for a visit ends with the work, and with the engineer's part in it.
func (s *step) settleReleases() {
	if len(s.Releases) == 0 {
		return
	}
	over := !s.State.Open() || s.State == Resolved
	s.endReleases(func(r *Release) bool { return over || !s.serves(r.To) })
}
