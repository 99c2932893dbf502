package jobs

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

func invitation(locale string) survey.Invitation {
	return survey.Invitation{
		ID: "i1", Token: "secret-token", Purpose: survey.PurposeSurvey, Locale: locale, Subject: survey.Subject{CaseNumber: "AS20261122-000001"},
		Contact: survey.Contact{DisplayName: "王小明", Phone: "13800138000"},
	}
}

// Neither the person nor the link reaches a log.
func TestLogDriverKeepsSecrets(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	d := Deliverer{LinkBase: "https://shop.example/s/"}
	m := d.message(invitation("zh-CN"))
	detail, err := LogDriver{Log: slog.New(slog.NewTextHandler(&out, nil))}.Send(t.Context(), m)
	require.NoError(t, err)
	require.Equal(t, "invitation-i1", detail)
	require.Contains(t, out.String(), "invitation-i1")
	for _, secret := range []string{"secret-token", "13800138000", "王小明", "shop.example"} {
		require.NotContains(t, out.String(), secret)
	}
}

func TestMessageSpeaksTheCustomersLanguage(t *testing.T) {
	t.Parallel()
	d := Deliverer{LinkBase: "https://shop.example/s/"}
	zh, en := d.message(invitation("zh-CN")), d.message(invitation("en"))
	require.Contains(t, zh.Text, "请点击评价：https://shop.example/s/secret-token")
	require.Contains(t, en.Text, "AS20261122-000001: https://shop.example/s/secret-token")
	require.Equal(t, zh.ID, en.ID)
}

func TestDriversErrorsAreKeptShort(t *testing.T) {
	t.Parallel()
	require.Equal(t, "busy", short("busy"))
	require.Len(t, []rune(short(strings.Repeat("忙", 500))), 201)
}
