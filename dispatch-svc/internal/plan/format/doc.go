// Package format reads the problem files of the literature (Solomon's and Homberger's routing problems, Pillac's technician routing
// and scheduling) and writes answers in their numbers, with the objective computed as the literature does.
package format
