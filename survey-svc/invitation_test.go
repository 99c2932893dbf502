package survey

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
)

var demo = Config{DemoShowsTokens: true, LinkBase: "https://shop.example/s/"}

func refused(t *testing.T, err error, code codes.Code, reason string) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, code, status.Code(err), err)
	require.Equal(t, reason, apierr.Reason(err), err)
}

func good(token string) *surveyv1.RespondRequest {
	return &surveyv1.RespondRequest{
		Token: token, Solved: proto.Bool(true), Ratings: map[string]int32{"overall": 5, "attitude": 4}, Comment: "师傅很专业，满意",
	}
}

// R169 R170 R175 R176 R218: asked after the work, answered by link without a login, told to intake and the gateway.
func TestFromInvitationToAnswer(t *testing.T) {
	everywhere(t, demo, func(t *testing.T, w *world) {
		inv := w.invited(asks("c1", surveyv1.Invitation_SURVEY))
		require.Equal(t, surveyv1.Invitation_SCHEDULED, inv.GetState())
		w.sweep()
		message := w.driver.one(t)
		require.Equal(t, "13800138000", message.To.Phone)
		require.Equal(t, "https://shop.example/s/"+inv.GetToken(), message.Link)

		page, err := w.public.GetInvitationByToken(t.Context(), &surveyv1.GetInvitationByTokenRequest{Token: inv.GetToken()})
		require.NoError(t, err)
		require.Equal(t, surveyv1.Invitation_DELIVERED, page.GetState())
		require.Equal(t, "solved", page.GetQuestions()[0].GetField())
		require.Contains(t, page.GetQuestions()[1].GetText(), "满意") // R170

		w.clock.Advance(time.Hour)
		answered, err := w.public.Respond(t.Context(), good(inv.GetToken()))
		require.NoError(t, err)
		require.Equal(t, surveyv1.Invitation_RESPONDED, answered.GetState())
		require.True(t, answered.GetResponse().GetSolved())
		require.True(t, answered.GetResponse().GetSatisfied(), "overall 5 is satisfied") // R170
		require.False(t, answered.GetResponse().GetSatisfiedTold())
		require.Equal(t, "SATISFIED", answered.GetResponse().GetSentiment()) // R229
		require.Equal(t, "满意", answered.GetResponse().GetSentimentLabel())
		require.Equal(t, "SERVICE_ATTITUDE", answered.GetResponse().GetTopics()[0].GetCode()) // R228
		w.drain()
		for _, neighbour := range []*inbox{w.intake, w.gateway} {
			require.Len(t, neighbour.envelopes(), 1)
			checkResponded(t, neighbour.envelopes()[0], w.clock.Now())
		}
	})
}

func checkResponded(t *testing.T, envelope *eventv1.Envelope, at time.Time) {
	t.Helper()
	require.Equal(t, "aftersales.survey.responded.v1", envelope.GetType())
	require.Equal(t, "cases/c1", envelope.GetKey())
	require.EqualValues(t, 1, envelope.GetSequence())
	require.Equal(t, brand, envelope.GetOwnerOrg())
	told := &eventv1.SurveyResponded{}
	require.NoError(t, envelope.GetData().UnmarshalTo(told))
	require.True(t, told.GetSolved() && told.GetSatisfied())
	require.EqualValues(t, 5, told.GetOverall())
	require.Equal(t, map[string]int32{"attitude": 4}, told.GetRatings())
	require.Equal(t, "LINK", told.GetChannel())
	step := told.GetStep() // R184 R186: time, place, person, event, points
	require.Equal(t, "SURVEY_RESPONDED", step.GetEvent())
	require.Equal(t, "customer", step.GetActor())
	require.Equal(t, "师傅很专业，满意", step.GetPoints())
	require.Equal(t, at.UnixMicro(), step.GetOccurredUs())
	require.NotContains(t, step.GetFacts(), "comment", "facts are never personal")
	require.Equal(t, "SATISFIED", told.GetSentiment())
	require.Contains(t, told.GetTopics(), "SERVICE_ATTITUDE")
}

func TestHolderSeesNothingInternal(t *testing.T) {
	everywhere(t, demo, func(t *testing.T, w *world) {
		inv := w.invited(asks("c1", surveyv1.Invitation_SURVEY))
		page, err := w.public.GetInvitationByToken(t.Context(), &surveyv1.GetInvitationByTokenRequest{Token: inv.GetToken(), LanguageCode: "en"})
		require.NoError(t, err)
		require.Equal(t, "Has your problem been solved?", page.GetQuestions()[0].GetText())
		require.Equal(t, "Scheduled", page.GetStateLabel())
		require.Empty(t, page.GetCase()+page.GetOwnerOrg()+page.GetServingOrg()+page.GetToken()+page.GetCallBack())
		require.Nil(t, page.GetContact())
		inEnglish := metadata.AppendToOutgoingContext(t.Context(), "accept-language", "en")
		page, err = w.public.GetInvitationByToken(inEnglish, &surveyv1.GetInvitationByTokenRequest{Token: inv.GetToken()})
		require.NoError(t, err)
		require.Equal(t, "Satisfaction survey", page.GetPurposeLabel())
		_, err = w.public.GetInvitationByToken(t.Context(), &surveyv1.GetInvitationByTokenRequest{Token: "no-such-token-anywhere"})
		refused(t, err, codes.NotFound, "RESOURCE_NOT_FOUND")
	})
}

func TestRepeatedAnswersAreOneAnswer(t *testing.T) {
	everywhere(t, demo, func(t *testing.T, w *world) {
		inv := w.invited(asks("c1", surveyv1.Invitation_SURVEY))
		req := good(inv.GetToken())
		var wait sync.WaitGroup
		for n := range 16 {
			wait.Go(func() {
				again := proto.Clone(req).(*surveyv1.RespondRequest)
				if n%2 == 0 {
					again.RequestId = "retry"
				}
				got, err := w.public.Respond(t.Context(), again)
				if assertNoError(t, err) {
					requireEqual(t, int32(1), got.GetResponse().GetRevision())
				}
			})
		}
		wait.Wait()
		w.drain()
		require.Len(t, w.intake.envelopes(), 1)
		require.Len(t, w.gateway.envelopes(), 1)
	})
}

// assertNoError and requireEqual may be called outside the test's goroutine.
func assertNoError(t *testing.T, err error) bool {
	if err != nil {
		t.Errorf("unexpected: %v", err)
	}
	return err == nil
}

func requireEqual[T comparable](t *testing.T, want, got T) {
	if want != got {
		t.Errorf("want %v, got %v", want, got)
	}
}

func TestSecondThoughts(t *testing.T) {
	everywhere(t, demo, func(t *testing.T, w *world) {
		inv := w.invited(asks("c1", surveyv1.Invitation_SURVEY))
		_, err := w.public.Respond(t.Context(), good(inv.GetToken()))
		require.NoError(t, err)
		w.clock.Advance(23 * time.Hour)
		worse := &surveyv1.RespondRequest{Token: inv.GetToken(), Solved: proto.Bool(false), Satisfied: proto.Bool(false), NewClaim: "又漏水了"}
		amended, err := w.public.Respond(t.Context(), worse)
		require.NoError(t, err)
		require.EqualValues(t, 2, amended.GetResponse().GetRevision())
		w.drain()
		require.Len(t, w.intake.envelopes(), 2)
		require.EqualValues(t, 2, w.intake.envelopes()[1].GetSequence())

		w.clock.Advance(2 * time.Hour)
		_, err = w.public.Respond(t.Context(), good(inv.GetToken()))
		refused(t, err, codes.FailedPrecondition, "RESPONSE_FINAL")
		again, err := w.public.Respond(t.Context(), worse)
		require.NoError(t, err, "a repeat is answered at any time")
		require.EqualValues(t, 2, again.GetResponse().GetRevision())
	})
}

func TestRequestIDsOfTwoLinksDoNotMeet(t *testing.T) {
	everywhere(t, demo, func(t *testing.T, w *world) {
		a, b := w.invited(asks("c1", surveyv1.Invitation_SURVEY)), w.invited(asks("c2", surveyv1.Invitation_SURVEY))
		first, second := good(a.GetToken()), good(b.GetToken())
		first.RequestId, second.RequestId = "1", "1"
		_, err := w.public.Respond(t.Context(), first)
		require.NoError(t, err)
		_, err = w.public.Respond(t.Context(), second)
		require.NoError(t, err)
		first.Comment = "other words"
		_, err = w.public.Respond(t.Context(), first)
		refused(t, err, codes.AlreadyExists, "IDEMPOTENCY_KEY_REUSED")
	})
}

func TestBadAnswersChangeNothing(t *testing.T) {
	everywhere(t, demo, func(t *testing.T, w *world) {
		token := w.invited(asks("c1", surveyv1.Invitation_SURVEY)).GetToken()
		for name, req := range map[string]*surveyv1.RespondRequest{
			"solved is not told":            {Token: token, Ratings: map[string]int32{"overall": 5}},
			"rating of six":                 {Token: token, Solved: proto.Bool(true), Ratings: map[string]int32{"overall": 6}},
			"rating of a strange name":      {Token: token, Solved: proto.Bool(true), Ratings: map[string]int32{"<script>": 5}},
			"neither satisfied nor overall": {Token: token, Solved: proto.Bool(true)},
		} {
			_, err := w.public.Respond(t.Context(), req)
			refused(t, err, codes.InvalidArgument, "FIELD_INVALID")
			require.NotEmpty(t, name)
		}
		_, err := w.public.Respond(t.Context(), good("no-such-token-anywhere"))
		refused(t, err, codes.NotFound, "RESOURCE_NOT_FOUND")
		page, err := w.public.GetInvitationByToken(t.Context(), &surveyv1.GetInvitationByTokenRequest{Token: token})
		require.NoError(t, err)
		require.Nil(t, page.GetResponse())
		w.drain()
		require.Empty(t, w.intake.envelopes())
	})
}

func TestNobodyAnswersInTime(t *testing.T) {
	everywhere(t, demo, func(t *testing.T, w *world) {
		inv := w.invited(asks("c1", surveyv1.Invitation_SURVEY))
		w.sweep()
		w.clock.Advance(30 * oneDay)
		_, err := w.public.Respond(t.Context(), good(inv.GetToken()))
		refused(t, err, codes.FailedPrecondition, "INVITATION_EXPIRED")
		w.sweep()
		list, err := w.ListInvitations(w.as(manager), &surveyv1.ListInvitationsRequest{Filter: `state=EXPIRED AND case="cases/c1"`})
		require.NoError(t, err)
		require.Len(t, list.GetInvitations(), 1)
		require.Equal(t, "已过期", list.GetInvitations()[0].GetStateLabel())
	})
}

func TestIntakeAsksTwice(t *testing.T) {
	everywhere(t, demo, func(t *testing.T, w *world) {
		req := asks("c1", surveyv1.Invitation_SURVEY)
		req.RequestId = "job-1"
		first := w.invited(req)
		again := w.invited(req)
		require.True(t, proto.Equal(first, again))
		req.RequestId = "job-2"
		require.Equal(t, first.GetName(), w.invited(req).GetName(), "one per case, round and purpose")
		req.Round, req.RequestId = 2, "job-3"
		require.NotEqual(t, first.GetName(), w.invited(req).GetName())
	})
}

func TestWhoMayAskAndList(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		_, err := w.CreateInvitation(w.as(manager), asks("c1", surveyv1.Invitation_SURVEY))
		refused(t, err, codes.PermissionDenied, "PERMISSION_DENIED")
		_, err = w.public.CreateInvitation(t.Context(), asks("c1", surveyv1.Invitation_SURVEY))
		refused(t, err, codes.Unauthenticated, "UNAUTHENTICATED")
		inv := w.invited(asks("c1", surveyv1.Invitation_SURVEY))
		require.Empty(t, inv.GetToken(), "tokens are shown in a demo only")
		_, err = w.ListInvitations(w.as(person("users/e", brand, auth.RoleEngineer)), &surveyv1.ListInvitationsRequest{})
		refused(t, err, codes.PermissionDenied, "PERMISSION_DENIED")
		list, err := w.ListInvitations(w.as(manager), &surveyv1.ListInvitationsRequest{})
		require.NoError(t, err)
		require.Len(t, list.GetInvitations(), 1)
		got := list.GetInvitations()[0]
		require.Empty(t, got.GetToken())
		require.Equal(t, "王*", got.GetContact().GetDisplayName())
		require.Equal(t, "138****8000", got.GetContact().GetPhone())
		for _, stranger := range []auth.Principal{person("users/s", "organisations/other", auth.RoleManager), person("users/p", provider, auth.RoleManager)} {
			list, err = w.ListInvitations(w.as(stranger), &surveyv1.ListInvitationsRequest{})
			require.NoError(t, err)
			require.Empty(t, list.GetInvitations())
		}
	})
}

func TestProtectedComplainantIsHiddenFromTheProvider(t *testing.T) {
	everywhere(t, demo, func(t *testing.T, w *world) {
		req := asks("c1", surveyv1.Invitation_SURVEY)
		req.ServingOrg, req.Confidentiality = provider, "PROTECTED"
		inv := w.invited(req)
		_, err := w.public.Respond(t.Context(), good(inv.GetToken()))
		require.NoError(t, err)
		list, err := w.ListInvitations(w.as(person("users/p", provider, auth.RoleManager)), &surveyv1.ListInvitationsRequest{})
		require.NoError(t, err)
		got := list.GetInvitations()[0]
		require.Nil(t, got.GetContact())
		require.Empty(t, got.GetResponse().GetComment())
		require.EqualValues(t, 5, got.GetResponse().GetRatings()["overall"])
		list, err = w.ListInvitations(w.as(manager), &surveyv1.ListInvitationsRequest{})
		require.NoError(t, err)
		require.NotEmpty(t, list.GetInvitations()[0].GetResponse().GetComment())
	})
}

func TestPagesOfInvitations(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		for n := range 5 {
			w.invited(asks(fmt.Sprintf("c%d", n), surveyv1.Invitation_SURVEY))
			w.clock.Advance(time.Second)
		}
		var cases []string
		req := &surveyv1.ListInvitationsRequest{PageSize: 2}
		for {
			page, err := w.ListInvitations(w.as(manager), req)
			require.NoError(t, err)
			for _, inv := range page.GetInvitations() {
				cases = append(cases, inv.GetCase())
			}
			if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
				break
			}
		}
		require.Equal(t, []string{"cases/c4", "cases/c3", "cases/c2", "cases/c1", "cases/c0"}, cases)
		_, err := w.ListInvitations(w.as(manager), &surveyv1.ListInvitationsRequest{Filter: `contact="x"`})
		refused(t, err, codes.InvalidArgument, "FILTER_INVALID")
		_, err = w.ListInvitations(w.as(manager), &surveyv1.ListInvitationsRequest{PageToken: "garbage"})
		refused(t, err, codes.InvalidArgument, "PAGE_TOKEN_INVALID")
	})
}

// Each attempt is a record (R184), also one that failed.
func TestDeliveryIsTriedAgain(t *testing.T) {
	everywhere(t, demo, func(t *testing.T, w *world) {
		req := asks("c1", surveyv1.Invitation_SURVEY)
		req.NotBefore = timestamppb.New(t0.Add(time.Hour))
		w.invited(req)
		w.sweep()
		require.Empty(t, w.driver.sent, "not before its time")
		w.clock.Advance(time.Hour)
		w.driver.fail(true)
		w.sweep()
		w.sweep() // the pause is not over
		w.driver.fail(false)
		w.clock.Advance(2 * time.Minute)
		w.sweep()
		w.driver.one(t)
		list, err := w.ListInvitations(w.as(manager), &surveyv1.ListInvitationsRequest{})
		require.NoError(t, err)
		inv := list.GetInvitations()[0]
		require.Equal(t, surveyv1.Invitation_DELIVERED, inv.GetState())
		require.Len(t, inv.GetAttempts(), 2)
		require.Equal(t, surveyv1.DeliveryAttempt_FAILED, inv.GetAttempts()[0].GetResult())
		require.Equal(t, "gateway busy", inv.GetAttempts()[0].GetDetail())
		require.Equal(t, surveyv1.DeliveryAttempt_ACCEPTED, inv.GetAttempts()[1].GetResult())
		require.Equal(t, "fake-sms", inv.GetAttempts()[1].GetChannel())
	})
}
