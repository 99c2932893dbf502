package zhtext_test

import (
	"slices"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/zhtext"
	"github.com/aftersales-suite/aftersales/platform/zhtext/linear"
)

func TestExtractUsesCatalogueAndClock(t *testing.T) {
	t.Parallel()
	r, err := zhtext.New(zhtext.Options{
		Catalogue: []zhtext.Product{{Code: "P9", Model: "云米VJ300"}},
		Now:       func() time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) },
	})
	require.NoError(t, err)
	got := r.Extract("昨天云米VJ300漏水")
	require.Len(t, got, 3)
	require.Equal(t, "2026-02-28", got[0].Value)
	require.Equal(t, "P9", got[1].Code)
}

func TestSentimentShowsItsEvidence(t *testing.T) {
	t.Parallel()
	s := newReader(t).Sentiment("师傅上门很快，但是没有修好，太失望了")
	require.Equal(t, zhtext.Dissatisfied, s.Label)
	require.Equal(t, zhtext.SourceModel, s.Source)
	require.Negative(t, s.Polarity)
	var words []string
	for _, span := range s.Spans {
		words = append(words, span.Text)
	}
	require.Contains(t, words, "太失望")
}

// class trains a small model of two classes.
func class(t *testing.T, task string, labels [2]string) *linear.Model {
	t.Helper()
	var all []linear.Example
	for range 20 {
		all = append(all, linear.Example{Text: "甲类的词句", Label: labels[0]}, linear.Example{Text: "乙类的说法", Label: labels[1]})
	}
	m, err := linear.Train(all, linear.Options{Task: task})
	require.NoError(t, err)
	return m
}

func TestAModelAnswersWhenSureElseTheRules(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	require.NoError(t, r.Use(zhtext.AxisContentClass, class(t, "contentClass", [2]string{"A", "B"})))
	c := r.Classify("甲类的词句", zhtext.AxisContentClass)
	require.Equal(t, "A", c.Label)
	require.Equal(t, zhtext.SourceModel, c.Source)
	require.Equal(t, zhtext.SourceRule, r.Classify("乱收费", zhtext.AxisContentClass).Source)
	require.Equal(t, "FEE", r.Classify("乱收费", zhtext.AxisContentClass).Label)
	require.NoError(t, r.Use(zhtext.AxisContentClass, nil))
	require.Nil(t, r.Model(zhtext.AxisContentClass))
	require.Empty(t, r.Classify("今天星期三", zhtext.AxisContentClass).Label, "a person decides")
}

func TestSentimentModelsMustHaveTheTwoLabels(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	require.ErrorContains(t, r.Use(zhtext.AxisSentiment, class(t, "sentiment", [2]string{"A", "B"})), "labels")
	own := class(t, "sentiment", [2]string{zhtext.Dissatisfied, zhtext.Satisfied})
	require.NoError(t, r.Use(zhtext.AxisSentiment, own))
	require.Equal(t, own.Version, r.Sentiment("甲类的词句").Model)
	require.NoError(t, r.Use(zhtext.AxisSentiment, nil))
	require.NotEqual(t, own.Version, r.Sentiment("甲类的词句").Model)
}

func TestReadersServeManyAtOnce(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	want := r.Sentiment("非常满意")
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 50 {
				if got := r.Sentiment("非常满意"); got.Label != want.Label || got.Score != want.Score {
					t.Errorf("got %+v", got)
				}
				r.Extract("洗衣机报E2")
				r.Classify("乱收费", zhtext.AxisContentClass)
				_ = r.Use(zhtext.AxisNature, nil)
			}
		})
	}
	wait.Wait()
}

// Issue 5: fuzzed with arbitrary bytes: no panic, offsets always valid.
func FuzzReader(f *testing.F) {
	for _, s := range []string{"", "好", "不是很满意!!!", "插座冒烟了", "\xff\xfe", "\xe4\xb8\x8d\xe4", "１２３😀"} {
		f.Add(s)
	}
	r := newReader(f)
	f.Fuzz(func(t *testing.T, s string) {
		one := r.Sentiment(s)
		two := r.SentimentTwoWay(s)
		if two.Label == zhtext.Neutral || !(one.Score >= 0 && one.Score <= 1) || !(one.Polarity >= -1 && one.Polarity <= 1) {
			t.Fatalf("%+v %+v", one, two)
		}
		spans := slices.Concat(one.Spans, two.Spans)
		for _, axis := range zhtext.Axes {
			spans = append(spans, r.Classify(s, axis).Spans...)
		}
		for _, p := range spans {
			if p.Start < 0 || p.End <= p.Start || p.End > len(s) || s[p.Start:p.End] != p.Text {
				t.Fatalf("bad span %+v", p)
			}
			if utf8.ValidString(s) && !utf8.ValidString(p.Text) {
				t.Fatalf("cut rune %+v", p)
			}
		}
	})
}
