package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/promise"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/worktime"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

var calendarSpec = &listing.Spec{Tie: "id"}

func calendarName(id string) string { return "workingCalendars/" + id }

// ListWorkingCalendars implements intakev1.WorkingCalendarServiceServer.
func (s workingCalendarService) ListWorkingCalendars(ctx context.Context, req *intakev1.ListWorkingCalendarsRequest) (*intakev1.ListWorkingCalendarsResponse, error) {
	query, err := listing.Parse(calendarSpec, listing.Request{PageSize: req.GetPageSize(), PageToken: req.GetPageToken()})
	if err != nil {
		return nil, err
	}
	rows, err := s.Cases.ListCalendars(ctx, s.DB, auth.FromContext(ctx).Sees(), query)
	if err != nil {
		return nil, err
	}
	rows, next := listing.Page(query, rows, func(c promise.Calendar) map[string]any { return map[string]any{"id": c.ID} })
	resp := &intakev1.ListWorkingCalendarsResponse{NextPageToken: next}
	for _, c := range rows {
		resp.WorkingCalendars = append(resp.WorkingCalendars, s.calendar(ctx, c))
	}
	return resp, nil
}

// CreateWorkingCalendar implements intakev1.WorkingCalendarServiceServer.
func (s workingCalendarService) CreateWorkingCalendar(ctx context.Context, req *intakev1.CreateWorkingCalendarRequest) (*intakev1.WorkingCalendar, error) {
	in := req.GetWorkingCalendar()
	org, err := ownOrg(ctx, "working_calendar.organisation", in.GetOrganisation())
	if err != nil {
		return nil, err
	}
	c := promise.Calendar{ID: newID(), Org: org}
	applyCalendar(&c, in, calendarFields)
	return configure(ctx, s.Server, req, func(tx sqldb.Tx) (*intakev1.WorkingCalendar, error) { return s.putCalendar(ctx, tx, c) })
}

// UpdateWorkingCalendar implements intakev1.WorkingCalendarServiceServer.
func (s workingCalendarService) UpdateWorkingCalendar(ctx context.Context, req *intakev1.UpdateWorkingCalendarRequest) (*intakev1.WorkingCalendar, error) {
	in := req.GetWorkingCalendar()
	fields, err := chosen(req.GetUpdateMask().GetPaths(), calendarFields)
	if err != nil {
		return nil, err
	}
	return configure(ctx, s.Server, req, func(tx sqldb.Tx) (*intakev1.WorkingCalendar, error) {
		all, err := s.Cases.AllCalendars(ctx, tx)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(all, func(c promise.Calendar) bool { return calendarName(c.ID) == in.GetName() })
		if i < 0 {
			return nil, apierr.NotFound(in.GetName())
		}
		c := all[i]
		if err := mine(ctx, in.GetName(), c.Org, errGeneralCalendar); err != nil {
			return nil, err
		}
		if err := sameTag(in.GetEtag(), tag(c.Version)); err != nil {
			return nil, err
		}
		applyCalendar(&c, in, fields)
		return s.putCalendar(ctx, tx, c)
	})
}

func (s *Server) putCalendar(ctx context.Context, tx sqldb.Tx, c promise.Calendar) (*intakev1.WorkingCalendar, error) {
	if c.LabelZH == "" || c.LabelEN == "" {
		return nil, apierr.Invalid("working_calendar.label_zh", "中英文名称必填", "labels in both languages are needed")
	}
	if err := plain(map[string]string{"working_calendar.label_zh": c.LabelZH, "working_calendar.label_en": c.LabelEN}); err != nil {
		return nil, err
	}
	if _, err := c.Build(s.Policy.Promises.Book().Holidays(c.Region), s.Clock.Now()); err != nil {
		return nil, apierr.Invalid("working_calendar", "工作日历有误:"+err.Error(), err.Error())
	}
	c.Updated = s.Clock.Now()
	if err := s.Cases.PutCalendar(ctx, tx, c); err != nil {
		return nil, err
	}
	c.Version++
	return s.calendar(ctx, c), nil
}

// calendarFields are those that can be changed.
var calendarFields = []string{"label_zh", "label_en", "zone", "week", "days", "make_up_hours", "holiday_region"}

func applyCalendar(c *promise.Calendar, in *intakev1.WorkingCalendar, fields []string) {
	set := map[string]func(){
		"label_zh":       func() { c.LabelZH = in.GetLabelZh() },
		"label_en":       func() { c.LabelEN = in.GetLabelEn() },
		"zone":           func() { c.Spec.Zone = in.GetZone() },
		"week":           func() { c.Spec.Week = hoursIn(in.GetWeek()) },
		"days":           func() { c.Spec.Days = hoursIn(in.GetDays()) },
		"make_up_hours":  func() { c.Spec.MakeUp = in.GetMakeUpHours() },
		"holiday_region": func() { c.Region = in.GetHolidayRegion() },
	}
	for _, field := range fields {
		set[field]()
	}
}

func hoursIn(in map[string]*intakev1.WorkingHours) map[string][]string {
	out := make(map[string][]string, len(in))
	for day, h := range in {
		out[day] = h.GetHours()
	}
	return out
}

func hoursOf(in map[string][]string) map[string]*intakev1.WorkingHours {
	out := make(map[string]*intakev1.WorkingHours, len(in))
	for day, h := range in {
		out[day] = &intakev1.WorkingHours{Hours: h}
	}
	return out
}

// calendar shows a calendar, with a warning when holidays are missing.
func (s *Server) calendar(ctx context.Context, c promise.Calendar) *intakev1.WorkingCalendar {
	p := s.presenter(ctx)
	m := &intakev1.WorkingCalendar{
		Name: calendarName(c.ID), Label: p.either(c.LabelZH, c.LabelEN), LabelZh: c.LabelZH, LabelEn: c.LabelEN, Organisation: c.Org,
		Zone: c.Spec.Zone, Week: hoursOf(c.Spec.Week), Days: hoursOf(c.Spec.Days), MakeUpHours: c.Spec.MakeUp, HolidayRegion: c.Region,
		Etag: tag(c.Version), UpdateTime: at(c.Updated),
	}
	if c.Region != "" {
		m.Warnings = s.missing(ctx, c.Region)
	}
	return m
}

// missing warns of this and the next year as far as their holidays are not known.
func (s *Server) missing(ctx context.Context, region string) (warnings []string) {
	return missingIn(s.Policy.Promises.Book().Holidays(region), s.Clock.Now().In(s.Policy.Zone).Year(), s.presenter(ctx).locale)
}

func missingIn(known *worktime.Holidays, year int, locale string) (warnings []string) {
	for _, y := range []int{year, year + 1} {
		if !known.Known(y) {
			warnings = append(warnings, worktime.Warning{Year: y}.Text(locale))
		}
	}
	return warnings
}

// AddWorkingTime implements intakev1.WorkingCalendarServiceServer.
func (s workingCalendarService) AddWorkingTime(ctx context.Context, req *intakev1.AddWorkingTimeRequest) (*intakev1.AddWorkingTimeResponse, error) {
	all, err := s.Cases.AllCalendars(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	visible := func(c promise.Calendar) bool {
		return calendarName(c.ID) == req.GetName() && (c.Org == "" || slices.Contains(auth.FromContext(ctx).Sees(), c.Org))
	}
	i := slices.IndexFunc(all, visible)
	if i < 0 {
		return nil, apierr.NotFound(req.GetName())
	}
	c, err := all[i].Build(s.Policy.Promises.Book().Holidays(all[i].Region), s.Clock.Now())
	if err != nil {
		return nil, err
	}
	start := timeOf(req.GetStartTime())
	if start.IsZero() {
		start = s.Clock.Now()
	}
	due, err := c.Add(start, time.Duration(req.GetSeconds())*time.Second)
	if err != nil {
		return nil, apierr.Invalid("seconds", "超出日历的范围", "is more than the calendar has")
	}
	return &intakev1.AddWorkingTimeResponse{DueTime: at(due.At), Lines: due.Explain(c.Zone(), s.presenter(ctx).locale)}, nil
}

// ListHolidays implements intakev1.WorkingCalendarServiceServer.
func (s workingCalendarService) ListHolidays(ctx context.Context, req *intakev1.ListHolidaysRequest) (*intakev1.ListHolidaysResponse, error) {
	region, year := req.GetRegion(), int(req.GetYear())
	if region == "" {
		region = promise.China
	}
	if year == 0 {
		year = s.Clock.Now().In(s.Policy.Zone).Year()
	}
	resp := &intakev1.ListHolidaysResponse{Warnings: s.missing(ctx, region)}
	for _, span := range s.Policy.Promises.Book().Holidays(region).Spans(year) {
		resp.Holidays = append(resp.Holidays, &intakev1.Holiday{
			FirstDay: span.First, LastDay: span.Last, MakeUp: span.Work, NameZh: span.ZH, NameEn: span.EN,
		})
	}
	return resp, nil
}

// ImportHolidays implements intakev1.WorkingCalendarServiceServer.
func (s workingCalendarService) ImportHolidays(ctx context.Context, req *intakev1.ImportHolidaysRequest) (*intakev1.ImportHolidaysResponse, error) {
	spans, err := spansIn(req)
	if err != nil {
		return nil, err
	}
	imported, err := promise.ReadHolidays(spans)
	if err != nil {
		return nil, apierr.Invalid("holidays", "节假日安排有误:"+err.Error(), err.Error())
	}
	return configure(ctx, s.Server, req, func(tx sqldb.Tx) (*intakev1.ImportHolidaysResponse, error) {
		if err := s.Cases.ReplaceHolidays(ctx, tx, req.GetRegion(), int(req.GetYear()), spans); err != nil {
			return nil, err
		}
		known := s.Policy.Promises.Book().Holidays(req.GetRegion()).Merge(imported)
		return &intakev1.ImportHolidaysResponse{
			Days: int32(imported.Len()), Warnings: missingIn(known, s.Clock.Now().In(s.Policy.Zone).Year(), s.presenter(ctx).locale),
		}, nil
	})
}

func spansIn(req *intakev1.ImportHolidaysRequest) ([]promise.HolidaySpan, error) {
	spans := make([]promise.HolidaySpan, len(req.GetHolidays()))
	for n, h := range req.GetHolidays() {
		last := h.GetLastDay()
		if last == "" {
			last = h.GetFirstDay()
		}
		year := tag(int64(req.GetYear())) + "-"
		if !strings.HasPrefix(h.GetFirstDay(), year) || !strings.HasPrefix(last, year) {
			return nil, apierr.Invalid("holidays", "日期不在该年内", "a day is not in that year")
		}
		if err := plain(map[string]string{"holidays.name_zh": h.GetNameZh(), "holidays.name_en": h.GetNameEn()}); err != nil {
			return nil, err
		}
		spans[n] = promise.HolidaySpan{Region: req.GetRegion(), First: h.GetFirstDay(), Last: last, MakeUp: h.GetMakeUp(), ZH: h.GetNameZh(), EN: h.GetNameEn()}
	}
	return spans, nil
}
