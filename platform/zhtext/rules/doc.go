// Package rules classifies a text before anything has been learnt: content classes, natures, feedback categories,
// intent and validity by the words of classes.yaml, each answer with the words it rests on (R57-R67, R77, R84, R220,
// R226). Rules are sure only where words are plain; elsewhere they answer nothing, and a person decides.
package rules
