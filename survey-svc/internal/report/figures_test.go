package report

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

func counts() Counts {
	return Counts{
		Invited: []Invited{
			{Key: "A", State: survey.Responded, Count: 6, Reached: 6}, {Key: "A", State: survey.Expired, Count: 2, Reached: 1},
			{Key: "A", State: survey.Cancelled, Count: 1}, {Key: "A", State: survey.NotSampled, Count: 3},
			{Key: "B", State: survey.Delivered, Count: 4, Reached: 4},
		},
		Answered: []Answered{
			{Key: "A", Sentiment: "SATISFIED", Count: 4, Solved: 4, Satisfied: 4}, {Key: "A", Sentiment: "", Count: 2, Solved: 1},
		},
		Rated: []Rated{
			{Key: "A", Dimension: "speed", Value: 1, Count: 1}, {Key: "A", Dimension: "responseSpeed", Value: 4, Count: 2},
			{Key: "A", Dimension: "overall", Value: 5, Count: 6}, {Key: "A", Dimension: "packaging", Value: 5, Count: 1},
		},
	}
}

// R232 R264: every figure has what it rests on beside it.
func TestFiguresSayOfHowManyTheySpeak(t *testing.T) {
	t.Parallel()
	a := Groups(counts())[0]
	require.Equal(t, "A", a.Key)
	require.Equal(t, Basis{Population: 12, Sampled: 9, Reached: 7, Responded: 6, Expired: 2, Cancelled: 1}, a.Basis)
	rate, ok := a.Basis.SamplingRate()
	require.True(t, ok)
	require.InDelta(t, 9.0/12, rate, 1e-12)
	rate, ok = a.Basis.ResponseRate()
	require.True(t, ok)
	require.InDelta(t, 6.0/8, rate, 1e-12, "who was not asked after all is not silent")
	rate, ok = a.SatisfiedRate()
	require.True(t, ok)
	require.InDelta(t, 4.0/6, rate, 1e-12)
	require.EqualValues(t, 5, a.Solved)
	require.Equal(t, map[string]int64{"SATISFIED": 4}, a.Sentiments)
}

// R220 R223
func TestDimensionsAreCountedByCodeAndAlias(t *testing.T) {
	t.Parallel()
	a := Groups(counts())[0]
	require.Len(t, a.Dimensions, 2, "an aspect that nobody asks is not counted")
	require.Equal(t, "overall", a.Dimensions[0].Code)
	speed := a.Dimensions[1]
	require.Equal(t, "speed", speed.Code)
	require.EqualValues(t, 3, speed.Count)
	require.Equal(t, [5]int64{1, 0, 0, 2, 0}, speed.Distribution)
	require.InDelta(t, 3.0, speed.Mean(), 1e-12)
	require.InDelta(t, 0.5, a.AnswerRate(speed), 1e-12)
}

func TestTotalIsTheSumOfTheGroups(t *testing.T) {
	t.Parallel()
	total := Total(counts())
	require.EqualValues(t, 16, total.Basis.Population)
	require.EqualValues(t, 4, total.Basis.Open)
	require.EqualValues(t, 4, total.Satisfied)
	empty := Total(Counts{})
	_, ok := empty.SatisfiedRate()
	require.False(t, ok)
	_, ok = empty.Basis.SamplingRate()
	require.False(t, ok)
	require.Zero(t, Dimension{}.Mean())
}
