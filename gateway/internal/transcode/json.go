package transcode

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// maxDepth bounds the nesting of a body: ours need about eight levels.
const maxDepth = 64

// marshalOptions shape every answer (see the package comment). Writing every zero value would cost 32 us more for a case,
// a fifth of what an accepted case may cost altogether.
var marshalOptions = protojson.MarshalOptions{}

var unmarshalOptions = protojson.UnmarshalOptions{RecursionLimit: maxDepth}

// jsonMarshaler is strict JSON in, plain JSON out. A chunk of a stream is a line of its own, without the mux's "result"
// around it; the error that ends a stream is {"error": Status}.
type jsonMarshaler struct{}

// ContentType implements runtime.Marshaler.
func (jsonMarshaler) ContentType(v any) string {
	if body, ok := v.(*httpbody.HttpBody); ok {
		return body.GetContentType()
	}
	return "application/json"
}

// StreamContentType implements runtime.StreamContentType.
func (jsonMarshaler) StreamContentType(v any) string {
	if body, ok := v.(*httpbody.HttpBody); ok {
		return body.GetContentType()
	}
	return "application/x-ndjson"
}

// Marshal implements runtime.Marshaler.
func (jsonMarshaler) Marshal(v any) ([]byte, error) {
	switch v := v.(type) {
	case *httpbody.HttpBody:
		return v.GetData(), nil
	case proto.Message:
		return marshal(v)
	case map[string]any: // a chunk of a stream
		if m, ok := v["result"].(proto.Message); ok {
			return marshal(m)
		}
	case map[string]proto.Message: // the error that ends a stream
		return marshalError(v["error"])
	}
	return nil, fmt.Errorf("transcode: cannot write a %T", v)
}

// marshal writes a message; the lists of an answer ("…Response") are there also when they are empty, so that a client can
// go through them without asking.
func marshal(m proto.Message) ([]byte, error) {
	text, err := marshalOptions.Marshal(m)
	if err != nil || len(text) < 2 {
		return text, err
	}
	message := m.ProtoReflect()
	if !strings.HasSuffix(string(message.Descriptor().Name()), "Response") {
		return text, nil
	}
	for i := range message.Descriptor().Fields().Len() {
		if f := message.Descriptor().Fields().Get(i); f.IsList() && !message.Has(f) {
			separator := ","
			if len(bytes.TrimSpace(text)) == 2 {
				separator = ""
			}
			text = append(text[:len(text)-1], separator+`"`+f.JSONName()+`":[]}`...)
		}
	}
	return text, nil
}

func marshalError(st proto.Message) ([]byte, error) {
	text, err := protojson.Marshal(st)
	if err != nil {
		return nil, err
	}
	return append(append([]byte(`{"error":`), text...), '}'), nil
}

// Unmarshal implements runtime.Marshaler.
func (jsonMarshaler) Unmarshal(data []byte, v any) error { return decode(data, v) }

// NewDecoder implements runtime.Marshaler.
func (jsonMarshaler) NewDecoder(r io.Reader) runtime.Decoder {
	return runtime.DecoderFunc(func(v any) error {
		if body, ok := r.(*Body); ok {
			return decode(body.take(), v)
		}
		data, err := io.ReadAll(r) // PATCH reads its body twice and hands on a copy; it is bounded already
		if err != nil {
			return err
		}
		return decode(data, v)
	})
}

// NewEncoder implements runtime.Marshaler.
func (m jsonMarshaler) NewEncoder(w io.Writer) runtime.Encoder {
	return runtime.EncoderFunc(func(v any) error {
		data, err := m.Marshal(v)
		if err == nil {
			_, err = w.Write(data)
		}
		return err
	})
}

// Delimiter implements runtime.Delimited.
func (jsonMarshaler) Delimiter() []byte { return []byte("\n") }

// decode fills a message, or the pointer to one that generated code hands over for `body: "field"`. An empty body is EOF,
// which generated code takes as an empty message.
func decode(data []byte, v any) error {
	if len(data) == 0 {
		return io.EOF
	}
	if m, ok := v.(proto.Message); ok {
		return unmarshalOptions.Unmarshal(data, m)
	}
	field := reflect.ValueOf(v)
	if field.Kind() != reflect.Pointer || field.Elem().Kind() != reflect.Pointer {
		return fmt.Errorf("transcode: cannot read into a %T", v)
	}
	if field.Elem().IsNil() {
		field.Elem().Set(reflect.New(field.Elem().Type().Elem()))
	}
	m, ok := field.Elem().Interface().(proto.Message)
	if !ok {
		return errors.New("transcode: the body's field is not a message")
	}
	return unmarshalOptions.Unmarshal(data, m)
}

// sseMarshaler writes a stream as server-sent events, on request (Accept: text/event-stream). Unary answers stay JSON.
type sseMarshaler struct{ jsonMarshaler }

// StreamContentType implements runtime.StreamContentType.
func (sseMarshaler) StreamContentType(any) string { return "text/event-stream; charset=utf-8" }

// Delimiter implements runtime.Delimited.
func (sseMarshaler) Delimiter() []byte { return []byte("\n\n") }

// Marshal implements runtime.Marshaler.
func (m sseMarshaler) Marshal(v any) ([]byte, error) {
	data, err := m.jsonMarshaler.Marshal(v)
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case map[string]any:
		return append([]byte(eventID(v["result"])+"data: "), data...), nil
	case map[string]proto.Message:
		return append([]byte("event: error\ndata: "), data...), nil
	}
	return data, nil
}

// eventID names the place to resume from.
func eventID(chunk any) string {
	if c, ok := chunk.(interface{ GetCursor() string }); ok && c.GetCursor() != "" {
		return "id: " + c.GetCursor() + "\n"
	}
	return ""
}
