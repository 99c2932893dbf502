package textcmd

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/aftersales-suite/aftersales/platform/zhtext"
	"github.com/aftersales-suite/aftersales/platform/zhtext/linear"
)

// Cmd is the kong command `text`.
type Cmd struct {
	Sentiment  SentimentCmd  `cmd:"" help:"情感：每行一条文本，每行一个 JSON / Sentiment of one text a line."`
	Classify   ClassifyCmd   `cmd:"" help:"分类：按各维度给出代码与依据 / Classes of one text a line."`
	Extract    ExtractCmd    `cmd:"" help:"抽取：故障代码、型号、诉求、紧急程度等 / Findings of one text a line."`
	Train      TrainCmd      `cmd:"" help:"训练：由 TSV（标签、制表符、文本）得到模型 / Train a model from a TSV file."`
	Eval       EvalCmd       `cmd:"" help:"评测：准确率、宏平均 F1、各类、校准、混淆 / Evaluate on a TSV file."`
	Duplicates DuplicatesCmd `cmd:"" help:"近似重复：每行一条文本 / Near-duplicates among the lines."`
	Hotspots   HotspotsCmd   `cmd:"" help:"热点：各切片的突出词语与突增 / Words that stand out, and bursts."`
	Ship       ShipCmd       `cmd:"" hidden:"" help:"重制随产品发布的情感模型 / Make the shipped sentiment model again."`
}

// in and out are the streams of the commands; tests put others in their place through the struct fields.
type streams struct {
	In  io.Reader `kong:"-"`
	Out io.Writer `kong:"-"`
}

func (s *streams) reader() *bufio.Reader {
	if s.In == nil {
		s.In = os.Stdin
	}
	return bufio.NewReaderSize(s.In, 1<<16)
}

func (s *streams) writer() *bufio.Writer {
	if s.Out == nil {
		s.Out = os.Stdout
	}
	return bufio.NewWriterSize(s.Out, 1<<16)
}

// maxLine bounds one text, in bytes; the rest of a longer line is left out.
const maxLine = 1 << 20

// eachLine calls answer with every line and writes what it returns as one JSON object a line. What has been answered is
// flushed whenever the input makes us wait, so that the command serves as a filter in a pipe.
func (s *streams) eachLine(answer func(number int, line string) any) error {
	in, out := s.reader(), s.writer()
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for n := 1; ; n++ {
		line, err := readLine(in)
		if errors.Is(err, io.EOF) && line == "" {
			return out.Flush()
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return errors.Join(err, out.Flush())
		}
		if v := answer(n, line); v != nil {
			if err := enc.Encode(v); err != nil {
				return fmt.Errorf("write: %w", err)
			}
		}
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return fmt.Errorf("write: %w", err)
			}
		}
	}
}

// readLine reads up to the end of the line; io.EOF comes with the last, unterminated one.
func readLine(in *bufio.Reader) (string, error) {
	var b strings.Builder
	for {
		part, err := in.ReadSlice('\n')
		if b.Len() < maxLine {
			b.Write(part)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return strings.TrimRight(strings.ToValidUTF8(b.String(), "\uFFFD"), "\r\n"), err
		}
	}
}

// loadModel reads a model file.
func loadModel(path string) (*linear.Model, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	defer func() { _ = f.Close() }()
	m, err := linear.Read(f)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", path, err)
	}
	return m, nil
}

// newReader builds a reader, with the model of the file when one is named.
func newReader(path string, axis zhtext.Axis, o zhtext.Options) (*zhtext.Reader, error) {
	r, err := zhtext.New(o)
	if err != nil || path == "" {
		return r, err
	}
	m, err := loadModel(path)
	if err != nil {
		return nil, err
	}
	if axis == "" {
		axis = zhtext.Axis(m.Task)
	}
	return r, r.Use(axis, m)
}
