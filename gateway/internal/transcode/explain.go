package transcode

import (
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// explain finds what the mux stumbled over. The mux tells only a text, and the fast way through a good request looks at
// nothing twice; so a bad one is read again here, with protojson itself as the judge of every field.
func (r *Request) explain() error {
	if r.method == nil {
		return apierr.ErrInvalid.New()
	}
	if message := r.method.bodyMessage(); message != nil && len(r.body) > 0 {
		if err := explainJSON(r.body, message); err != nil {
			return err
		}
	}
	return apierr.ErrInvalid.New()
}

// explainQuery finds the parameter whose value does not fit.
func (r *Request) explainQuery(raw string) error {
	query, err := url.ParseQuery(raw)
	if err != nil || r.method == nil {
		return ErrQuery.New()
	}
	for _, key := range sortedKeys(query) {
		scratch := dynamicpb.NewMessage(r.method.input)
		one := url.Values{key: query[key]}
		if runtime.PopulateQueryParameters(scratch, one, utilities.NewDoubleArray(nil)) != nil {
			return apierr.Invalid(short(key), "取值无效", "has an invalid value")
		}
	}
	return nil
}

func explainJSON(data []byte, message protoreflect.MessageDescriptor) error {
	if depthOf(data) > maxDepth {
		return ErrDepth.New("limit", strconv.Itoa(maxDepth))
	}
	var any json.RawMessage
	var syntax *json.SyntaxError
	if err := json.Unmarshal(data, &any); errors.As(err, &syntax) {
		return ErrJSON.New("offset", strconv.FormatInt(syntax.Offset, 10))
	}
	if !utf8.Valid(data) {
		return ErrJSON.New("offset", strconv.Itoa(len(strings.ToValidUTF8(string(data), ""))))
	}
	return explainMessage("", data, message)
}

// depthOf is the deepest nesting of objects and arrays, without recursion.
func depthOf(data []byte) (deepest int) {
	depth, quoted := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

// explainMessage goes through the fields of an object and into the first one that is wrong.
func explainMessage(path string, data []byte, message protoreflect.MessageDescriptor) error {
	if fits(data, message) {
		return nil
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(data, &object) != nil || isWellKnown(message) {
		return wrong(path, "应为 "+hintOf(message), "must be "+hintOf(message))
	}
	for _, key := range sortedKeys(object) {
		field := fieldByName(message, key)
		if field == nil {
			return ErrFieldUnknown.New().WithField(short(join(path, key)), "未知字段", "is not a known field")
		}
		if err := explainField(join(path, key), key, object[key], message, field); err != nil {
			return err
		}
	}
	return wrong(path, "字段重复或互斥", "has a repeated field, or two of which only one may be set")
}

// explainField asks protojson about an object with this field alone.
func explainField(path, key string, value json.RawMessage, message protoreflect.MessageDescriptor, field protoreflect.FieldDescriptor) error {
	name, _ := json.Marshal(key)
	alone := append(append(append([]byte{'{'}, name...), ':'), append(value, '}')...)
	if fits(alone, message) {
		return nil
	}
	switch {
	case field.IsMap():
		return explainMap(path, value, field)
	case field.IsList():
		return explainList(path, value, field)
	case field.Message() != nil:
		return explainMessage(path, value, field.Message())
	}
	return wrongScalar(path, field)
}

func explainList(path string, data []byte, field protoreflect.FieldDescriptor) error {
	var items []json.RawMessage
	if json.Unmarshal(data, &items) != nil {
		return wrong(path, "应为数组", "must be an array")
	}
	for i, item := range items {
		at := path + "[" + strconv.Itoa(i) + "]"
		if field.Message() == nil {
			if single := append(append([]byte{'['}, item...), ']'); !fitsField(single, field) {
				return wrongScalar(at, field)
			}
			continue
		}
		if err := explainMessage(at, item, field.Message()); err != nil {
			return err
		}
	}
	return wrong(path, "取值无效", "is invalid")
}

func explainMap(path string, data []byte, field protoreflect.FieldDescriptor) error {
	var object map[string]json.RawMessage
	if json.Unmarshal(data, &object) != nil {
		return wrong(path, "应为对象", "must be an object")
	}
	for _, key := range sortedKeys(object) {
		if value := field.MapValue(); value.Message() != nil {
			if err := explainMessage(join(path, key), object[key], value.Message()); err != nil {
				return err
			}
			continue
		}
		one, _ := json.Marshal(map[string]json.RawMessage{key: object[key]})
		if !fitsField(one, field) {
			return wrongScalar(short(join(path, key)), field.MapValue())
		}
	}
	return wrong(path, "取值无效", "is invalid")
}

func fitsField(data []byte, field protoreflect.FieldDescriptor) bool {
	return fits([]byte(`{"`+field.JSONName()+`":`+string(data)+`}`), field.ContainingMessage())
}

func fits(data []byte, message protoreflect.MessageDescriptor) bool {
	return protojson.UnmarshalOptions{RecursionLimit: maxDepth}.Unmarshal(data, scratch(message)) == nil
}

func scratch(message protoreflect.MessageDescriptor) proto.Message {
	return dynamicpb.NewMessage(message)
}

func isWellKnown(message protoreflect.MessageDescriptor) bool {
	return message.ParentFile().Package() == "google.protobuf"
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func wrong(path, zh, en string) error {
	if path == "" {
		path = "(body)"
	}
	return apierr.Invalid(short(path), zh, en)
}

func wrongScalar(path string, field protoreflect.FieldDescriptor) error {
	hint := hintOfField(field)
	return wrong(path, "应为 "+hint, "must be "+hint)
}

// hintOf says in words that serve both languages what JSON a message type takes.
func hintOf(message protoreflect.MessageDescriptor) string {
	switch message.FullName() {
	case "google.protobuf.Timestamp":
		return `"2026-11-30T00:00:00Z" (RFC 3339)`
	case "google.protobuf.Duration":
		return `"3600s"`
	case "google.protobuf.FieldMask":
		return `"field1,field2"`
	}
	return "{…} (JSON object)"
}

func hintOfField(field protoreflect.FieldDescriptor) string {
	switch field.Kind() {
	case protoreflect.EnumKind:
		return "one of " + enumNames(field.Enum())
	case protoreflect.BoolKind:
		return "true | false"
	case protoreflect.StringKind:
		return `"…" (JSON string)`
	case protoreflect.BytesKind:
		return "base64"
	}
	return field.Kind().String()
}

// enumNames lists what may be sent; the zero value is never asked for.
func enumNames(enum protoreflect.EnumDescriptor) string {
	names := make([]string, 0, enum.Values().Len())
	for i := range enum.Values().Len() {
		if v := enum.Values().Get(i); v.Number() != 0 {
			names = append(names, string(v.Name()))
		}
	}
	return strings.Join(names, ", ")
}
