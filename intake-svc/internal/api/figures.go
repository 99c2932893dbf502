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
	rollUpBatch = 100
	figureRows  = 10_000
	fewSecret   = 5 // fewer confidential cases than this are left out of a group
	defaultDays = 90
)

// RollUp counts cases again whose figures have changed; it is a sweeper's work.
func (s *Server) RollUp(ctx context.Context) error {
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
	q, err := s.figureQuery(req, auth.FromContext(ctx).Sees())
	if err != nil || len(q.Orgs) == 0 {
		return &intakev1.QueryCaseStatisticsResponse{}, err
	}
	rows, err := s.Cases.Figures(ctx, s.DB, q, figureRows+1)
	if err != nil {
		return nil, err
	}
	return answerFigures(req, q, rows, s.Clock.Now().In(s.Policy.Zone)), nil
}

// figureQuery finds the sums that answer the question.
func (s *Server) figureQuery(req *intakev1.QueryCaseStatisticsRequest, orgs []string) (q store.FigureQuery, err error) {
	q.Orgs = orgs
	if q.From, q.To, err = s.days(req); err != nil {
		return q, err
	}
	wanted := map[string]*string{}
	for _, d := range req.GetDimensions() {
		switch d {
		case intakev1.Dimension_DIMENSION_TIME:
			q.Time = timeWidths[req.GetTimeUnit()]
		case intakev1.Dimension_DIMENSION_AGE:
			q.Time = len(time.DateOnly)
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

func (s *Server) days(req *intakev1.QueryCaseStatisticsRequest) (from, to string, err error) {
	end := s.Clock.Now().In(s.Policy.Zone)
	if text := req.GetEndDate(); text != "" {
		if end, err = time.Parse(time.DateOnly, text); err != nil {
			return "", "", apierr.Invalid("end_date", "不是有效日期", "is no date")
		}
	}
	start := end.AddDate(0, 0, -defaultDays)
	if text := req.GetStartDate(); text != "" {
		if start, err = time.Parse(time.DateOnly, text); err != nil {
			return "", "", apierr.Invalid("start_date", "不是有效日期", "is no date")
		}
	}
	return start.Format(time.DateOnly), end.Format(time.DateOnly), nil
}

// group is one answered group before suppression.
type group struct {
	values []string
	plain  figures.Measures
	secret figures.Measures
}

func answerFigures(req *intakev1.QueryCaseStatisticsRequest, q store.FigureQuery, rows []store.FigureRow, now time.Time) *intakev1.QueryCaseStatisticsResponse {
	resp := &intakev1.QueryCaseStatisticsResponse{Truncated: len(rows) > figureRows}
	groups := map[string]*group{}
	var order []string
	for _, r := range rows[:min(len(rows), figureRows)] {
		values := rowValues(req, q, r, now)
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

func rowValues(req *intakev1.QueryCaseStatisticsRequest, q store.FigureQuery, r store.FigureRow, now time.Time) []string {
	values := make([]string, len(req.GetDimensions()))
	for n, d := range req.GetDimensions() {
		switch d {
		case intakev1.Dimension_DIMENSION_TIME:
			values[n] = r.Time[:min(len(r.Time), timeWidths[req.GetTimeUnit()])]
		case intakev1.Dimension_DIMENSION_AGE:
			values[n] = age(r.Time, now)
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

// age is the class of age of cases registered on a day.
func age(day string, now time.Time) string {
	at, err := time.ParseInLocation(time.DateOnly, day, now.Location())
	if err != nil {
		return ""
	}
	const hours = 24
	days := int(now.Sub(at).Hours() / hours)
	for _, c := range []struct {
		to   int
		name string
	}{{1, "0-1"}, {3, "2-3"}, {7, "4-7"}, {15, "8-15"}, {30, "16-30"}} { //nolint:mnd // classes of age in days
		if days <= c.to {
			return c.name
		}
	}
	return "31+"
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
