// Package api is the transport of the survey service: each RPC parses, runs one transaction around the domain, converts.
package api
