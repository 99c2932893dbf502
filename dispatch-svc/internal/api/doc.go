// Package api is the transport of the dispatch service: it turns requests into steps of the domain, one transaction each, and orders
// into answers. One file per group of verbs; transition.go is the way that every step takes.
package api
