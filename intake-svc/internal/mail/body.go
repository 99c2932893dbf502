package mail

import (
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"
)

// header is the header of a letter or of one of its parts.
type header textproto.MIMEHeader

func (h header) get(key string) string { return textproto.MIMEHeader(h).Get(key) }

// body collects what the parts of a letter hold.
type body struct {
	message     *Message
	plain, html strings.Builder
	parts       int
}

// text prefers what was written as text.
func (b *body) text() string {
	if strings.TrimSpace(b.plain.String()) != "" {
		return b.plain.String()
	}
	return StripHTML(b.html.String())
}

func (b *body) part(h header, r io.Reader, depth int) error {
	if b.parts++; b.parts > maxParts || depth > maxDepth {
		return fmt.Errorf("%w: too many parts", ErrMalformed)
	}
	media, params, err := mime.ParseMediaType(h.get("Content-Type"))
	if err != nil {
		media, params = "text/plain", map[string]string{}
	}
	if strings.HasPrefix(media, "multipart/") && params["boundary"] != "" {
		return b.children(multipart.NewReader(r, params["boundary"]), depth)
	}
	content, err := io.ReadAll(transferred(h.get("Content-Transfer-Encoding"), r))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	name := fileName(h, params)
	if name == "" && strings.HasPrefix(media, "text/") {
		b.read(media, toUTF8(content, params["charset"]))
		return nil
	}
	b.attach(name, media, content)
	return nil
}

func (b *body) children(parts *multipart.Reader, depth int) error {
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		if err := b.part(header(part.Header), part, depth+1); err != nil {
			return err
		}
	}
}

func (b *body) read(media, text string) {
	into := &b.plain
	if media == "text/html" {
		into = &b.html
	}
	if into.Len()+len(text) > maxText {
		text = strings.ToValidUTF8(text[:max(maxText-into.Len(), 0)], "")
	}
	into.WriteString(text)
	into.WriteByte('\n')
}

func (b *body) attach(name, media string, content []byte) {
	if len(content) == 0 {
		return
	}
	if name == "" {
		name = fmt.Sprintf("attachment-%d%s", len(b.message.Attachments)+1, extension(media))
	}
	b.message.Attachments = append(b.message.Attachments, Attachment{Name: name, Content: content})
}

func extension(media string) string {
	if media == "message/rfc822" {
		return ".eml"
	}
	if all, err := mime.ExtensionsByType(media); err == nil && len(all) > 0 {
		return all[0]
	}
	return ".bin"
}

// fileName is the attachment's name without its folders; "" when the part is no attachment.
func fileName(h header, params map[string]string) string {
	disposition, given, err := mime.ParseMediaType(h.get("Content-Disposition"))
	name := params["name"]
	if err == nil && given["filename"] != "" {
		name = given["filename"]
	}
	name = path.Base(strings.ReplaceAll(clean(decode(name)), `\`, "/"))
	switch {
	case name != "." && name != "/":
		return name
	case disposition == "attachment":
		return "attachment"
	}
	return ""
}

// transferred undoes the transfer encoding. Base64 with line breaks and stray signs is what mailers send.
func transferred(encoding string, r io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "quoted-printable":
		return quotedprintable.NewReader(r)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, &base64Only{r})
	}
	return r
}

// base64Only drops everything that is not of the alphabet.
type base64Only struct{ r io.Reader }

func (f *base64Only) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	kept := 0
	for _, c := range p[:n] {
		if c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/' || c == '=' {
			p[kept] = c
			kept++
		}
	}
	return kept, err
}

// reader decodes a charset by any name that browsers know; GBK and GB2312 are read as their superset GB18030.
func reader(charset string, in io.Reader) (io.Reader, error) {
	enc, err := htmlindex.Get(charset)
	if err != nil {
		return nil, fmt.Errorf("mail: charset %q: %w", charset, err)
	}
	if enc == simplifiedchinese.GBK {
		enc = simplifiedchinese.GB18030
	}
	return transform.NewReader(in, enc.NewDecoder()), nil
}

// toUTF8 reads text of a charset that may be wrong or not told: UTF-8 when it is that, else what was told, else GB18030.
func toUTF8(raw []byte, charset string) string {
	if name := strings.ToLower(charset); name == "" || name == "utf-8" || name == "us-ascii" {
		if utf8.Valid(raw) {
			return string(raw)
		}
		charset = "gb18030"
	}
	decoder, err := reader(charset, strings.NewReader(string(raw)))
	if err == nil {
		if text, err := io.ReadAll(decoder); err == nil {
			return string(text)
		}
	}
	return strings.ToValidUTF8(string(raw), "\uFFFD")
}
