package blob

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/keys"
)

var png = append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte{7}, 2000)...)

// fixture is a store with a clock that the test moves and a server of its tickets.
type fixture struct {
	*Store
	dir string
	now time.Time
}

func newFixture(t *testing.T, types ...string) *fixture {
	t.Helper()
	ring, err := keys.Init(t.TempDir())
	require.NoError(t, err)
	f := &fixture{dir: filepath.Join(t.TempDir(), "blobs"), now: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.Handler().ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	f.Store, err = Open(t.Context(), f.dir, Options{Signer: ring.Indexer(), Now: func() time.Time { return f.now }, BaseURL: server.URL + "/files", Types: types})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

func (f *fixture) files(t *testing.T) (names []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(f.dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, strings.TrimPrefix(path, f.dir+"/"))
		}
		return err
	}))
	return names
}

func TestPutDescribesWhatItStored(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	sum := sha256.Sum256(png)
	// One byte at a time: sizes and digests do not depend on how it comes.
	o, err := f.Put(t.Context(), "cases/1/a.png", iotest.OneByteReader(bytes.NewReader(png)), int64(len(png)))
	require.NoError(t, err)
	require.Equal(t, Object{Key: "cases/1/a.png", Size: int64(len(png)), SHA256: hex.EncodeToString(sum[:]), MediaType: "image/png"}, o)
	have, err := f.Stat(t.Context(), "cases/1/a.png")
	require.NoError(t, err)
	require.Equal(t, o, have)
	empty, err := f.Put(t.Context(), "empty", strings.NewReader(""), 10)
	require.NoError(t, err)
	require.Zero(t, empty.Size)
}

func TestTooLargeOrBrokenLeavesNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	_, err := f.Put(t.Context(), "a", bytes.NewReader(png), int64(len(png))-1)
	require.ErrorIs(t, err, apierr.ErrTooLarge)
	broken := io.MultiReader(bytes.NewReader(png), iotest.ErrReader(io.ErrClosedPipe))
	_, err = f.Put(t.Context(), "b", broken, 1<<20)
	require.ErrorIs(t, err, io.ErrClosedPipe)
	require.Empty(t, f.files(t))
	_, err = f.Get(t.Context(), "a")
	require.ErrorIs(t, err, apierr.ErrNotFound)
}

func TestKeyIsWrittenOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	first, err := f.Put(t.Context(), "a", bytes.NewReader(png), 1<<20)
	require.NoError(t, err)
	again, err := f.Put(t.Context(), "a", bytes.NewReader(png), 1<<20)
	require.NoError(t, err)
	require.Equal(t, first, again)
	_, err = f.Put(t.Context(), "a", strings.NewReader("other"), 1<<20)
	require.ErrorIs(t, err, ErrExists)
	have, err := f.Stat(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, first, have)
	require.NoError(t, f.Delete(t.Context(), "a"))
	require.NoError(t, f.Delete(t.Context(), "a"))
}

func TestKeysStayInsideTheFolder(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, key := range []string{"", "/etc/x", "../x", "a/../../x", "a//b", "a/./b", ".hidden", "a/.b", "a\\b", "a b", "中", "a/"} {
		_, err := f.Put(t.Context(), key, strings.NewReader("x"), 10)
		require.ErrorContains(t, err, "malformed key", key)
		_, err = f.UploadURL(key, 10, time.Minute)
		require.Error(t, err, key)
	}
}

func TestTypesAreFoundInTheBytes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "image/", "application/pdf")
	_, err := f.Put(t.Context(), "a.pdf", strings.NewReader("%PDF-1.7"), 100)
	require.NoError(t, err)
	for _, content := range []string{"<html><script>", "MZ\x90\x00", "plain"} {
		_, err = f.Put(t.Context(), "photo.png", strings.NewReader(content), 100)
		require.ErrorIs(t, err, ErrType, content)
	}
	for head, want := range map[string]string{"\x00\x00\x00\x18ftypheic": "image/heic", "#!AMR\n": "audio/amr", "\x00\x00\x00\x18ftypqt  ": "video/quicktime"} {
		require.Equal(t, want, sniff([]byte(head)))
	}
}

func (f *fixture) do(t *testing.T, method, url string, body []byte, header ...string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(content), resp.Header
}

func TestTicketsCarryAFileInAndOut(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	up, err := f.UploadURL("cases/1/a.png", 4000, time.Minute)
	require.NoError(t, err)
	code, body, _ := f.do(t, "PUT", up, png)
	require.Equal(t, 200, code, body)
	require.Contains(t, body, `"mediaType":"image/png"`)
	code, _, _ = f.do(t, "PUT", up, png)
	require.Equal(t, 200, code, "a repeat is harmless")
	code, body, _ = f.do(t, "PUT", up, []byte("other"))
	require.Equal(t, 409, code)
	require.Contains(t, body, "FILE_EXISTS")

	down, err := f.DownloadURL("cases/1/a.png", time.Minute)
	require.NoError(t, err)
	code, body, header := f.do(t, "GET", down, nil)
	require.Equal(t, 200, code)
	require.Equal(t, string(png), body)
	require.Equal(t, "nosniff", header.Get("X-Content-Type-Options"))
	require.Contains(t, header.Get("Content-Disposition"), "attachment")
	code, body, _ = f.do(t, "GET", down, nil, "Range", "bytes=1-3")
	require.Equal(t, 206, code)
	require.Equal(t, "PNG", body)
	code, _, _ = f.do(t, "HEAD", down, nil)
	require.Equal(t, 200, code)
}

func TestTicketIsForOneMethodKeySizeAndTime(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	_, err := f.Put(t.Context(), "a", bytes.NewReader(png), 4000)
	require.NoError(t, err)
	down, err := f.DownloadURL("a", time.Minute)
	require.NoError(t, err)
	up, err := f.UploadURL("b", 10, time.Minute)
	require.NoError(t, err)
	changed := func(raw, name, value string) string {
		u, err := url.Parse(raw)
		require.NoError(t, err)
		q := u.Query()
		q.Set(name, value)
		u.RawQuery = q.Encode()
		return u.String()
	}
	for name, c := range map[string]struct{ method, url string }{
		"write with a read ticket": {"PUT", down}, "read with a write ticket": {"GET", up}, "delete": {"DELETE", down},
		"other method signed": {"PUT", changed(down, "method", "PUT")}, "other key": {"GET", changed(down, "key", "c")},
		"larger": {"PUT", changed(up, "limit", "9999")}, "longer": {"GET", changed(down, "expire", "1999999999")},
		"no signature": {"GET", changed(down, "sig", "")}, "nothing": {"GET", strings.Split(down, "?")[0]},
	} {
		code, body, _ := f.do(t, c.method, c.url, []byte("x"), "Accept-Language", "zh-CN")
		require.Equal(t, 403, code, name)
		require.Contains(t, body, "TICKET_INVALID", name)
		require.Contains(t, body, "链接无效", name)
	}
	code, body, _ := f.do(t, "PUT", up, []byte("more than ten"))
	require.Equal(t, 400, code)
	require.Contains(t, body, "TOO_LARGE")
	f.now = f.now.Add(time.Minute)
	code, _, _ = f.do(t, "GET", down, nil)
	require.Equal(t, 403, code, "its time is over")
	_, err = f.UploadURL("a", 1, 25*time.Hour)
	require.Error(t, err)
}

func TestBucketByURL(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), "mem://", Options{})
	require.NoError(t, err)
	o, err := s.Put(t.Context(), "a/b", bytes.NewReader(png), 4000)
	require.NoError(t, err)
	have, err := s.Stat(t.Context(), "a/b")
	require.NoError(t, err)
	require.Equal(t, o, have)
	_, err = s.DownloadURL("a/b", time.Minute)
	require.ErrorContains(t, err, "no signer")
	_, err = Open(t.Context(), "nothing://x", Options{})
	require.Error(t, err)
	require.NoError(t, s.Close())
}
