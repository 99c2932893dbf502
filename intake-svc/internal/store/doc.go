// Package store keeps cases and everything written about them, with one SQL text for both engines. The contract is the
// interface in store.go; storetest runs it on both.
package store
