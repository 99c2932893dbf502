package codes

import (
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

var shape = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,63}$`)

// Every shipped code has its form, two labels, and is unique in its axis; every solution kind says how it is carried out.
func TestShippedCodes(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range Seeds(time.Unix(0, 0)) {
		name := Name(c.Axis, c.Code)
		require.Regexp(t, shape, c.Code)
		require.NotEmpty(t, c.LabelZH, name)
		require.NotEmpty(t, c.LabelEN, name)
		require.False(t, seen[name], name)
		seen[name] = true
		if c.Axis == SolutionKind {
			require.Contains(t, []string{"VISIT", "NOTICE", "PAYMENT", "RECORD"}, c.Attributes[AttrMode], name)
			require.Equal(t, c.Attributes[AttrMode] == "VISIT", c.Attributes[AttrPurpose] != "", name)
		}
		if c.Axis == ContentClass {
			require.NotEmpty(t, c.Attributes["scheme"], name)
		}
	}
	// R57-R62, R64-R67, R84-R95, R118-R120, R123-R128: some of each axis; api.md lists them all.
	for _, name := range []string{
		"CONTENT_CLASS.REPAIR_QUALITY", "NATURE.VENTING", "VALIDITY.HARM_FOUND", "URGENCY.CRITICAL", "CAUSE.WEAR", "LIABILITY.DEALER_PROMISE",
		"PATTERN.COMMON", "ORIGIN.PROCESS_DEFECT", "SOLUTION_KIND.LOAN_MACHINE", "CHANNEL.GOV_HOTLINE_12345", "PROBLEM_NATURE.INSTALLATION",
	} {
		require.True(t, seen[name], name)
	}
}

// People write labels into their tables, in either language.
func TestReadTakesCodesAndLabels(t *testing.T) {
	t.Parallel()
	table := NewTable()
	table.Load(Seeds(time.Unix(0, 0)))
	for written, want := range map[string]string{
		"SOCIAL_MEDIA": "SOCIAL_MEDIA", "social_media": "SOCIAL_MEDIA", "社交媒体": "SOCIAL_MEDIA", "Social media": "SOCIAL_MEDIA", "信鸽": "信鸽", "": "",
	} {
		require.Equal(t, want, table.Read(Channel, written))
	}
}

func TestCheckTellsWhatIsAllowed(t *testing.T) {
	t.Parallel()
	table := NewTable()
	table.Load(Seeds(time.Unix(0, 0)))
	require.NoError(t, table.Check(Urgency, "LOW", "", "CRITICAL"))
	err := table.Check(Urgency, "LOW", "WHENEVER")
	require.ErrorIs(t, err, apierr.ErrUnknownCode)
	var e *apierr.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, map[string]string{"axis": "URGENCY", "value": "WHENEVER", "allowed": "LOW NORMAL HIGH CRITICAL"}, e.Metadata())
	require.Equal(t, "紧急", table.Label(Urgency, "HIGH", apierr.ZH))
	require.Equal(t, "high", table.Label(Urgency, "HIGH", apierr.EN))
	require.Equal(t, "GONE", table.Label(Urgency, "GONE", apierr.EN))
}

// Calls that come while the service starts wait for the first copy instead of being told that no code exists.
func TestReadersWaitForTheFirstCopy(t *testing.T) {
	t.Parallel()
	table := NewTable()
	checked := make(chan error)
	go func() { checked <- table.Check(Urgency, "LOW") }()
	table.Load(Seeds(time.Unix(0, 0)))
	require.NoError(t, <-checked)
}
