package intake

import (
	"testing"

	"github.com/stretchr/testify/require"

	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// R208-R211: figures by one or two dimensions follow the cases; a change is counted once; few confidential cases are left out.
func TestFigures(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.resolved()
		w.answer(c, good())
		w.file(agent, ofKind(intakev1.Case_ENQUIRY))
		query := func(dims ...intakev1.Dimension) map[string]*intakev1.QueryCaseStatisticsResponse_Row {
			require.NoError(t, w.svc.api.RollUp(t.Context()))
			require.NoError(t, w.svc.api.RollUp(t.Context()), "a repetition changes nothing")
			resp, err := w.figures.QueryCaseStatistics(w.as(manager), &intakev1.QueryCaseStatisticsRequest{Dimensions: dims})
			require.NoError(t, err)
			found := map[string]*intakev1.QueryCaseStatisticsResponse_Row{}
			for _, r := range resp.GetRows() {
				key := ""
				for _, v := range r.GetValues() {
					key += v + "/"
				}
				found[key] = r
			}
			return found
		}
		all := query()[""].GetFigures()
		require.Equal(t, int64(2), all.GetCases())
		require.Equal(t, int64(2), all.GetOpen())
		require.InDelta(t, 5.0, all.GetRating(), 0)
		require.InDelta(t, 1.0, all.GetInTimeRate(), 0)
		_, err := w.cases.CloseCase(w.as(manager), &intakev1.CloseCaseRequest{Name: c.GetName(), Summary: &intakev1.ClosingSummary{RootCause: "x"}})
		require.NoError(t, err)
		byKind := query(intakev1.Dimension_DIMENSION_KIND, intakev1.Dimension_DIMENSION_CHANNEL)
		require.Equal(t, int64(1), byKind["COMPLAINT/HOTLINE/"].GetFigures().GetClosed())
		require.InDelta(t, 1.0, byKind["COMPLAINT/HOTLINE/"].GetFigures().GetFirstTimeRightRate(), 0)
		require.Equal(t, int64(1), byKind["ENQUIRY/HOTLINE/"].GetFigures().GetOpen())
		require.Contains(t, query(intakev1.Dimension_DIMENSION_TIME), "2026-11/")
		require.Equal(t, int64(1), query(intakev1.Dimension_DIMENSION_AGE)["0-1/"].GetFigures().GetOpen())

		_, err = w.custody.SetConfidentiality(w.as(quality), &intakev1.SetConfidentialityRequest{
			Name: c.GetName(), Confidentiality: intakev1.Case_PROTECTED, Reason: "担心报复",
		})
		require.NoError(t, err)
		secret := query(intakev1.Dimension_DIMENSION_KIND)["COMPLAINT/"]
		require.True(t, secret.GetSuppressed())
		require.Zero(t, secret.GetFigures().GetCases())

		resp, err := w.figures.QueryCaseStatistics(w.as(providerDesk), &intakev1.QueryCaseStatisticsRequest{})
		require.NoError(t, err)
		require.Empty(t, resp.GetRows())
		_, err = w.figures.QueryCaseStatistics(w.as(manager), &intakev1.QueryCaseStatisticsRequest{Dimensions: []intakev1.Dimension{
			intakev1.Dimension_DIMENSION_KIND, intakev1.Dimension_DIMENSION_CLASS, intakev1.Dimension_DIMENSION_CHANNEL,
		}})
		requireReason(t, err, "FIELD_INVALID")
	})
}
