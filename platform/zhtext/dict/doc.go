// Package dict holds the dictionaries of zhtext as editable files: products, parts, faults, demands, urgency and the
// words of the cold-start classes, each with zh and en labels, and the division codes of the mainland (divisions.csv,
// derived from china-division 2.7.0, MIT).
//
// A words field lists words separated by spaces. A word may have a gap, written "…": 插头…冒烟 is found where 冒烟 follows
// 插头 within the same clause. not lists idioms that contain a word but do not mean it.
package dict
