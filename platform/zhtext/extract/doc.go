// Package extract finds in a Chinese text what can be acted on: error codes, product models, products, parts, faults,
// money, dates, places, demands and urgency (R228, R230). Words come from the dictionaries, numbers from patterns.
//
// A word is no finding when it is part of an idiom ("差到爆炸"), when a negation stands right before it ("没有漏电"), and,
// for hazards, when it was only asked, feared or heard of ("会不会漏电", "听说爆炸过").
package extract
