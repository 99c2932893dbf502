// Package storetest is the conformance suite of the store: the same tests on every engine. There are no exceptions.
package storetest
