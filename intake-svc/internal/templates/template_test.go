package templates

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

func all(t *testing.T) []Template {
	t.Helper()
	list, err := Shipped(time.Unix(0, 0))
	require.NoError(t, err)
	return list
}

func TestShippedTextsAreComplete(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, x := range all(t) {
		require.False(t, seen[x.ID], x.ID)
		seen[x.ID] = true
		require.NoError(t, x.Check(), x.ID)
		require.NotEmpty(t, x.Title.ZH, x.ID)
		require.NotEmpty(t, x.Title.EN, x.ID)
		require.Contains(t, []string{Script, Message, Guidance, Checklist}, x.Kind, x.ID)
		require.NotEmpty(t, x.Rows, x.ID)
		for _, step := range x.Steps {
			require.Contains(t, Steps, step, x.ID)
		}
	}
	for _, step := range Steps {
		require.True(t, slices.ContainsFunc(all(t), func(x Template) bool { return slices.Contains(x.Steps, step) }), "nothing for %s", step)
	}
}

// R32-R34, R233-R249: every soft row is carried by a text at its step.
func TestEveryPrincipleIsCarried(t *testing.T) {
	t.Parallel()
	carried := map[string]bool{}
	for _, x := range all(t) {
		for _, row := range x.Rows {
			carried[row] = true
		}
	}
	rows := []string{"R32", "R33", "R34", "R50", "R104", "R187", "R188"}
	for n := 233; n <= 249; n++ {
		rows = append(rows, fmt.Sprintf("R%d", n))
	}
	for _, row := range rows {
		require.True(t, carried[row], row)
	}
}

func TestRender(t *testing.T) {
	t.Parallel()
	out, unknown := Render("您好,这里是{organisation},我是{agent}", map[string]string{"organisation": "海风{agent}", "agent": ""})
	require.Equal(t, "您好,这里是海风{agent},我是{agent}", out)
	require.Equal(t, []string{"agent"}, unknown)
	out, unknown = Render("{customer} {customer}", map[string]string{"customer": "王小明"})
	require.Equal(t, "王小明 王小明", out)
	require.Empty(t, unknown)
}

func TestTextsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]Template{
		"unknown variable": {ZH: "{password}", EN: "x"},
		"open brace":       {ZH: "您好{agent", EN: "x"},
		"close brace":      {ZH: "您好}", EN: "x"},
		"empty":            {ZH: " ", EN: "x"},
	} {
		require.Equal(t, "TEMPLATE_INVALID", apierr.Reason(x.Check()), name)
	}
	require.NoError(t, (&Template{ZH: "您好,{customer}", EN: "Hello {customer}"}).Check())
}

func TestStepsOfStates(t *testing.T) {
	t.Parallel()
	for state, step := range map[string]string{
		"RECEIVED": "ACCEPTANCE", "UNDER_INVESTIGATION": "INVESTIGATION", "SOLUTION_PROPOSED": "PROPOSAL", "IN_SERVICE": "SERVICE", "RESOLVED": "RESOLUTION", "CLOSED": "CLOSING",
	} {
		require.Equal(t, step, StepOf(state))
	}
}
