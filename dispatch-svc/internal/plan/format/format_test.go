package format_test

import (
	"strings"
	"testing"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/format"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
	"github.com/stretchr/testify/require"
)

const solomon = `T1

VEHICLE
NUMBER     CAPACITY
  2         10

CUSTOMER
CUST NO.  XCOORD.  YCOORD.  DEMAND  READY TIME  DUE DATE  SERVICE TIME

    0      0   0    0    0   100    0
    1      1   1    4    0    50   10
    2      0   3    5   20    60   10
`

func TestSolomon(t *testing.T) {
	t.Parallel()
	f, err := format.Read(format.KindSolomon, strings.NewReader(solomon))
	require.NoError(t, err)
	require.Equal(t, "T1", f.Problem.Name)
	require.Len(t, f.Problem.Engineers, 2)
	require.Len(t, f.Problem.Visits, 2)
	require.Equal(t, model.Window{From: 200, To: 600}, f.Problem.Visits[1].Windows[0])
	require.EqualValues(t, 14, f.Problem.Travel.Ticks(model.Point{}, model.Point{X: 1, Y: 1}), "truncated to one decimal")
	require.InDelta(t, 1.4+2.2+3.0, f.Objective([]format.AnswerTour{{Engineer: 1, Visits: []int{1, 2}}}), 1e-9)
}

const trsp = `T.2

INFO
CREW COUNT  SKILLS  TOOLS   SPARE PARTS
1      2       2       2

DEPOT TECHNICIANS AND REQUESTS
ID   X     Y     TWS    TWE    Serv   SKILLS   TOOLS    SPARE PARTS
0    0     10    0      100    0      [] 	[] 	[]
1    0     0     0      100    0      [0] 	[] 	[0,1]
2    0     20    50     80     5      [0] 	[1] 	[1,0]
`

func TestTRSP(t *testing.T) {
	t.Parallel()
	f, err := format.Read(format.KindTRSP, strings.NewReader(trsp))
	require.NoError(t, err)
	p := f.Problem
	require.Equal(t, []model.Skill{{Name: "0", Level: 1}}, p.Engineers[0].Skills)
	require.Equal(t, []model.Stock{{Part: "0"}, {Part: "1", Count: 1}}, p.Engineers[0].Kit)
	require.Equal(t, []string{"1"}, p.Visits[0].Tools)
	require.True(t, p.Depots[0].AllParts)
	require.InDelta(t, 45, f.Objective([]format.AnswerTour{{Engineer: 1, Visits: []int{0, 2}}}), 1e-9, "leaves at 30, waits for nothing")
}

func TestRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "X\n1 2\n", strings.Replace(solomon, "1      1   1", "1      1   ", 1)} {
		_, err := format.Read(format.KindSolomon, strings.NewReader(text))
		require.Error(t, err)
	}
	_, err := format.Read(format.KindTRSP, strings.NewReader(strings.Replace(trsp, "[0,1]", "[0,x]", 1)))
	require.ErrorContains(t, err, "line 10")
	_, err = format.Read("cvrp", strings.NewReader(solomon))
	require.ErrorIs(t, err, format.ErrKind)
}
