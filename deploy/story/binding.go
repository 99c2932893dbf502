package story

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// binding is one HTTP rule of an RPC.
type binding struct {
	method  protoreflect.MethodDescriptor
	verb    string
	pattern *regexp.Regexp
	fields  []string // dotted field of each group of the pattern
	body    string
}

// bindings reads the HTTP rules of every linked aftersales service.
func bindings() []binding {
	var all []binding
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if !strings.HasPrefix(string(file.Package()), "aftersales.") {
			return true
		}
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for k := range service.Methods().Len() {
				all = append(all, ofMethod(service.Methods().Get(k))...)
			}
		}
		return true
	})
	return all
}

func ofMethod(method protoreflect.MethodDescriptor) []binding {
	rule, ok := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
	if !ok || rule == nil {
		return nil
	}
	var out []binding
	for _, r := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
		if b, ok := ofRule(method, r); ok {
			out = append(out, b)
		}
	}
	return out
}

func ofRule(method protoreflect.MethodDescriptor, rule *annotations.HttpRule) (binding, bool) {
	verb, path := "", ""
	switch p := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		verb, path = "GET", p.Get
	case *annotations.HttpRule_Post:
		verb, path = "POST", p.Post
	case *annotations.HttpRule_Patch:
		verb, path = "PATCH", p.Patch
	case *annotations.HttpRule_Put:
		verb, path = "PUT", p.Put
	case *annotations.HttpRule_Delete:
		verb, path = "DELETE", p.Delete
	default:
		return binding{}, false
	}
	pattern, fields := compile(path)
	return binding{method: method, verb: verb, pattern: pattern, fields: fields, body: rule.GetBody()}, true
}

var pathField = regexp.MustCompile(`\{([a-z0-9_.]+)(?:=([^}]*))?\}`)

// compile turns a path template into a regular expression with one group a field.
func compile(path string) (*regexp.Regexp, []string) {
	var out strings.Builder
	var fields []string
	rest := path
	for {
		at := pathField.FindStringSubmatchIndex(rest)
		if at == nil {
			break
		}
		out.WriteString(regexp.QuoteMeta(rest[:at[0]]))
		fields = append(fields, rest[at[2]:at[3]])
		template := "*"
		if at[4] >= 0 {
			template = rest[at[4]:at[5]]
		}
		out.WriteString("(" + strings.ReplaceAll(regexp.QuoteMeta(template), `\*`, `[^/:]+`) + ")")
		rest = rest[at[1]:]
	}
	out.WriteString(regexp.QuoteMeta(rest))
	return regexp.MustCompile("^" + out.String() + "$"), fields
}

// find answers the binding of a call and the values of its path fields.
func find(all []binding, verb, target string) (binding, map[string]string, url.Values, error) {
	u, err := url.Parse(target)
	if err != nil {
		return binding{}, nil, nil, err
	}
	for _, b := range all {
		if b.verb != verb {
			continue
		}
		groups := b.pattern.FindStringSubmatch(u.Path)
		if groups == nil {
			continue
		}
		values := map[string]string{}
		for i, field := range b.fields {
			values[field] = groups[i+1]
		}
		return b, values, u.Query(), nil
	}
	return binding{}, nil, nil, fmt.Errorf("no RPC is bound to %s %s: mark the step `only: json`", verb, target)
}
