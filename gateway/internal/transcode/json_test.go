package transcode

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	gatewayv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/gateway/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

func sampleCase() *intakev1.Case {
	return &intakev1.Case{
		Name: "cases/0192a0b0-0000-7000-8000-000000000000", CaseNumber: "AS20261122-000001", Kind: intakev1.Case_COMPLAINT, State: intakev1.Case_RECEIVED,
		ExternalRef: &commonv1.ExternalRef{Platform: "demo-mall", OrderId: "E1", AfterSaleId: "A1"}, Problem: "维修后洗衣机仍然漏水", Channel: "PARTNER_PLATFORM",
	}
}

func TestListsOfAnswersAreAlwaysThere(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]proto.Message{
		`{"events":[]}`:                           &gatewayv1.ListEventsResponse{},
		`{"events":[],"nextCursor":"7"}`:          &gatewayv1.ListEventsResponse{NextCursor: "7"},
		`{"events":[{"id":"a"}]}`:                 &gatewayv1.ListEventsResponse{Events: []*gatewayv1.CloudEvent{{Id: "a"}}},
		`{"name":"cases/1","state":"RECEIVED"}`:   &intakev1.Case{Name: "cases/1", State: intakev1.Case_RECEIVED},
		`{"currency":"CNY","amountFen":"123456"}`: &commonv1.Money{Currency: "CNY", AmountFen: 123456},
	} {
		got, err := jsonMarshaler{}.Marshal(m)
		require.NoError(t, err)
		require.JSONEq(t, want, string(got))
	}
}

func TestStreamChunks(t *testing.T) {
	t.Parallel()
	chunk := map[string]any{"result": &gatewayv1.WatchEventsResponse{Cursor: "5"}}
	line, err := jsonMarshaler{}.Marshal(chunk)
	require.NoError(t, err)
	require.JSONEq(t, `{"cursor":"5"}`, string(line))
	event, err := sseMarshaler{}.Marshal(chunk)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(event), "id: 5\ndata: {"), string(event))
	bad, err := sseMarshaler{}.Marshal(map[string]proto.Message{"error": status.New(codes.Internal, "x").Proto()})
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(bad), "event: error\ndata: {\"error\":"), string(bad))
	_, err = jsonMarshaler{}.Marshal(struct{}{})
	require.Error(t, err)
}

// What explain says of a body must agree with what the decoder does with it, whatever the body is.
func FuzzExplainAgreesWithTheDecoder(f *testing.F) {
	for _, seed := range []string{`{}`, `{"kind":"COMPLAINT"}`, `{"x":1}`, `{"customer":{"phone":5}}`, `[`, `{"items":[{"a":1}]}`, `{"problem":"\ud800"}`, "{\"problem\":\"\xff\"}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) == 0 {
			return
		}
		var c intakev1.Case
		bad := decode(body, &c) != nil
		r := &Request{body: body, method: &method{input: c.ProtoReflect().Descriptor(), body: "*"}}
		err := r.explain()
		require.Error(t, err, "explain always has an answer")
		if bad {
			require.NotErrorIs(t, explainJSON(body, c.ProtoReflect().Descriptor()), nil)
		}
	})
}

func BenchmarkMarshalCase(b *testing.B) {
	c := sampleCase()
	b.ReportAllocs()
	for b.Loop() {
		_, err := jsonMarshaler{}.Marshal(c)
		require.NoError(b, err)
	}
}
