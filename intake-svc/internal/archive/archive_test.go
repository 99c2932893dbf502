package archive_test

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/archive"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

const caseName = "cases/0192f3a0-0000-7000-8000-000000000001"

type signer struct{ key ed25519.PrivateKey }

func (s signer) KeyID() string        { return "archive-v1" }
func (s signer) Sign(m []byte) []byte { return ed25519.Sign(s.key, m) }
func (s signer) keys() map[string]ed25519.PublicKey {
	return map[string]ed25519.PublicKey{"archive-v1": s.key.Public().(ed25519.PublicKey)}
}

func newSigner(t require.TestingT) signer {
	_, key, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	return signer{key}
}

func input(t require.TestingT) archive.Input {
	var head timeline.Head
	var links []timeline.Link
	for n := range 4 {
		link, err := head.Append(caseName, timeline.Entry{Event: "NOTE", Round: 1, Actor: "users/a", Points: fmt.Sprint("要点 <", n, ">")}, time.Unix(1763784000, 0))
		require.NoError(t, err)
		links = append(links, link)
	}
	return archive.Input{
		Case: caseName, Number: "AS20261122-000001", Round: 1, Created: time.Unix(1763784000, 0), Links: links,
		Members: []archive.Member{
			{Name: "case.json", MediaType: "application/json", Content: []byte(`{"problem":"漏水"}`)},
			{Name: "evidence/0001.jpg", MediaType: "image/jpeg", Content: []byte{0xff, 0xd8, 0xff}},
		},
		Sources: map[string]int64{"dispatch": 12},
	}
}

func verify(file []byte, keys map[string]ed25519.PublicKey) (archive.Report, error) {
	return archive.Verify(bytes.NewReader(file), int64(len(file)), keys)
}

// R181, R182: one file that verifies offline.
func TestAnArchiveVerifies(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	built, err := archive.Build(input(t), s)
	require.NoError(t, err)
	report, err := verify(built.File, s.keys())
	require.NoError(t, err)
	require.Empty(t, report.Problems)
	require.Equal(t, "AS20261122-000001", report.Manifest.Number)
	require.Equal(t, built.ManifestDigest, report.Digest)
	require.Equal(t, 4, report.Manifest.Chain.Length)

	report, err = verify(built.File, map[string]ed25519.PublicKey{archive.AnyKey: s.keys()["archive-v1"]})
	require.NoError(t, err)
	require.True(t, report.OK())
}

func TestWithoutTheKeyNothingIsVerified(t *testing.T) {
	t.Parallel()
	built, err := archive.Build(input(t), newSigner(t))
	require.NoError(t, err)
	_, err = verify(built.File, map[string]ed25519.PublicKey{"archive-v2": newSigner(t).keys()["archive-v1"]})
	require.ErrorIs(t, err, archive.ErrNoKey)
	report, err := verify(built.File, newSigner(t).keys())
	require.NoError(t, err)
	require.Equal(t, "manifest.sig", report.Problems[0].Member, "another installation's key under the same id")
}

func TestTheNextArchiveCarriesTheDigestOfTheOneBefore(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	first, err := archive.Build(input(t), s)
	require.NoError(t, err)
	in := input(t)
	in.Round, in.Previous = 2, &archive.Previous{Round: 1, ManifestDigest: first.ManifestDigest}
	second, err := archive.Build(in, s)
	require.NoError(t, err)
	report, err := verify(second.File, s.keys())
	require.NoError(t, err)
	require.Equal(t, first.ManifestDigest, report.Manifest.Previous.ManifestDigest)
}

// repack opens the zip, lets alter change its members, and writes a zip of the same form.
func repack(t *testing.T, file []byte, alter func([]archive.Member) []archive.Member) []byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	var members []archive.Member
	for _, f := range r.File {
		in, err := f.Open()
		require.NoError(t, err)
		var content bytes.Buffer
		_, err = content.ReadFrom(in)
		require.NoError(t, err)
		members = append(members, archive.Member{Name: f.Name, Content: content.Bytes()})
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, m := range alter(members) {
		part, err := w.CreateHeader(&zip.FileHeader{Name: m.Name, Method: zip.Store})
		require.NoError(t, err)
		_, err = part.Write(m.Content)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

func lines(m []archive.Member, alter func([]string) []string) []archive.Member {
	i := slices.IndexFunc(m, func(m archive.Member) bool { return m.Name == archive.TimelineName })
	all := alter(strings.SplitAfter(strings.TrimSuffix(string(m[i].Content), "\n"), "\n"))
	m[i].Content = []byte(strings.Join(all, ""))
	return m
}

func TestWhatWasDoneIsNamed(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	built, err := archive.Build(input(t), s)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		alter func([]archive.Member) []archive.Member
		want  string
	}{
		"file changed": {func(m []archive.Member) []archive.Member {
			m[3].Content = bytes.Replace(m[3].Content, []byte("漏水"), []byte("正常"), 1)
			return m
		}, "case.json: was changed"},
		"file removed":    {func(m []archive.Member) []archive.Member { return slices.Delete(m, 4, 5) }, "evidence/0001.jpg: is missing"},
		"file added":      {func(m []archive.Member) []archive.Member { return append(m, archive.Member{Name: "x.txt"}) }, "x.txt: was added"},
		"file duplicated": {func(m []archive.Member) []archive.Member { return append(m, m[3]) }, "case.json: occurs more than once"},
		"manifest changed": {func(m []archive.Member) []archive.Member {
			m[0].Content = bytes.Replace(m[0].Content, []byte("000001"), []byte("000002"), 1)
			return m
		}, "manifest.sig: is not the signature"},
		"manifest removed": {func(m []archive.Member) []archive.Member { return m[1:] }, "manifest.json: is missing"},
		"entry changed": {func(m []archive.Member) []archive.Member {
			return lines(m, func(l []string) []string { l[1] = strings.Replace(l[1], "users/a", "users/b", 1); return l })
		}, "timeline.jsonl: entry 2: its hash does not follow"},
		"content changed": {func(m []archive.Member) []archive.Member {
			return lines(m, func(l []string) []string { l[1] = strings.Replace(l[1], "要点", "事实", 1); return l })
		}, "timeline.jsonl: entry 2: its content is not"},
		"entry removed": {func(m []archive.Member) []archive.Member {
			return lines(m, func(l []string) []string { return slices.Delete(l, 2, 3) })
		}, "timeline.jsonl: entry 3: was removed"},
		"last entry removed": {func(m []archive.Member) []archive.Member {
			return lines(m, func(l []string) []string { return l[:3] })
		}, "timeline.jsonl: entry 4: was removed"},
		"entries reordered": {func(m []archive.Member) []archive.Member {
			return lines(m, func(l []string) []string { l[1], l[2] = l[2], l[1]; return l })
		}, "timeline.jsonl: entry 2: stands behind entry 3"},
		"entry added": {func(m []archive.Member) []archive.Member {
			return lines(m, func(l []string) []string { return append(l, "\n"+strings.Replace(l[3], `"seq":4`, `"seq":5`, 1)) })
		}, "timeline.jsonl: entry 5: was added"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, err := verify(repack(t, built.File, c.alter), s.keys())
			require.NoError(t, err)
			told := make([]string, len(report.Problems))
			for n, p := range report.Problems {
				told[n] = p.String()
			}
			require.Contains(t, strings.Join(told, "\n"), c.want)
		})
	}
}

// A forger who recomputes the chain and every digest still lacks the key.
func TestARecomputedChainDoesNotHelp(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	in := input(t)
	var head timeline.Head
	for n := range in.Links {
		link, err := head.Append(caseName, timeline.Entry{Event: "NOTE", Round: 1, Actor: "users/forger"}, time.Unix(1763784000, 0))
		require.NoError(t, err)
		in.Links[n] = link
	}
	forged, err := archive.Build(in, newSigner(t))
	require.NoError(t, err)
	report, err := verify(forged.File, s.keys())
	require.NoError(t, err)
	require.False(t, report.OK())
}

// Any changed byte of the file is found, also between the members.
func TestEveryFlippedBitIsFound(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	built, err := archive.Build(input(t), s)
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		file := slices.Clone(built.File)
		at := rapid.IntRange(0, len(file)-1).Draw(t, "byte")
		file[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		report, err := verify(file, s.keys())
		require.True(t, err != nil || !report.OK(), "byte %d", at)
	})
}

// The form of the file must not change with the library: old archives are verified by packing them again.
func TestTheFormIsPinned(t *testing.T) {
	t.Parallel()
	s := signer{ed25519.NewKeyFromSeed(make([]byte, 32))}
	in := input(t)
	in.Links = nil
	built, err := archive.Build(in, s)
	require.NoError(t, err)
	require.Equal(t, pinned, built.FileDigest)
	var m archive.Manifest
	r, err := zip.NewReader(bytes.NewReader(built.File), int64(len(built.File)))
	require.NoError(t, err)
	first, err := r.File[0].Open()
	require.NoError(t, err)
	require.NoError(t, json.NewDecoder(first).Decode(&m))
	require.Len(t, m.Members, 3)
}

const pinned = "b06a9f466963b03aa70dee265a15b199b67cfaac84abbc09dd84c622cc95c4a5"
