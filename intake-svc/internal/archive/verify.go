package archive

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

// ErrNoKey says that none of the given keys is the one that the archive says it was signed with.
var ErrNoKey = errors.New("archive: no public key for this archive")

// AnyKey is the id under which a key is given that is to be tried whatever id the manifest names.
const AnyKey = ""

// Problem is something that is not as it was signed.
type Problem struct {
	Member string // file in the archive; "" for the file as a whole
	Entry  int64  // entry of the timeline; 0 when it is not about one
	Detail string
}

// String names the place and what is wrong with it.
func (p Problem) String() string {
	switch {
	case p.Entry > 0:
		return fmt.Sprintf("%s: entry %d: %s", p.Member, p.Entry, p.Detail)
	case p.Member != "":
		return p.Member + ": " + p.Detail
	}
	return p.Detail
}

// Report is what verification found.
type Report struct {
	Manifest Manifest
	Digest   string   // of manifest.json: what the archive of the next round carries
	Erasure  *Erasure // what was taken out at the end of the retention; nil for a whole archive
	Problems []Problem
}

// OK says that the archive is as it was signed.
func (r *Report) OK() bool { return len(r.Problems) == 0 }

func (r *Report) add(member, detail string, args ...any) {
	r.Problems = append(r.Problems, Problem{Member: member, Detail: fmt.Sprintf(detail, args...)})
}

// Verify reads a whole archive and names everything that was changed, removed, reordered or added. keys are public keys by id.
// The error is ErrNoKey, or that of reading; what was altered is in the report.
func Verify(r io.ReaderAt, size int64, keys map[string]ed25519.PublicKey) (Report, error) {
	var report Report
	members := report.open(r, size)
	manifest, signature := take(&members, ManifestName), take(&members, SignatureName)
	if manifest == nil || signature == nil {
		report.missing(manifest, signature)
		return report, nil
	}
	report.Digest = digest(manifest.Content)
	if !report.read(manifest.Content) {
		return report, nil
	}
	keyErr := report.checkSigned(SignatureName, ManifestName, manifest.Content, signature.Content, report.Manifest.KeyID, keys)
	in := []Member{*manifest, *signature}
	said, by := take(&members, ErasureName), take(&members, ErasureSignatureName)
	keyErr = errors.Join(keyErr, report.checkErasure(said, by, keys))
	if report.Erasure != nil {
		in = append(in, *said, *by)
	}
	report.checkMembers(members)
	report.checkTimeline(members)
	if report.OK() {
		report.checkForm(r, size, append(in, members...))
	}
	if !report.OK() {
		return report, nil // altered, whoever signed it
	}
	return report, keyErr
}

// read reads the manifest; one that cannot be read was altered.
func (r *Report) read(content []byte) bool {
	err := json.Unmarshal(content, &r.Manifest)
	if err != nil || r.Manifest.Format != format {
		r.add(ManifestName, "cannot be read as %s", format)
		return false
	}
	return true
}

func (r *Report) missing(manifest, signature *Member) {
	if manifest == nil {
		r.add(ManifestName, "is missing")
	}
	if signature == nil {
		r.add(SignatureName, "is missing")
	}
}

// open reads all members in their order; of a name that occurs twice the first is kept.
func (r *Report) open(file io.ReaderAt, size int64) []Member {
	reader, err := zip.NewReader(file, size)
	if err != nil {
		r.add("", "cannot be opened as an archive: %v", err)
		return nil
	}
	var members []Member
	for _, f := range reader.File {
		if slices.ContainsFunc(members, func(m Member) bool { return m.Name == f.Name }) {
			r.add(f.Name, "occurs more than once")
			continue
		}
		content, err := readMember(f, size)
		if err != nil {
			r.add(f.Name, "cannot be read: %v", err)
		}
		members = append(members, Member{Name: f.Name, Content: content})
	}
	return members
}

// readMember reads a stored member; nothing here is ever larger than the file itself.
func readMember(f *zip.File, size int64) ([]byte, error) {
	if f.Method != zip.Store || f.UncompressedSize64 > uint64(size) {
		return nil, errors.New("is not in the form of an archive")
	}
	in, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(io.LimitReader(in, size))
}

func take(members *[]Member, name string) *Member {
	i := slices.IndexFunc(*members, func(m Member) bool { return m.Name == name })
	if i < 0 {
		return nil
	}
	found := (*members)[i]
	*members = slices.Delete(*members, i, i+1)
	return &found
}

func (r *Report) checkSigned(name, of string, content, signature []byte, keyID string, keys map[string]ed25519.PublicKey) error {
	key, ok := keys[keyID]
	if !ok {
		key, ok = keys[AnyKey]
	}
	if !ok {
		return fmt.Errorf("%w: it was signed with %q", ErrNoKey, keyID)
	}
	if len(signature) != ed25519.SignatureSize || !ed25519.Verify(key, content, signature) {
		r.add(name, "is not the signature of %s by key %q", of, keyID)
	}
	return nil
}

// checkMembers compares what is there with what is listed.
func (r *Report) checkMembers(members []Member) {
	present := make(map[string][]byte, len(members))
	for _, m := range members {
		present[m.Name] = m.Content
	}
	for _, listed := range r.Manifest.Members {
		content, ok := present[listed.Name]
		switch {
		case r.erased(listed.Name):
			if ok && listed.Name != TimelineName {
				r.add(listed.Name, "is there although it was erased")
			}
		case !ok:
			r.add(listed.Name, "is missing")
		case digest(content) != listed.SHA256 || int64(len(content)) != listed.Size:
			r.add(listed.Name, "was changed")
		}
		delete(present, listed.Name)
	}
	for _, m := range members {
		if _, unlisted := present[m.Name]; unlisted {
			r.add(m.Name, "was added: it is not in the manifest")
		}
	}
}

// checkTimeline walks the chain, and names the entries that are not those that were signed.
func (r *Report) checkTimeline(members []Member) {
	i := slices.IndexFunc(members, func(m Member) bool { return m.Name == TimelineName })
	if i < 0 {
		return // told already
	}
	links, err := readTimeline(members[i].Content)
	if err != nil {
		r.add(TimelineName, "%v", err)
	}
	_, faults := timeline.Verify(r.Manifest.Case, links)
	for _, f := range faults {
		r.Problems = append(r.Problems, Problem{Member: TimelineName, Entry: f.Seq, Detail: f.Reason})
	}
	r.compareHashes(links)
	r.checkBare(links)
}

// compareHashes finds what a forger changed who recomputed the chain behind it.
func (r *Report) compareHashes(links []timeline.Link) {
	signed := r.Manifest.Chain.Hashes
	seen := make([]bool, len(signed))
	for _, link := range links {
		if link.Seq < 1 || link.Seq > int64(len(signed)) {
			r.Problems = append(r.Problems, Problem{Member: TimelineName, Entry: link.Seq, Detail: "was added"})
			continue
		}
		seen[link.Seq-1] = true
		if hex.EncodeToString(link.Hash) != signed[link.Seq-1] {
			r.Problems = append(r.Problems, Problem{Member: TimelineName, Entry: link.Seq, Detail: "is not the entry that was signed"})
		}
	}
	for n, ok := range seen {
		if !ok {
			r.Problems = append(r.Problems, Problem{Member: TimelineName, Entry: int64(n + 1), Detail: "was removed"})
		}
	}
}

// checkForm packs the members again: the file must be the same, byte for byte.
func (r *Report) checkForm(file io.ReaderAt, size int64, members []Member) {
	packed, err := pack(members)
	if err != nil {
		r.add("", "%v", err)
		return
	}
	content := make([]byte, size)
	if _, err := file.ReadAt(content, 0); err != nil && !errors.Is(err, io.EOF) {
		r.add("", "cannot be read: %v", err)
		return
	}
	if !bytes.Equal(packed, content) {
		r.add("", "bytes between the members were changed")
	}
}
