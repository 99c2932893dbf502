package transcode

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// DefaultBodyLimit is the largest body in bytes where the configuration says nothing.
const DefaultBodyLimit = 1 << 20

// Body is a body that is in memory; the decoder takes its bytes without another copy.
type Body struct {
	data []byte
	pos  int
}

// Read implements io.Reader.
func (b *Body) Read(p []byte) (int, error) {
	if b.pos >= len(b.data) {
		return 0, io.EOF
	}
	n := copy(p, b.data[b.pos:])
	b.pos += n
	return n, nil
}

// Close implements io.Closer.
func (b *Body) Close() error { return nil }

// take gives what was not read yet and marks it as read.
func (b *Body) take() []byte {
	rest := b.data[b.pos:]
	b.pos = len(b.data)
	return rest
}

// Bytes is the body as it was sent; ReadBody must have been called.
func (r *Request) Bytes() []byte { return r.body }

// ReadBody reads the whole body once, up to the limit. Signatures are over these bytes.
func (r *Request) ReadBody(httpReq *http.Request) error {
	if r.bodyRead {
		return nil
	}
	limit := r.limit
	if limit <= 0 {
		limit = DefaultBodyLimit
	}
	data, err := readLimited(httpReq, limit)
	if err != nil {
		return err
	}
	r.body, r.bodyRead = data, true
	httpReq.Body = &Body{data: data}
	return nil
}

// readLimited does not trust Content-Length beyond sizing its buffer.
func readLimited(httpReq *http.Request, limit int64) ([]byte, error) {
	if httpReq.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	if httpReq.Body == nil || httpReq.Body == http.NoBody {
		return nil, nil
	}
	buf := make([]byte, 0, max(httpReq.ContentLength, 0)+1) // one more, so that EOF is seen without growing
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := httpReq.Body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			return nil, tooLarge(limit)
		}
		if errors.Is(err, io.EOF) {
			return buf, nil
		}
		if err != nil {
			return nil, ErrBodyUnread.Wrap(err)
		}
	}
}

func tooLarge(limit int64) error {
	return apierr.ErrTooLarge.New("limit", strconv.FormatInt(limit, 10))
}

// checkContent refuses what is not JSON in UTF-8: guessing would let a browser form reach the API.
func checkContent(httpReq *http.Request, size int) error {
	if coding := httpReq.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return ErrContentType.New("value", short(coding))
	}
	value := httpReq.Header.Get("Content-Type")
	if size == 0 || value == "" || value == "application/json" {
		return nil
	}
	kind, params, err := mime.ParseMediaType(value)
	charset := params["charset"]
	if err != nil || kind != "application/json" || (charset != "" && !strings.EqualFold(charset, "utf-8")) {
		return ErrContentType.New("value", short(value))
	}
	return nil
}

// short bounds what of a client's text comes back to it.
func short(s string) string {
	const most = 64
	runes := []rune(strings.ToValidUTF8(s, "?"))
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(runes)
}
