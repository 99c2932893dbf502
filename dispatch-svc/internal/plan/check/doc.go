// Package check verifies plans. It shares the data types of model with the solver and no code: it walks through a plan stop by
// stop with the times that the plan states, and adds up the cost itself. It runs on every plan in tests, and before any plan is
// published.
package check
