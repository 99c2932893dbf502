package survey

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
)

// hears delivers events of intake, as its relay does.
func (w *world) hears(payloads ...proto.Message) {
	w.t.Helper()
	req := &eventv1.DeliverRequest{}
	for _, payload := range payloads {
		data, err := anypb.New(payload)
		require.NoError(w.t, err)
		w.t.Logf("hears %v", payload)
		req.Envelopes = append(req.Envelopes, &eventv1.Envelope{
			Id: newID(), Source: "aftersales/intake", Type: "aftersales.case.updated.v1", Key: "k", Sequence: w.sequence(), Time: timestamppb.New(w.clock.Now()), Data: data,
		})
	}
	_, err := w.Deliver(w.service(), req)
	require.NoError(w.t, err)
	_, err = w.Deliver(w.service(), req)
	require.NoError(w.t, err, "a repeat is harmless")
}

// sequence numbers events as intake would.
func (w *world) sequence() int64 { w.told++; return w.told }

func (w *world) states(caseID string) map[surveyv1.Invitation_Purpose]string {
	w.t.Helper()
	list, err := w.ListInvitations(w.as(manager), &surveyv1.ListInvitationsRequest{Filter: fmt.Sprintf(`case="cases/%s"`, caseID)})
	require.NoError(w.t, err)
	out := map[surveyv1.Invitation_Purpose]string{}
	for _, inv := range list.GetInvitations() {
		out[inv.GetPurpose()] = inv.GetState().String() + " " + inv.GetReason()
	}
	return out
}

func TestCourseOfTheCaseCancels(t *testing.T) {
	everywhere(t, demo, func(t *testing.T, w *world) {
		for _, id := range []string{"closed", "withdrawn", "reopened"} {
			w.invited(asks(id, surveyv1.Invitation_SURVEY))
			w.invited(asks(id, surveyv1.Invitation_CALL_BACK_WEEK))
		}
		w.hears(
			&eventv1.CaseChanged{Case: "cases/closed", State: "CLOSED", Kind: "COMPLAINT", Round: 1},
			&eventv1.CaseChanged{Case: "cases/withdrawn", State: "WITHDRAWN", Kind: "COMPLAINT", Round: 1},
			&eventv1.CaseChanged{Case: "cases/reopened", State: "UNDER_INVESTIGATION", Kind: "COMPLAINT", Round: 2},
		)
		survey, week := surveyv1.Invitation_SURVEY, surveyv1.Invitation_CALL_BACK_WEEK
		require.Equal(t, map[surveyv1.Invitation_Purpose]string{survey: "CANCELLED CASE_CLOSED", week: "SCHEDULED "}, w.states("closed"))
		require.Equal(t, map[surveyv1.Invitation_Purpose]string{survey: "CANCELLED CASE_WITHDRAWN", week: "CANCELLED CASE_WITHDRAWN"}, w.states("withdrawn"))
		require.Equal(t, map[surveyv1.Invitation_Purpose]string{survey: "CANCELLED CASE_REOPENED", week: "CANCELLED CASE_REOPENED"}, w.states("reopened"))
		w.sweep()
		require.Empty(t, w.driver.sent)
		w.clock.Advance(7 * oneDay)
		require.Len(t, w.mine(caller), 1, "the closed case's customer is called all the same") // R173

		late := w.invited(asks("withdrawn", surveyv1.Invitation_CALL_BACK_MONTH))
		require.Equal(t, surveyv1.Invitation_CANCELLED, late.GetState(), "news may overtake the call that asks")
	})
}

func TestUnknownEventsArePassedOver(t *testing.T) {
	everywhere(t, demo, func(t *testing.T, w *world) {
		w.hears(&eventv1.WorkOrderChanged{WorkOrder: "workOrders/1"}, &eventv1.CodeChanged{Axis: "CONTENT_CLASS", Code: "FEE", LabelZh: "收费", LabelEn: "Fee", Active: true})
		_, err := w.Deliver(w.as(manager), &eventv1.DeliverRequest{})
		refused(t, err, codes.PermissionDenied, "PERMISSION_DENIED")
	})
}

// R181 R183: the archive gets the papers; a closing looks at answers that are still on their way.
func TestCaseFile(t *testing.T) {
	everywhere(t, demo, func(t *testing.T, w *world) {
		empty, err := w.ExportCase(w.service(), &surveyv1.ExportCaseRequest{Case: "cases/none"})
		require.NoError(t, err)
		require.True(t, proto.Equal(&surveyv1.ExportCaseResponse{}, empty))

		inv := w.invited(asks("c1", surveyv1.Invitation_SURVEY))
		w.sweep()
		_, err = w.public.Respond(t.Context(), good(inv.GetToken()))
		require.NoError(t, err)
		file, err := w.ExportCase(w.service(), &surveyv1.ExportCaseRequest{Case: "cases/c1"})
		require.NoError(t, err)
		require.EqualValues(t, 1, file.GetLastSequence())
		require.Len(t, file.GetResponses(), 1)
		require.True(t, file.GetResponses()[0].GetSolved())
		require.Len(t, file.GetDocuments(), 1)
		content := file.GetDocuments()[0].GetContent()
		require.NotContains(t, string(content), inv.GetToken(), "the token is a key")
		require.NotContains(t, string(content), "13800138000")
		var paper struct {
			Deliveries []struct{ Result string }
			Responses  []struct {
				Answer struct{ Comment string }
			}
		}
		require.NoError(t, json.Unmarshal(content, &paper))
		require.Equal(t, "ACCEPTED", paper.Deliveries[0].Result)
		require.Equal(t, "师傅很专业，满意", paper.Responses[0].Answer.Comment)
		again, err := w.ExportCase(w.service(), &surveyv1.ExportCaseRequest{Case: "cases/c1"})
		require.NoError(t, err)
		require.Equal(t, content, again.GetDocuments()[0].GetContent(), "the same facts give the same bytes")
		_, err = w.ExportCase(w.as(manager), &surveyv1.ExportCaseRequest{Case: "cases/c1"})
		refused(t, err, codes.PermissionDenied, "PERMISSION_DENIED")
	})
}

// R177 R199 R210 R223 R232 R264
func TestStatistics(t *testing.T) {
	everywhere(t, Config{DemoShowsTokens: true}, func(t *testing.T, w *world) {
		for n, overall := range []int32{5, 4, 1, 0} { // the last does not answer
			id := fmt.Sprintf("c%d", n)
			inv := w.invited(asks(id, surveyv1.Invitation_SURVEY))
			w.hears(&eventv1.CaseChanged{Case: "cases/" + id, State: "RESOLVED", Round: 1, ContentClass: []string{"FEE", "PARTS"}[n%2], Model: "XQG100"})
			w.sweep()
			if overall > 0 {
				req := &surveyv1.RespondRequest{Token: inv.GetToken(), Solved: proto.Bool(overall > 1), Ratings: map[string]int32{"overall": overall}}
				_, err := w.public.Respond(t.Context(), req)
				require.NoError(t, err)
			}
		}
		w.clock.Advance(31 * oneDay)
		w.sweep()
		got, err := w.GetSurveyStatistics(w.as(manager), &surveyv1.GetSurveyStatisticsRequest{GroupBy: surveyv1.GetSurveyStatisticsRequest_CONTENT_CLASS})
		require.NoError(t, err)
		total := got.GetTotal()
		require.EqualValues(t, 4, total.GetBasis().GetPopulation())
		require.EqualValues(t, 1, total.GetBasis().GetExpired())
		require.EqualValues(t, 4, total.GetBasis().GetReached())
		require.InDelta(t, 0.75, total.GetBasis().GetResponseRate(), 1e-9)
		require.InDelta(t, 1, total.GetBasis().GetSamplingRate(), 1e-9)
		require.EqualValues(t, 2, total.GetSolved())
		require.InDelta(t, 2.0/3, total.GetSatisfiedRate(), 1e-9)
		require.Equal(t, "总体满意度", total.GetDimensions()[0].GetLabel())
		require.InDelta(t, 10.0/3, total.GetDimensions()[0].GetMean(), 1e-9)
		require.Equal(t, []int64{1, 0, 0, 1, 1}, total.GetDimensions()[0].GetDistribution())
		require.Len(t, got.GetGroups(), 2)
		require.Equal(t, "FEE", got.GetGroups()[0].GetKey())
		require.EqualValues(t, 2, got.GetGroups()[0].GetBasis().GetResponded())

		months, err := w.GetSurveyStatistics(w.as(manager), &surveyv1.GetSurveyStatisticsRequest{GroupBy: surveyv1.GetSurveyStatisticsRequest_MONTH})
		require.NoError(t, err)
		require.Len(t, months.GetGroups(), 1)
		require.Equal(t, "2026-11", months.GetGroups()[0].GetKey())
		_, err = w.GetSurveyStatistics(w.as(manager), &surveyv1.GetSurveyStatisticsRequest{StartTime: timestamppb.New(w.clock.Now())})
		refused(t, err, codes.InvalidArgument, "FIELD_INVALID")
		other, err := w.GetSurveyStatistics(w.as(person("users/s", provider, "manager")), &surveyv1.GetSurveyStatisticsRequest{})
		require.NoError(t, err)
		require.Zero(t, other.GetTotal().GetBasis().GetPopulation())
		require.Nil(t, other.GetTotal().SatisfiedRate)
	})
}
