package intake

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// R208-R211: statistics leave as CSV and as a workbook, with labels, harmless to open; few confidential cases are left out there too.
func TestStatisticsExports(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.accepted(complaint())
		w.file(agent, ofKind(intakev1.Case_ENQUIRY))
		formula := ofKind(intakev1.Case_SERVICE_REQUEST)
		formula.Product.Model = "=1+1"
		w.file(agent, formula)
		_, err := w.custody.SetConfidentiality(w.as(quality), &intakev1.SetConfidentialityRequest{Name: c.GetName(), Confidentiality: intakev1.Case_PROTECTED, Reason: "担心报复"})
		require.NoError(t, err)
		require.NoError(t, w.svc.api.RollUp(t.Context()))
		query := &intakev1.QueryCaseStatisticsRequest{Dimensions: []intakev1.Dimension{intakev1.Dimension_DIMENSION_KIND, intakev1.Dimension_DIMENSION_MODEL}}
		stream, err := w.figures.ExportCaseStatistics(w.as(manager), &intakev1.ExportCaseStatisticsRequest{Query: query})
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
		require.Equal(t, []string{"类型", "型号", "案件数"}, rows[0][:3])
		require.Equal(t, []string{"投诉", "XQG100", "0"}, rows[1][:3])
		require.Equal(t, "*", rows[1][len(rows[1])-1])
		require.Equal(t, []string{"咨询", "XQG100", "1"}, rows[2][:3])
		require.Equal(t, []string{"服务请求", "'=1+1", "1"}, rows[3][:3])

		book, err := w.figures.ExportCaseStatisticsWorkbook(w.as(manager), &intakev1.ExportCaseStatisticsWorkbookRequest{Query: query})
		require.NoError(t, err)
		opened, err := excelize.OpenReader(bytes.NewReader(book.GetData()))
		require.NoError(t, err)
		cells, err := opened.GetRows("statistics")
		require.NoError(t, err)
		require.Equal(t, rows, padded(cells, len(rows[0])))
		require.NoError(t, opened.Close())
	})
}

// R208: months, parts of months, days and ages agree, also long after.
func TestFiguresOverTime(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		for _, days := range []int{0, 1, 9, 30, 20} { // 2026-11-22, -23, 2026-12-02, 2027-01-01, -21
			w.clock.Advance(time.Duration(days) * 24 * time.Hour)
			w.file(agent, complaint())
		}
		require.NoError(t, w.svc.api.RollUp(t.Context()))
		cases := func(req *intakev1.QueryCaseStatisticsRequest) map[string]int64 {
			resp, err := w.figures.QueryCaseStatistics(w.as(manager), req)
			require.NoError(t, err)
			found := map[string]int64{}
			for _, r := range resp.GetRows() {
				key := ""
				for _, v := range r.GetValues() {
					key += v
				}
				found[key] = r.GetFigures().GetCases()
			}
			return found
		}
		by := func(unit intakev1.TimeUnit, from, to string) map[string]int64 {
			return cases(&intakev1.QueryCaseStatisticsRequest{
				Dimensions: []intakev1.Dimension{intakev1.Dimension_DIMENSION_TIME}, TimeUnit: unit, StartDate: from, EndDate: to,
			})
		}
		require.Equal(t, map[string]int64{"2026-11": 2, "2026-12": 1, "2027-01": 2}, by(intakev1.TimeUnit_TIME_UNIT_MONTH, "", ""))
		require.Equal(t, map[string]int64{"2026-11": 1, "2026-12": 1, "2027-01": 1}, by(intakev1.TimeUnit_TIME_UNIT_MONTH, "2026-11-23", "2027-01-20"))
		require.Equal(t, map[string]int64{"2026": 3, "2027": 2}, by(intakev1.TimeUnit_TIME_UNIT_YEAR, "2026-01-01", "2027-12-31"))
		require.Equal(t, map[string]int64{"2026-11-22": 1, "2026-11-23": 1}, by(intakev1.TimeUnit_TIME_UNIT_DAY, "2026-11-01", "2026-11-30"))
		require.Empty(t, by(intakev1.TimeUnit_TIME_UNIT_DAY, "2026-12-01", "2026-11-01"), "nothing between")
		ages := &intakev1.QueryCaseStatisticsRequest{Dimensions: []intakev1.Dimension{intakev1.Dimension_DIMENSION_AGE}}
		require.Equal(t, map[string]int64{"0-1": 1, "16-30": 1, "31+": 3}, cases(ages))
		w.clock.Advance(400 * 24 * time.Hour)
		require.Equal(t, map[string]int64{"31+": 5}, cases(ages), "however old")
		_, err := w.figures.QueryCaseStatistics(w.as(manager), &intakev1.QueryCaseStatisticsRequest{
			Dimensions: []intakev1.Dimension{intakev1.Dimension_DIMENSION_AGE, intakev1.Dimension_DIMENSION_TIME},
		})
		requireReason(t, err, "FIELD_INVALID")
	})
}
