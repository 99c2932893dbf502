package knowledge

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
)

func resolvedCase() *casefile.Case {
	c := &casefile.Case{
		Number: "AS20261122-000001", OwnerOrg: "organisations/a", State: casefile.Closed, Confidentiality: casefile.Normal, ContentClass: "REPAIR_QUALITY",
		Problem: "王小明家（世纪大道１号）的洗衣機漏水，小明说电话１３８ ００１３ ８０００，序列号SN-778812",
		Items:   []casefile.Item{{Brand: "海风", Model: "XQG100", Serial: "SN-778812"}},
		Rounds: []casefile.Round{{
			Number: 1, Investigation: &casefile.Investigation{Conclusion: &casefile.Conclusion{Cause: "PART", Findings: "密封圈破裂，欧阳修远确认"}},
			Summary: &casefile.Summary{RootCause: "密封圈老化", Measures: "更换密封圈；John Smith informed via j.smith@mail.com"},
		}},
		Solutions: []casefile.Solution{{Explanation: "不采用"}, {Explanation: "更换密封圈并检查", Consent: &casefile.Consent{}}},
		Visit:     &casefile.Visit{Name: "欧阳修远"},
	}
	c.Personal.Parties = []casefile.Party{
		{DisplayName: "王小明", Phone: "+8613800138000", AddressLine: "世纪大道1号"}, {DisplayName: "John Smith", Email: "j.smith@mail.com"},
	}
	return c
}

// R188, R214: what a case knows of its persons is in no article, in whatever width, script and spelling it was told.
func TestADraftHoldsNoPersonalData(t *testing.T) {
	t.Parallel()
	content, err := FromCase(resolvedCase(), "organisations/a")
	require.NoError(t, err)
	all := strings.Join(append(content.Titles(), content.Body()...), "\n")
	for _, personal := range []string{"王小明", "小明", "世纪大道", "138", "１３８", "8000", "８０００", "778812", "欧阳", "Smith", "John", "mail.com"} {
		require.NotContains(t, all, personal)
	}
	require.Equal(t, "XQG100", content.Model)
	require.Equal(t, "PART", content.Fault)
	require.Equal(t, "REPAIR_QUALITY", content.ContentClass)
	require.Contains(t, content.ZH.Problem, "洗衣機漏水")
	require.Contains(t, content.ZH.Problem, "密封圈破裂")
	require.Contains(t, content.ZH.Solution, "更换密封圈并检查")
	require.NotContains(t, content.ZH.Solution, "不采用", "only what was agreed")
	require.Positive(t, content.Removed["NAME"])
	require.Equal(t, 1, content.Removed["PHONE"])
	require.Positive(t, content.Removed["NUMBER"])
}

func TestWhatNoArticleIsDrawnFrom(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*casefile.Case)
		want   error
	}{
		"open":          {func(c *casefile.Case) { c.State = casefile.InService }, ErrCaseOpen},
		"protected":     {func(c *casefile.Case) { c.Confidentiality = casefile.Protected }, ErrCaseConfidential},
		"restricted":    {func(c *casefile.Case) { c.Confidentiality = casefile.Restricted }, ErrCaseConfidential},
		"somebody else": {func(c *casefile.Case) { c.OwnerOrg = "organisations/b" }, ErrCaseForeign},
	} {
		k := resolvedCase()
		c.change(k)
		_, err := FromCase(k, "organisations/a")
		require.ErrorIs(t, err, c.want, name)
	}
}

// What is typed in is stripped too; a name that was taken out does not come back by hand.
func TestTypedTextsAreStripped(t *testing.T) {
	t.Parallel()
	typed := Content{EN: Text{Title: "Leak", Problem: "Call 13912345678", Solution: "ask JOHN, or Mr smith"}, Keywords: []string{"王 小 明", "漏水"}}
	plain := NewStripper(nil).Content(typed)
	require.NotContains(t, plain.EN.Problem, "13912345678")
	require.Equal(t, "ask JOHN, or Mr smith", plain.EN.Solution, "nobody known")
	known := NewStripper(resolvedCase()).Content(typed)
	require.Equal(t, "ask ***, or Mr ***", known.EN.Solution)
	require.Equal(t, []string{"***", "漏水"}, known.Keywords)
	require.Equal(t, "王 小 明", typed.Keywords[0], "what was given stays")
	require.Equal(t, "小明***", NewStripper(nil).Text("小明")+hidden)
	require.Equal(t, "E1", NewStripper(&casefile.Case{Number: "E1"}).Text("E1"), "short codes are words")
}
