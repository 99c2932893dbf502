// Package sheet reads and writes tables as CSV and Excel files. What it writes is harmless to open: a cell that a spreadsheet
// would take for a formula is neutralised.
package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// unzipLimit bounds what a workbook may grow to.
const unzipLimit = 64 << 20

// ErrUnreadable is a file that is no table.
var ErrUnreadable = errors.New("sheet: unreadable file")

// Table is a heading and rows of text; rows may be shorter than the heading.
type Table struct {
	Header []string
	Rows   [][]string
}

// mark is what Excel knows UTF-8 by.
const mark = "\uFEFF"

// Read reads a file by its name: .xlsx is a workbook, of which the first sheet counts, all else CSV in UTF-8 or GB18030.
func Read(name string, content []byte) (*Table, error) {
	read := readCSV
	if strings.HasSuffix(strings.ToLower(name), ".xlsx") {
		read = readWorkbook
	}
	rows, err := read(content)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%w: no heading", ErrUnreadable)
	}
	for _, row := range rows {
		for n := range row {
			row[n] = strings.TrimSpace(strings.ReplaceAll(row[n], "\x00", ""))
		}
	}
	return &Table{Header: rows[0], Rows: rows[1:]}, nil
}

func readCSV(content []byte) ([][]string, error) {
	if !utf8.Valid(content) {
		decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(content)
		if err != nil {
			return nil, err
		}
		content = decoded
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte(mark))))
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	return r.ReadAll()
}

func readWorkbook(content []byte) ([][]string, error) {
	book, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{UnzipSizeLimit: unzipLimit, UnzipXMLSizeLimit: unzipLimit})
	if err != nil {
		return nil, err
	}
	defer book.Close()
	return book.GetRows(book.GetSheetName(0))
}

// Neutral makes a cell that a spreadsheet would take for a formula plain text: an apostrophe in front.
func Neutral(cell string) string {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(cell, " "))
	switch first {
	case '=', '+', '-', '@', '\t', '\r', '\n', '\uFF1D', '\uFF0B', '\uFF0D', '\uFF20': // also in full width
		return "'" + cell
	}
	return cell
}

func neutral(row []string) []string {
	out := make([]string, len(row))
	for n, cell := range row {
		out[n] = Neutral(cell)
	}
	return out
}

// CSV writes rows; the first call of a file begins with its mark.
func CSV(begin bool, rows [][]string) ([]byte, error) {
	var out bytes.Buffer
	if begin {
		out.WriteString(mark)
	}
	w := csv.NewWriter(&out)
	for _, row := range rows {
		if err := w.Write(neutral(row)); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

// Workbook writes one sheet; next gives the rows until it gives none.
func Workbook(out io.Writer, title string, next func() ([][]string, error)) error {
	book := excelize.NewFile()
	defer book.Close()
	if err := book.SetSheetName(book.GetSheetName(0), title); err != nil {
		return err
	}
	w, err := book.NewStreamWriter(title)
	if err != nil {
		return err
	}
	for line := 1; ; {
		rows, err := next()
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		for _, row := range rows {
			if err := w.SetRow(fmt.Sprintf("A%d", line), cells(row)); err != nil {
				return err
			}
			line++
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return book.Write(out)
}

func cells(row []string) []any {
	out := make([]any, len(row))
	for n, cell := range neutral(row) {
		out[n] = cell
	}
	return out
}
