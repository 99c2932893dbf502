package intake

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// R29: many at once: each for itself, each idempotent.
func TestBatchCreate(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		transfer := intakev1.NewCaseTransferServiceClient(w.conn)
		req := &intakev1.BatchCreateCasesRequest{}
		for n := range 100 {
			c := complaint()
			if n%10 == 3 {
				c.Channel = "PIGEON"
			}
			if n%10 == 4 {
				c.Problem = ""
			}
			req.Requests = append(req.Requests, &intakev1.CreateCaseRequest{Case: c, RequestId: uuid.NewString()})
		}
		first, err := transfer.BatchCreateCases(w.as(agent), req)
		require.NoError(t, err)
		second, err := transfer.BatchCreateCases(w.as(agent), req)
		require.NoError(t, err)
		good := map[string]bool{}
		for n, r := range first.GetResults() {
			require.Equal(t, n%10 == 3 || n%10 == 4, r.GetError() != nil, n)
			require.Equal(t, r.GetCase().GetName(), second.GetResults()[n].GetCase().GetName())
			if r.GetCase() != nil {
				good[r.GetCase().GetCaseNumber()] = true
			}
		}
		require.Len(t, good, 80)
		req.Requests = append(req.Requests, req.GetRequests()[0])
		_, err = transfer.BatchCreateCases(w.as(agent), req)
		requireReason(t, err, "FIELD_INVALID")
	})
}

const table = "类型,客户,电话,品牌,问题,平台,帖子编号,备注,渠道,紧急程度\n投诉,王小明,13800138000,海风,漏水,weibo,P1,x,社交媒体,紧急\n投诉,,,海风,没有客户,,,,,\n咨询,李雷,,海风,=HYPERLINK(1),weibo,P2,,social_media,\n投诉,韩梅梅,不是电话,海风,异响,,,,,\n"

func (w *world) imported(made *intakev1.CaseImport) *intakev1.CaseImport {
	w.t.Helper()
	transfer := intakev1.NewCaseTransferServiceClient(w.conn)
	var got *intakev1.CaseImport
	require.Eventually(w.t, func() bool {
		var err error
		got, err = transfer.GetCaseImport(w.as(agent), &intakev1.GetCaseImportRequest{Name: made.GetName()})
		return err == nil && got.GetState() == intakev1.CaseImport_DONE
	}, patience, 10*time.Millisecond)
	return got
}

// R28: posts are imported; a dry run tells what would be; a second file doubles no post.
func TestImport(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		transfer := intakev1.NewCaseTransferServiceClient(w.conn)
		run := func(dry bool) *intakev1.CaseImport {
			made, err := transfer.CreateCaseImport(w.as(agent), &intakev1.CreateCaseImportRequest{
				CaseImport: &intakev1.CaseImport{FileName: "posts.csv", Content: []byte(table), DryRun: dry, Channel: "SOCIAL_MEDIA"}, RequestId: uuid.NewString(),
			})
			require.NoError(t, err)
			require.Equal(t, int32(4), made.GetTotalRows())
			return w.imported(made)
		}
		dry := run(true)
		require.Equal(t, []int32{2, 2}, []int32{dry.GetGoodRows(), dry.GetBadRows()})
		require.Equal(t, []string{"备注"}, dry.GetUnknownColumns())
		require.Empty(t, w.list(agent, ""), "a dry run files nothing")

		for range 2 {
			done := run(false)
			require.Equal(t, int32(2), done.GetGoodRows())
			report, err := transfer.ListCaseImportRows(w.as(agent), &intakev1.ListCaseImportRowsRequest{Parent: done.GetName()})
			require.NoError(t, err)
			require.Len(t, report.GetRows(), 4)
			require.Equal(t, int32(2), report.GetRows()[0].GetRow())
			require.NotEmpty(t, report.GetRows()[0].GetCase())
			require.Equal(t, "FIELD_INVALID", report.GetRows()[1].GetReason())
			require.Contains(t, report.GetRows()[3].GetMessage(), "格式不符", "in the language of who asked")
			_, err = transfer.GetCaseImport(w.as(otherAgent), &intakev1.GetCaseImportRequest{Name: done.GetName()})
			requireReason(t, err, "RESOURCE_NOT_FOUND")
		}
		posts := w.list(agent, "channel=SOCIAL_MEDIA")
		require.Len(t, posts, 2)
		require.ElementsMatch(t, []string{"HIGH", ""}, []string{posts[0].GetUrgency(), posts[1].GetUrgency()}, "a label is as good as a code")
	})
}

// An import whose job was lost goes on from where it stands, and doubles nothing.
func TestAnImportGoesOnAfterAStop(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		var rows strings.Builder
		rows.WriteString("kind,customer,problem\n")
		for n := range 150 {
			fmt.Fprintf(&rows, "COMPLAINT,客户%d,漏水\n", n)
		}
		made, err := intakev1.NewCaseTransferServiceClient(w.conn).CreateCaseImport(w.as(agent), &intakev1.CreateCaseImportRequest{
			CaseImport: &intakev1.CaseImport{FileName: "a.csv", Content: []byte(rows.String())},
		})
		require.NoError(t, err)
		w.clock.Advance(2 * time.Minute)
		require.NoError(t, w.svc.api.SweepImports(t.Context()), "a second worker beside the first is harmless")
		require.Equal(t, int32(150), w.imported(made).GetGoodRows())
		list, err := w.cases.ListCases(w.as(agent), &intakev1.ListCasesRequest{PageSize: 1000})
		require.NoError(t, err)
		require.Len(t, list.GetCases(), 150)
	})
}

// Exports are masked, also for who filed, and harmless to open (R185, R188).
func TestExports(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		transfer := intakev1.NewCaseTransferServiceClient(w.conn)
		for n := range 3 {
			c := complaint()
			if n == 0 {
				c.Problem = "=cmd|' /C calc'!A0 电话13912345678"
			}
			w.file(agent, c)
		}
		stream, err := transfer.ExportCases(w.as(agent), &intakev1.ExportCasesRequest{Filter: "kind=COMPLAINT"})
		require.NoError(t, err)
		var file bytes.Buffer
		for {
			part, err := stream.Recv()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			file.Write(append(part.GetData(), '\n'))
		}
		rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file.Bytes(), []byte("\uFEFF")))).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 4)
		require.Equal(t, "王*", rows[1][6])
		require.Equal(t, "138****8000", rows[1][7])
		require.True(t, strings.HasPrefix(rows[3][11], "'="), rows[3][11])
		require.NotContains(t, rows[3][11], "13912345678")

		book, err := transfer.ExportCaseWorkbook(w.as(agent), &intakev1.ExportCaseWorkbookRequest{})
		require.NoError(t, err)
		opened, err := excelize.OpenReader(bytes.NewReader(book.GetData()))
		require.NoError(t, err)
		cells, err := opened.GetRows("cases")
		require.NoError(t, err)
		require.Equal(t, rows, padded(cells, len(rows[0])), "the same table")
		require.NoError(t, opened.Close())
	})
}

// padded gives rows back the empty cells at their ends, which a workbook does not keep.
func padded(rows [][]string, width int) [][]string {
	for n := range rows {
		for len(rows[n]) < width {
			rows[n] = append(rows[n], "")
		}
	}
	return rows
}
