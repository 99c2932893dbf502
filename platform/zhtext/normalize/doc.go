// Package normalize brings Chinese text to one form for machines: half width, simplified characters, lower case
// Latin, plain digits, no long repetitions. It keeps, for every rune of the result, the byte offset it came from,
// so that whatever is found can be shown in the text as the customer wrote it.
//
// The traditional-to-simplified table simplified.txt is derived from OpenCC's TSCharacters (Apache-2.0): pairs of
// one character each, the first simplified form where there are several.
package normalize
