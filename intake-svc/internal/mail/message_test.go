package mail

import (
	"bytes"
	"encoding/base64"
	"mime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	gomail "github.com/wneessen/go-mail"
	"golang.org/x/text/encoding/simplifiedchinese"
)

func gbk(t *testing.T, text string) string {
	t.Helper()
	raw, err := simplifiedchinese.GBK.NewEncoder().String(text)
	require.NoError(t, err)
	return raw
}

// R22: what mailers send, as one of them writes it.
func TestALetterWithTextHTMLAndFiles(t *testing.T) {
	t.Parallel()
	m := gomail.NewMsg()
	require.NoError(t, m.FromFormat("王小明", "Wang@Example.com"))
	require.NoError(t, m.To("support@brand.example"))
	m.Subject("洗衣机维修后仍漏水 AS20261122-000001")
	m.SetMessageIDWithValue("m1@example.com")
	m.SetGenHeader(gomail.HeaderInReplyTo, "<m0@example.com>")
	m.SetGenHeader(gomail.HeaderReferences, "<a@x>", "<m0@example.com>")
	m.SetBodyString(gomail.TypeTextPlain, "师傅修完还是漏水。\n请重新维修。")
	m.AddAlternativeString(gomail.TypeTextHTML, "<p>不该读到</p>")
	require.NoError(t, m.AttachReader("漏水.jpg", strings.NewReader("\xff\xd8\xff\xe0photo")))
	var raw bytes.Buffer
	_, err := m.WriteTo(&raw)
	require.NoError(t, err)

	got, err := Read(raw.Bytes())
	require.NoError(t, err)
	require.Equal(t, "m1@example.com", got.ID)
	require.Equal(t, []string{"m0@example.com"}, got.Refers[:1])
	require.Contains(t, got.Refers, "a@x")
	require.Equal(t, "wang@example.com", got.From)
	require.Equal(t, "王小明", got.FromName)
	require.Equal(t, []string{"support@brand.example"}, got.To)
	require.Equal(t, "AS20261122-000001", got.CaseNumber())
	require.Equal(t, "师傅修完还是漏水。\n请重新维修。", strings.ReplaceAll(got.Text, "\r", ""))
	require.Len(t, got.Attachments, 1)
	require.Equal(t, "漏水.jpg", got.Attachments[0].Name)
	require.Equal(t, "\xff\xd8\xff\xe0photo", string(got.Attachments[0].Content))
	require.False(t, got.Automatic)
}

// R22: encodings of Chinese mailers: GBK as quoted-printable, base64 and raw bytes, in headers and bodies.
func TestEncodings(t *testing.T) {
	t.Parallel()
	text := "冰箱不制冷,要求退款"
	qp := func(s string) string {
		var b strings.Builder
		for _, c := range []byte(s) {
			b.WriteString("=" + strings.ToUpper(string("0123456789abcdef"[c>>4])+string("0123456789abcdef"[c&15])))
		}
		return b.String()
	}
	subject := "=?gb2312?B?" + base64.StdEncoding.EncodeToString([]byte(gbk(t, text))) + "?="
	for name, letter := range map[string]string{
		"gbk base64":            "Subject: " + subject + "\r\nContent-Type: text/plain; charset=gbk\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(gbk(t, text))),
		"gb2312 quoted":         "Subject: =?gb2312?Q?" + qp(gbk(t, text)) + "?=\r\nContent-Type: text/plain; charset=\"GB2312\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + qp(gbk(t, text)),
		"raw gbk, nothing told": "Subject: " + gbk(t, text) + "\r\n\r\n" + gbk(t, text),
		"utf-8 as it is":        "Subject: " + text + "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text,
		"html in gb18030":       "Subject: " + mime.QEncoding.Encode("utf-8", text) + "\r\nContent-Type: text/html; charset=gb18030\r\n\r\n<html><head><style>p{}</style></head><body><script>alert(1)</script><p>" + gbk(t, text) + "</p></body>",
		"an unknown charset":    "Subject: " + text + "\r\nContent-Type: text/plain; charset=klingon\r\n\r\n" + text,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Read([]byte("From: a@b.cn\r\n" + letter))
			require.NoError(t, err)
			require.Equal(t, text, got.Text)
			require.Equal(t, text, got.Subject)
			require.Regexp(t, "^sha256:[0-9a-f]{64}$", got.ID, "a letter without an id gets one from its content")
		})
	}
}

func TestHTMLBecomesText(t *testing.T) {
	t.Parallel()
	require.Equal(t, "第一行\n第二行 & 价格 <100\na b\nvery bold words",
		StripHTML(`<div>第一行<br>第二行 &amp; 价格 &lt;100</div><table><tr><td>a</td><td>b</td></tr></table><p>very <b>bold</b> words</p><script>x</script><img src="http://tracker/">`))
}

func TestAutomaticRepliesAreKnown(t *testing.T) {
	t.Parallel()
	for _, h := range []string{"Auto-Submitted: auto-replied", "Precedence: bulk", "Return-Path: <>"} {
		got, err := Read([]byte("From: a@b.cn\r\n" + h + "\r\n\r\nx"))
		require.NoError(t, err)
		require.True(t, got.Automatic, h)
	}
	got, err := Read([]byte("From: a@b.cn\r\nAuto-Submitted: no\r\n\r\nx"))
	require.NoError(t, err)
	require.False(t, got.Automatic)
}

func TestFileNamesStayInTheirFolder(t *testing.T) {
	t.Parallel()
	got, err := Read([]byte("From: a@b.cn\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"..\\\\..\\\\evil.exe\"\r\n\r\nx"))
	require.NoError(t, err)
	require.Equal(t, "evil.exe", got.Attachments[0].Name)
}

func TestMalformedLetters(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"no header at all", "From: a@b.cn\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\ncut off",
		"From: a@b.cn\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + strings.Repeat("--x\r\n\r\na\r\n", maxParts+1) + "--x--\r\n",
	} {
		_, err := Read([]byte(raw))
		require.ErrorIs(t, err, ErrMalformed, "%.40q", raw)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("From: a@b.cn\r\nSubject: =?gbk?B?/w==?=\r\n\r\nx"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if m, err := Read(raw); err == nil && m.ID == "" {
			t.Fatal("a letter without an id")
		}
	})
}
