package learn

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/zhtext/linear"
)

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// memory is both stores, in memory.
type memory struct {
	events   []LabelEvent
	rows     map[string]ModelRow
	use      string
	previous string
}

func (m *memory) AppendLabel(_ context.Context, e LabelEvent) error {
	if !slices.ContainsFunc(m.events, func(o LabelEvent) bool { return o.ID == e.ID }) {
		m.events = append(m.events, e)
	}
	return nil
}

func (m *memory) Labels(_ context.Context, task, after string, limit int) ([]LabelEvent, string, error) {
	from, _ := strconv.Atoi(after)
	var page []LabelEvent
	for ; from < len(m.events) && len(page) < min(limit, 2); from++ {
		if m.events[from].Task == task {
			page = append(page, m.events[from])
		}
	}
	return page, strconv.Itoa(from), nil
}

func (m *memory) PutModel(_ context.Context, r ModelRow) error {
	m.rows[r.Version] = r
	return nil
}

func (m *memory) InUse(context.Context, string) (ModelRow, error) { return m.row(m.use) }

func (m *memory) Previous(context.Context, string) (ModelRow, error) { return m.row(m.previous) }

func (m *memory) row(version string) (ModelRow, error) {
	if r, ok := m.rows[version]; ok {
		return r, nil
	}
	return ModelRow{}, ErrNoModel
}

func (m *memory) SetInUse(_ context.Context, _, version, expected string) error {
	if m.use != expected {
		return ErrChanged
	}
	m.previous, m.use = m.use, version
	return nil
}

// texts are told apart by their words; share of the labels is wrong.
func texts(n int, wrong float64) []linear.Example {
	var all []linear.Example
	words := map[string][]string{"fee": {"收费太高", "多收上门费", "报价不透明"}, "late": {"等了三天没来", "约好不来", "一直拖着"}}
	for i := range n {
		label := []string{"fee", "late"}[i%2]
		text := fmt.Sprintf("师傅%d%s%s", i, words[label][i%3], words[label][(i/3)%3])
		if float64(i%100) < wrong*100 {
			label = map[string]string{"fee": "late", "late": "fee"}[label]
		}
		all = append(all, linear.Example{Text: text, Label: label})
	}
	return all
}

func train(t *testing.T, wrong float64) *linear.Model {
	t.Helper()
	m, err := linear.Train(texts(300, wrong), linear.Options{Task: "class", Day: fmt.Sprint(wrong)})
	require.NoError(t, err)
	return m
}

func TestPromotionOnlyWhenNotWorseAndOneStepBack(t *testing.T) {
	t.Parallel()
	s := &memory{rows: map[string]ModelRow{}}
	ctx, frozen := t.Context(), texts(200, 0)
	half := train(t, 0.3)
	v, err := Promote(ctx, s, half, frozen, now)
	require.NoError(t, err)
	require.True(t, v.Promote, v.Why)
	good := train(t, 0)
	v, err = Promote(ctx, s, good, frozen, now)
	require.NoError(t, err)
	require.True(t, v.Promote, v.Why)
	require.Equal(t, good.Version, s.use)
	bad := train(t, 0.9)
	v, err = Promote(ctx, s, bad, frozen, now)
	require.NoError(t, err)
	require.False(t, v.Promote)
	require.Contains(t, v.Why, "准确率")
	require.Equal(t, good.Version, s.use)
	row, err := StepBack(ctx, s, "class")
	require.NoError(t, err)
	require.Equal(t, half.Version, row.Version)
	require.Equal(t, half.Version, s.use)
	require.ErrorIs(t, s.SetInUse(ctx, "class", "x", "other"), ErrChanged)
}

func TestNoClassMayFall(t *testing.T) {
	t.Parallel()
	v := Verdict{
		Current:   linear.Report{Classes: []linear.Class{{Label: "a", Recall: 0.9}, {Label: "b", Recall: 0.5}}},
		Candidate: linear.Report{Classes: []linear.Class{{Label: "a", Recall: 0.86}, {Label: "b", Recall: 0.8}}},
	}
	label, drop := v.worstDrop()
	require.Equal(t, "a", label)
	require.InDelta(t, 4, drop, 1e-9)
	require.False(t, Compare(nil, train(t, 0), texts(20, 0)).Promote, "a slice too small decides nothing")
}

func TestLastJudgementCountsAndAPersonsFirst(t *testing.T) {
	t.Parallel()
	s := &memory{}
	for i, e := range []LabelEvent{
		{TextID: "1", Text: "a", Label: "x", Source: "person", At: now},
		{TextID: "1", Text: "a", Label: "y", Source: "person", At: now.Add(time.Hour)},
		{TextID: "1", Text: "a", Label: "z", Source: "endpoint", At: now.Add(2 * time.Hour)},
		{TextID: "2", Text: "b", Label: "x", Source: "import", At: now},
		{TextID: "3", Text: "c", Label: "x", Source: "person", At: now},
	} {
		e.ID, e.Task = fmt.Sprint(i), "class"
		require.NoError(t, e.Check())
		require.NoError(t, s.AppendLabel(t.Context(), e))
		require.NoError(t, s.AppendLabel(t.Context(), e))
	}
	events, err := AllLabels(t.Context(), s, "class")
	require.NoError(t, err)
	require.Len(t, events, 5)
	examples := Examples(events)
	require.Equal(t, []linear.Example{{Text: "a", Label: "y", Weight: CorrectionWeight}, {Text: "b", Label: "x", Weight: 1}, {Text: "c", Label: "x", Weight: CorrectionWeight}}, examples)
	require.ErrorIs(t, LabelEvent{ID: "1"}.Check(), ErrIncomplete)
}

func TestAuditDrawsTwoInAHundredAndMeasuresThem(t *testing.T) {
	t.Parallel()
	drawn := 0
	for i := range 50_000 {
		if Drawn("salt", fmt.Sprint(i)) {
			drawn++
		}
	}
	require.InDelta(t, 1000, drawn, 120)
	require.Equal(t, Drawn("s", "7"), Drawn("s", "7"))
	var events []LabelEvent
	for i := range 100 {
		e := LabelEvent{Given: "a", Label: "a", Model: "m1", Audit: i < 50}
		if i%10 == 0 {
			e.Label = "b"
		}
		events = append(events, e)
	}
	a := Measure(events, "m1")
	require.Equal(t, 50, a.Judged)
	require.InDelta(t, 0.9, a.Accuracy, 1e-9)
	require.True(t, a.Low > 0.78 && a.Low < 0.9 && a.High > 0.9 && a.High < 0.97)
	require.Zero(t, Measure(events, "other").Judged)
}

func TestDuplicatesLeaveAndRelativesStayTogether(t *testing.T) {
	t.Parallel()
	kept, removed := WithoutDuplicates([]linear.Example{
		{Text: "洗衣机维修后仍然漏水，很严重", Label: "a"}, {Text: "洗衣机维修后仍然漏水,很严重!", Label: "a"},
		{Text: "洗衣机维修后仍然漏水，非常严重啊", Label: "a"}, {Text: "洗衣机维修后仍然漏水，很严重", Label: "b"}, {Text: "空调不制冷", Label: "a"},
	})
	require.Equal(t, 1, removed)
	require.Len(t, kept, 4)
	require.Equal(t, kept[0].Group, kept[1].Group)
	require.Equal(t, kept[0].Group, kept[2].Group)
	require.NotEqual(t, kept[0].Group, kept[3].Group)
}
