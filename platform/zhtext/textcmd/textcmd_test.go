package textcmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

// run parses the arguments as the binary does and feeds the command the input.
func run(t *testing.T, in string, args ...string) ([]map[string]any, error) {
	t.Helper()
	var c Cmd
	parser, err := kong.New(&c, kong.Exit(func(int) { t.Fatal("exit") }))
	require.NoError(t, err)
	ctx, err := parser.Parse(args)
	require.NoError(t, err)
	var out bytes.Buffer
	s := streams{In: strings.NewReader(in), Out: &out}
	c.Sentiment.streams, c.Classify.streams, c.Extract.streams, c.Train.streams = s, s, s, s
	c.Eval.streams, c.Duplicates.streams, c.Hotspots.streams, c.Ship.streams = s, s, s, s
	err = ctx.Run()
	var objects []map[string]any
	for line := range strings.Lines(out.String()) {
		var o map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &o), line)
		objects = append(objects, o)
	}
	return objects, err
}

func TestSentimentAnswersEveryLine(t *testing.T) {
	t.Parallel()
	got, err := run(t, "修得很好\n\n太差了<没人管>\r\n今天三点在家", "sentiment")
	require.NoError(t, err)
	require.Len(t, got, 4)
	require.Equal(t, "satisfied", got[0]["label"])
	require.Equal(t, "neutral", got[1]["label"])
	require.Equal(t, "dissatisfied", got[2]["label"])
	for _, key := range []string{"label", "score", "polarity", "spans", "source", "model"} {
		require.Contains(t, got[0], key)
	}
	require.IsType(t, []any{}, got[1]["spans"], "an empty list, not null")
}

func TestTwoWayNeverAnswersNeutral(t *testing.T) {
	t.Parallel()
	got, err := run(t, "\n请问几点?\n一般\n\xff\xfe\n", "sentiment", "--two-way")
	require.NoError(t, err)
	require.Len(t, got, 4)
	for _, o := range got {
		require.NotEqual(t, "neutral", o["label"])
	}
}

func TestClassifyAndExtract(t *testing.T) {
	t.Parallel()
	got, err := run(t, "师傅乱收费\n", "classify", "--axis", "contentClass", "--axis", "nature")
	require.NoError(t, err)
	require.Len(t, got[0], 2)
	require.Equal(t, "FEE", got[0]["contentClass"].(map[string]any)["label"])
	got, err = run(t, "洗衣机报E2,电话13800138000\n无\n", "extract", "--mask")
	require.NoError(t, err)
	require.NotEmpty(t, got[0]["findings"])
	require.Equal(t, "洗衣机报E2,电话138****8000", got[0]["masked"])
	require.IsType(t, []any{}, got[1]["findings"])
}

func TestExtractKnowsTheCatalogueAndOwnDictionaries(t *testing.T) {
	t.Parallel()
	catalogue := writeFile(t, "catalogue.yaml", "- {code: P1, model: 云洗100, zh: 洗衣机}\n")
	words := writeFile(t, "faults.yaml", "kind: FAULT\nentries:\n  - {code: WOBBLE, zh: 摇头, en: Wobbles, words: 摇头晃脑}\n")
	got, err := run(t, "云洗100摇头晃脑\n", "extract", "--catalogue", catalogue, "--dictionaries", filepath.Dir(words))
	require.NoError(t, err)
	var codes []any
	for _, f := range got[0]["findings"].([]any) {
		codes = append(codes, f.(map[string]any)["code"])
	}
	require.Equal(t, []any{"P1", "WOBBLE"}, codes)
}

func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestTrainAndEval(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 120 {
		fmt.Fprintf(&b, "1\t%d号师傅修得好速度快,%s满意\n0\t%d号师傅没修好还拖,%s失望\n", i, strings.Repeat("很", i%7), i*3, strings.Repeat("真", i%5))
	}
	b.WriteString("2\t一般般的服务\n")
	data := writeFile(t, "data.tsv", b.String())
	out := filepath.Join(t.TempDir(), "m.model")
	got, err := run(t, "", "train", "--data", data, "--task", "sentiment", "--out", out)
	require.NoError(t, err)
	require.Equal(t, []any{"dissatisfied", "satisfied"}, got[0]["labels"])
	require.EqualValues(t, 1, got[0]["neutralLeftOut"])
	got, err = run(t, "", "eval", "--data", data, "--task", "sentiment", "--model", out, "--two-way")
	require.NoError(t, err)
	require.Greater(t, got[0]["accuracy"], 0.98)
	for _, key := range []string{"macroF1", "classes", "confusion", "calibration", "ece", "model"} {
		require.Contains(t, got[0], key)
	}
	got, err = run(t, "3号师傅没修好还拖\n", "sentiment", "--model", out)
	require.NoError(t, err)
	require.Equal(t, "dissatisfied", got[0]["label"])
	_, err = run(t, "", "train", "--data", data, "--task", "sentiment", "--out", out, "--from-shipped")
	require.NoError(t, err)
}

func TestEvalOfRulesAndOfTheShippedModel(t *testing.T) {
	t.Parallel()
	got, err := run(t, "", "eval", "--data", writeFile(t, "c.tsv", "FEE\t乱收费\nATTITUDE\t态度恶劣\n"), "--task", "contentClass")
	require.NoError(t, err)
	require.InDelta(t, 1.0, got[0]["accuracy"], 1e-9)
	require.Equal(t, "rules", got[0]["model"])
	got, err = run(t, "", "eval", "--data", writeFile(t, "s.tsv", "\uFEFFpos\t很好\nneg\t很差\n"), "--task", "sentiment")
	require.NoError(t, err)
	require.InDelta(t, 1.0, got[0]["accuracy"], 1e-9)
	_, err = run(t, "", "eval", "--data", writeFile(t, "bad.tsv", "no tab\n"), "--task", "sentiment")
	require.ErrorContains(t, err, "line 1")
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	got, err := run(t, "洗衣机维修后仍然漏水\n空调不制冷\n洗衣机维修之后仍然漏水\n", "duplicates")
	require.NoError(t, err)
	require.Len(t, got, 3)
	require.Empty(t, got[0]["matches"])
	require.EqualValues(t, 1, got[2]["matches"].([]any)[0].(map[string]any)["line"])
}

func TestHotspots(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for w := range 8 {
		for i := range 6 {
			fmt.Fprintf(&b, "A\tw%d\t空调噪音大%d\nB\tw%d\t冰箱结冰%d\n", w, i, w, i)
		}
	}
	for i := range 30 {
		fmt.Fprintf(&b, "A\tw8\t排水泵堵塞%d\n", i)
	}
	got, err := run(t, b.String(), "hotspots", "--weekly")
	require.NoError(t, err)
	require.Len(t, got, 3)
	words := got[0]["words"].([]any)
	require.NotEmpty(t, words)
	bursts := got[2]["bursts"].([]any)
	require.Len(t, bursts, 1)
	require.Equal(t, "A", bursts[0].(map[string]any)["key"])
	_, err = run(t, "no tab", "hotspots")
	require.ErrorContains(t, err, "line 1")
}
