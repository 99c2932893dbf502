// Package transcode is JSON over HTTP for the gRPC services behind the gateway: grpc-gateway's mux over ordinary client
// connections (the server's interceptors run, also in one process), with every default of it closed that must not stay
// (api.md section 1):
//
//   - unknown fields of a body and unknown query parameters are refused with their path, not dropped (json.go, query.go,
//     explain.go);
//   - an error is a google.rpc.Status with exactly one ErrorInfo; the text of an undeclared error never leaves (errors.go);
//   - routing errors (404, 405) have the same shape;
//   - nothing that a client sends becomes gRPC metadata except the language; identity is the gateway's word (conn.go);
//   - no path-length fallback, no method override; Grpc-Timeout is read once and clamped (mux.go, headers.go);
//   - nobody is told what is wrong with a body before it is known that they may call (Request.admit).
//
// JSON: lowerCamelCase names, int64 as strings, enums by name, times RFC 3339 UTC. A field that is absent from a resource is
// zero, empty or not set (proto3 JSON, as Google's APIs answer); the lists of a list answer are always present, also when
// they are empty.
package transcode
