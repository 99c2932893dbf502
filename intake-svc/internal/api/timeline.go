package api

import (
	"context"
	"encoding/hex"
	"strconv"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// ListTimelineEntries implements intakev1.CaseServiceServer.
func (s caseService) ListTimelineEntries(ctx context.Context, req *intakev1.ListTimelineEntriesRequest) (*intakev1.ListTimelineEntriesResponse, error) {
	c, err := s.see(ctx, req.GetParent())
	if err != nil {
		return nil, err
	}
	page, err := newPager(req.GetParent(), req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	after, err := strconv.ParseInt("0"+page.after, 10, 64)
	if err != nil {
		return nil, listing.ErrPageToken.New()
	}
	links, err := s.Cases.Entries(ctx, s.DB, c.ID, after, page.limit())
	if err != nil {
		return nil, err
	}
	links, next := cutPage(page, links, func(l timeline.Link) string { return strconv.FormatInt(l.Seq, 10) })
	present := s.presenter(ctx)
	resp := &intakev1.ListTimelineEntriesResponse{NextPageToken: next}
	for _, link := range links {
		entry, err := present.entry(c, link)
		if err != nil {
			return nil, err
		}
		resp.TimelineEntries = append(resp.TimelineEntries, entry)
	}
	return resp, nil
}

// entry is an entry as the caller may know it: points and measures only in relation to the case.
func (p *presenter) entry(c *casefile.Case, link timeline.Link) (*intakev1.TimelineEntry, error) {
	h, err := link.ReadHeader()
	if err != nil {
		return nil, err
	}
	m := &intakev1.TimelineEntry{
		Name: c.Name() + "/timelineEntries/" + strconv.FormatInt(h.Seq, 10), Sequence: h.Seq, Event: h.Event, EventLabel: text(eventLabels, h.Event, p.locale),
		OccurTime: at(sqldb.Time(h.Occurred)), DeviceTime: at(sqldb.Time(h.Device)), RecordTime: at(sqldb.Time(h.Recorded)), Place: h.Place,
		Actor: h.Actor, OnBehalfOf: h.OnBehalfOf, Facts: h.Facts, Source: h.Source, SourceSequence: h.SourceSeq, Round: int32(h.Round),
		Hash: hex.EncodeToString(link.Hash),
	}
	if !p.related(c) {
		return m, nil
	}
	content, err := link.ReadContent()
	m.Points, m.Measures = content.Points, content.Measures
	return m, err
}
