package notice

import (
	"bytes"
	"fmt"

	"codeberg.org/go-pdf/fpdf"
)

// Measures of the page, in millimetres.
const (
	margin     = 20.0
	nameWidth  = 34.0
	lineHeight = 6.5
	family     = "letter"
)

// PDF prints a letter on A4. Errors: ErrFont where no font is installed.
func (p *Printer) PDF(l Letter) ([]byte, error) {
	if !p.HasFont() {
		return nil, ErrFont.New()
	}
	doc := fpdf.New("P", "mm", "A4", "")
	doc.AddUTF8FontFromBytes(family, "", p.font)
	doc.SetMargins(margin, margin, margin)
	doc.SetAutoPageBreak(true, margin)
	doc.SetTitle(l.Title+" "+l.Number, true)
	doc.SetFooterFunc(func() {
		doc.SetY(-margin + lineHeight)
		doc.SetFont(family, "", 9)
		doc.CellFormat(0, lineHeight, fmt.Sprintf("%s  -  %d", l.Number, doc.PageNo()), "", 0, "C", false, 0, "")
	})
	doc.AddPage()
	head(doc, l)
	for _, row := range l.Facts {
		fact(doc, row)
	}
	for _, s := range l.Paragraphs {
		section(doc, s)
	}
	doc.Ln(lineHeight)
	for _, text := range l.Closing {
		doc.MultiCell(0, lineHeight, text, "", "L", false)
	}
	doc.Ln(lineHeight)
	doc.CellFormat(0, lineHeight, l.Date, "", 1, "R", false, 0, "")
	var out bytes.Buffer
	if err := doc.Output(&out); err != nil {
		return nil, fmt.Errorf("notice: pdf: %w", err)
	}
	return out.Bytes(), nil
}

func head(doc *fpdf.Fpdf, l Letter) {
	doc.SetFont(family, "", 18)
	doc.CellFormat(0, 2*lineHeight, l.Title, "", 1, "C", false, 0, "")
	doc.SetFont(family, "", 11)
	doc.CellFormat(0, lineHeight, l.Number, "", 1, "C", false, 0, "")
	doc.Ln(lineHeight / 2)
	doc.MultiCell(0, lineHeight, l.Greeting, "", "L", false)
	doc.Ln(lineHeight / 2)
}

// fact draws a row of the table, as high as its longer cell; a row that does not fit begins the next page.
func fact(doc *fpdf.Fpdf, row Row) {
	width, height := doc.GetPageSize()
	valueWidth := width - 2*margin - nameWidth
	lines := max(len(doc.SplitText(row.Name, nameWidth-4)), len(doc.SplitText(row.Value, valueWidth-4)), 1)
	tall := float64(lines)*lineHeight + 2
	if doc.GetY()+tall > height-margin {
		doc.AddPage()
	}
	x, y := margin, doc.GetY()
	doc.SetFillColor(242, 242, 242)
	doc.Rect(x, y, nameWidth, tall, "FD")
	doc.Rect(x+nameWidth, y, valueWidth, tall, "D")
	doc.SetXY(x+1, y+1)
	doc.MultiCell(nameWidth-2, lineHeight, row.Name, "", "L", false)
	doc.SetXY(x+nameWidth+1, y+1)
	doc.MultiCell(valueWidth-2, lineHeight, row.Value, "", "L", false)
	doc.SetXY(x, y+tall)
}

func section(doc *fpdf.Fpdf, s Section) {
	_, height := doc.GetPageSize()
	doc.Ln(lineHeight / 2)
	if doc.GetY()+3*lineHeight > height-margin { // no heading alone at the end of a page
		doc.AddPage()
	}
	doc.SetFont(family, "", 13)
	doc.MultiCell(0, lineHeight+1, s.Heading, "", "L", false)
	doc.SetFont(family, "", 11)
	doc.MultiCell(0, lineHeight, s.Text, "", "L", false)
}
