package grpcx

import (
	"encoding/json"
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// readPrefixes begin the names of RPCs that change nothing (AIP-131, 132, 137).
var readPrefixes = []string{"Get", "List", "BatchGet", "Search", "Query"}

// serviceConfig lets reads be repeated when a server is away, and spreads calls
// over a name's addresses. Writes are repeated only by who holds their request_id.
func serviceConfig(services []string) (string, error) {
	type name struct {
		Service string `json:"service"`
		Method  string `json:"method"`
	}
	var reads []name
	for _, s := range services {
		methods, err := readsOf(s)
		if err != nil {
			return "", err
		}
		for _, m := range methods {
			reads = append(reads, name{Service: s, Method: m})
		}
	}
	config := map[string]any{"loadBalancingConfig": []any{map[string]any{"round_robin": map[string]any{}}}}
	if len(reads) > 0 {
		config["methodConfig"] = []any{map[string]any{"name": reads, "retryPolicy": map[string]any{
			"maxAttempts": 4, "initialBackoff": "0.05s", "maxBackoff": "1s", "backoffMultiplier": 2,
			"retryableStatusCodes": []string{"UNAVAILABLE"},
		}}}
	}
	text, err := json.Marshal(config)
	return string(text), err
}

// readsOf finds the reads of a service by name or by their idempotency level.
func readsOf(service string) ([]string, error) {
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service))
	if err != nil {
		return nil, fmt.Errorf("grpcx: service %s: %w", service, err)
	}
	sd, ok := d.(protoreflect.ServiceDescriptor)
	if !ok {
		return nil, fmt.Errorf("grpcx: %s is not a service", service)
	}
	var reads []string
	for i := range sd.Methods().Len() {
		if m := sd.Methods().Get(i); isRead(m) {
			reads = append(reads, string(m.Name()))
		}
	}
	return reads, nil
}

func isRead(m protoreflect.MethodDescriptor) bool {
	if opts, ok := m.Options().(*descriptorpb.MethodOptions); ok &&
		opts.GetIdempotencyLevel() == descriptorpb.MethodOptions_NO_SIDE_EFFECTS {
		return true
	}
	for _, prefix := range readPrefixes {
		if rest, ok := strings.CutPrefix(string(m.Name()), prefix); ok && (rest == "" || rest[0] < 'a' || rest[0] > 'z') {
			return true
		}
	}
	return false
}
