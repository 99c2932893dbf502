package intake

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
)

// Every value of the policy is configuration; zero values stand for the shipped ones.
func TestPolicyIsConfiguration(t *testing.T) {
	t.Parallel()
	shipped, err := Config{}.policy()
	require.NoError(t, err)
	want := casefile.DefaultPolicy()
	want.Promises = shipped.Promises
	require.Equal(t, want, *shipped)

	p, err := Config{PolicyConfig: PolicyConfig{
		DutyTiers: []string{"manager"}, DutyAfter: time.Minute, TransferWithin: time.Hour, SecondAbove: -1, AutoCloseKinds: []string{"COMPLAINT"},
		AutoCloseExcept: []string{"FEE"}, SamplePercent: -1, RetentionYears: map[string]int{"DEFAULT": 2, "PARTS": 5},
		ClassApprovers: map[string]string{"FEE": "quality+approver"}, RegulatorApprovers: []string{"legal"}, ReopenWithin: 24 * time.Hour,
		UrgesToManager: 5, UrgeInterval: time.Hour, ReplyApprovers: []string{"manager"},
	}}.policy()
	require.NoError(t, err)
	require.Equal(t, casefile.HardPolicy{
		DutyTiers: []string{"manager"}, DutyAfter: time.Minute, TransferWithin: time.Hour, AutoCloseKinds: []casefile.Kind{casefile.Complaint},
		AutoCloseExcept: []string{"FEE"}, RetentionYears: map[string]int{"": 2, "PARTS": 5}, ClassApprovers: map[string][]string{"FEE": {"quality", "approver"}},
		RegulatorApprovers: []string{"legal"}, ReopenWithin: 24 * time.Hour, ReplyApprovers: []string{"manager"},
	}, p.Hard)
	require.Equal(t, 5, p.UrgesToManager)
	require.Equal(t, map[string]int{"": 3}, casefile.DefaultPolicy().Hard.RetentionYears, "the shipped map is not written to")

	for _, wrong := range []PolicyConfig{
		{DutyTiers: []string{"king"}}, {RegulatorApprovers: []string{"king"}}, {ClassApprovers: map[string]string{"FEE": "king"}},
		{AutoCloseKinds: []string{"PARTY"}}, {RetentionYears: map[string]int{"FEE": 0}},
	} {
		_, err := Config{PolicyConfig: wrong}.policy()
		require.ErrorContains(t, err, "policy")
	}
}
