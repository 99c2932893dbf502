package casefile

import (
	"cmp"
	"strconv"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

// FlagCustomerWrote says that something came in that nobody has answered yet.
const FlagCustomerWrote = "CUSTOMER_WROTE"

// Message is something that came in on a channel; the store keeps its text.
type Message struct {
	ID       string
	Channel  string
	Known    bool // the sender is one of the case's persons: it is the customer's word
	Opening  bool // the case was filed from it
	Machine  bool // an automatic reply
	Lines    int  // utterances of a transcript
	Points   string
	Words    string // all that was said, where it is more than Points
	Evidence []timeline.Evidence
	Danger   *Hazard // that its text tells; nil for none
}

// Received takes a message in, in every state but MERGED: a closed case is not reopened by a letter ("thank you"), but somebody
// is to read it (R20, R22, R28). One that was closed because nobody answered goes on (backAgain).
func (c *Case) Received(m Moment, in Message) (Change, error) {
	to, err := c.check(Receive, m.By)
	if err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	facts := map[string]string{"channel": in.Channel, "message": in.ID, "senderKnown": strconv.FormatBool(in.Known)}
	if in.Lines > 0 {
		facts["lines"] = strconv.Itoa(in.Lines)
	}
	if in.Machine {
		facts["automatic"] = "true"
	}
	if len(in.Evidence) > 0 {
		c.EvidenceAnswer = "OFFERED"
	}
	if in.Known && !in.Machine {
		s.customerSpoke()
	}
	if !in.Opening && !in.Machine && in.Lines == 0 {
		s.flag(FlagCustomerWrote, "", m.At)
	}
	s.change.Facts = append(s.change.Facts, Fact{Verb: Receive, State: to, Previous: to, At: m.At})
	s.note("MESSAGE_RECEIVED", timeline.Entry{Place: in.Channel, Points: in.Points, Facts: facts, Evidence: in.Evidence})
	if !in.Machine {
		s.hear(in.Danger)
	}
	if in.Known && !in.Machine {
		s.backAgain(cmp.Or(in.Words, in.Points))
	}
	return s.change, nil
}

// PersonWithEmail says that the address is one of the case's persons'.
func (c *Case) PersonWithEmail(address string) bool {
	for i := range c.Personal.Parties {
		if sameAddress(c.Personal.Parties[i].Email, address) {
			return true
		}
	}
	return false
}

// HotlineCall is a telephone call as the case's timeline tells it.
type HotlineCall struct {
	Name        string // calls/…
	WaitSeconds int64  // R191; -1 when nobody answered
	InTime      bool
}

// Called links a call to the case (R19): its timeline names the call and how long the caller waited.
func (c *Case) Called(m Moment, call HotlineCall) (Change, error) {
	to, err := c.check(Receive, m.By)
	if err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	facts := map[string]string{"call": call.Name, "inTime": strconv.FormatBool(call.InTime)}
	if call.WaitSeconds >= 0 {
		facts["waitSeconds"] = strconv.FormatInt(call.WaitSeconds, 10)
	}
	s.change.Facts = append(s.change.Facts, Fact{Verb: Receive, State: to, Previous: to, At: m.At})
	s.note("CALL_LINKED", timeline.Entry{Place: "HOTLINE", Facts: facts})
	return s.change, nil
}
