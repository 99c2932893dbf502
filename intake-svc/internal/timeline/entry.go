package timeline

import "time"

// Source of entries that intake itself writes.
const Source = "intake"

// Entry is one step before it has its place in the chain.
type Entry struct {
	Event      string            // stable code, e.g. CASE_ACCEPTED
	Round      int               // round of the case, from 1
	Place      string            // region, channel or place name; never a full address
	Actor      string            // resource name of the principal
	OnBehalfOf string            // when it was not the actor's own will
	Points     string            // what was said or found; may be personal
	Measures   string            // what was done or agreed; may be personal
	Facts      map[string]string // for machines; never personal
	Evidence   []Evidence        // files that belong to the step
	Source     string            // service that saw it; Source when empty
	SourceSeq  int64             // that service's own number of the step; 0 for intake
	Occurred   time.Time         // by the clock of the server that saw it
	Device     time.Time         // by the clock of the device that reported it; zero when there was none
}

// Evidence names a file by its digest, so that the file can be erased and the chain stays whole.
type Evidence struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"` // hex
}

// Link is an entry in its place: what is stored.
type Link struct {
	Seq     int64
	Header  []byte // exact bytes
	Hash    []byte // SHA-256(previous hash || Header)
	Content []byte // salt and content; nil when there is none, or when it was erased
}

// Header is the readable form of Link.Header.
type Header struct {
	Version    int               `json:"v"`
	Case       string            `json:"case"`
	Seq        int64             `json:"seq"`
	Round      int               `json:"round"`
	Event      string            `json:"event"`
	Source     string            `json:"source"`
	SourceSeq  int64             `json:"sourceSeq,omitempty"`
	Occurred   int64             `json:"occurred"` // microseconds since 1970 UTC
	Device     int64             `json:"device,omitempty"`
	Recorded   int64             `json:"recorded"` // when it was appended
	Place      string            `json:"place,omitempty"`
	Actor      string            `json:"actor"`
	OnBehalfOf string            `json:"onBehalfOf,omitempty"`
	Facts      map[string]string `json:"facts,omitempty"`
	Evidence   []Evidence        `json:"evidence,omitempty"`
	Content    string            `json:"content,omitempty"` // hex digest of salt and content
}

// Content is the part that may be personal.
type Content struct {
	Points   string `json:"points,omitempty"`
	Measures string `json:"measures,omitempty"`
}

// Empty says that there is nothing to keep.
func (c Content) Empty() bool { return c == Content{} }
