package transcode

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/aftersales-suite/aftersales/platform/auth"
)

// method is what the gateway knows about an RPC from its descriptor.
type method struct {
	name      string
	input     protoreflect.MessageDescriptor
	requestID protoreflect.FieldDescriptor // nil: the RPC changes nothing
	body      string                       // "" no body, "*" the whole message, else the field
	inPath    []string                     // fields that the path carries
	streams   bool
}

// methods are the RPCs of every service behind the gateway, and who may call them.
type methods struct {
	byName map[string]*method
	policy *auth.Policy
}

func newMethods(services []protoreflect.ServiceDescriptor) (*methods, error) {
	policy, err := auth.LoadPolicy(services...)
	if err != nil {
		return nil, err
	}
	m := &methods{byName: map[string]*method{}, policy: policy}
	for _, s := range services {
		for i := range s.Methods().Len() {
			d := s.Methods().Get(i)
			name := fmt.Sprintf("/%s/%s", s.FullName(), d.Name())
			m.byName[name] = newMethod(name, d)
		}
	}
	return m, nil
}

var pathField = regexp.MustCompile(`\{([a-z0-9_.]+)`)

func newMethod(name string, d protoreflect.MethodDescriptor) *method {
	m := &method{name: name, input: d.Input(), streams: d.IsStreamingServer()}
	if f := d.Input().Fields().ByName("request_id"); f != nil && f.Kind() == protoreflect.StringKind {
		m.requestID = f
	}
	rule, _ := proto.GetExtension(d.Options(), annotations.E_Http).(*annotations.HttpRule)
	m.body = rule.GetBody()
	for _, group := range pathField.FindAllStringSubmatch(pathOf(rule), -1) {
		m.inPath = append(m.inPath, group[1])
	}
	return m
}

func pathOf(rule *annotations.HttpRule) string {
	for _, path := range []string{rule.GetGet(), rule.GetPost(), rule.GetPut(), rule.GetPatch(), rule.GetDelete()} {
		if path != "" {
			return path
		}
	}
	return ""
}

// bodyMessage is the message that the body holds, nil when there is none.
func (m *method) bodyMessage() protoreflect.MessageDescriptor {
	switch m.body {
	case "":
		return nil
	case "*":
		return m.input
	}
	if f := m.input.Fields().ByName(protoreflect.Name(m.body)); f != nil {
		return f.Message()
	}
	return nil
}

// checkQuery refuses parameters that the mux would drop: unknown ones, and those that the path or the body carries.
func (m *method) checkQuery(raw string) error {
	if raw == "" {
		return nil
	}
	query, err := url.ParseQuery(raw)
	if err != nil {
		return ErrQuery.Wrap(err)
	}
	for _, key := range sortedKeys(query) {
		if !m.takes(key) {
			return ErrFieldUnknown.New().WithField(short(key), "未知的查询参数", "is not a query parameter here")
		}
	}
	return nil
}

// takes follows a dotted key through the message; maps are named "field[key]".
func (m *method) takes(key string) bool {
	name, _, _ := strings.Cut(key, "[")
	message, path := m.input, ""
	for i, part := range strings.Split(name, ".") {
		if message == nil {
			return false
		}
		f := fieldByName(message, part)
		if f == nil || (i == 0 && (m.body == "*" || string(f.Name()) == m.body)) {
			return false
		}
		path = strings.TrimPrefix(path+"."+string(f.Name()), ".")
		message = f.Message()
	}
	return !slices.Contains(m.inPath, path)
}

func fieldByName(message protoreflect.MessageDescriptor, name string) protoreflect.FieldDescriptor {
	if f := message.Fields().ByJSONName(name); f != nil {
		return f
	}
	return message.Fields().ByTextName(name)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
