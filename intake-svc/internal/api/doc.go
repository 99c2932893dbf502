// Package api is the service's face: one file per resource. A handler parses, runs one transaction around one call of the
// domain, and converts. No remote call happens inside a transaction.
package api
