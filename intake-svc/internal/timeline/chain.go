package timeline

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

const (
	headerVersion = 1
	saltBytes     = 16
)

// Head is the end of a case's chain. Its zero value is the chain without entries.
type Head struct {
	Seq  int64
	Hash []byte
}

// Append gives the entry its place behind the head and moves the head. caseName is "cases/…".
func (h *Head) Append(caseName string, e Entry, recorded time.Time) (Link, error) {
	content, digest, err := e.seal()
	if err != nil {
		return Link{}, err
	}
	header, err := json.Marshal(e.header(caseName, h.Seq+1, digest, recorded))
	if err != nil {
		return Link{}, fmt.Errorf("timeline: write header: %w", err)
	}
	h.Seq++
	h.Hash = Hash(h.Hash, header)
	return Link{Seq: h.Seq, Header: header, Hash: h.Hash, Content: content}, nil
}

// Hash is the hash of an entry behind the one with the hash previous; nil stands for the beginning of the chain.
func Hash(previous, header []byte) []byte {
	if len(previous) == 0 {
		previous = make([]byte, sha256.Size)
	}
	sum := sha256.New()
	sum.Write(previous)
	sum.Write(header)
	return sum.Sum(nil)
}

func (e Entry) header(caseName string, seq int64, digest string, recorded time.Time) Header {
	source := e.Source
	if source == "" {
		source = Source
	}
	occurred := e.Occurred
	if occurred.IsZero() {
		occurred = recorded
	}
	header := Header{
		Version: headerVersion, Case: caseName, Seq: seq, Round: e.Round, Event: e.Event, Source: source, SourceSeq: e.SourceSeq,
		Occurred: occurred.UnixMicro(), Recorded: recorded.UnixMicro(), Place: e.Place, Actor: e.Actor, OnBehalfOf: e.OnBehalfOf,
		Facts: e.Facts, Evidence: e.Evidence, Content: digest,
	}
	if !e.Device.IsZero() {
		header.Device = e.Device.UnixMicro()
	}
	return header
}

// seal puts a salt before the content and gives the digest of both. The salt keeps short contents from being guessed.
func (e Entry) seal() (salted []byte, digest string, err error) {
	content := Content{Points: e.Points, Measures: e.Measures}
	if content.Empty() {
		return nil, "", nil
	}
	plain, err := json.Marshal(content)
	if err != nil {
		return nil, "", fmt.Errorf("timeline: write content: %w", err)
	}
	salted = make([]byte, saltBytes, saltBytes+len(plain))
	rand.Read(salted) // never fails (crypto/rand)
	salted = append(salted, plain...)
	return salted, contentDigest(salted), nil
}

func contentDigest(salted []byte) string {
	sum := sha256.Sum256(salted)
	return hex.EncodeToString(sum[:])
}

// ReadHeader reads a stored header.
func (l Link) ReadHeader() (Header, error) {
	var h Header
	if err := json.Unmarshal(l.Header, &h); err != nil {
		return Header{}, fmt.Errorf("timeline: header of entry %d: %w", l.Seq, err)
	}
	return h, nil
}

// ReadContent reads what may be personal; it is empty when there was nothing or when it was erased.
func (l Link) ReadContent() (Content, error) {
	var c Content
	if len(l.Content) == 0 {
		return c, nil
	}
	if len(l.Content) < saltBytes {
		return c, fmt.Errorf("timeline: content of entry %d is cut off", l.Seq)
	}
	if err := json.Unmarshal(l.Content[saltBytes:], &c); err != nil {
		return c, fmt.Errorf("timeline: content of entry %d: %w", l.Seq, err)
	}
	return c, nil
}

// Fault says what is wrong with an entry of a chain.
type Fault struct {
	Seq    int64 // the entry
	Reason string
}

// Error makes a Fault an error.
func (f *Fault) Error() string { return fmt.Sprintf("entry %d: %s", f.Seq, f.Reason) }

// Verify walks a whole chain from its beginning and gives the head it ends in. Every fault is told, not only the first: a
// changed header breaks its own hash only, for the walk goes on from the hash that is written.
func Verify(caseName string, links []Link) (Head, []*Fault) {
	var head Head
	var faults []*Fault
	for _, link := range links {
		for _, reason := range link.check(caseName, head) {
			faults = append(faults, &Fault{Seq: link.Seq, Reason: reason})
		}
		head = Head{Seq: link.Seq, Hash: link.Hash}
	}
	return head, faults
}

func (l Link) check(caseName string, before Head) (reasons []string) {
	switch {
	case l.Seq <= before.Seq:
		reasons = append(reasons, fmt.Sprintf("stands behind entry %d: reordered or added", before.Seq))
	case l.Seq > before.Seq+1:
		reasons = append(reasons, fmt.Sprintf("follows entry %d: %d removed between them", before.Seq, l.Seq-before.Seq-1))
	}
	if !bytes.Equal(l.Hash, Hash(before.Hash, l.Header)) {
		reasons = append(reasons, "its hash does not follow from the entry before and its header: changed, or moved")
	}
	header, err := l.ReadHeader()
	if err != nil {
		return append(reasons, "its header cannot be read")
	}
	if header.Seq != l.Seq || header.Case != caseName {
		reasons = append(reasons, fmt.Sprintf("its header says entry %d of %s", header.Seq, header.Case))
	}
	if len(l.Content) > 0 && contentDigest(l.Content) != header.Content {
		reasons = append(reasons, "its content is not the one that was recorded")
	}
	return reasons
}
