// Package report adds counted rows up to the figures of a survey: means and shares, each with what it rests on beside it
// (R232, R264). It is pure; the store counts, this divides.
package report
