package notice

import (
	"bytes"
	"encoding/binary"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

func sample() Letter {
	return Letter{
		Title: "投诉处理决定书", Number: "AS20261122-000001", Date: "2026-11-22", Greeting: "王小明 先生/女士:",
		Facts: []Row{{"产品", "海风 XQG100 / SN-1"}, {"诉求", strings.Repeat("维修后洗衣机仍然漏水,要求重新维修。", 8)}},
		Paragraphs: []Section{
			{"一、调查情况", "密封圈安装后三周破裂 <b>。Seal ring split three weeks after installation."},
			{"二、处理决定", "投诉成立。\n我方更换密封圈,不收取费用。"},
		},
		Closing: []string{"如有异议,请与我们联系。"},
	}
}

// collection wraps tables as a TTC whose only font begins behind some other bytes.
func collection(tables map[string]string, order ...string) []byte {
	file := append([]byte("ttcf\x00\x01\x00\x00\x00\x00\x00\x01"), make([]byte, 8)...)
	binary.BigEndian.PutUint32(file[12:], 20)
	file = append(file, 0, 1, 0, 0, 0, byte(len(order)), 0, 0, 0, 0, 0, 0)
	directory := len(file)
	file = append(file, make([]byte, len(order)*recordSize)...)
	for n, name := range order {
		record := file[directory+n*recordSize:]
		copy(record, name)
		binary.BigEndian.PutUint32(record[8:], uint32(len(file)))
		binary.BigEndian.PutUint32(record[12:], uint32(len(tables[name])))
		file = append(file, tables[name]...)
	}
	return file
}

// A font cut out of a collection has every table, aligned, behind a directory that finds it.
func TestFirstFontOfACollection(t *testing.T) {
	t.Parallel()
	tables := map[string]string{"cmap": "abcde", "glyf": "0123456789"}
	font, err := firstFont(collection(tables, "cmap", "glyf"))
	require.NoError(t, err)
	require.Equal(t, []byte{0, 1, 0, 0, 0, 2}, font[:6])
	for n, name := range []string{"cmap", "glyf"} {
		record := font[headerSize+n*recordSize:]
		from, length := binary.BigEndian.Uint32(record[8:]), binary.BigEndian.Uint32(record[12:])
		require.Zero(t, from%4)
		require.Equal(t, tables[name], string(font[from:from+length]))
	}
	plain := []byte("\x00\x01\x00\x00 a font by itself")
	same, err := firstFont(plain)
	require.NoError(t, err)
	require.Equal(t, plain, same)
}

func TestBrokenFontsAreRefused(t *testing.T) {
	t.Parallel()
	whole := collection(map[string]string{"cmap": "abcde"}, "cmap")
	for n := range len(whole) {
		if _, err := firstFont(whole[:n]); n < headerSize || n >= headerSize {
			require.ErrorIs(t, err, errFont, "%d bytes", n)
		}
	}
	_, err := New(t.TempDir() + "/absent.ttf")
	require.ErrorIs(t, err, os.ErrNotExist)
}

// R114: the page says it all, and nothing that a customer wrote becomes markup.
func TestHTML(t *testing.T) {
	t.Parallel()
	text, err := (&Printer{}).HTML(sample())
	require.NoError(t, err)
	for _, want := range []string{`lang="zh-CN"`, "投诉处理决定书", "AS20261122-000001", "破裂 &lt;b&gt;", "投诉成立。", "如有异议"} {
		require.Contains(t, string(text), want)
	}
	english := sample()
	english.English = true
	text, err = (&Printer{}).HTML(english)
	require.NoError(t, err)
	require.Contains(t, string(text), `lang="en"`)
}

// R114: PDF with the font that is installed; without one it is refused with the way out.
func TestPDF(t *testing.T) {
	t.Parallel()
	_, err := (&Printer{}).PDF(sample())
	require.Equal(t, "NOTICE_FONT_MISSING", apierr.Reason(err))
	p, err := New("")
	require.NoError(t, err)
	if !p.HasFont() {
		t.Log("no font with Chinese characters is installed (apt-get install fonts-wqy-microhei): PDF is not tried")
		return
	}
	long := sample()
	for range 30 {
		long.Facts = append(long.Facts, sample().Facts...)
	}
	for name, l := range map[string]Letter{"short": sample(), "long": long} {
		file, err := p.PDF(l)
		require.NoError(t, err)
		require.True(t, bytes.HasPrefix(file, []byte("%PDF-")), name)
		pages := bytes.Count(file, []byte("/Type /Page\n"))
		require.Equal(t, name == "long", pages > 1, "%s has %d pages", name, pages)
		if dir := os.Getenv("AFTERSALES_TEST_NOTICES"); dir != "" { // to look at
			require.NoError(t, os.WriteFile(dir+"/"+name+".pdf", file, 0o600))
		}
	}
}
