package timeline_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

const caseName = "cases/0192f3a0-0000-7000-8000-000000000001"

var noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

func chain(t require.TestingT, n int) (links []timeline.Link, head timeline.Head) {
	for i := range n {
		link, err := head.Append(caseName, timeline.Entry{
			Event: "CASE_NOTE", Round: 1, Actor: "users/agent", Place: "HOTLINE",
			Points: fmt.Sprintf("客户来电 %d", i), Facts: map[string]string{"b": "2", "a": "1"},
		}, noon.Add(time.Duration(i)*time.Minute))
		require.NoError(t, err)
		links = append(links, link)
	}
	return links, head
}

// R186: every entry says time, place, person, event, points.
func TestAppendKeepsWhatWasSaid(t *testing.T) {
	t.Parallel()
	var head timeline.Head
	at := noon.Add(-time.Hour)
	link, err := head.Append(caseName, timeline.Entry{
		Event: "CONTACT", Round: 2, Place: "310115", Actor: "users/a", OnBehalfOf: "customer", Points: "漏水", Measures: "约定上门",
		Facts: map[string]string{"result": "REACHED"}, Source: "dispatch", SourceSeq: 7, Occurred: at, Device: at.Add(-time.Second),
	}, noon)
	require.NoError(t, err)
	header, err := link.ReadHeader()
	require.NoError(t, err)
	require.Equal(t, timeline.Header{
		Version: 1, Case: caseName, Seq: 1, Round: 2, Event: "CONTACT", Source: "dispatch", SourceSeq: 7, Occurred: at.UnixMicro(),
		Device: at.Add(-time.Second).UnixMicro(), Recorded: noon.UnixMicro(), Place: "310115", Actor: "users/a", OnBehalfOf: "customer",
		Facts: map[string]string{"result": "REACHED"}, Content: header.Content,
	}, header)
	require.Len(t, header.Content, 64)
	require.NotContains(t, string(link.Header), "漏水", "personal content is not in what is hashed")
	content, err := link.ReadContent()
	require.NoError(t, err)
	require.Equal(t, timeline.Content{Points: "漏水", Measures: "约定上门"}, content)
}

func TestVerifyAcceptsAWholeChainAlsoErased(t *testing.T) {
	t.Parallel()
	links, head := chain(t, 5)
	links[2].Content = nil // erased
	end, faults := timeline.Verify(caseName, links)
	require.Empty(t, faults)
	require.Equal(t, head, end)
}

func TestVerifyNamesWhatWasDone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		alter  func([]timeline.Link) []timeline.Link
		seq    int64
		reason string
	}{
		"changed header": {func(l []timeline.Link) []timeline.Link {
			l[2].Header = bytes.Replace(l[2].Header, []byte("users/agent"), []byte("users/other"), 1)
			return l
		}, 3, "changed"},
		"changed content": {func(l []timeline.Link) []timeline.Link {
			l[1].Content = bytes.Replace(l[1].Content, []byte("客户"), []byte("经理"), 1)
			return l
		}, 2, "content is not the one"},
		"removed": {func(l []timeline.Link) []timeline.Link { return slices.Delete(l, 2, 3) }, 4, "1 removed"},
		"reordered": {func(l []timeline.Link) []timeline.Link {
			l[1], l[2] = l[2], l[1]
			return l
		}, 2, "reordered"},
		"added": {func(l []timeline.Link) []timeline.Link { return append(l, l[4]) }, 5, "added"},
		"other case": {func(l []timeline.Link) []timeline.Link {
			l[0].Header = bytes.Replace(l[0].Header, []byte("0001"), []byte("0002"), 1)
			return l
		}, 1, "its header says"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			links, _ := chain(t, 5)
			_, faults := timeline.Verify(caseName, c.alter(links))
			require.True(t, slices.ContainsFunc(faults, func(f *timeline.Fault) bool {
				return f.Seq == c.seq && bytes.Contains([]byte(f.Error()), []byte(c.reason))
			}), "%v", faults)
		})
	}
}

// Any single flipped bit of a header, hash or content is found.
func TestVerifyFindsEveryFlippedBit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		links, head := chain(t, 4)
		link := &links[rapid.IntRange(0, 3).Draw(t, "entry")]
		part := rapid.SampledFrom([][]byte{link.Header, link.Hash, link.Content}).Draw(t, "part")
		part[rapid.IntRange(0, len(part)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		end, faults := timeline.Verify(caseName, links)
		// A flipped last hash shows against the head that is kept elsewhere (and in the one after, had there been one).
		require.True(t, len(faults) > 0 || !bytes.Equal(end.Hash, head.Hash))
	})
}
