// Package feed is the partners' view of what happens: one thin event per change, in the order of a cursor that one writer
// gives out, so that a reader who remembers its last cursor misses nothing (R161, R162, R165). It is pure: what of an event
// goes into the feed, who may see it, and how it reads.
package feed
