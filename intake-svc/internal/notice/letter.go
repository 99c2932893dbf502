package notice

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"os"

	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// ErrFont is a PDF without a font for it.
var ErrFont = apierr.Define(codes.FailedPrecondition, "NOTICE_FONT_MISSING",
	"未安装中文字体,不能生成 PDF;请使用 HTML 打印", "no font with Chinese characters is installed: take HTML and print it")

// Letter is a decision to be read.
type Letter struct {
	English    bool
	Title      string
	Number     string // of the case
	Date       string
	Greeting   string
	Facts      []Row
	Paragraphs []Section
	Closing    []string
}

// Row is a line of the table of facts.
type Row struct{ Name, Value string }

// Section is a heading with its text.
type Section struct{ Heading, Text string }

// Language of the letter, BCP 47.
func (l *Letter) Language() string {
	if l.English {
		return "en"
	}
	return "zh-CN"
}

//go:embed letter.html
var page string

var letter = template.Must(template.New("letter").Parse(page))

// FontPaths are where fonts with Chinese characters usually lie.
var FontPaths = []string{
	"/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", "/usr/share/fonts/wqy-microhei/wqy-microhei.ttc", "/usr/share/fonts/truetype/arphic/ukai.ttc",
}

// Printer prints letters. The zero Printer prints HTML only.
type Printer struct{ font []byte }

// New reads the font; path "" looks where fonts usually lie, and finds none without an error.
func New(path string) (*Printer, error) {
	paths := FontPaths
	if path != "" {
		paths = []string{path}
	}
	for _, p := range paths {
		file, err := os.ReadFile(p)
		if err != nil {
			if path != "" {
				return nil, fmt.Errorf("notice: font: %w", err)
			}
			continue
		}
		font, err := firstFont(file)
		if err != nil {
			return nil, fmt.Errorf("%w: %s", err, p)
		}
		return &Printer{font: font}, nil
	}
	return &Printer{}, nil
}

// HasFont says that PDF can be made.
func (p *Printer) HasFont() bool { return p != nil && p.font != nil }

// HTML prints a letter as a page.
func (p *Printer) HTML(l Letter) ([]byte, error) {
	var out bytes.Buffer
	if err := letter.Execute(&out, &l); err != nil {
		return nil, fmt.Errorf("notice: html: %w", err)
	}
	return out.Bytes(), nil
}
