package intake

import (
	"bytes"
	"context"
	"net"
	"net/smtp"
	"net/textproto"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	gomail "github.com/wneessen/go-mail"

	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

func withMail() Config {
	return Config{ChannelConfig: ChannelConfig{MailAddr: "127.0.0.1:0", Mailboxes: map[string]string{"help@brand.example": brand, "ask@brand.example": brand + ":ENQUIRY"}}}
}

// letter is a mail as a mailer writes it.
func letter(t *testing.T, id, subject, text string, change func(*gomail.Msg)) []byte {
	t.Helper()
	m := gomail.NewMsg(gomail.WithEncoding(gomail.EncodingB64))
	require.NoError(t, m.FromFormat("王小明", "wang@example.com"))
	require.NoError(t, m.To("help@brand.example"))
	m.Subject(subject)
	m.SetMessageIDWithValue(id)
	m.SetBodyString(gomail.TypeTextPlain, text)
	if change != nil {
		change(m)
	}
	var raw bytes.Buffer
	_, err := m.WriteTo(&raw)
	require.NoError(t, err)
	return raw.Bytes()
}

// relay hands a letter over as a mail relay does, over a real socket.
func (w *world) relay(to string, raw []byte) error {
	conn, err := (&net.Dialer{}).DialContext(w.t.Context(), "tcp", w.svc.door.Addr())
	require.NoError(w.t, err)
	client, err := smtp.NewClient(conn, "relay")
	require.NoError(w.t, err)
	defer func() { _ = client.Close() }()
	require.NoError(w.t, client.Mail("wang@example.com"))
	if err := client.Rcpt(to); err != nil {
		return err
	}
	data, err := client.Data()
	require.NoError(w.t, err)
	_, err = data.Write(raw)
	require.NoError(w.t, err)
	if err := data.Close(); err != nil {
		return err
	}
	return client.Quit()
}

func (w *world) messages(name string) []*intakev1.CaseMessage {
	w.t.Helper()
	list, err := intakev1.NewCaseMessageServiceClient(w.conn).ListCaseMessages(w.as(agent), &intakev1.ListCaseMessagesRequest{Parent: name})
	require.NoError(w.t, err)
	return list.GetMessages()
}

// R22: a letter becomes a case, once; its files become evidence; answers find their case.
func TestMailBecomesCases(t *testing.T) {
	everywhere(t, withMail(), func(t *testing.T, w *world) {
		first := letter(t, "m1@example.com", "洗衣机维修后仍漏水", "请重新维修。", func(m *gomail.Msg) {
			require.NoError(t, m.AttachReader("漏水.png", strings.NewReader("\x89PNG\r\n\x1a\nphoto")))
		})
		for range 3 { // the relay did not hear the answer
			require.NoError(t, w.relay("help@brand.example", first))
		}
		c := w.only("channel=EMAIL")
		require.Equal(t, intakev1.Case_COMPLAINT, c.GetKind())
		require.Equal(t, "洗衣机维修后仍漏水\n请重新维修。", strings.ReplaceAll(c.GetProblem(), "\r", ""))
		require.Equal(t, "w*@example.com", c.GetCustomer().GetEmail(), "masked for those not in relation")
		require.Len(t, w.messages(c.GetName()), 1)
		files, err := w.evidence.ListEvidence(w.as(agent), &intakev1.ListEvidenceRequest{Parent: c.GetName()})
		require.NoError(t, err)
		require.Len(t, files.GetEvidence(), 1)
		require.Equal(t, "漏水.png", files.GetEvidence()[0].GetFileName())
		require.Equal(t, "image/png", files.GetEvidence()[0].GetMediaType())

		require.NoError(t, w.relay("help@brand.example", letter(t, "m2@example.com", "补充", "周末在家", func(m *gomail.Msg) {
			m.SetGenHeader(gomail.HeaderInReplyTo, "<m1@example.com>")
		})))
		require.NoError(t, w.relay("help@brand.example", letter(t, "m3@example.com", "Re: "+c.GetCaseNumber(), "催一下", nil)))
		stranger := letter(t, "m4@example.com", "Re: "+c.GetCaseNumber(), "我是别人", func(m *gomail.Msg) { require.NoError(t, m.From("other@example.org")) })
		require.NoError(t, w.relay("help@brand.example", stranger))
		require.Len(t, w.list(agent, "channel=EMAIL"), 1, "threaded, not filed anew")
		got := w.messages(c.GetName())
		require.Len(t, got, 4)
		require.True(t, got[2].GetSenderKnown())
		require.False(t, got[3].GetSenderKnown(), "a number in a subject proves nobody")
		require.Equal(t, "CUSTOMER_WROTE", w.get(c.GetName()).GetFlags()[0].GetCode())

		require.NoError(t, w.relay("ask@brand.example", letter(t, "m5@example.com", "保修期多久", "?", nil)))
		require.Len(t, w.list(agent, "kind=ENQUIRY"), 1)
	})
}

// R95, R267: a danger is heard whatever channel tells it, at once and once.
func TestADangerInALetter(t *testing.T) {
	everywhere(t, withMail(), func(t *testing.T, w *world) {
		require.NoError(t, w.relay("help@brand.example", letter(t, "d1@example.com", "洗衣机漏电", "昨天维修后外壳漏电。", nil)))
		told := w.only("channel=EMAIL")
		require.Equal(t, "ELECTRIC_SHOCK", told.GetHazard().GetKind())

		harmless := w.file(agent, complaint())
		require.Nil(t, harmless.GetHazard())
		later := letter(t, "d2@example.com", "补充 "+harmless.GetCaseNumber(), "今天开机冒烟了!", nil)
		for range 2 {
			require.NoError(t, w.relay("help@brand.example", later))
		}
		require.Equal(t, "SMOKE", w.get(harmless.GetName()).GetHazard().GetKind())
		require.Len(t, slices.DeleteFunc(w.eventNames(harmless.GetName()), func(name string) bool { return name != "HAZARD_RAISED" }), 1)
	})
}

// What an agent asks in a chat is not what the customer said.
func TestADangerInAChat(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		messages, c := intakev1.NewCaseMessageServiceClient(w.conn), w.file(agent, complaint())
		say := func(id string, from intakev1.CaseMessage_Line_Sender) *intakev1.Case {
			_, err := messages.CreateCaseMessage(w.as(agent), &intakev1.CreateCaseMessageRequest{Parent: c.GetName(), Message: &intakev1.CaseMessage{
				Channel: "ONLINE_CHAT", ExternalId: id, Lines: []*intakev1.CaseMessage_Line{{Sender: from, Text: "插座冒烟了"}},
			}})
			require.NoError(t, err)
			return w.get(c.GetName())
		}
		require.Nil(t, say("s1", intakev1.CaseMessage_Line_AGENT).GetHazard())
		require.Equal(t, "SMOKE", say("s2", intakev1.CaseMessage_Line_CUSTOMER).GetHazard().GetKind())
	})
}

// R22: a letter to a closed case is kept, flagged, and does not reopen it.
func TestALetterToAClosedCase(t *testing.T) {
	everywhere(t, withMail(), func(t *testing.T, w *world) {
		filing := ofKind(intakev1.Case_ENQUIRY)
		filing.Resolution = &intakev1.Resolution{Explanation: "长按三秒"}
		c := w.file(agent, filing)
		require.Equal(t, intakev1.Case_CLOSED, c.GetState())
		require.NoError(t, w.relay("help@brand.example", letter(t, "t1@example.com", "谢谢 "+c.GetCaseNumber(), "谢谢!", nil)))
		require.Equal(t, "CLOSED", w.state(c.GetName()))
		require.Len(t, w.messages(c.GetName()), 1)
	})
}

func TestMailForNobodyIsRefused(t *testing.T) {
	everywhere(t, withMail(), func(t *testing.T, w *world) {
		err := w.relay("elsewhere@brand.example", nil)
		require.Equal(t, 550, codeOf(t, err))
		require.Equal(t, 554, codeOf(t, w.relay("help@brand.example", []byte("not a letter"))))
		require.Empty(t, w.list(agent, "channel=EMAIL"))
	})
}

func codeOf(t *testing.T, err error) int {
	t.Helper()
	var answer *textproto.Error
	require.ErrorAs(t, err, &answer)
	return answer.Code
}

// R22: while nothing can be written the relay is told to come again; what it brings then is kept once.
func TestAFailedWriteIsRetriedByTheRelay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withMail(), testkit.SQLite(t))
	raw := letter(t, "f1@example.com", "空调不制冷", "三天了", nil)
	held := holdWriter(t, w.db)
	err := w.relay("help@brand.example", raw)
	require.Equal(t, 451, codeOf(t, err))
	held()
	require.NoError(t, w.relay("help@brand.example", raw))
	require.Len(t, w.list(agent, "channel=EMAIL"), 1)
	require.Len(t, w.messages(w.only("channel=EMAIL").GetName()), 1)
}

// holdWriter makes every write fail until the returned function is called.
func holdWriter(t *testing.T, db sqldb.DB) (release func()) {
	t.Helper()
	ctx := context.Background()
	_, err := db.Exec(ctx, `CREATE TRIGGER full BEFORE INSERT ON cases BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
	require.NoError(t, err)
	return func() {
		_, err := db.Exec(ctx, `DROP TRIGGER full`)
		require.NoError(t, err)
	}
}
