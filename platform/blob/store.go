package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	_ "gocloud.dev/blob/memblob" // mem:// for tests
	"gocloud.dev/gcerrors"
	"google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/keys"
)

// Errors of files. Beyond its limit a file is apierr.ErrTooLarge.
var (
	ErrExists = apierr.Define(codes.AlreadyExists, "FILE_EXISTS", "文件已存在且内容不同", "a file with other content is there already")
	ErrType   = apierr.Define(codes.InvalidArgument, "MEDIA_TYPE_REFUSED", "不接受 {type} 类型的文件", "files of type {type} are not accepted")
	ErrTicket = apierr.Define(codes.PermissionDenied, "TICKET_INVALID", "链接无效或已过期", "the link is invalid or has ended")
)

// sniffBytes is what the type is found in.
const sniffBytes = 512

// keyShape keeps keys the same on every kind of bucket and inside the folder.
var keyShape = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_-]*(\.[a-zA-Z0-9_-]+)*(/[a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)*)*$`)

// Options of a store.
type Options struct {
	Signer  keys.Indexer     // signs tickets; nil: none are made or honoured
	Now     func() time.Time // the injected clock's Now
	BaseURL string           // where Handler is reached, e.g. https://service.example/files
	Types   []string         // accepted media types, "image/" accepts all images; nil: every type
}

// Object is a stored file, as the row that owns it records it.
type Object struct {
	Key       string
	Size      int64
	SHA256    string // hex
	MediaType string // found in the bytes, e.g. image/jpeg
}

// Store keeps files.
type Store struct {
	bucket *blob.Bucket
	dir    string // of a local folder, else ""
	opts   Options
}

// Open opens a folder, which it creates, or a bucket by its gocloud URL.
func Open(ctx context.Context, location string, opts Options) (*Store, error) {
	if strings.Contains(location, "://") {
		bucket, err := blob.OpenBucket(ctx, location)
		if err != nil {
			return nil, fmt.Errorf("blob: %w", err)
		}
		return &Store{bucket: bucket, opts: opts}, nil
	}
	bucket, err := fileblob.OpenBucket(location, &fileblob.Options{
		CreateDir: true, DirFileMode: 0o700, Metadata: fileblob.MetadataDontWrite,
		NoTempDir: true, // /tmp may be another file system
	})
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	return &Store{bucket: bucket, dir: location, opts: opts}, nil
}

// Close gives the bucket back.
func (s *Store) Close() error { return s.bucket.Close() }

// Put stores what r gives, at most limit bytes, under a new key. The same content
// under the same key again is no error, so a repeat is harmless; other content is
// ErrExists.
func (s *Store) Put(ctx context.Context, key string, r io.Reader, limit int64) (Object, error) {
	if !keyShape.MatchString(key) {
		return Object{}, fmt.Errorf("blob: malformed key %q", key)
	}
	head, err := readHead(r)
	if err != nil {
		return Object{}, err
	}
	o := Object{Key: key, MediaType: sniff(head)}
	if !s.accepts(o.MediaType) {
		return Object{}, ErrType.New("type", o.MediaType)
	}
	digest := sha256.New()
	limited := &io.LimitedReader{R: io.MultiReader(bytes.NewReader(head), r), N: limit + 1}
	err = s.write(ctx, key, o.MediaType, io.TeeReader(limited, digest), func() error {
		if limited.N <= 0 {
			return apierr.ErrTooLarge.New("limit", strconv.FormatInt(limit, 10))
		}
		return nil
	})
	o.Size, o.SHA256 = limit+1-limited.N, hex.EncodeToString(digest.Sum(nil))
	if gcerrors.Code(err) == gcerrors.FailedPrecondition {
		return s.repeated(ctx, o)
	}
	if err != nil {
		return Object{}, err
	}
	return o, s.sync(key)
}

func readHead(r io.Reader) ([]byte, error) {
	head := make([]byte, sniffBytes)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("blob: read: %w", err)
	}
	return head[:n], nil
}

// write copies r into a new object; an error, also of accept at the end, leaves
// nothing behind.
func (s *Store) write(ctx context.Context, key, mediaType string, r io.Reader, accept func() error) error {
	ctx, abandon := context.WithCancel(ctx)
	defer abandon()
	w, err := s.bucket.NewWriter(ctx, key, &blob.WriterOptions{ContentType: mediaType, IfNotExist: true})
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	_, err = io.Copy(w, r)
	if err == nil {
		err = accept()
	}
	if err != nil {
		abandon() // closing a writer whose context ended discards it
		_ = w.Close()
		return err
	}
	return w.Close()
}

// repeated compares what was sent with what is there.
func (s *Store) repeated(ctx context.Context, sent Object) (Object, error) {
	have, err := s.Stat(ctx, sent.Key)
	if err != nil {
		return Object{}, err
	}
	if have.SHA256 != sent.SHA256 {
		return Object{}, ErrExists.New()
	}
	return have, nil
}

// sync makes a file in a local folder durable: fileblob renames without.
func (s *Store) sync(key string) error {
	if s.dir == "" {
		return nil
	}
	var errs []error
	root := filepath.Clean(s.dir)
	for path := filepath.Join(root, filepath.FromSlash(key)); ; path = filepath.Dir(path) {
		f, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("blob: sync: %w", err)
		}
		errs = append(errs, f.Sync(), f.Close())
		if path == root {
			return errors.Join(errs...)
		}
	}
}

// Get opens a file for reading; the reader can seek. The caller closes it.
func (s *Store) Get(ctx context.Context, key string) (*blob.Reader, error) {
	r, err := s.bucket.NewReader(ctx, key, nil)
	return r, notFound(key, err)
}

// Stat reads a file through and describes it: a check against what the row says.
func (s *Store) Stat(ctx context.Context, key string) (Object, error) {
	r, err := s.Get(ctx, key)
	if err != nil {
		return Object{}, err
	}
	defer func() { _ = r.Close() }() // only read from
	head, err := readHead(r)
	if err != nil {
		return Object{}, err
	}
	digest := sha256.New()
	size, err := io.Copy(digest, io.MultiReader(bytes.NewReader(head), r))
	if err != nil {
		return Object{}, fmt.Errorf("blob: %w", err)
	}
	return Object{Key: key, Size: size, SHA256: hex.EncodeToString(digest.Sum(nil)), MediaType: sniff(head)}, nil
}

// Delete removes a file; one that is not there is no error.
func (s *Store) Delete(ctx context.Context, key string) error {
	err := s.bucket.Delete(ctx, key)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil
	}
	return err
}

func notFound(key string, err error) error {
	if gcerrors.Code(err) == gcerrors.NotFound {
		return apierr.NotFound("files/" + key)
	}
	return err
}

func (s *Store) accepts(mediaType string) bool {
	if s.opts.Types == nil {
		return true
	}
	plain, _, _ := strings.Cut(mediaType, ";")
	return slices.ContainsFunc(s.opts.Types, func(t string) bool {
		return t == plain || (strings.HasSuffix(t, "/") && strings.HasPrefix(plain, t))
	})
}

// sniff finds the type in a file's first bytes, with the formats of phones that
// net/http does not know.
func sniff(head []byte) string {
	if len(head) >= 12 && string(head[4:8]) == "ftyp" {
		switch string(head[8:12]) {
		case "heic", "heix", "mif1", "msf1":
			return "image/heic"
		case "avif":
			return "image/avif"
		case "M4A ":
			return "audio/mp4"
		case "qt  ":
			return "video/quicktime"
		}
	}
	if bytes.HasPrefix(head, []byte("#!AMR")) {
		return "audio/amr"
	}
	return http.DetectContentType(head)
}
