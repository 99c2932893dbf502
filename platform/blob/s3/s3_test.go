package s3_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/blob"
	_ "github.com/aftersales-suite/aftersales/platform/blob/s3"
)

// bucket is as much of S3 as a put, a get and a missing key need.
type bucket struct {
	mu    sync.Mutex
	files map[string]string
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	content, there := b.files[r.URL.Path]
	switch {
	case r.Method == http.MethodPut && there && r.Header.Get("If-None-Match") == "*":
		w.WriteHeader(http.StatusPreconditionFailed)
		_, _ = io.WriteString(w, `<Error><Code>PreconditionFailed</Code></Error>`)
	case r.Method == http.MethodPut:
		body, _ := io.ReadAll(r.Body)
		b.files[r.URL.Path] = string(body)
	case !there:
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `<Error><Code>NoSuchKey</Code></Error>`)
	default:
		_, _ = io.WriteString(w, content)
	}
}

func TestEvidenceInABucket(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	server := httptest.NewServer(&bucket{files: map[string]string{}})
	defer server.Close()
	// Checksums as trailers of a chunked body are off: this server reads plain bodies.
	store, err := blob.Open(t.Context(), "s3://evidence?region=x&use_path_style=true&request_checksum_calculation=when_required&endpoint="+server.URL, blob.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	o, err := store.Put(t.Context(), "cases/1/a.txt", strings.NewReader("漏水"), 100)
	require.NoError(t, err)
	have, err := store.Stat(t.Context(), "cases/1/a.txt")
	require.NoError(t, err)
	require.Equal(t, o, have)
	again, err := store.Put(t.Context(), "cases/1/a.txt", strings.NewReader("漏水"), 100)
	require.NoError(t, err)
	require.Equal(t, o, again)
	_, err = store.Put(t.Context(), "cases/1/a.txt", strings.NewReader("other"), 100)
	require.ErrorIs(t, err, blob.ErrExists)
	_, err = store.Get(t.Context(), "none")
	require.ErrorIs(t, err, apierr.ErrNotFound)
}
