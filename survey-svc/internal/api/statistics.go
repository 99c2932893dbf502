package api

import (
	"context"
	"slices"
	"time"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/report"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/store"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

const (
	defaultSpan = 90 * 24 * time.Hour
	longestSpan = 400 * 24 * time.Hour
	// mostGroups bounds an answer; the rest is in the total.
	mostGroups = 200
)

// Statistics serves surveyv1.StatisticsService.
type Statistics struct {
	surveyv1.UnimplementedStatisticsServiceServer
	*Core
}

// GetSurveyStatistics implements surveyv1.StatisticsServiceServer.
func (s *Statistics) GetSurveyStatistics(ctx context.Context, req *surveyv1.GetSurveyStatisticsRequest) (*surveyv1.SurveyStatistics, error) {
	span, err := s.span(req)
	if err != nil {
		return nil, err
	}
	p, language := auth.FromContext(ctx), locale(ctx, "", "zh-CN")
	counts, err := s.Store.Count(ctx, s.DB, p, span)
	if err != nil {
		return nil, err
	}
	out := &surveyv1.SurveyStatistics{
		StartTime: stamp(span.Start), EndTime: stamp(span.End), Total: figuresView(report.Total(counts), language),
	}
	groups := report.Groups(counts)
	switch req.GetGroupBy() {
	case surveyv1.GetSurveyStatisticsRequest_GROUP_BY_UNSPECIFIED:
		return out, nil
	case surveyv1.GetSurveyStatisticsRequest_MONTH:
		if groups, err = s.months(ctx, p, span); err != nil {
			return nil, err
		}
	}
	for _, g := range groups[:min(len(groups), mostGroups)] {
		out.Groups = append(out.Groups, figuresView(g, language))
	}
	return out, nil
}

func (s *Statistics) span(req *surveyv1.GetSurveyStatisticsRequest) (store.Span, error) {
	span := store.Span{End: s.Clock.Now(), Split: store.NoSplit}
	if req.GetEndTime() != nil {
		span.End = req.GetEndTime().AsTime()
	}
	span.Start = span.End.Add(-defaultSpan)
	if req.GetStartTime() != nil {
		span.Start = req.GetStartTime().AsTime()
	}
	if req.GetPurpose() != surveyv1.Invitation_PURPOSE_UNSPECIFIED {
		span.Purpose = survey.Purpose(req.GetPurpose().String())
	}
	switch req.GetGroupBy() {
	case surveyv1.GetSurveyStatisticsRequest_CONTENT_CLASS:
		span.Split = store.ByContentClass
	case surveyv1.GetSurveyStatisticsRequest_MODEL:
		span.Split = store.ByModel
	}
	if !span.Start.Before(span.End) || span.End.Sub(span.Start) > longestSpan {
		return span, apierr.Invalid("start_time", "统计区间须为正，且不超过 400 天", "the span must be positive and at most 400 days")
	}
	return span, nil
}

// months counts month by month (R199), at most 15 of them; the first and last may be parts.
func (s *Statistics) months(ctx context.Context, p auth.Principal, span store.Span) ([]*report.Figures, error) {
	var all []*report.Figures
	for from := span.Start; from.Before(span.End); {
		to := time.Date(from.Year(), from.Month()+1, 1, 0, 0, 0, 0, time.UTC)
		part := span
		part.Start, part.End = from, earlier(to, span.End)
		counts, err := s.Store.Count(ctx, s.DB, p, part)
		if err != nil {
			return nil, err
		}
		f := report.Total(counts)
		f.Key = from.Format("2006-01")
		all = append(all, f)
		from = to
	}
	return slices.DeleteFunc(all, func(f *report.Figures) bool { return f.Basis.Population == 0 }), nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func figuresView(f *report.Figures, language string) *surveyv1.Figures {
	out := &surveyv1.Figures{
		Key: f.Key, Basis: basisView(f.Basis), Solved: f.Solved, Satisfied: f.Satisfied, SatisfiedRate: known(f.SatisfiedRate()),
		Sentiments: f.Sentiments,
	}
	for _, d := range f.Dimensions {
		out.Dimensions = append(out.Dimensions, &surveyv1.Dimension{
			Code: d.Code, Label: d.Label(language), Count: d.Count, Mean: d.Mean(),
			Distribution: d.Distribution[:], AnswerRate: f.AnswerRate(d),
		})
	}
	return out
}

func basisView(b report.Basis) *surveyv1.Basis {
	return &surveyv1.Basis{
		Population: b.Population, Sampled: b.Sampled, Reached: b.Reached, Responded: b.Responded, Expired: b.Expired,
		Cancelled: b.Cancelled, Open: b.Open, SamplingRate: known(b.SamplingRate()), ResponseRate: known(b.ResponseRate()),
	}
}

// known leaves a share out that has no whole.
func known(v float64, ok bool) *float64 {
	if !ok {
		return nil
	}
	return &v
}
