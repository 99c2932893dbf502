package api

import (
	"context"
	"slices"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/figures"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

type figureService struct {
	intakev1.UnimplementedCaseStatisticsServiceServer
	*Server
}

const (
	rollUpBatch   = 50 // cases of one transaction: on SQLite filings wait for it
	figureRows    = 10_000
	fewSecret     = 5 // fewer confidential cases than this are left out of a group
	defaultMonths = 3 // before that of the last day
)

// RollUp counts cases again whose figures have changed, and indexes their words; it is a sweeper's work. It goes on until nothing is marked.
func (s *Server) RollUp(ctx context.Context) error {
	if err := s.DB.InTx(ctx, func(tx sqldb.Tx) error { return s.Cases.Remake(ctx, tx) }); err != nil {
		return err
	}
	for {
		var done int
		err := s.DB.InTx(ctx, func(tx sqldb.Tx) (err error) {
			done, err = s.Cases.RollUp(ctx, tx, s.Policy.Zone, rollUpBatch)
			return err
		})
		if err != nil || done < rollUpBatch {
			return err
		}
	}
}

var dimensionNames = map[intakev1.Dimension]string{
	intakev1.Dimension_DIMENSION_CLASS: figures.Class, intakev1.Dimension_DIMENSION_PRODUCT: figures.Product, intakev1.Dimension_DIMENSION_MODEL: figures.Model,
	intakev1.Dimension_DIMENSION_FAULT: figures.Fault, intakev1.Dimension_DIMENSION_REGION: figures.Region, intakev1.Dimension_DIMENSION_CHANNEL: figures.Channel,
	intakev1.Dimension_DIMENSION_ENGINEER: figures.Engineer, intakev1.Dimension_DIMENSION_KIND: figures.Kind,
}

var timeWidths = map[intakev1.TimeUnit]int{
	intakev1.TimeUnit_TIME_UNIT_DAY: len(time.DateOnly), intakev1.TimeUnit_TIME_UNIT_UNSPECIFIED: len("2006-01"), intakev1.TimeUnit_TIME_UNIT_MONTH: len("2006-01"),
	intakev1.TimeUnit_TIME_UNIT_YEAR: len("2006"),
}

// QueryCaseStatistics implements intakev1.CaseStatisticsServiceServer.
func (s figureService) QueryCaseStatistics(ctx context.Context, req *intakev1.QueryCaseStatisticsRequest) (*intakev1.QueryCaseStatisticsResponse, error) {
	return s.statistics(ctx, req, figureRows)
}

func (s *Server) statistics(ctx context.Context, req *intakev1.QueryCaseStatisticsRequest, most int) (*intakev1.QueryCaseStatisticsResponse, error) {
	q, err := s.figureQuery(req, auth.FromContext(ctx).Sees())
	if err != nil || len(q.Orgs) == 0 {
		return &intakev1.QueryCaseStatisticsResponse{}, err
	}
	rows, err := s.Cases.Figures(ctx, s.DB, q, most+1)
	if err != nil {
		return nil, err
	}
	return answerFigures(req, q, rows, most), nil
}

// figureQuery finds the sums that answer the question.
func (s *Server) figureQuery(req *intakev1.QueryCaseStatisticsRequest, orgs []string) (q store.FigureQuery, err error) {
	q.Orgs = orgs
	wanted := map[string]*string{}
	for _, d := range req.GetDimensions() {
		switch d {
		case intakev1.Dimension_DIMENSION_TIME:
			q.Time = timeWidths[req.GetTimeUnit()]
		case intakev1.Dimension_DIMENSION_AGE:
			q.Ages = figures.AgeClasses(s.today())
		case intakev1.Dimension_DIMENSION_ORGANISATION:
			q.ByOrg = true
		default:
			wanted[dimensionNames[d]] = nil
		}
	}
	for _, f := range req.GetFilters() {
		if f.GetDimension() == intakev1.Dimension_DIMENSION_ORGANISATION {
			q.Orgs = slices.DeleteFunc(slices.Clone(q.Orgs), func(o string) bool { return o != f.GetValue() })
			continue
		}
		name, ok := dimensionNames[f.GetDimension()]
		if !ok {
			return q, apierr.Invalid("filters", "不能按该维度筛选", "names a dimension that cannot be filtered by")
		}
		value := f.GetValue()
		wanted[name] = &value
	}
	if q.Time > 0 && q.Ages != nil {
		return q, apierr.Invalid("dimensions", "时间与账龄不能同时使用", "TIME and AGE exclude each other")
	}
	if q.Span, err = s.span(req); err != nil {
		return q, err
	}
	return q, takeDimensions(&q, wanted)
}

// takeDimensions puts the dimensions into the order of the sums: there are sums by two of them, not by three.
func takeDimensions(q *store.FigureQuery, wanted map[string]*string) error {
	const most = 2
	if len(wanted) > most {
		return apierr.Invalid("dimensions", "除时间与组织外最多两个维度（含筛选）", "at most two dimensions beside time and organisation, filters included")
	}
	for _, name := range figures.Dimensions {
		value, ok := wanted[name]
		switch {
		case !ok:
		case q.Dim1 == "":
			q.Dim1, q.Val1 = name, value
		default:
			q.Dim2, q.Val2 = name, value
		}
	}
	return nil
}

// span is which sums are read: of days where days are told apart, else of whole months as far as possible. Ages are of all open cases, unless
// days were given.
func (s *Server) span(req *intakev1.QueryCaseStatisticsRequest) (span figures.Span, err error) {
	today := s.today()
	aged := slices.Contains(req.GetDimensions(), intakev1.Dimension_DIMENSION_AGE)
	if aged && req.GetStartDate() == "" && req.GetEndDate() == "" {
		return figures.Ages(today), nil
	}
	end, err := dateOr("end_date", req.GetEndDate(), today)
	if err != nil {
		return span, err
	}
	start, err := dateOr("start_date", req.GetStartDate(), time.Date(end.Year(), end.Month()-defaultMonths, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		return span, err
	}
	byDay := slices.Contains(req.GetDimensions(), intakev1.Dimension_DIMENSION_TIME) && req.GetTimeUnit() == intakev1.TimeUnit_TIME_UNIT_DAY
	if aged || byDay {
		return figures.Days(start, end), nil
	}
	return figures.Months(start, end, today), nil
}

// today is the local day, as a date without a zone.
func (s *Server) today() time.Time {
	now := s.Clock.Now().In(s.Policy.Zone)
	return time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
}

func dateOr(field, text string, otherwise time.Time) (time.Time, error) {
	if text == "" {
		return otherwise, nil
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return at, apierr.Invalid(field, "不是有效日期", "is no date")
	}
	return at, nil
}

// group is one answered group before suppression.
type group struct {
	values []string
	plain  figures.Measures
	secret figures.Measures
}

func answerFigures(req *intakev1.QueryCaseStatisticsRequest, q store.FigureQuery, rows []store.FigureRow, most int) *intakev1.QueryCaseStatisticsResponse {
	resp := &intakev1.QueryCaseStatisticsResponse{Truncated: len(rows) > most}
	groups := map[string]*group{}
	var order []string
	for _, r := range rows[:min(len(rows), most)] {
		values := rowValues(req, q, r)
		key := keyOf(values)
		g := groups[key]
		if g == nil {
			g = &group{values: values}
			groups[key], order = g, append(order, key)
		}
		if r.Secret {
			g.secret.Add(r.Measures, 1)
		} else {
			g.plain.Add(r.Measures, 1)
		}
	}
	slices.Sort(order)
	for _, key := range order {
		if row := groups[key].row(); row != nil {
			resp.Rows = append(resp.Rows, row)
		}
	}
	return resp
}

func keyOf(values []string) (key string) {
	for _, v := range values {
		key += v + "\x00"
	}
	return key
}

// row leaves few confidential cases out: a group of them alone is not answered at all but for its mark.
func (g *group) row() *intakev1.QueryCaseStatisticsResponse_Row {
	row := &intakev1.QueryCaseStatisticsResponse_Row{Values: g.values}
	m := g.plain
	switch {
	case g.secret.Cases >= fewSecret:
		m.Add(g.secret, 1)
	case g.secret.Cases > 0:
		row.Suppressed = true
	}
	if m.Cases == 0 && !row.Suppressed {
		return nil
	}
	row.Figures = figuresOf(m)
	return row
}

func rowValues(req *intakev1.QueryCaseStatisticsRequest, q store.FigureQuery, r store.FigureRow) []string {
	values := make([]string, len(req.GetDimensions()))
	for n, d := range req.GetDimensions() {
		switch d {
		case intakev1.Dimension_DIMENSION_TIME:
			values[n] = r.Time[:min(len(r.Time), timeWidths[req.GetTimeUnit()])]
		case intakev1.Dimension_DIMENSION_AGE:
			values[n] = r.Time
		case intakev1.Dimension_DIMENSION_ORGANISATION:
			values[n] = r.Org
		case intakev1.Dimension(0):
		default:
			values[n] = r.Val1
			if dimensionNames[d] == q.Dim2 {
				values[n] = r.Val2
			}
		}
	}
	return values
}

func share(part, whole int64) *float64 {
	if whole == 0 {
		return nil
	}
	v := float64(part) / float64(whole)
	return &v
}

func figuresOf(m figures.Measures) *intakev1.CaseFigures {
	return &intakev1.CaseFigures{
		Cases: m.Cases, Open: m.Open, Closed: m.Closed, Exceptions: m.Exceptions, Hazards: m.Hazards, InTimeRate: share(m.InTime, m.Resolved),
		FirstTimeRightRate: share(m.FirstTime, m.Closed), RepeatRate: share(m.Repeats, m.Serials), ReopenRate: share(m.Reopened, m.Resolved),
		AcceptSeconds: share(m.AcceptSeconds, m.Accepted), ResolveSeconds: share(m.ResolveSeconds, m.Resolved), Rating: share(m.Rating, m.Rated),
	}
}
