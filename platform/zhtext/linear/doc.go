// Package linear trains and applies linear models over hashed character 1-3-grams. It needs no segmenter, learns
// 50,000 texts in about a second, and scores a text by adding up table entries.
//
// Training is dual coordinate descent for the L2-loss support vector machine (Hsieh et al., 2008), one against the
// rest, on two views of the same features: tf-idf (inverse document frequency) and the absolute log-count ratio of
// NB-SVM (Wang and Manning, 2012). The views' weight vectors are brought to equal spread and added, so that the
// ensemble costs no more than one model. A text's features are a set, divided by the root of its size. Weights are
// quantised to eight bits; probabilities come from Platt scaling on texts held out by near-duplicate groups.
package linear
