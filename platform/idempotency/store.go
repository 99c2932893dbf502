// Package idempotency makes a repeated request answer what the first answered. The key, the digest of the request and the
// sealed answer are written in the transaction of the effect and kept for seven days.
package idempotency

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/clock"
	"github.com/aftersales-suite/aftersales/platform/keys"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Keep is how long an answer is kept.
const Keep = 7 * 24 * time.Hour

// Store remembers answers. It has no state of its own: the rows are in the service's database.
type Store struct {
	sealer keys.Sealer
	clock  clock.Clock
}

// New makes a store whose answers are sealed.
func New(sealer keys.Sealer, clock clock.Clock) *Store {
	return &Store{sealer: sealer, clock: clock}
}

// Key is one request's place in the store.
type Key struct {
	ID     string // digest of the scope and the request id
	Digest []byte // of the request without its request id
}

// Zero says that the request carried no request id: it is neither looked up nor stored.
func (k Key) Zero() bool { return k.ID == "" }

// Do runs fn once for a request id. Called again with the same content it answers what was answered; with other content it
// is apierr.ErrKeyReused. The scope is the principal, on whose behalf it acts, and the gRPC method, from ctx. Errors are not
// stored: a refused request may be tried again with the same key. An empty requestID just runs fn.
//
// Do may return sqldb.ErrRetryTx, when the same request was committed by somebody else meanwhile; InTx then runs again.
func Do[Resp proto.Message](ctx context.Context, s *Store, tx sqldb.Tx, requestID string, req proto.Message, fn func() (Resp, error)) (Resp, error) {
	var none Resp
	key, err := s.Key(ctx, requestID, req)
	if err != nil {
		return none, err
	}
	if key.Zero() {
		return fn()
	}
	known, err := s.Lookup(ctx, tx, key)
	if err != nil {
		return none, err
	}
	if stored, ok := known[key.ID]; ok {
		return Replay[Resp](s, key, stored)
	}
	resp, err := fn()
	if err != nil {
		return none, s.refused(ctx, tx, key, err)
	}
	inserted, err := s.Insert(ctx, tx, Entry{Key: key, Answer: resp})
	if err == nil && !inserted[key.ID] {
		err = fmt.Errorf("idempotency: answered meanwhile: %w", sqldb.ErrRetryTx)
	}
	return resp, err
}

// refused looks once more after fn failed: on PostgreSQL the same request may have been committed by somebody else between the
// first look and what fn read, and then fn saw its own effect and refused it. The transaction runs again and finds the answer.
func (s *Store) refused(ctx context.Context, tx sqldb.Tx, key Key, err error) error {
	if tx.Engine() == sqldb.SQLite {
		return err // one writer at a time: nobody committed meanwhile
	}
	// After an error of the database itself this look fails too, and err stands.
	if known, lookup := s.Lookup(ctx, tx, key); lookup == nil && len(known) > 0 {
		return fmt.Errorf("idempotency: answered meanwhile: %w", sqldb.ErrRetryTx)
	}
	return err
}

// Key computes a request's key from the caller in ctx; it is zero when requestID is "".
func (s *Store) Key(ctx context.Context, requestID string, req proto.Message) (Key, error) {
	if requestID == "" {
		return Key{}, nil
	}
	method, _ := grpc.Method(ctx)
	caller := auth.FromContext(ctx)
	id := sum([]byte(caller.Subject), []byte(caller.OnBehalfOf), []byte(method), []byte(requestID))
	content, err := canonical(req)
	if err != nil {
		return Key{}, fmt.Errorf("idempotency: digest of the request: %w", err)
	}
	// The id salts the digest, so that equal requests of different callers do not show as equal in the table.
	return Key{ID: base64.RawURLEncoding.EncodeToString(id), Digest: sum(id, content)}, nil
}

// Replay opens a stored answer for a request, or says that the key was used for other content.
func Replay[Resp proto.Message](s *Store, key Key, stored Stored) (Resp, error) {
	var none Resp
	if !bytes.Equal(stored.Digest, key.Digest) {
		return none, apierr.ErrKeyReused.New()
	}
	plain, err := s.sealer.Open(stored.Answer, aad(key.ID))
	if err != nil {
		return none, fmt.Errorf("idempotency: open the stored answer: %w", err)
	}
	resp := none.ProtoReflect().Type().New().Interface().(Resp)
	if err := proto.Unmarshal(plain, resp); err != nil {
		return none, fmt.Errorf("idempotency: read the stored answer: %w", err)
	}
	return resp, nil
}

// aad binds a sealed answer to its row.
func aad(id string) []byte { return []byte("idempotency/" + id) }

// sum hashes parts with their lengths, so that no two lists of parts give the same input.
func sum(parts ...[]byte) []byte {
	hash := sha256.New()
	for _, part := range parts {
		_, _ = fmt.Fprintf(hash, "%d:", len(part)) // a hash takes everything
		hash.Write(part)
	}
	return hash.Sum(nil)
}

// canonical is the request's deterministic wire form without its request_id. The copy is shallow: fields are shared.
func canonical(req proto.Message) ([]byte, error) {
	from := req.ProtoReflect()
	if from.Descriptor().Fields().ByName("request_id") == nil {
		return proto.MarshalOptions{Deterministic: true}.Marshal(req)
	}
	to := from.Type().New()
	from.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if field.Name() != "request_id" {
			to.Set(field, value)
		}
		return true
	})
	to.SetUnknown(from.GetUnknown())
	return proto.MarshalOptions{Deterministic: true}.Marshal(to.Interface())
}
