package archive_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/archive"
)

// R188, R189: at the end of the retention what is personal is taken out of the archive; what is left still verifies with the first signature.
func TestAnErasedArchiveVerifies(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	built, err := archive.Build(input(t), s)
	require.NoError(t, err)
	erased, err := archive.Erase(built.File, time.Unix(1858392000, 0), s)
	require.NoError(t, err)
	require.Equal(t, built.ManifestDigest, erased.ManifestDigest, "the next archive's digest of this one stays true")
	for _, personal := range []string{"漏水", "要点"} {
		require.Contains(t, string(built.File), personal)
		require.NotContains(t, string(erased.File), personal)
	}
	report, err := verify(erased.File, s.keys())
	require.NoError(t, err)
	require.Empty(t, report.Problems)
	require.Equal(t, []string{"timeline.jsonl", "case.json", "evidence/0001.jpg"}, sortedLike(report.Erasure.Members))
	again, err := archive.Erase(erased.File, time.Unix(1858392001, 0), s)
	require.NoError(t, err, "erasing twice is harmless")
	report, err = verify(again.File, s.keys())
	require.NoError(t, err)
	require.True(t, report.OK())
}

// sortedLike puts the timeline first.
func sortedLike(names []string) []string {
	slices.SortFunc(names, func(a, b string) int {
		if (a == archive.TimelineName) != (b == archive.TimelineName) {
			if a == archive.TimelineName {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	return names
}

// Who merely takes something out, or says so without the key, is found.
func TestAnErasureIsTheInstallations(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	built, err := archive.Build(input(t), s)
	require.NoError(t, err)
	forged, err := archive.Erase(built.File, time.Unix(1858392000, 0), newSigner(t))
	require.NoError(t, err)
	requireProblem(t, s, forged.File, "erasure.sig: is not the signature of erasure.json")

	erased, err := archive.Erase(built.File, time.Unix(1858392000, 0), s)
	require.NoError(t, err)
	requireProblem(t, s, repack(t, erased.File, func(m []archive.Member) []archive.Member { return slices.Delete(m, 2, 4) }), "case.json: is missing")
	requireProblem(t, s, repack(t, erased.File, func(m []archive.Member) []archive.Member { return slices.Delete(m, 3, 4) }), "erasure.json: stands without")
	requireProblem(t, s, repack(t, erased.File, func(m []archive.Member) []archive.Member {
		return append(m, archive.Member{Name: "case.json", Content: []byte("{}")})
	}), "case.json: is there although it was erased")
	requireProblem(t, s, repack(t, erased.File, func(m []archive.Member) []archive.Member {
		return lines(m, func(l []string) []string { return slices.Delete(l, 1, 2) })
	}), "timeline.jsonl: entry 2: was removed")
	requireProblem(t, s, repack(t, erased.File, func(m []archive.Member) []archive.Member {
		m[2].Content = bytes.Replace(m[2].Content, []byte(`"round":1`), []byte(`"round":2`), 1)
		return m
	}), "erasure.json: belongs to another archive")
}

func requireProblem(t *testing.T, s signer, file []byte, want string) {
	t.Helper()
	report, err := verify(file, s.keys())
	require.NoError(t, err)
	told := make([]string, len(report.Problems))
	for n, p := range report.Problems {
		told[n] = p.String()
	}
	require.Contains(t, strings.Join(told, "\n"), want)
}
