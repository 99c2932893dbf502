package archive

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

// Names of members that every archive has.
const (
	ManifestName  = "manifest.json"
	SignatureName = "manifest.sig"
	TimelineName  = "timeline.jsonl"
)

const format = "aftersales-archive/1"

// Member is a file in the archive.
type Member struct {
	Name      string // ASCII, with / between folders
	MediaType string
	Content   []byte
}

// Signer signs manifests.
type Signer interface {
	KeyID() string
	Sign(message []byte) []byte // 64 bytes, Ed25519
}

// Input is what an archive is made of.
type Input struct {
	Case     string // cases/…
	Number   string
	Round    int
	Created  time.Time
	Links    []timeline.Link // the whole chain
	Members  []Member        // all but manifest, signature and timeline
	Previous *Previous       // nil for the first archive
	Sources  map[string]int64
}

// Manifest lists what the archive holds.
type Manifest struct {
	Format   string           `json:"format"`
	Case     string           `json:"case"`
	Number   string           `json:"caseNumber"`
	Round    int              `json:"round"`
	Created  string           `json:"created"` // RFC 3339, UTC
	KeyID    string           `json:"keyId"`
	Chain    Chain            `json:"chain"`
	Previous *Previous        `json:"previous,omitempty"`
	Sources  map[string]int64 `json:"sources,omitempty"` // last sequence that each service gave
	Members  []Listed         `json:"members"`
}

// Chain is the timeline as it was signed.
type Chain struct {
	Length int      `json:"length"`
	Head   string   `json:"head"`   // hex
	Hashes []string `json:"hashes"` // of every entry, so that a changed one can be named
}

// Previous is the archive of an earlier round.
type Previous struct {
	Round          int    `json:"round"`
	ManifestDigest string `json:"manifestDigest"` // SHA-256, hex
}

// Listed is a member as the manifest knows it.
type Listed struct {
	Name      string `json:"name"`
	MediaType string `json:"mediaType"`
	Size      int64  `json:"size"`
	SHA256    string `json:"sha256"` // hex
}

// Built is a finished archive.
type Built struct {
	File           []byte
	ManifestDigest string // SHA-256 of manifest.json, hex
	FileDigest     string // SHA-256 of the file, hex
	KeyID          string
}

// Build makes the archive.
func Build(in Input, signer Signer) (Built, error) {
	lines, err := writeTimeline(in.Links)
	if err != nil {
		return Built{}, err
	}
	members := append([]Member{{Name: TimelineName, MediaType: "application/jsonl", Content: lines}}, in.Members...)
	manifest, err := json.MarshalIndent(in.manifest(members, signer.KeyID()), "", "  ")
	if err != nil {
		return Built{}, fmt.Errorf("archive: write manifest: %w", err)
	}
	all := append([]Member{{Name: ManifestName, Content: manifest}, {Name: SignatureName, Content: signer.Sign(manifest)}}, members...)
	file, err := pack(all)
	if err != nil {
		return Built{}, err
	}
	return Built{File: file, ManifestDigest: digest(manifest), FileDigest: digest(file), KeyID: signer.KeyID()}, nil
}

func (in Input) manifest(members []Member, keyID string) Manifest {
	m := Manifest{
		Format: format, Case: in.Case, Number: in.Number, Round: in.Round, Created: in.Created.UTC().Format(time.RFC3339Nano),
		KeyID: keyID, Previous: in.Previous, Sources: in.Sources, Chain: Chain{Length: len(in.Links)},
	}
	for _, link := range in.Links {
		m.Chain.Head = hex.EncodeToString(link.Hash)
		m.Chain.Hashes = append(m.Chain.Hashes, m.Chain.Head)
	}
	for _, member := range members {
		m.Members = append(m.Members, Listed{
			Name: member.Name, MediaType: member.MediaType, Size: int64(len(member.Content)), SHA256: digest(member.Content),
		})
	}
	return m
}

// pack writes the zip in its one form: stored, without times, in the order given.
func pack(members []Member) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, m := range members {
		size := uint64(len(m.Content))
		part, err := w.CreateRaw(&zip.FileHeader{
			Name: m.Name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(m.Content), CompressedSize64: size, UncompressedSize64: size,
		})
		if err == nil {
			_, err = part.Write(m.Content)
		}
		if err != nil {
			return nil, fmt.Errorf("archive: write %s: %w", m.Name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("archive: close: %w", err)
	}
	return out.Bytes(), nil
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
