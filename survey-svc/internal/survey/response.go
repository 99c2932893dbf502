package survey

import "time"

// Channel is how an answer came.
type Channel string

// The channels.
const (
	ByLink     Channel = "LINK"
	ByCallBack Channel = "CALL_BACK"
)

// Finding is something the text analysis found, with the words it rests on.
type Finding struct {
	Code     string `json:"code"`
	ZH       string `json:"zh,omitempty"`
	EN       string `json:"en,omitempty"`
	Evidence string `json:"evidence,omitempty"`
}

// Reading is what the text analysis read in an answer (R228-R230). The zero value: there was no text.
type Reading struct {
	Sentiment string // SATISFIED, DISSATISFIED, NEUTRAL or empty
	Score     float64
	Topics    []Finding
	Demands   []Finding
	Model     string // name and version of what read it
}

// Response is one revision of an answer.
type Response struct {
	ID         string // stays the same through amendments
	Invitation string
	Survey     string
	Revision   int
	Answer
	Channel    Channel
	RecordedBy string // "customer", or "users/<id>" of the caller who wrote it down
	Reading    Reading
	Digest     string
	Created    time.Time
}

// Reply is an answer on its way in.
type Reply struct {
	ID string // of the response, if it becomes the first
	Answer
	Channel    Channel
	RecordedBy string
	Reading    Reading
}

// Respond takes an answer. last is the newest revision so far, nil when there is none. The same content as last is a
// repeat: it changes nothing and is answered at any time.
func (i *Invitation) Respond(in Reply, last *Response, policy Policy, now time.Time) (r Response, repeat bool, err error) {
	in.Answer = in.Trimmed()
	digest := in.Digest()
	if last != nil && last.Digest == digest {
		return *last, true, nil
	}
	if err := i.mayRespond(now); err != nil {
		return Response{}, false, err
	}
	if err := in.check(); err != nil {
		return Response{}, false, err
	}
	r = Response{
		ID: in.ID, Invitation: i.ID, Survey: i.Survey, Revision: 1, Answer: in.Answer, Channel: in.Channel,
		RecordedBy: in.RecordedBy, Reading: in.Reading, Digest: digest, Created: now,
	}
	if last != nil {
		r.ID, r.Revision = last.ID, last.Revision+1
	}
	i.responded(now, policy.withDefaults())
	return r, false, nil
}

// mayRespond looks at the state and at the time, whether or not a sweeper has been by.
func (i *Invitation) mayRespond(now time.Time) error {
	switch {
	case i.State == Responded && !now.Before(i.AmendUntil):
		return ErrFinal.New("until", i.AmendUntil.Format(time.RFC3339))
	case i.State == Responded:
		return nil
	case i.State == Expired, i.State.Open() && !now.Before(i.Expire):
		return ErrExpired.New("expired", i.Expire.Format(time.RFC3339))
	}
	_, err := next(i.State, VerbRespond)
	return err
}

func (i *Invitation) responded(now time.Time, policy Policy) {
	if i.State == Responded {
		return // an amendment does not prolong its own window
	}
	i.State, _ = next(i.State, VerbRespond)
	i.Responded, i.AmendUntil, i.NextAttempt = now, now.Add(max(policy.AmendFor, 0)), time.Time{}
}
