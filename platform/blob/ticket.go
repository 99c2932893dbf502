package blob

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// ticketField keeps tickets' signatures apart from blind indexes, which are made
// with the same key.
const ticketField = "blob-ticket"

// maxTicket is the longest life of a ticket: it is a bearer's right.
const maxTicket = 24 * time.Hour

// Ticket is the right to one request.
type Ticket struct {
	Method string // GET or PUT
	Key    string
	Limit  int64     // of a PUT, in bytes
	Expire time.Time // whole seconds
}

// UploadURL lets the bearer store one file of at most limit bytes under the key.
func (s *Store) UploadURL(key string, limit int64, ttl time.Duration) (string, error) {
	return s.sign(Ticket{Method: http.MethodPut, Key: key, Limit: limit}, ttl)
}

// DownloadURL lets the bearer read the file.
func (s *Store) DownloadURL(key string, ttl time.Duration) (string, error) {
	return s.sign(Ticket{Method: http.MethodGet, Key: key}, ttl)
}

func (s *Store) sign(t Ticket, ttl time.Duration) (string, error) {
	if s.opts.Signer == nil {
		return "", errors.New("blob: no signer for tickets")
	}
	if !keyShape.MatchString(t.Key) || ttl <= 0 || ttl > maxTicket {
		return "", fmt.Errorf("blob: no ticket for key %q and %v", t.Key, ttl)
	}
	t.Expire = s.opts.Now().Add(ttl).Truncate(time.Second)
	q := url.Values{
		"key": {t.Key}, "method": {t.Method}, "limit": {strconv.FormatInt(t.Limit, 10)},
		"expire": {strconv.FormatInt(t.Expire.Unix(), 10)}, "sig": {s.signature(t)},
	}
	return s.opts.BaseURL + "?" + q.Encode(), nil
}

func (s *Store) signature(t Ticket) string {
	return s.opts.Signer.BlindIndex(ticketField, fmt.Sprintf("%s\n%s\n%d\n%d", t.Method, t.Key, t.Limit, t.Expire.Unix()))
}

// check reads the ticket of a request and compares the method with the signed one.
func (s *Store) check(r *http.Request) (Ticket, error) {
	q := r.URL.Query()
	limit, errLimit := strconv.ParseInt(q.Get("limit"), 10, 64)
	expire, errExpire := strconv.ParseInt(q.Get("expire"), 10, 64)
	t := Ticket{Method: q.Get("method"), Key: q.Get("key"), Limit: limit, Expire: time.Unix(expire, 0)}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	good := s.opts.Signer != nil && errors.Join(errLimit, errExpire) == nil && t.Method == method &&
		s.opts.Now().Before(t.Expire) && subtle.ConstantTimeCompare([]byte(q.Get("sig")), []byte(s.signature(t))) == 1
	if !good {
		return Ticket{}, ErrTicket.New()
	}
	return t, nil
}

// Handler answers requests with a ticket: PUT stores, GET and HEAD read.
func (s *Store) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t, err := s.check(r)
		switch {
		case err != nil:
		case t.Method == http.MethodPut:
			err = s.upload(w, r, t)
		default:
			err = s.download(w, r, t)
		}
		if err != nil {
			writeError(w, r, err)
		}
	})
}

func (s *Store) upload(w http.ResponseWriter, r *http.Request, t Ticket) error {
	if r.ContentLength > t.Limit {
		return apierr.ErrTooLarge.New("limit", strconv.FormatInt(t.Limit, 10))
	}
	o, err := s.Put(r.Context(), t.Key, r.Body, t.Limit)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(map[string]string{
		"sizeBytes": strconv.FormatInt(o.Size, 10), "digest": o.SHA256, "mediaType": o.MediaType,
	})
}

// download never lets a browser run what a stranger stored.
func (s *Store) download(w http.ResponseWriter, r *http.Request, t Ticket) error {
	f, err := s.Get(r.Context(), t.Key)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read from
	head, err := readHead(f)
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, 0); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", sniff(head))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Content-Disposition", `attachment; filename="`+t.Key[strings.LastIndexByte(t.Key, '/')+1:]+`"`)
	h.Set("Cache-Control", "private, no-store")
	http.ServeContent(w, r, "", f.ModTime(), f)
	return nil
}

// writeError answers in the shape of every other error (api.md section 1).
func writeError(w http.ResponseWriter, r *http.Request, err error) {
	st := apierr.From(err).Status(apierr.Locale(r.Header.Get("Accept-Language")), r.Header.Get("X-Request-Id"))
	body, err := protojson.Marshal(st.Proto())
	if err != nil {
		body = []byte("{}")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(runtime.HTTPStatusFromCode(st.Code()))
	_, _ = w.Write(body) // the client may be gone
}
