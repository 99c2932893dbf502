package archive

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

// saltBytes is the length of the salt before an entry's content.
const saltBytes = 16

// line is one entry in timeline.jsonl. Header is the exact text that is hashed; Salt and Content give the digest in it.
type line struct {
	Seq     int64  `json:"seq"`
	Hash    string `json:"hash"`
	Header  string `json:"header"`
	Salt    string `json:"salt,omitempty"`
	Content string `json:"content,omitempty"`
}

func writeTimeline(links []timeline.Link) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	for _, link := range links {
		l := line{Seq: link.Seq, Hash: hex.EncodeToString(link.Hash), Header: string(link.Header)}
		if len(link.Content) >= saltBytes {
			l.Salt, l.Content = hex.EncodeToString(link.Content[:saltBytes]), string(link.Content[saltBytes:])
		}
		if err := encoder.Encode(l); err != nil {
			return nil, fmt.Errorf("archive: write timeline: %w", err)
		}
	}
	return out.Bytes(), nil
}

func readTimeline(content []byte) ([]timeline.Link, error) {
	var links []timeline.Link
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	for n := 1; decoder.More(); n++ {
		var l line
		if err := decoder.Decode(&l); err != nil {
			return links, fmt.Errorf("line %d: %w", n, err)
		}
		hash, err := hex.DecodeString(l.Hash)
		if err != nil {
			return links, fmt.Errorf("line %d: hash: %w", n, err)
		}
		salt, err := hex.DecodeString(l.Salt)
		if err != nil {
			return links, fmt.Errorf("line %d: salt: %w", n, err)
		}
		link := timeline.Link{Seq: l.Seq, Hash: hash, Header: []byte(l.Header)}
		if l.Salt != "" || l.Content != "" {
			link.Content = slices.Concat(salt, []byte(l.Content))
		}
		links = append(links, link)
	}
	return links, nil
}
