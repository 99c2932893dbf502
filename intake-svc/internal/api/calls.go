package api

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/hotline"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/promise"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// clockSkew is how far the telephone system's clock may run ahead.
const clockSkew = 5 * time.Minute

// ReportCallEvent implements intakev1.CallServiceServer (R19, R191).
func (s callService) ReportCallEvent(ctx context.Context, req *intakev1.ReportCallEventRequest) (*intakev1.Call, error) {
	now := s.Clock.Now()
	report := hotline.Report{
		Event: hotline.Event(req.GetEvent().String()), At: timeOf(req.GetEventTime()), Phone: req.GetCallerNumber(), Agent: req.GetAgent(), Queue: req.GetQueue(),
	}
	if report.At.IsZero() {
		report.At = now
	}
	if report.At.After(now.Add(clockSkew)) {
		return nil, apierr.Invalid("event_time", "不能晚于当前时间", "must not lie in the future")
	}
	if err := plain(map[string]string{"agent": report.Agent, "queue": report.Queue}); err != nil {
		return nil, err
	}
	var call *hotline.Call
	err := s.DB.InTx(ctx, func(tx sqldb.Tx) (err error) {
		fresh := hotline.Call{ID: newID(), Org: auth.FromContext(ctx).Org, ExternalID: req.GetExternalId(), Created: now}
		if call, err = s.Cases.LockCall(ctx, tx, fresh); err != nil || !call.Take(report) {
			return err
		}
		return s.Cases.SaveCall(ctx, tx, call, call.InTime(s.hotline(call.Org)))
	})
	if err != nil {
		return nil, err
	}
	return s.call(call), nil
}

// LinkCall implements intakev1.CallServiceServer. The case is locked first, as everywhere.
func (s callService) LinkCall(ctx context.Context, req *intakev1.LinkCallRequest) (*intakev1.Call, error) {
	caller := auth.FromContext(ctx)
	var call *hotline.Call
	err := s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		c, err := s.Cases.Lock(ctx, tx, store.ViewerOf(caller), caseID(req.GetCase()))
		if err != nil {
			return err
		}
		if call, err = s.Cases.LockCallNamed(ctx, tx, caller.Sees(), lastID(req.GetName())); err != nil {
			return err
		}
		if changed, err := call.Link(c.ID); err != nil || !changed {
			return err
		}
		told := casefile.HotlineCall{Name: req.GetName(), WaitSeconds: -1, InTime: call.InTime(s.hotline(call.Org))}
		if wait, ok := call.Wait(s.hotline(call.Org)); ok {
			told.WaitSeconds = int64(wait.Seconds())
		}
		change, err := c.Called(s.moment(caller), told)
		if err != nil {
			return err
		}
		if err := s.Ledger.Commit(ctx, tx, c, change); err != nil {
			return err
		}
		return s.Cases.SaveCall(ctx, tx, call, told.InTime)
	})
	if err != nil {
		return nil, err
	}
	return s.call(call), nil
}

// GetCall implements intakev1.CallServiceServer.
func (s callService) GetCall(ctx context.Context, req *intakev1.GetCallRequest) (*intakev1.Call, error) {
	call, err := s.Cases.Call(ctx, s.DB, auth.FromContext(ctx).Sees(), lastID(req.GetName()))
	if err != nil {
		return nil, err
	}
	return s.call(call), nil
}

// callList is what the list of calls can be filtered by.
func (s *Server) callList() *listing.Spec {
	fields := map[string]listing.Field{
		"case":  {Column: "case_id", Type: listing.Ref, Fold: func(name string) (any, error) { return caseID(name), nil }},
		"agent": {Column: "agent", Type: listing.Ref}, "in_time": {Column: "in_time", Type: listing.Bool}, "ring_time": {Column: "rang_at", Type: listing.Time},
		"create_time": {Column: "created_at", Type: listing.Time},
		"phone": {Column: "phone_index", Type: listing.String, Ops: []string{"="}, Fold: func(phone string) (any, error) {
			return s.Cases.PhoneIndex(phone), nil
		}},
	}
	for _, name := range []string{"in_time", "ring_time", "create_time"} {
		fields[lowerCamel(name)] = fields[name]
	}
	return &listing.Spec{Fields: fields, Orders: map[string]string{"create_time": "created_at"}, DefaultOrder: "create_time desc", Tie: "id"}
}

// ListCalls implements intakev1.CallServiceServer.
func (s callService) ListCalls(ctx context.Context, req *intakev1.ListCallsRequest) (*intakev1.ListCallsResponse, error) {
	query, err := listing.Parse(s.callList(), listing.Request{PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), Filter: req.GetFilter()})
	if err != nil {
		return nil, err
	}
	found, err := s.Cases.Calls(ctx, s.DB, auth.FromContext(ctx).Sees(), query)
	if err != nil {
		return nil, err
	}
	page, next := listing.Page(query, found, func(c *hotline.Call) map[string]any { return map[string]any{"created_at": c.Created, "id": c.ID} })
	resp := &intakev1.ListCallsResponse{NextPageToken: next}
	for _, c := range page {
		resp.Calls = append(resp.Calls, s.call(c))
	}
	return resp, nil
}

// hotline is the organisation's SLA policy of promise HOTLINE_ANSWER (R191): the one place where the wait's limit stands. Without one that can be
// used the shipped one holds.
func (s *Server) hotline(org string) hotline.Policy {
	terms, ok := s.Policy.Promises.Book().Terms(promise.HotlineAnswer, promise.Matter{Org: org, Channel: "HOTLINE"})
	if !ok {
		return hotline.DefaultPolicy
	}
	p, ok := hotline.PolicyOf(terms.StartEvent, terms.EndEvent, terms.Within)
	if !ok {
		return hotline.DefaultPolicy
	}
	return p
}

// call is a call with what the policy says of its wait.
func (s *Server) call(c *hotline.Call) *intakev1.Call {
	policy := s.hotline(c.Org)
	m := &intakev1.Call{
		Name: "calls/" + c.ID, ExternalId: c.ExternalID, CallerNumber: maskPhone(c.Phone), Agent: c.Agent, Queue: c.Queue,
		RingTime: at(c.Rang), ConnectTime: at(c.Connected), AnswerTime: at(c.Answered), EndTime: at(c.Ended),
		InTime: c.InTime(policy), Missed: c.Missed(), WaitLimit: durationpb.New(policy.Limit),
		WaitStart: intakev1.Call_Event(intakev1.Call_Event_value[string(policy.From)]), WaitEnd: intakev1.Call_Event(intakev1.Call_Event_value[string(policy.To)]),
	}
	if c.CaseID != "" {
		m.Case = "cases/" + c.CaseID
	}
	if wait, ok := c.Wait(policy); ok {
		m.Wait = durationpb.New(wait)
	}
	return m
}
