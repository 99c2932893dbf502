// Package learn keeps what people teach the models honest. A correction is a label event that is never changed; a model
// is a row that is promoted only when it is not worse than the one in use on a frozen slice of texts and no class
// falls by more than three points, and that one step takes back; two in a hundred answers are drawn at random for a
// person to judge, since the answers people correct of their own accord tell nothing about the rest.
//
// The package is pure: stores are interfaces, the clock and the randomness come from outside.
package learn
