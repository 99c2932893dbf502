package archive

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

// Names of the members that an archive has whose personal data was erased.
const (
	ErasureName          = "erasure.json"
	ErasureSignatureName = "erasure.sig"
)

const erasureFormat = "aftersales-erasure/1"

// Erasure says what was taken out of an archive at the end of its retention, and when. It is signed as the manifest is, so that nobody else
// can take something out and say so.
type Erasure struct {
	Format         string   `json:"format"`
	Case           string   `json:"case"`
	Round          int      `json:"round"`
	ManifestDigest string   `json:"manifestDigest"` // of the archive that it belongs to
	Erased         string   `json:"erased"`         // RFC 3339, UTC
	KeyID          string   `json:"keyId"`
	Members        []string `json:"members"` // that were taken out, or emptied of personal content
}

// Erase takes everything personal out of an archive: all members but manifest and signature, and the contents of the timeline. The manifest
// and its signature stay as they were signed, and so does the chain: headers and hashes verify without what the salted digests stand for.
func Erase(file []byte, at time.Time, signer Signer) (Built, error) {
	var report Report
	members := report.open(bytes.NewReader(file), int64(len(file)))
	manifest, signature := take(&members, ManifestName), take(&members, SignatureName)
	if manifest == nil || signature == nil || !report.read(manifest.Content) {
		return Built{}, fmt.Errorf("archive: erase: %v", report.Problems)
	}
	bare, err := withoutContents(members)
	if err != nil {
		return Built{}, err
	}
	e := Erasure{
		Format: erasureFormat, Case: report.Manifest.Case, Round: report.Manifest.Round, ManifestDigest: digest(manifest.Content),
		Erased: at.UTC().Format(time.RFC3339), KeyID: signer.KeyID(),
	}
	for _, m := range report.Manifest.Members {
		e.Members = append(e.Members, m.Name)
	}
	said, err := json.Marshal(e)
	if err != nil {
		return Built{}, fmt.Errorf("archive: erase: %w", err)
	}
	erased, err := pack([]Member{
		*manifest, *signature, {Name: ErasureName, Content: said}, {Name: ErasureSignatureName, Content: signer.Sign(said)},
		{Name: TimelineName, Content: bare},
	})
	return Built{File: erased, ManifestDigest: e.ManifestDigest, FileDigest: digest(erased), KeyID: report.Manifest.KeyID}, err
}

// withoutContents is the timeline with headers and hashes only.
func withoutContents(members []Member) ([]byte, error) {
	i := slices.IndexFunc(members, func(m Member) bool { return m.Name == TimelineName })
	if i < 0 {
		return nil, fmt.Errorf("archive: erase: %s is missing", TimelineName)
	}
	links, err := readTimeline(members[i].Content)
	if err != nil {
		return nil, fmt.Errorf("archive: erase: %w", err)
	}
	for n := range links {
		links[n].Content = nil
	}
	return writeTimeline(links)
}

// checkErasure reads what was erased, and by whose key. Without it nothing is missing rightly.
func (r *Report) checkErasure(said, signature *Member, keys map[string]ed25519.PublicKey) error {
	if said == nil && signature == nil {
		return nil
	}
	if said == nil || signature == nil {
		r.add(ErasureName, "stands without its signature, or the signature without it")
		return nil
	}
	var e Erasure
	if json.Unmarshal(said.Content, &e) != nil || e.Format != erasureFormat {
		r.add(ErasureName, "cannot be read as %s", erasureFormat)
		return nil //nolint:nilerr // what cannot be read is in the report
	}
	if e.ManifestDigest != r.Digest || e.Case != r.Manifest.Case || e.Round != r.Manifest.Round {
		r.add(ErasureName, "belongs to another archive")
	}
	r.Erasure = &e
	return r.checkSigned(ErasureSignatureName, ErasureName, said.Content, signature.Content, e.KeyID, keys)
}

// erased says that a member that is not there, or not as it was, was rightly taken out.
func (r *Report) erased(name string) bool {
	return r.Erasure != nil && slices.Contains(r.Erasure.Members, name)
}

// checkBare refuses content in an erased archive's timeline: what was erased is gone.
func (r *Report) checkBare(links []timeline.Link) {
	for _, link := range links {
		if r.Erasure != nil && len(link.Content) > 0 {
			r.Problems = append(r.Problems, Problem{Member: TimelineName, Entry: link.Seq, Detail: "has content although it was erased"})
		}
	}
}
