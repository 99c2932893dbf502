package intake

import (
	"bytes"
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
	surveyv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/survey/v1"
)

type eventPayload = proto.Message

func reasonOf(err error) string { return apierr.Reason(err) }

func envelope(t *testing.T, p eventPayload, source, name string, seq int64) *eventv1.Envelope {
	t.Helper()
	data, err := anypb.New(p)
	require.NoError(t, err)
	return &eventv1.Envelope{Id: uuid.NewString(), Source: source, Type: "aftersales.test.v1", Subject: name, Key: name, Sequence: seq, Time: timestamppb.Now(), Data: data}
}

// The closed loop of api.md section 4, as far as intake carries it.
func TestTheClosedLoop(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.resolved()
		require.Equal(t, intakev1.Case_RESOLVED, c.GetState())
		require.Equal(t, "已解决", c.GetStateLabel())
		for range 3 { // survey, after a week, after a month (R173)
			<-w.survey.invited
		}
		w.answer(c, good())
		closed, err := w.cases.CloseCase(w.as(manager), &intakev1.CloseCaseRequest{
			Name: c.GetName(), Summary: &intakev1.ClosingSummary{RootCause: "密封圈批次不良", Measures: "抽检同批"},
		})
		require.NoError(t, err)
		require.Equal(t, intakev1.Case_CLOSED, closed.GetState())
		require.Equal(t, intakev1.Case_CONFIRMED, closed.GetCloseBasis())
		require.Equal(t, int32(5), closed.GetClosingSummary().GetOverall()) // R203
		require.Equal(t, "users/manager", closed.GetClosingSummary().GetApprover())

		archived, err := w.cases.ArchiveCase(w.as(manager), &intakev1.ArchiveCaseRequest{Name: c.GetName()})
		require.NoError(t, err)
		require.Equal(t, intakev1.Case_ARCHIVED, archived.GetState())
		report := w.verifyArchive(c.GetName(), 0)
		require.Equal(t, closed.GetCaseNumber(), report.Manifest.Number)
		require.Equal(t, map[string]int64{"dispatch": 7, "survey": 1}, report.Manifest.Sources)
		require.Equal(t, archived.GetRounds()[0].GetArchive().GetManifestDigest(), report.Digest)

		require.Subset(t, w.eventNames(c.GetName()), []string{ // R184
			"CASE_RECEIVED", "CASE_ACCEPTED", "INVESTIGATION_STARTED", "INVESTIGATION_CONCLUDED", "SOLUTION_PROPOSED", "SOLUTION_AGREED", "SERVICE_STARTED",
			"WORK_ORDER_CONFIRMED", "MEASURES_DONE", "SURVEY_RESPONDED", "CASE_CLOSED", "CASE_ARCHIVED", "NOTICE_DELIVERED",
		})
		w.until(c.GetName(), "archived")
		require.Equal(t, []string{
			"received", "accepted", "under_investigation", "updated", "solution_proposed", "solution_agreed", "in_service", "resolved", "updated", "closed", "archived",
		}, w.gateway.of(c.GetName()), "every change, in order")
	})
}

func (w *world) verifyArchive(name string, round int32) ArchiveReport {
	w.t.Helper()
	file, err := w.cases.GetArchive(w.as(manager), &intakev1.GetArchiveRequest{Name: name + "/archive", Round: round})
	require.NoError(w.t, err)
	require.Equal(w.t, "application/zip", file.GetContentType())
	signer := w.ring.ArchiveSigner()
	report, err := VerifyArchive(bytes.NewReader(file.GetData()), int64(len(file.GetData())), map[string]ed25519.PublicKey{signer.KeyID(): signer.Public()})
	require.NoError(w.t, err)
	require.Empty(w.t, report.Problems)
	return report
}

// R81, R256: one call, closed by policy, a sample asked by survey.
func TestAnEnquiryIsResolvedInOneCall(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		filing := ofKind(intakev1.Case_ENQUIRY)
		filing.Resolution = &intakev1.Resolution{Explanation: "长按三秒"}
		c := w.file(agent, filing)
		require.Equal(t, intakev1.Case_CLOSED, c.GetState())
		require.Equal(t, intakev1.Case_FIRST_CONTACT, c.GetCloseBasis())
		require.True(t, c.GetResolution().GetFirstContact())
		<-w.survey.invited
		require.Equal(t, surveyv1.Invitation_SURVEY, w.survey.asked[0].GetPurpose())

		later := w.file(agent, ofKind(intakev1.Case_ENQUIRY))
		require.Equal(t, intakev1.Case_RECEIVED, later.GetState())
		now, err := w.cases.ResolveCaseNow(w.as(agent), &intakev1.ResolveCaseNowRequest{Name: later.GetName(), Resolution: filing.GetResolution()})
		require.NoError(t, err)
		require.Equal(t, intakev1.Case_CLOSED, now.GetState())
		w.until(later.GetName(), "closed")
		require.Equal(t, []string{"received", "resolved", "closed"}, w.gateway.of(later.GetName()))

		_, err = w.cases.ResolveCaseNow(w.as(agent), &intakev1.ResolveCaseNowRequest{Name: w.file(agent, complaint()).GetName(), Resolution: filing.GetResolution()})
		requireReason(t, err, "CASE_KIND_INVALID")
	})
}

// R256: a service request goes to its visit; the customer confirms.
func TestAServiceRequestGoesToAVisit(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.accepted(ofKind(intakev1.Case_SERVICE_REQUEST))
		w.until(c.GetName(), "in_service")
		order := w.dispatch.orders(c.GetName())[0]
		require.Equal(t, "13800138000", order.GetCustomer().GetPhone(), "dispatch gets the contact unmasked")
		require.Equal(t, "SN-1", order.GetProduct().GetSerialNumber())
		require.Equal(t, brand, order.GetOwnerOrg())
		c = w.get(c.GetName())
		w.orderStep(c, order.GetName(), "QUOTE_AGREED", "", 1)
		require.Equal(t, "IN_SERVICE", w.state(c.GetName()))
		w.orderStep(c, order.GetName(), "CONFIRMED", "FIXED", 0)
		require.Equal(t, "RESOLVED", w.state(c.GetName()))
	})
}

// The fee is refused at the door: another solution is needed, and may be agreed.
func TestAFeeRefusedAtTheDoor(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.accepted(ofKind(intakev1.Case_SERVICE_REQUEST))
		w.until(c.GetName(), "in_service")
		c = w.get(c.GetName())
		w.orderStep(c, w.dispatch.last(c.GetName()), "DONE", "FEE_REFUSED", 0)
		require.Equal(t, "SOLUTION_PROPOSED", w.state(c.GetName()))

		w.agree(w.propose(c.GetName(), "EXCHANGE"))
		w.gateway.wait(t, func(e *eventv1.Envelope) bool {
			var p eventv1.CaseChanged
			return e.GetSubject() == c.GetName() && e.GetData().UnmarshalTo(&p) == nil && p.GetState() == "IN_SERVICE" && p.GetPreviousState() == "SOLUTION_AGREED"
		})
		require.Len(t, w.dispatch.orders(c.GetName()), 2)
		c = w.get(c.GetName())
		w.orderStep(c, w.dispatch.last(c.GetName()), "CONFIRMED", "FIXED", 0)
		require.Equal(t, "RESOLVED", w.state(c.GetName()))
	})
}

// R127: an explanation alone needs no visit.
func TestAnExplanationResolvesWhenItIsDelivered(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.concluded()
		s := w.propose(c.GetName(), "EXPLANATION")
		w.agree(s)
		w.until(c.GetName(), "resolved")
		require.Empty(t, w.dispatch.orders(c.GetName()))
		got, err := w.solutions.GetSolution(w.as(agent), &intakev1.GetSolutionRequest{Name: s.GetName()})
		require.NoError(t, err)
		require.Equal(t, intakev1.Solution_CARRIED_OUT, got.GetState())
		attempts, err := w.contacts.ListContactAttempts(w.as(agent), &intakev1.ListContactAttemptsRequest{Parent: c.GetName()})
		require.NoError(t, err)
		require.ElementsMatch(t, []string{"ACKNOWLEDGEMENT", "EXPLANATION"}, notices(attempts), "every attempt is a record")
	})
}

func notices(list *intakev1.ListContactAttemptsResponse) (all []string) {
	for _, a := range list.GetContactAttempts() {
		all = append(all, a.GetNotice())
	}
	return all
}

// R148: a payment is confirmed by finance; then the case is resolved.
func TestAPaymentIsConfirmed(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.concluded()
		s := w.propose(c.GetName(), "VOUCHER")
		w.agree(s)
		require.Equal(t, "SOLUTION_AGREED", w.state(c.GetName()))
		_, err := w.solutions.ConfirmMeasure(w.as(finance), &intakev1.ConfirmMeasureRequest{Name: s.GetName(), MeasureId: "1", Reference: "PAY-1"})
		require.NoError(t, err)
		require.Equal(t, "RESOLVED", w.state(c.GetName()))
		_, err = w.solutions.ConfirmMeasure(w.as(finance), &intakev1.ConfirmMeasureRequest{Name: s.GetName(), MeasureId: "1"})
		requireReason(t, err, "CASE_STATE_INVALID")
	})
}

// A bad answer reopens with the new claim on record (R171, R172); the second archive carries the digest of the first.
func TestRoundsAfterABadAnswerAndAfterTheArchive(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.resolved()
		bad := &eventv1.SurveyResponded{Invitation: "invitations/i1", NewClaim: "要求上门检测", Comment: "没解决", Overall: 1}
		w.answer(c, bad)
		c = w.get(c.GetName())
		require.Equal(t, intakev1.Case_UNDER_INVESTIGATION, c.GetState())
		require.Equal(t, int32(2), c.GetRound())
		require.Equal(t, "要求上门检测", c.GetRounds()[1].GetReason())
		_, err := w.cases.CloseCase(w.as(manager), &intakev1.CloseCaseRequest{Name: c.GetName()})
		requireReason(t, err, "CASE_STATE_INVALID")

		w.finishRound(c.GetName())
		first := w.verifyArchive(c.GetName(), 0)
		require.Nil(t, first.Manifest.Previous)
		_, err = w.cases.ReopenCase(w.as(agent), &intakev1.ReopenCaseRequest{Name: c.GetName(), Reason: "又漏水了"})
		require.NoError(t, err)
		require.Equal(t, int32(3), w.get(c.GetName()).GetRound())
		w.finishRound(c.GetName())
		second := w.verifyArchive(c.GetName(), 3)
		require.Equal(t, first.Digest, second.Manifest.Previous.ManifestDigest)
		require.Equal(t, first.Digest, w.verifyArchive(c.GetName(), 2).Digest, "the first archive stays")
	})
}

// finishRound brings a reopened complaint to its archive by an explanation.
func (w *world) finishRound(name string) {
	w.t.Helper()
	w.conclude(name)
	round := w.get(name).GetRound()
	w.agree(w.propose(name, "EXPLANATION"))
	w.gateway.wait(w.t, func(e *eventv1.Envelope) bool {
		var p eventv1.CaseChanged
		return e.GetSubject() == name && e.GetData().UnmarshalTo(&p) == nil && p.GetState() == "RESOLVED" && p.GetRound() == round
	})
	w.answer(w.get(name), &eventv1.SurveyResponded{Invitation: uuid.NewString(), Solved: true, Satisfied: true, Overall: 5})
	_, err := w.cases.CloseCase(w.as(manager), &intakev1.CloseCaseRequest{Name: name, Summary: &intakev1.ClosingSummary{RootCause: "x"}})
	require.NoError(w.t, err)
	_, err = w.cases.ArchiveCase(w.as(manager), &intakev1.ArchiveCaseRequest{Name: name})
	require.NoError(w.t, err)
}

// Closing basis NO_REPLY: attempts in different half-days, written notice, waiting time by the clock (process.md).
func TestASilentCustomer(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.concluded()
		w.propose(c.GetName(), "REPAIR_AGAIN")
		noReply := &intakev1.CloseCaseRequest{Name: c.GetName(), CloseBasis: intakev1.Case_NO_REPLY, Summary: &intakev1.ClosingSummary{RootCause: "x"}}
		_, err := w.cases.CloseCase(w.as(manager), noReply)
		requireReason(t, err, "CLOSING_CONDITION_UNMET")
		w.tried(c.GetName(), intakev1.ContactAttempt_NO_ANSWER)
		w.tried(c.GetName(), intakev1.ContactAttempt_NO_ANSWER) // the same half-day counts once
		w.clock.Advance(13 * time.Hour)
		w.tried(c.GetName(), intakev1.ContactAttempt_BUSY)
		require.Empty(t, flagsOf(w.get(c.GetName()), "UNREACHABLE"))
		w.clock.Advance(13 * time.Hour)
		w.tried(c.GetName(), intakev1.ContactAttempt_NO_ANSWER)
		require.NotEmpty(t, flagsOf(w.get(c.GetName()), "UNREACHABLE"))
		w.untilEntry(c.GetName(), "NO_REPLY_NOTICE")

		_, err = w.cases.CloseCase(w.as(manager), noReply)
		requireReason(t, err, "CLOSING_CONDITION_UNMET")
		w.clock.Advance(7*24*time.Hour + time.Second)
		require.NoError(t, w.svc.worker.Sweep(t.Context()))
		require.NotEmpty(t, flagsOf(w.get(c.GetName()), "NO_REPLY_READY"))
		closed, err := w.cases.CloseCase(w.as(manager), noReply)
		require.NoError(t, err)
		require.Equal(t, intakev1.Case_NO_REPLY, closed.GetCloseBasis())
		require.True(t, closed.GetClosingSummary().GetInTime(), "while the customer cannot be reached, promises that may pause stand (process.md)")
	})
}

func (w *world) tried(name string, result intakev1.ContactAttempt_Result) {
	w.t.Helper()
	_, err := w.contacts.CreateContactAttempt(w.as(agent), &intakev1.CreateContactAttemptRequest{
		Parent: name, ContactAttempt: &intakev1.ContactAttempt{Channel: "OUTBOUND_CALL", Result: result, Points: "无人接听"},
	})
	require.NoError(w.t, err)
}

// untilEntry waits until a notice is written down; what wakes is the job client, not the test.
func (w *world) untilEntry(name, notice string) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		for _, e := range w.entries(name) {
			if e.GetFacts()["notice"] == notice {
				return true
			}
		}
		return false
	}, patience, 5*time.Millisecond)
}

func flagsOf(c *intakev1.Case, code string) (found []*intakev1.Flag) {
	for _, f := range c.GetFlags() {
		if f.GetCode() == code {
			found = append(found, f)
		}
	}
	return found
}

// A customer who is reached ends the way to NO_REPLY.
func TestReachingTheCustomerEndsTheWaiting(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.concluded()
		for range 3 {
			w.tried(c.GetName(), intakev1.ContactAttempt_NO_ANSWER)
			w.clock.Advance(13 * time.Hour)
		}
		w.untilEntry(c.GetName(), "NO_REPLY_NOTICE")
		w.tried(c.GetName(), intakev1.ContactAttempt_REACHED)
		w.clock.Advance(30 * 24 * time.Hour)
		require.Empty(t, flagsOf(w.get(c.GetName()), "UNREACHABLE"))
		_, err := w.cases.CloseCase(w.as(manager), &intakev1.CloseCaseRequest{Name: c.GetName(), CloseBasis: intakev1.Case_NO_REPLY})
		requireReason(t, err, "CLOSING_CONDITION_UNMET")
	})
}

// Withdrawing calls off what runs (process.md: customer changes mind).
func TestWithdrawingCancelsTheVisit(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c, _ := w.inService()
		w.dispatch.called(t)
		_, err := w.cases.WithdrawCase(w.as(agent), &intakev1.WithdrawCaseRequest{Name: c.GetName(), Reason: "找到遥控器了"})
		require.NoError(t, err)
		w.dispatch.called(t)
		require.Contains(t, w.dispatch.cancelled, c.GetName())
		require.Equal(t, "WITHDRAWN", w.state(c.GetName()))
		_, err = w.cases.AcceptCase(w.as(agent), &intakev1.AcceptCaseRequest{Name: c.GetName(), ContentClass: "OTHER"})
		requireReason(t, err, "CASE_STATE_INVALID")
	})
}

// A response whose event is still on its way is fetched; the event finds it known.
func TestClosingFetchesTheAnswer(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.resolved()
		req := &intakev1.CloseCaseRequest{Name: c.GetName(), Summary: &intakev1.ClosingSummary{RootCause: "x"}}
		_, err := w.cases.CloseCase(w.as(manager), req)
		requireReason(t, err, "CLOSING_CONDITION_UNMET")
		given := good()
		w.survey.answered(c, given, w.clock.Now())
		closed, err := w.cases.CloseCase(w.as(manager), req)
		require.NoError(t, err)
		require.Equal(t, intakev1.Case_CONFIRMED, closed.GetCloseBasis())
		w.deliver(given, "aftersales/survey", c.GetName(), 1)
		count := 0
		for _, name := range w.eventNames(c.GetName()) {
			if name == "SURVEY_RESPONDED" {
				count++
			}
		}
		require.Equal(t, 1, count)
		require.Equal(t, "CLOSED", w.state(c.GetName()))
	})
}
