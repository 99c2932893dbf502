// Package rules decides by rules that people write (R63, R74-R76, R80, R99, R129): CEL expressions over what is known of a case,
// checked when they are written, bounded in what they may cost, and explained when they match: "rule 70 matched because
// case.content_class = \"OPERATION\"". Of the rules of one kind that match, the one with the lowest rank decides.
//
// The package is pure: rows come from the store, facts from the case.
package rules
