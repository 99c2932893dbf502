package picture_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"testing"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/generate"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/picture"
	"github.com/stretchr/testify/require"
)

// The picture is well-formed XML with a line per tour and a mark per stop and visit left over.
func TestDraw(t *testing.T) {
	t.Parallel()
	p := generate.TRSP(30, 1)
	p.Name = `<a & "b">`
	p.Visits[0].Needs = []model.Need{{Name: "nobody's"}}
	s, err := plan.Solve(context.Background(), p, plan.Options{Seed: 1, Iterations: 500})
	require.NoError(t, err)
	require.Len(t, s.Plan.Unassigned, 1)
	var b bytes.Buffer
	require.NoError(t, picture.Draw(&b, p, &s.Plan))
	count := map[string]int{}
	for d := xml.NewDecoder(&b); ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if e, ok := tok.(xml.StartElement); ok {
			count[e.Name.Local]++
		}
	}
	stops := 0
	for _, r := range s.Plan.Routes {
		stops += len(r.Stops)
	}
	require.Equal(t, len(s.Plan.Routes), count["polyline"])
	require.Equal(t, stops+1, count["circle"])
}
