// Package hotspot tells what stands out in a pile of texts: the words and phrases that one slice (a product, a model, a
// fault, a week) uses more than a contrast set does, and the counts that rise beyond what chance explains (R206, R209,
// R210, R231).
//
// Words are compared by log-odds with an informative Dirichlet prior (Monroe, Colaresi and Quinn, 2008), counted by
// text, not by mention. Bursts are tested against the negative binomial that a gamma prior and the weeks before
// predict. Both keep the false discovery rate (Benjamini and Hochberg, 1995) and a minimum count, and both show texts.
package hotspot
