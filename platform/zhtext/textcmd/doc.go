// Package textcmd is the commands `aftersales text …`: reading texts as a stream of lines, training, evaluating, finding
// near-duplicates and hot spots. Every answer is one JSON object a line.
package textcmd
