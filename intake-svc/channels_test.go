package intake

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/platform/auth"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

var (
	legal     = staffOf("users/legal", brand, auth.RoleLegal)
	kiosk     = staffOf("users/kiosk-7", brand, auth.RoleKiosk)
	storeDesk = staffOf("users/store", brand, auth.RoleStore)
	telephone = auth.Principal{Kind: auth.Partner, Subject: "partners/pbx", Org: brand, Platform: "pbx", Scopes: []string{"calls.write"}}
)

func withForm() Config { return Config{ChannelConfig: ChannelConfig{WebForms: []string{brand}}} }

// R26, R53, R54: the form on the official site, without an account.
func TestThePublicForm(t *testing.T) {
	everywhere(t, withForm(), func(t *testing.T, w *world) {
		form := intakev1.NewPublicCaseServiceClient(w.open)
		req := &intakev1.CreatePublicCaseRequest{
			Organisation: brand, Kind: intakev1.Case_COMPLAINT, Customer: customer(), Problem: "洗衣机漏水", RequestId: uuid.NewString(),
		}
		filed, err := form.CreatePublicCase(t.Context(), req)
		require.NoError(t, err)
		again, err := form.CreatePublicCase(t.Context(), req)
		require.NoError(t, err)
		require.Equal(t, filed.GetCaseNumber(), again.GetCaseNumber(), "a repeat files nothing")

		progress, err := w.progress.GetProgress(t.Context(), &intakev1.GetProgressRequest{Token: filed.GetProgressToken()})
		require.NoError(t, err)
		require.Equal(t, filed.GetCaseNumber(), progress.GetCaseNumber())
		c := w.only("channel=WEB_FORM")
		require.Equal(t, brand, c.GetOwnerOrg())
		require.Equal(t, "138****8000", onlyMasked(t, w.list(otherAgent, "channel=WEB_FORM")).GetCustomer().GetPhone())

		for reason, spoil := range map[string]func(*intakev1.CreatePublicCaseRequest){
			"FORM_REFUSED":       func(r *intakev1.CreatePublicCaseRequest) { r.Website = "http://spam" },
			"RESOURCE_NOT_FOUND": func(r *intakev1.CreatePublicCaseRequest) { r.Organisation = provider },
			"FIELD_INVALID":      func(r *intakev1.CreatePublicCaseRequest) { r.Customer = &intakev1.Customer{DisplayName: "x"} },
		} {
			bad := &intakev1.CreatePublicCaseRequest{Organisation: brand, Kind: intakev1.Case_COMPLAINT, Customer: customer(), Problem: "洗衣机漏水"}
			spoil(bad)
			_, err := form.CreatePublicCase(t.Context(), bad)
			requireReason(t, err, reason)
		}
		_, err = form.CreatePublicCase(t.Context(), &intakev1.CreatePublicCaseRequest{
			Organisation: brand, Kind: intakev1.Case_COMPLAINT, Customer: customer(), Problem: "买 http://a http://b http://c",
		})
		requireReason(t, err, "FORM_REFUSED")
		require.Len(t, w.list(agent, "channel=WEB_FORM"), 1)
	})
}

func TestThePublicFormIsLimited(t *testing.T) {
	cfg := withForm()
	cfg.FormPerMinute = 2
	everywhere(t, cfg, func(t *testing.T, w *world) {
		form := intakev1.NewPublicCaseServiceClient(w.open)
		req := &intakev1.CreatePublicCaseRequest{Organisation: brand, Kind: intakev1.Case_FEEDBACK, Customer: customer(), Problem: "很好用的洗衣机"}
		for range 2 {
			_, err := form.CreatePublicCase(t.Context(), req)
			require.NoError(t, err)
		}
		_, err := form.CreatePublicCase(t.Context(), req)
		requireReason(t, err, "FORM_BUSY")
		w.clock.Advance(time.Minute)
		_, err = form.CreatePublicCase(t.Context(), req)
		require.NoError(t, err)
	})
}

func (w *world) list(p auth.Principal, filter string) []*intakev1.Case {
	w.t.Helper()
	list, err := w.cases.ListCases(w.as(p), &intakev1.ListCasesRequest{Filter: filter})
	require.NoError(w.t, err)
	return list.GetCases()
}

func (w *world) only(filter string) *intakev1.Case {
	w.t.Helper()
	found := w.list(agent, filter)
	require.Len(w.t, found, 1)
	return found[0]
}

func onlyMasked(t *testing.T, found []*intakev1.Case) *intakev1.Case {
	t.Helper()
	require.Len(t, found, 1)
	return found[0]
}

// R19, R191: calls on the hotline, told twice and in any order; the wait runs from connected to the agent's answer.
func TestHotlineCalls(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		calls := intakev1.NewCallServiceClient(w.conn)
		tell := func(event intakev1.Call_Event, after time.Duration) *intakev1.Call {
			call, err := calls.ReportCallEvent(w.as(telephone), &intakev1.ReportCallEventRequest{
				ExternalId: "pbx-1", Event: event, EventTime: timestamppb.New(t0.Add(after)), CallerNumber: "13800138000", Agent: "users/agent", Queue: "400",
			})
			require.NoError(t, err)
			return call
		}
		w.clock.Advance(time.Minute)
		tell(intakev1.Call_AGENT_ANSWERED, 22*time.Second)
		tell(intakev1.Call_RINGING, 0)
		call := tell(intakev1.Call_CONNECTED, 2*time.Second)
		require.Equal(t, 20*time.Second, call.GetWait().AsDuration())
		require.True(t, call.GetInTime())
		require.Equal(t, intakev1.Call_CONNECTED, call.GetWaitStart(), "the policy names start and end")
		require.Equal(t, intakev1.Call_AGENT_ANSWERED, call.GetWaitEnd())
		require.Equal(t, 30*time.Second, call.GetWaitLimit().AsDuration())
		require.Equal(t, "138****8000", call.GetCallerNumber())
		repeated := tell(intakev1.Call_CONNECTED, 40*time.Second)
		require.Equal(t, call.GetConnectTime().AsTime(), repeated.GetConnectTime().AsTime(), "the first report counts")

		c := w.file(agent, complaint())
		for range 2 {
			linked, err := calls.LinkCall(w.as(agent), &intakev1.LinkCallRequest{Name: call.GetName(), Case: c.GetName()})
			require.NoError(t, err)
			require.Equal(t, c.GetName(), linked.GetCase())
		}
		var told []string
		for _, e := range w.entries(c.GetName()) {
			if e.GetEvent() == "CALL_LINKED" {
				told = append(told, e.GetFacts()["waitSeconds"]+" "+e.GetFacts()["inTime"])
			}
		}
		require.Equal(t, []string{"20 true"}, told)
		_, err := calls.LinkCall(w.as(agent), &intakev1.LinkCallRequest{Name: call.GetName(), Case: w.file(agent, complaint()).GetName()})
		requireReason(t, err, "CALL_LINKED")

		found, err := calls.ListCalls(w.as(agent), &intakev1.ListCallsRequest{Filter: `phone="138 0013 8000" AND in_time=true`})
		require.NoError(t, err)
		require.Len(t, found.GetCalls(), 1)
		_, err = calls.GetCall(w.as(providerDesk), &intakev1.GetCallRequest{Name: call.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		_, err = calls.ReportCallEvent(w.as(mall), &intakev1.ReportCallEventRequest{ExternalId: "x", Event: intakev1.Call_RINGING})
		requireReason(t, err, "PERMISSION_DENIED")
	})
}

// R20: the transcript of an online chat beside its case; R28: a post.
func TestTranscripts(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		messages := intakev1.NewCaseMessageServiceClient(w.conn)
		c := w.file(agent, complaint())
		req := &intakev1.CreateCaseMessageRequest{Parent: c.GetName(), Message: &intakev1.CaseMessage{
			Channel: "ONLINE_CHAT", ExternalId: "session-9", Sender: "wxid_小明",
			Lines: []*intakev1.CaseMessage_Line{
				{Sender: intakev1.CaseMessage_Line_CUSTOMER, Text: "还是漏水", SendTime: timestamppb.New(t0)},
				{Sender: intakev1.CaseMessage_Line_AGENT, Text: "马上为您登记"},
			},
		}}
		first, err := messages.CreateCaseMessage(w.as(agent), req)
		require.NoError(t, err)
		second, err := messages.CreateCaseMessage(w.as(agent), req)
		require.NoError(t, err)
		require.Equal(t, first.GetName(), second.GetName(), "one session is kept once")
		other := w.file(agent, complaint())
		_, err = messages.CreateCaseMessage(w.as(agent), &intakev1.CreateCaseMessageRequest{Parent: other.GetName(), Message: req.GetMessage()})
		requireReason(t, err, "MESSAGE_EXISTS")

		seen, err := messages.ListCaseMessages(w.as(agent), &intakev1.ListCaseMessagesRequest{Parent: c.GetName()})
		require.NoError(t, err)
		require.Len(t, seen.GetMessages(), 1)
		require.Equal(t, "还是漏水", seen.GetMessages()[0].GetLines()[0].GetText())
		masked, err := messages.ListCaseMessages(w.as(otherAgent), &intakev1.ListCaseMessagesRequest{Parent: c.GetName()})
		require.NoError(t, err)
		require.Empty(t, masked.GetMessages()[0].GetLines(), "not in relation to the case")
		require.Empty(t, masked.GetMessages()[0].GetSender())
		require.Contains(t, w.eventNames(c.GetName()), "MESSAGE_RECEIVED")
	})
}

// R6, R24: store staff file for the customer. R25: a kiosk files, by its own channel, and reads nothing.
func TestStoreAndKiosk(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		filing := complaint()
		filing.Channel = "STORE"
		require.Equal(t, "门店", w.file(storeDesk, filing).GetChannelLabel())

		filing.Channel = "KIOSK"
		c := w.file(kiosk, filing)
		require.NotEmpty(t, c.GetProgressToken(), "printed on the slip")
		_, err := w.cases.GetCase(w.as(kiosk), &intakev1.GetCaseRequest{Name: c.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		require.Empty(t, w.list(kiosk, ""))
		filing.Channel = "HOTLINE"
		_, err = w.cases.CreateCase(w.as(kiosk), &intakev1.CreateCaseRequest{Case: filing})
		requireReason(t, err, "FIELD_INVALID")
		_, err = w.cases.AcceptCase(w.as(kiosk), &intakev1.AcceptCaseRequest{Name: c.GetName(), ContentClass: "FEE"})
		requireReason(t, err, "PERMISSION_DENIED")
	})
}

// The regulator's channel: document, external clock, closed only after the receipt of the reply is recorded.
func TestTheRegulatorsDocument(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		filing := ofKind(intakev1.Case_ENQUIRY)
		filing.Channel = "REGULATOR_12315"
		filing.Regulator = &intakev1.Regulator{Body: "浦东市场监管局", DocumentNumber: "沪浦监诉[2026]1号", ReplyDueTime: timestamppb.New(t0.Add(7 * 24 * time.Hour))}
		c := w.file(agent, filing)
		require.Equal(t, "沪浦监诉[2026]1号", c.GetRegulator().GetDocumentNumber())
		require.Equal(t, t0.Add(7*24*time.Hour), c.GetStateDeadline().AsTime())
		require.Equal(t, intakev1.Clock_REGULATOR, c.GetClocks()[0].GetType())

		regulator := intakev1.NewRegulatorServiceClient(w.conn)
		_, err := regulator.RecordRegulatorReply(w.as(agent), &intakev1.RecordRegulatorReplyRequest{Name: c.GetName(), Receipt: "R1"})
		requireReason(t, err, "PERMISSION_DENIED")
		_, err = regulator.RecordRegulatorReply(w.as(legal), &intakev1.RecordRegulatorReplyRequest{Name: c.GetName(), Receipt: "EMS 123"})
		requireReason(t, err, "REPLY_NOT_APPROVED")
		w.approvesReply(c.GetName())
		replied, err := regulator.RecordRegulatorReply(w.as(legal), &intakev1.RecordRegulatorReplyRequest{Name: c.GetName(), Receipt: "EMS 123"})
		require.NoError(t, err)
		require.Equal(t, "EMS 123", replied.GetRegulator().GetReceipt())
		require.Nil(t, replied.GetStateDeadline(), "the clock has ended")

		filing.Channel = "HOTLINE"
		_, err = w.cases.CreateCase(w.as(agent), &intakev1.CreateCaseRequest{Case: filing})
		requireReason(t, err, "FIELD_INVALID")
	})
}

func TestACaseOfTheRegulatorClosesAfterTheReply(t *testing.T) {
	everywhere(t, Config{KeepEnquiriesOpen: true}, func(t *testing.T, w *world) {
		filing := ofKind(intakev1.Case_ENQUIRY)
		filing.Channel = "GOV_HOTLINE_12345"
		filing.Regulator = &intakev1.Regulator{Body: "12345", DocumentNumber: "D-2", ReplyDueTime: timestamppb.New(t0.Add(24 * time.Hour))}
		c := w.file(agent, filing)
		_, err := w.cases.ResolveCaseNow(w.as(agent), &intakev1.ResolveCaseNowRequest{Name: c.GetName(), Resolution: &intakev1.Resolution{Explanation: "已答复"}})
		require.NoError(t, err)
		closing := &intakev1.CloseCaseRequest{Name: c.GetName(), Statement: &intakev1.CustomerStatement{Solved: true, Satisfied: true, Channel: "HOTLINE", Note: "满意"}}
		_, err = w.cases.CloseCase(w.as(manager), closing)
		requireReason(t, err, "CLOSING_CONDITION_UNMET")
		w.approvesReply(c.GetName())
		_, err = intakev1.NewRegulatorServiceClient(w.conn).RecordRegulatorReply(w.as(legal), &intakev1.RecordRegulatorReplyRequest{Name: c.GetName(), Receipt: "OK"})
		require.NoError(t, err)
		_, err = w.cases.CloseCase(w.as(manager), closing)
		require.NoError(t, err)
	})
}

// Every channel of R19-R28 files, and is told by its label.
func TestEveryChannel(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		for _, channel := range []string{
			"HOTLINE", "ONLINE_CHAT", "EMAIL", "WECHAT_OA", "MINI_PROGRAM", "STORE", "WEB_FORM", "APP", "SOCIAL_MEDIA", "REGULATOR_12315", "LETTER", "INTERNAL", "KIOSK",
		} {
			filing := complaint()
			filing.Channel = channel
			require.NotEqual(t, channel, w.file(agent, filing).GetChannelLabel())
		}
	})
}

// approvesReply has legal approve the words of the reply.
func (w *world) approvesReply(name string) {
	w.t.Helper()
	got, err := intakev1.NewRegulatorServiceClient(w.conn).ApproveRegulatorReply(w.as(legal), &intakev1.ApproveRegulatorReplyRequest{Name: name, Reply: "已同意保修"})
	require.NoError(w.t, err)
	require.Equal(w.t, "users/legal", got.GetRegulator().GetApprover())
}
