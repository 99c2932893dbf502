package survey

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/platform/auth"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
)

// dueCall makes a call-back that is due now and gives its name.
func (w *world) dueCall(caseID string) (name string, inv *surveyv1.Invitation) {
	w.t.Helper()
	inv = w.invited(asks(caseID, surveyv1.Invitation_CALL_BACK_WEEK))
	require.NotEmpty(w.t, inv.GetCallBack())
	w.clock.Advance(7 * oneDay)
	w.sweep()
	return inv.GetCallBack(), inv
}

func (w *world) mine(p auth.Principal) []*surveyv1.CallBack {
	w.t.Helper()
	list, err := w.ListCallBacks(w.as(p), &surveyv1.ListCallBacksRequest{Mine: true})
	require.NoError(w.t, err)
	return list.GetCallBacks()
}

// R173 R174: a person calls after a week, asks whether use is normal, writes down what the customer says.
func TestCallAfterAWeek(t *testing.T) {
	everywhere(t, demo, func(t *testing.T, w *world) {
		w.invited(asks("c1", surveyv1.Invitation_CALL_BACK_WEEK))
		require.Empty(t, w.mine(caller), "not before a week is over")
		w.clock.Advance(7 * oneDay)
		due := w.mine(caller)
		require.Len(t, due, 1, "whether or not a sweeper has been by")
		require.Equal(t, surveyv1.CallBack_DUE, due[0].GetState())
		require.Equal(t, "138****8000", due[0].GetContact().GetPhone())
		require.Equal(t, "normalUse", due[0].GetQuestions()[0].GetField()) // R174
		require.Empty(t, w.driver.sent, "no message beside the call")

		claimed, err := w.ClaimCallBack(w.as(caller), &surveyv1.ClaimCallBackRequest{Name: due[0].GetName(), RequestId: "1"})
		require.NoError(t, err)
		require.Equal(t, "13800138000", claimed.GetContact().GetPhone(), "who calls has to know the number")
		answered, err := w.RecordCallBackAttempt(w.as(caller), &surveyv1.RecordCallBackAttemptRequest{
			Name: due[0].GetName(), Result: surveyv1.CallAttempt_REACHED, Note: "客户在家", Etag: claimed.GetEtag(),
			Answer: &surveyv1.Answer{Solved: proto.Bool(true), Satisfied: proto.Bool(true), NormalUse: proto.Bool(true), FurtherQuestions: "滤网怎么清洗"},
		})
		require.NoError(t, err)
		require.Equal(t, surveyv1.CallBack_ANSWERED, answered.GetState())
		require.Equal(t, "CALL_BACK", answered.GetResponse().GetChannel())
		require.True(t, answered.GetResponse().GetNormalUse())
		require.Equal(t, "138****8000", answered.GetContact().GetPhone(), "masked again afterwards")
		require.Equal(t, "客户在家", answered.GetAttempts()[0].GetNote())
		require.Empty(t, w.mine(caller))
		w.drain()
		told := &eventv1.SurveyResponded{}
		require.NoError(t, w.intake.envelopes()[0].GetData().UnmarshalTo(told))
		require.Equal(t, caller.Subject, told.GetStep().GetActor())
		require.Equal(t, "customer", told.GetStep().GetOnBehalfOf())
	})
}

// R173: never one's own case.
func TestHandlerDoesNotCallBack(t *testing.T) {
	everywhere(t, demo, func(t *testing.T, w *world) {
		name, _ := w.dueCall("c1")
		require.Empty(t, w.mine(agent))
		cb, err := w.GetCallBack(w.as(agent), &surveyv1.GetCallBackRequest{Name: name})
		require.NoError(t, err)
		require.False(t, cb.GetCallable())
		_, err = w.ClaimCallBack(w.as(agent), &surveyv1.ClaimCallBackRequest{Name: name})
		refused(t, err, codes.FailedPrecondition, "CALLER_NOT_INDEPENDENT")
		_, err = w.RecordCallBackAttempt(w.as(agent), &surveyv1.RecordCallBackAttemptRequest{Name: name, Result: surveyv1.CallAttempt_NO_ANSWER})
		refused(t, err, codes.FailedPrecondition, "CALLER_NOT_INDEPENDENT")
		require.Len(t, w.mine(caller), 1)
	})
}

func TestTwoCallersDoNotCallTheSameCustomer(t *testing.T) {
	everywhere(t, demo, func(t *testing.T, w *world) {
		name, _ := w.dueCall("c1")
		claimed, err := w.ClaimCallBack(w.as(caller), &surveyv1.ClaimCallBackRequest{Name: name})
		require.NoError(t, err)
		_, err = w.ClaimCallBack(w.as(quality), &surveyv1.ClaimCallBackRequest{Name: name})
		refused(t, err, codes.FailedPrecondition, "CALL_BACK_CLAIMED")
		seen, err := w.GetCallBack(w.as(quality), &surveyv1.GetCallBackRequest{Name: name})
		require.NoError(t, err)
		require.Equal(t, "138****8000", seen.GetContact().GetPhone())
		_, err = w.ReleaseCallBack(w.as(quality), &surveyv1.ReleaseCallBackRequest{Name: name})
		refused(t, err, codes.FailedPrecondition, "CALL_BACK_CLAIMED")
		_, err = w.ReleaseCallBack(w.as(caller), &surveyv1.ReleaseCallBackRequest{Name: name, Etag: "zz"})
		refused(t, err, codes.Aborted, "ETAG_STALE")
		_, err = w.ReleaseCallBack(w.as(caller), &surveyv1.ReleaseCallBackRequest{Name: name, Etag: claimed.GetEtag()})
		require.NoError(t, err)
		_, err = w.ClaimCallBack(w.as(quality), &surveyv1.ClaimCallBackRequest{Name: name})
		require.NoError(t, err)
		w.clock.Advance(31 * time.Minute)
		w.sweep()
		require.Len(t, w.mine(caller), 1, "a claim without a call lapses")
	})
}

func TestUnreachedCustomerGetsTheLink(t *testing.T) {
	everywhere(t, demo, func(t *testing.T, w *world) {
		name, inv := w.dueCall("c1")
		for range 3 {
			_, err := w.RecordCallBackAttempt(w.as(caller), &surveyv1.RecordCallBackAttemptRequest{Name: name, Result: surveyv1.CallAttempt_NO_ANSWER})
			require.NoError(t, err)
			w.clock.Advance(4 * time.Hour)
		}
		cb, err := w.GetCallBack(w.as(caller), &surveyv1.GetCallBackRequest{Name: name})
		require.NoError(t, err)
		require.Equal(t, surveyv1.CallBack_UNREACHED, cb.GetState())
		require.Len(t, cb.GetAttempts(), 3) // R184
		w.sweep()
		require.Contains(t, w.driver.one(t).Link, inv.GetToken()) // R173: by phone or SMS
		_, err = w.public.Respond(t.Context(), good(inv.GetToken()))
		require.NoError(t, err)
		cb, err = w.GetCallBack(w.as(caller), &surveyv1.GetCallBackRequest{Name: name})
		require.NoError(t, err)
		require.Equal(t, surveyv1.CallBack_ANSWERED, cb.GetState())
	})
}

func TestCustomerRefusesOrWantsLater(t *testing.T) {
	everywhere(t, demo, func(t *testing.T, w *world) {
		name, inv := w.dueCall("c1")
		later := w.clock.Now().Add(20 * time.Hour)
		record := func(result surveyv1.CallAttempt_Result, at *timestamppb.Timestamp) (*surveyv1.CallBack, error) {
			return w.RecordCallBackAttempt(w.as(caller), &surveyv1.RecordCallBackAttemptRequest{Name: name, Result: result, NextAttemptTime: at})
		}
		_, err := record(surveyv1.CallAttempt_CALL_LATER, nil)
		refused(t, err, codes.InvalidArgument, "FIELD_INVALID")
		cb, err := record(surveyv1.CallAttempt_CALL_LATER, timestamppb.New(later))
		require.NoError(t, err)
		require.Equal(t, surveyv1.CallBack_WAITING, cb.GetState())
		require.True(t, later.Equal(cb.GetDueTime().AsTime()))
		_, err = record(surveyv1.CallAttempt_REFUSED, nil)
		refused(t, err, codes.FailedPrecondition, "CALL_BACK_STATE_INVALID")
		w.clock.Set(later)
		cb, err = record(surveyv1.CallAttempt_REFUSED, nil)
		require.NoError(t, err)
		require.Equal(t, surveyv1.CallBack_REFUSED, cb.GetState())
		_, err = w.public.Respond(t.Context(), good(inv.GetToken()))
		refused(t, err, codes.FailedPrecondition, "INVITATION_STATE_INVALID")
	})
}

func TestAnswerBelongsToReached(t *testing.T) {
	everywhere(t, demo, func(t *testing.T, w *world) {
		name, _ := w.dueCall("c1")
		answer := &surveyv1.Answer{Solved: proto.Bool(true), Satisfied: proto.Bool(true)}
		for _, req := range []*surveyv1.RecordCallBackAttemptRequest{
			{Name: name, Result: surveyv1.CallAttempt_REACHED},
			{Name: name, Result: surveyv1.CallAttempt_BUSY, Answer: answer},
			{Name: name, Result: surveyv1.CallAttempt_REACHED, Answer: &surveyv1.Answer{Satisfied: proto.Bool(true)}},
			{Name: name},
		} {
			_, err := w.RecordCallBackAttempt(w.as(caller), req)
			refused(t, err, codes.InvalidArgument, "FIELD_INVALID")
		}
		req := &surveyv1.RecordCallBackAttemptRequest{Name: name, RequestId: "r", Result: surveyv1.CallAttempt_REACHED, Answer: answer}
		first, err := w.RecordCallBackAttempt(w.as(caller), req)
		require.NoError(t, err)
		again, err := w.RecordCallBackAttempt(w.as(caller), req)
		require.NoError(t, err)
		require.True(t, proto.Equal(first, again))
		w.drain()
		require.Len(t, w.intake.envelopes(), 1)
	})
}

func TestNobodyCalledInTime(t *testing.T) {
	everywhere(t, demo, func(t *testing.T, w *world) {
		name, _ := w.dueCall("c1")
		w.clock.Advance(14 * oneDay)
		w.sweep()
		cb, err := w.GetCallBack(w.as(caller), &surveyv1.GetCallBackRequest{Name: name})
		require.NoError(t, err)
		require.Equal(t, surveyv1.CallBack_EXPIRED, cb.GetState())
		require.Empty(t, w.mine(caller))
	})
}

func TestForeignCallBackIsNotThere(t *testing.T) {
	everywhere(t, demo, func(t *testing.T, w *world) {
		name, _ := w.dueCall("c1")
		stranger := person("users/s", "organisations/other", auth.RoleCaller)
		require.Empty(t, w.mine(stranger))
		_, err := w.GetCallBack(w.as(stranger), &surveyv1.GetCallBackRequest{Name: name})
		refused(t, err, codes.NotFound, "RESOURCE_NOT_FOUND")
		_, err = w.ClaimCallBack(w.as(stranger), &surveyv1.ClaimCallBackRequest{Name: name})
		refused(t, err, codes.NotFound, "RESOURCE_NOT_FOUND")
	})
}
