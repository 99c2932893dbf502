// Package hotline is what calls on the service hotline are: events in any order, and how long a caller waited (R19, R191).
package hotline
