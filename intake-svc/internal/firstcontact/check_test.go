package firstcontact

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
)

func checker(t *testing.T) *Checker {
	t.Helper()
	c, err := New(func(text string) bool { return strings.Contains(text, "漏水") })
	require.NoError(t, err)
	return c
}

func full(kind casefile.Kind) *casefile.Case {
	c := &casefile.Case{
		Kind: kind, Channel: "HOTLINE", Problem: "维修后洗衣机仍然漏水", Expectation: "重新维修", EvidenceAnswer: "NONE_OFFERED", Region: "310115", Urgency: "HIGH",
		SuspectedLiability: "ENGINEER_MISTAKE", Desired: time.Unix(1, 0),
		Items:        []casefile.Item{{Brand: "海风", Model: "XQG100", Serial: "SN-1", ProofNumber: "F1"}},
		PriorService: &casefile.PriorService{Date: "2026-11-01", Place: "上门", EngineerNumber: "E-1", Description: "换密封圈"},
	}
	c.Personal.Parties = []casefile.Party{{Roles: casefile.PartyRoles, DisplayName: "王小明", Phone: "13800138000", AddressLine: "世纪大道1号"}}
	return c
}

func levels(gaps []Gap) map[string]Level {
	found := map[string]Level{}
	for _, g := range gaps {
		found[g.Key] = g.Level
	}
	return found
}

// R35-R49: a record that holds everything has no gap.
func TestAFullRecordHasNoGap(t *testing.T) {
	t.Parallel()
	for _, kind := range casefile.Kinds {
		require.Empty(t, checker(t).Check(full(kind)), kind)
	}
}

// R55, R56: what is missing, for the kind and the channel.
func TestWhatIsMissing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*casefile.Case)
		want   map[string]Level
	}{
		"evidence not asked":    {func(c *casefile.Case) { c.EvidenceAnswer = "" }, map[string]Level{"evidence_answer": Missing}}, // R262
		"nobody to call":        {func(c *casefile.Case) { c.Personal.Parties[0].Phone = "" }, map[string]Level{"contact": Missing}},
		"no product":            {func(c *casefile.Case) { c.Items = nil }, map[string]Level{"brand": Missing, "model": Missing, "serial_or_purchase": Missing, "proof_number": Wanted}},
		"purchase date will do": {func(c *casefile.Case) { c.Items[0].Serial, c.Items[0].PurchaseDate = "", "2026-03-01" }, map[string]Level{}},
		"platform order":        {func(c *casefile.Case) { c.Channel = "PARTNER_PLATFORM" }, map[string]Level{"order": Missing}},
		"regulator's document":  {func(c *casefile.Case) { c.Channel = "REGULATOR_12315" }, map[string]Level{"document_number": Missing}},
		"date of a letter":      {func(c *casefile.Case) { c.Channel = "LETTER" }, map[string]Level{"report_time": Missing}}, // R263
		"no earlier repair": {func(c *casefile.Case) { c.PriorService = nil }, map[string]Level{
			"service_date": Wanted, "service_place": Wanted, "engineer_number": Wanted, "service_description": Wanted,
		}},
		"anonymous": {func(c *casefile.Case) { c.Personal.Parties = nil }, map[string]Level{}},
		"an enquiry needs little": {func(c *casefile.Case) {
			c.Kind, c.Items, c.Expectation, c.EvidenceAnswer = casefile.Enquiry, nil, "", ""
		},
			map[string]Level{"brand": Wanted, "model": Wanted}},
	} {
		k := full(casefile.Complaint)
		c.change(k)
		gaps := checker(t).Check(k)
		require.Equal(t, c.want, levels(gaps), name)
	}
}

// R56: told, but too vague to work on.
func TestWhatIsVague(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*casefile.Case){
		"problem": func(c *casefile.Case) { c.Problem = "坏了" },
		"contact": func(c *casefile.Case) { c.Personal.Parties[0].Phone = "138" },
		"address": func(c *casefile.Case) { c.Personal.Parties[0].AddressLine = "家里" },
		"model":   func(c *casefile.Case) { c.Items[0].Model = "滚筒的" },
	} {
		k := full(casefile.ServiceRequest)
		change(k)
		gaps := checker(t).Check(k)
		require.Equal(t, map[string]Level{name: Vague}, levels(gaps), name)
		require.False(t, Complete(gaps))
		require.NotEmpty(t, gaps[0].AskZH)
		require.NotEmpty(t, gaps[0].AskEN)
	}
	k := full(casefile.Complaint)
	k.Problem = "漏水"
	require.Empty(t, checker(t).Check(k), "short, but it names the fault")
}

func TestWorstFirst(t *testing.T) {
	t.Parallel()
	k := full(casefile.Complaint)
	k.Problem, k.EvidenceAnswer, k.PriorService = "坏了", "", nil
	gaps := checker(t).Check(k)
	require.Equal(t, Missing, gaps[0].Level)
	require.Equal(t, Vague, gaps[1].Level)
	require.Equal(t, Wanted, gaps[len(gaps)-1].Level)
	require.True(t, Complete(gaps[2:]))
}
