package api

import (
	"context"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/callback"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/store"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

// CallBacks serves surveyv1.CallBackService.
type CallBacks struct {
	surveyv1.UnimplementedCallBackServiceServer
	*Core
}

// ListCallBacks implements surveyv1.CallBackServiceServer.
func (s *CallBacks) ListCallBacks(ctx context.Context, req *surveyv1.ListCallBacksRequest) (*surveyv1.ListCallBacksResponse, error) {
	in := listing.Request{PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), OrderBy: req.GetOrderBy(), Filter: req.GetFilter()}
	if req.GetMine() {
		in.Checksum = []byte("mine")
	}
	q, err := listing.Parse(store.CallBackSpec, in)
	if err != nil {
		return nil, err
	}
	rows, err := s.Store.CallBacks(ctx, s.DB, auth.FromContext(ctx), store.CallBackFilter{Mine: req.GetMine(), Now: s.Clock.Now()}, q)
	if err != nil {
		return nil, err
	}
	page, next := listing.Page(q, rows, func(cb store.CallBack) map[string]any {
		return map[string]any{"c.due_us": sqldb.Micros(cb.Due), "c.id": cb.ID}
	})
	views, err := s.views(ctx, s.DB, page)
	return &surveyv1.ListCallBacksResponse{CallBacks: views, NextPageToken: next}, err
}

// GetCallBack implements surveyv1.CallBackServiceServer.
func (s *CallBacks) GetCallBack(ctx context.Context, req *surveyv1.GetCallBackRequest) (*surveyv1.CallBack, error) {
	cb, err := s.load(ctx, s.DB, req.GetName())
	if err != nil {
		return nil, err
	}
	return s.view(ctx, s.DB, cb)
}

// ClaimCallBack implements surveyv1.CallBackServiceServer.
func (s *CallBacks) ClaimCallBack(ctx context.Context, req *surveyv1.ClaimCallBackRequest) (*surveyv1.CallBack, error) {
	return s.change(ctx, req, func(_ sqldb.Tx, cb *store.CallBack) error {
		return cb.Claim(auth.FromContext(ctx).Subject, s.Calls, s.Clock.Now())
	})
}

// ReleaseCallBack implements surveyv1.CallBackServiceServer.
func (s *CallBacks) ReleaseCallBack(ctx context.Context, req *surveyv1.ReleaseCallBackRequest) (*surveyv1.CallBack, error) {
	p := auth.FromContext(ctx)
	return s.change(ctx, req, func(_ sqldb.Tx, cb *store.CallBack) error {
		return cb.Release(p.Subject, p.Has(auth.RoleManager), s.Clock.Now())
	})
}

// RecordCallBackAttempt implements surveyv1.CallBackServiceServer.
func (s *CallBacks) RecordCallBackAttempt(ctx context.Context, req *surveyv1.RecordCallBackAttemptRequest) (*surveyv1.CallBack, error) {
	if err := checkAnswered(req); err != nil {
		return nil, err
	}
	var reading survey.Reading
	if req.GetAnswer() != nil {
		reading = s.read(answerOf(req.GetAnswer()).Trimmed().Texts())
	}
	return s.change(ctx, req, func(tx sqldb.Tx, cb *store.CallBack) error {
		attempt, err := cb.Record(callOf(ctx, req), s.Calls, s.Clock.Now())
		if err != nil {
			return err
		}
		if err := s.Store.AddCall(ctx, tx, cb.ID, attempt); err != nil {
			return err
		}
		return s.follow(ctx, tx, cb, req, reading)
	})
}

// checkAnswered asks for an answer exactly when the customer was reached.
func checkAnswered(req *surveyv1.RecordCallBackAttemptRequest) error {
	reached := req.GetResult() == surveyv1.CallAttempt_REACHED
	switch {
	case reached && req.GetAnswer() == nil:
		return apierr.Invalid("answer", "联系上客户时须填写回答", "a customer who was reached has an answer")
	case !reached && req.GetAnswer() != nil:
		return apierr.Invalid("answer", "未联系上客户时不能填写回答", "only a customer who was reached has an answer")
	}
	return nil
}

func callOf(ctx context.Context, req *surveyv1.RecordCallBackAttemptRequest) callback.Call {
	call := callback.Call{
		Caller: auth.FromContext(ctx).Subject, Result: callback.Result(req.GetResult().String()), Channel: req.GetChannel(), Note: req.GetNote(),
	}
	if call.Channel == "" {
		call.Channel = "PHONE"
	}
	if req.GetNextAttemptTime() != nil {
		call.Next = req.GetNextAttemptTime().AsTime()
	}
	return call
}

// follow does to the invitation what the call led to.
func (s *CallBacks) follow(ctx context.Context, tx sqldb.Tx, cb *store.CallBack, req *surveyv1.RecordCallBackAttemptRequest, reading survey.Reading) error {
	inv := &cb.Invitation
	switch cb.State {
	case callback.Answered:
		_, err := s.respond(ctx, tx, inv, survey.Reply{
			ID: s.NewID(), Answer: answerOf(req.GetAnswer()), Channel: survey.ByCallBack,
			RecordedBy: auth.FromContext(ctx).Subject, Reading: reading,
		})
		return err
	case callback.Refused:
		if err := inv.Cancel(survey.ReasonRefused); err != nil {
			return err
		}
		return s.Store.Save(ctx, tx, inv)
	case callback.Unreached:
		inv.SendLink(s.Clock.Now()) // the sweeper finds it
		return s.Store.Save(ctx, tx, inv)
	}
	return nil
}

// named is what every change of a call-back carries.
type named interface {
	proto.Message
	GetName() string
	GetRequestId() string
	GetEtag() string
}

// change runs one step of a task in one transaction, once per request id.
func (s *CallBacks) change(ctx context.Context, req named, step func(tx sqldb.Tx, cb *store.CallBack) error) (*surveyv1.CallBack, error) {
	var out *surveyv1.CallBack
	err := s.DB.InTx(ctx, func(tx sqldb.Tx) (err error) {
		out, err = idempotency.Do(ctx, s.Replay, tx, req.GetRequestId(), req, func() (*surveyv1.CallBack, error) {
			cb, err := s.load(ctx, tx, req.GetName())
			if err != nil {
				return nil, err
			}
			if err := fresh(req.GetEtag(), cb.Version); err != nil {
				return nil, err
			}
			if err := step(tx, &cb); err != nil {
				return nil, err
			}
			if err := s.Store.SaveTask(ctx, tx, &cb.Task); err != nil {
				return nil, err
			}
			return s.view(ctx, tx, cb)
		})
		return err
	})
	return out, err
}

func (s *CallBacks) load(ctx context.Context, q store.Queryer, name string) (store.CallBack, error) {
	return s.Store.CallBack(ctx, q, auth.FromContext(ctx), strings.TrimPrefix(name, "callBacks/"))
}

func (s *CallBacks) view(ctx context.Context, q store.Queryer, cb store.CallBack) (*surveyv1.CallBack, error) {
	views, err := s.views(ctx, q, []store.CallBack{cb})
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

// views adds what belongs to tasks: calls and answers.
func (s *CallBacks) views(ctx context.Context, q store.Queryer, page []store.CallBack) ([]*surveyv1.CallBack, error) {
	tasks, invitations := make([]string, len(page)), make([]string, len(page))
	for n, cb := range page {
		tasks[n], invitations[n] = cb.ID, cb.Invitation.ID
	}
	calls, err := s.Store.Calls(ctx, q, tasks)
	if err != nil {
		return nil, err
	}
	responses, err := s.Store.NewestOf(ctx, q, invitations)
	if err != nil {
		return nil, err
	}
	p, language := auth.FromContext(ctx), locale(ctx, "", "zh-CN")
	out := make([]*surveyv1.CallBack, len(page))
	for n, cb := range page {
		cb.Tick(s.Clock.Now()) // as it stands now, whether or not the sweeper has been by
		out[n] = taskView(cb, p, language)
		if r := responses[cb.Invitation.ID]; r != nil {
			out[n].Response = guarded(responseView(r, language), cb.Invitation, p)
		}
		for _, a := range calls[cb.ID] {
			out[n].Attempts = append(out[n].Attempts, callView(a, hidden(cb.Invitation, p)))
		}
	}
	return out, nil
}

func taskView(cb store.CallBack, p auth.Principal, language string) *surveyv1.CallBack {
	inv := cb.Invitation
	out := &surveyv1.CallBack{
		Name: "callBacks/" + cb.ID, Invitation: "invitations/" + inv.ID, Case: inv.Case, CaseNumber: inv.CaseNumber,
		Round: int32(inv.Round), Purpose: purposeView(inv.Purpose), PurposeLabel: inv.Purpose.Label(language),
		State:      surveyv1.CallBack_State(surveyv1.CallBack_State_value[string(cb.State)]),
		StateLabel: cb.State.Label(survey.IsEnglish(language)), DueTime: stamp(cb.Due), Caller: cb.Caller,
		ClaimUntil: stamp(cb.ClaimUntil), Questions: questionsOf(inv.Purpose, language), Callable: cb.Independent(p.Subject),
		CreateTime: stamp(cb.Created), ExpireTime: stamp(inv.Expire), Etag: etag(cb.Version),
	}
	if !hidden(inv, p) {
		contact := inv.Contact.Masked()
		if cb.State == callback.Claimed && cb.Caller == p.Subject { // who calls has to know the number
			contact = inv.Contact
		}
		out.Contact = contactView(contact)
	}
	return out
}

func callView(a callback.Attempt, hide bool) *surveyv1.CallAttempt {
	out := &surveyv1.CallAttempt{
		Number: int32(a.Number), Caller: a.Caller, Time: stamp(a.Time), Channel: a.Channel, Note: a.Note,
		Result: surveyv1.CallAttempt_Result(surveyv1.CallAttempt_Result_value[string(a.Result)]),
	}
	if hide {
		out.Note = ""
	}
	return out
}
