// Package search is the optimiser's engine: ruin and recreate with a memetic population and set partitioning over one insertion
// evaluator. What was tried, and what it gave, stands in the documentation of package plan.
package search
