// Package gateway is the suite's front door: JSON over HTTP for partners, mini-program back ends, engineers' phones and the
// console; identity; the partners' feed of events and their web-hooks (api.md).
//
// The way of a request (http.go):
//
//	security headers, X-Request-Id, trace
//	-> who asks (authenticate.go): signature, nonce        nobody is told what is wrong before this
//	-> rate limit per principal
//	-> the mux (internal/transcode): access option beside the RPC, body, Idempotency-Key -> request_id, strict JSON
//	-> an ordinary client connection with a short-lived token of the principal; the service's own chain checks again
//
// It owns a store like a service: organisations, users, partners, sessions, nonces, the feed, web-hooks. Redis, where
// configured, shares limits, nonces and wake-ups among several gateways; when it is gone each has a local way and nothing is
// lost. Several gateways without Redis are not supported: limits and nonces would be per process.
//
// JSON: lowerCamelCase, int64 as strings, enum names, RFC 3339 UTC; an absent field of a resource is zero, empty or not set,
// the lists of a list answer are always present; unknown input is refused with its path.
package gateway
