package idempotency_test

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
)

type rig struct {
	db    sqldb.DB
	store *idempotency.Store
	clock *testkit.Clock
	ctx   context.Context
}

func effects() fstest.MapFS {
	const up = "-- +goose Up\nCREATE TABLE effect (name TEXT NOT NULL);"
	return fstest.MapFS{"postgres/00001_e.sql": {Data: []byte(up)}, "sqlite/00001_e.sql": {Data: []byte(up)}}
}

func engines(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	t.Parallel()
	testkit.Engines(t, effects(), func(t *testing.T, db sqldb.DB) {
		clock := testkit.NewClock(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
		store := idempotency.New(testkit.Keys(t).Sealer(), clock)
		fn(t, &rig{db: db, store: store, clock: clock, ctx: as(t.Context(), "partners/mall", "/intake.v1.Cases/CreateCase")})
	})
}

// stream gives a context the method name that grpc puts there.
type stream struct{ method string }

func (s stream) Method() string               { return s.method }
func (s stream) SetHeader(metadata.MD) error  { return nil }
func (s stream) SendHeader(metadata.MD) error { return nil }
func (s stream) SetTrailer(metadata.MD) error { return nil }

func as(ctx context.Context, subject, method string) context.Context {
	ctx = auth.WithPrincipal(ctx, auth.Principal{Subject: subject})
	return grpc.NewContextWithServerTransportStream(ctx, stream{method})
}

// create is a handler: its effect is a row, its answer tells the number of rows.
func (r *rig) create(ctx context.Context, db sqldb.DB, requestID, body string) (answer string, err error) {
	err = db.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err := idempotency.Do(ctx, r.store, tx, requestID, wrapperspb.String(body), func() (*wrapperspb.StringValue, error) {
			return effect(ctx, tx, body)
		})
		answer = resp.GetValue()
		return err
	})
	return answer, err
}

func effect(ctx context.Context, tx sqldb.Tx, body string) (*wrapperspb.StringValue, error) {
	if _, err := tx.Exec(ctx, `INSERT INTO effect (name) VALUES ($1)`, body); err != nil {
		return nil, err
	}
	var n string
	err := tx.Row(ctx, `SELECT CAST(count(*) AS TEXT) FROM effect`).Scan(&n)
	return wrapperspb.String(body + "/" + n), err
}

func (r *rig) effects(t *testing.T) (n int) {
	t.Helper()
	require.NoError(t, r.db.Row(t.Context(), `SELECT count(*) FROM effect`).Scan(&n))
	return n
}

func TestSameRequestSameAnswer(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		for range 3 {
			answer, err := r.create(r.ctx, r.db, "key-1", "broken kettle")
			require.NoError(t, err)
			require.Equal(t, "broken kettle/1", answer)
		}
		require.Equal(t, 1, r.effects(t))
		answer, err := r.create(r.ctx, r.db, "key-2", "broken kettle")
		require.NoError(t, err)
		require.Equal(t, "broken kettle/2", answer)
	})
}

func TestOtherContentIsRefused(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		_, err := r.create(r.ctx, r.db, "key-1", "a")
		require.NoError(t, err)
		_, err = r.create(r.ctx, r.db, "key-1", "b")
		require.ErrorIs(t, err, apierr.ErrKeyReused)
		require.Equal(t, 1, r.effects(t))
	})
}

func TestScopeIsPrincipalAndMethod(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		_, err := r.create(r.ctx, r.db, "key-1", "a")
		require.NoError(t, err)
		for _, ctx := range []context.Context{
			as(t.Context(), "partners/other", "/intake.v1.Cases/CreateCase"),
			as(t.Context(), "partners/mall", "/intake.v1.Cases/AcceptCase"),
			auth.WithPrincipal(r.ctx, auth.Principal{Subject: "partners/mall", OnBehalfOf: "wechat:1"}),
		} {
			_, err := r.create(ctx, r.db, "key-1", "b")
			require.NoError(t, err)
		}
		require.Equal(t, 4, r.effects(t))
	})
}

func TestEmptyKeyJustRuns(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		for range 2 {
			_, err := r.create(r.ctx, r.db, "", "a")
			require.NoError(t, err)
		}
		require.Equal(t, 2, r.effects(t))
	})
}

func TestRefusedRequestMayBeTriedAgain(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		boom := errors.New("wrong state")
		err := r.db.InTx(r.ctx, func(tx sqldb.Tx) error {
			_, err := idempotency.Do(r.ctx, r.store, tx, "key-1", wrapperspb.String("a"), func() (*wrapperspb.StringValue, error) { return nil, boom })
			return err
		})
		require.ErrorIs(t, err, boom)
		_, err = r.create(r.ctx, r.db, "key-1", "a")
		require.NoError(t, err)
	})
}

func TestSixtyFourConcurrentRetriesHaveOneEffect(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		errs, wrong := make(chan error, 64), atomic.Int64{}
		for range cap(errs) {
			go func() {
				answer, err := r.create(r.ctx, r.db, "key-1", "a")
				if answer != "a/1" {
					wrong.Add(1)
				}
				errs <- err
			}()
		}
		for range cap(errs) {
			require.NoError(t, <-errs)
		}
		require.Zero(t, wrong.Load())
		require.Equal(t, 1, r.effects(t))
	})
}

func TestLostAnswerThenRetry(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		faulty := testkit.FaultyDB(r.db)
		faulty.Lose(1)
		_, err := r.create(r.ctx, faulty, "key-1", "a")
		require.ErrorIs(t, err, sqldb.ErrUnavailable)
		answer, err := r.create(r.ctx, faulty, "key-1", "a")
		require.NoError(t, err)
		require.Equal(t, "a/1", answer)
		require.Equal(t, 1, r.effects(t))
	})
}

func TestStoredAnswersAreSealed(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		_, err := r.create(r.ctx, r.db, "key-1", "13800138000")
		require.NoError(t, err)
		var key string
		var digest, answer []byte
		require.NoError(t, r.db.Row(r.ctx, `SELECT key, digest, answer FROM idempotency`).Scan(&key, &digest, &answer))
		require.NotContains(t, key, "key-1")
		require.False(t, bytes.Contains(answer, []byte("13800138000")))

		_, err = r.db.Exec(r.ctx, `UPDATE idempotency SET answer = $1`, append([]byte{1}, answer...))
		require.NoError(t, err)
		_, err = r.create(r.ctx, r.db, "key-1", "13800138000")
		require.ErrorContains(t, err, "open the stored answer")
	})
}

func TestBatchForGroupCommit(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		key := func(id, body string) idempotency.Key {
			key, err := r.store.Key(r.ctx, id, wrapperspb.String(body))
			require.NoError(t, err)
			return key
		}
		_, err := r.create(r.ctx, r.db, "old", "a")
		require.NoError(t, err)
		old, fresh, none := key("old", "a"), key("fresh", "b"), key("", "c")
		require.True(t, none.Zero())

		known, err := r.store.Lookup(r.ctx, r.db, old, fresh, none)
		require.NoError(t, err)
		require.Len(t, known, 1)
		answer, err := idempotency.Replay[*wrapperspb.StringValue](r.store, old, known[old.ID])
		require.NoError(t, err)
		require.Equal(t, "a/1", answer.GetValue())

		require.NoError(t, r.db.InTx(r.ctx, func(tx sqldb.Tx) error {
			inserted, err := r.store.Insert(r.ctx, tx,
				idempotency.Entry{Key: old, Answer: wrapperspb.String("x")}, idempotency.Entry{Key: fresh, Answer: wrapperspb.String("y")},
				idempotency.Entry{Key: none, Answer: wrapperspb.String("z")}, idempotency.Entry{Key: fresh, Answer: wrapperspb.String("w")})
			require.Equal(t, map[string]bool{fresh.ID: true}, inserted)
			return err
		}))
		known, err = r.store.Lookup(r.ctx, r.db, fresh)
		require.NoError(t, err)
		answer, err = idempotency.Replay[*wrapperspb.StringValue](r.store, fresh, known[fresh.ID])
		require.NoError(t, err)
		require.Equal(t, "y", answer.GetValue())
	})
}

func TestPruneForgetsAfterSevenDays(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		_, err := r.create(r.ctx, r.db, "key-1", "a")
		require.NoError(t, err)
		r.clock.Advance(idempotency.Keep)
		require.NoError(t, r.store.Prune(r.ctx, r.db))
		_, err = r.create(r.ctx, r.db, "key-1", "b")
		require.ErrorIs(t, err, apierr.ErrKeyReused, "seven days are kept in full")
		r.clock.Advance(time.Second)
		require.NoError(t, r.store.Prune(r.ctx, r.db))
		_, err = r.create(r.ctx, r.db, "key-1", "b")
		require.NoError(t, err)
	})
}

// The digest leaves out request_id: a client may make a new one for the header and another for the body.
func TestDigestIgnoresTheRequestID(t *testing.T) {
	t.Parallel()
	store := idempotency.New(testkit.Keys(t).Sealer(), testkit.NewClock(time.Now()))
	digest := func(requestID, note string) []byte {
		key, err := store.Key(t.Context(), "same", request(t, requestID, note))
		require.NoError(t, err)
		return key.Digest
	}
	require.Equal(t, digest("1", "a"), digest("2", "a"))
	require.NotEqual(t, digest("1", "a"), digest("1", "b"))
}

// request builds a message with the fields request_id and note.
func request(t *testing.T, requestID, note string) proto.Message {
	t.Helper()
	field := func(name string, number int32) *descriptorpb.FieldDescriptorProto {
		return &descriptorpb.FieldDescriptorProto{Name: &name, Number: &number, Type: descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum(),
			Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum()}
	}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("t.proto"), Syntax: proto.String("proto3"), Package: proto.String("t"),
		MessageType: []*descriptorpb.DescriptorProto{{Name: proto.String("R"), Field: []*descriptorpb.FieldDescriptorProto{field("request_id", 1), field("note", 2)}}},
	}, nil)
	require.NoError(t, err)
	kind := file.Messages().Get(0)
	message := dynamicpb.NewMessage(kind)
	message.Set(kind.Fields().ByName("request_id"), protoreflect.ValueOfString(requestID))
	message.Set(kind.Fields().ByName("note"), protoreflect.ValueOfString(note))
	return message
}
