// Package api is the gateway's own gRPC services: sign-in, organisations, users, partners, the feed and its web-hooks, and
// the inbox that the feed is filled from. A handler parses, runs one transaction, and converts; who may call stands beside
// the RPC, what may be seen in the store's statements.
package api
