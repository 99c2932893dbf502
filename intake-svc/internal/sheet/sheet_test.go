package sheet

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
)

var rows = [][]string{{"问题", "电话"}, {"漏水,\"很多\"", "13800138000"}, {"=cmd|' /C calc'!A0", "+86 138"}}

func TestFormulasAreNeutralised(t *testing.T) {
	t.Parallel()
	for _, cell := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\uFF1D1", "\r=1"} {
		require.Equal(t, "'"+cell, Neutral(cell))
	}
	for _, cell := range []string{"", "漏水", "1-2", "'=1"} {
		require.Equal(t, cell, Neutral(cell))
	}
}

func TestCSVIsReadInUTF8AndGBK(t *testing.T) {
	t.Parallel()
	file, err := CSV(true, rows)
	require.NoError(t, err)
	gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes(file[len(mark):])
	require.NoError(t, err)
	for _, content := range [][]byte{file, gbk} {
		got, err := Read("a.csv", content)
		require.NoError(t, err)
		require.Equal(t, rows[0], got.Header)
		require.Equal(t, rows[1], got.Rows[0])
		require.Equal(t, []string{"'=cmd|' /C calc'!A0", "'+86 138"}, got.Rows[1])
	}
}

func TestWorkbook(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	given := [][][]string{rows[:1], rows[1:]}
	require.NoError(t, Workbook(&file, "案件", func() (page [][]string, err error) {
		if len(given) > 0 {
			page, given = given[0], given[1:]
		}
		return page, nil
	}))
	got, err := Read("A.XLSX", file.Bytes())
	require.NoError(t, err)
	require.Equal(t, rows[0], got.Header)
	require.Equal(t, "'=cmd|' /C calc'!A0", got.Rows[1][0])
}

func TestWhatIsNoTable(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{"a.csv": "", "a.xlsx": "not a zip"} {
		_, err := Read(name, []byte(content))
		require.ErrorIs(t, err, ErrUnreadable)
	}
}
