package rules

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestEveryAnswerSaysWhy(t *testing.T) {
	t.Parallel()
	r, err := New(nil)
	require.NoError(t, err)
	codes := r.Classify("师傅态度恶劣，还乱收费，多收了上门费", "contentClass")
	require.Len(t, codes, 2)
	require.Equal(t, "FEE", codes[0].Code)
	require.Equal(t, "ATTITUDE", codes[1].Code)
	require.Greater(t, codes[0].Score, codes[1].Score)
	require.Contains(t, codes[0].Why(), "上门费")
	require.Equal(t, "乱收费", codes[0].Spans[0].Text)
	require.Empty(t, r.Classify("今天星期三", "contentClass"))
	require.Empty(t, r.Classify("多收了上门费", "noSuchAxis"))
}

// The codes of the axes are those of the code tables (R57-R67, R77).
func TestLabels(t *testing.T) {
	t.Parallel()
	r, err := New(nil)
	require.NoError(t, err)
	require.Equal(t, []string{"REPAIR_QUALITY", "PARTS", "ATTITUDE", "PROCESS", "FEE", "OTHER"}, r.Labels("contentClass"))
	require.Equal(t, []string{"EQUIPMENT_FAULT", "OPERATION", "SERVICE", "TECHNICAL_SUPPORT"}, r.Labels("labClass"))
	require.Equal(t, []string{"VALID", "HELP", "ENQUIRY", "VENTING"}, r.Labels("nature"))
	require.Equal(t, []string{"SOFTWARE", "HARDWARE", "USAGE", "INSTALLATION"}, r.Labels("problemNature"))
}

func TestAWordCountsOnceAndNotWordsCountAgainst(t *testing.T) {
	t.Parallel()
	own := fstest.MapFS{"classes.yaml": {Data: []byte("kind: CLASS\nentries:\n  - {code: A, sort: x, zh: 甲, en: A, words: 苹果, not: 苹果手机}\n")}}
	r, err := New(own)
	require.NoError(t, err)
	once, twice := r.Classify("苹果", "x"), r.Classify("苹果苹果", "x")
	require.InDelta(t, once[0].Score, twice[0].Score, 1e-9)
	require.Empty(t, r.Classify("苹果手机", "x"))
}
