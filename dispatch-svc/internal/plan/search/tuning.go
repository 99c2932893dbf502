package search

// Tuning holds the constants of the method; Default holds those found by experiment.
type Tuning struct {
	Remove float64 // mean number of visits removed at a step
	String float64 // longest string removed from one tour
	Split  float64 // probability of keeping a part inside a string
	Blink  float64 // probability of overlooking a tour

	Tails float64 // probability of a step that exchanges tails
	Crew  float64 // probability that such a step exchanges whole tours between engineers who differ

	Hot  float64 // first temperature of a new plan, in units of session.measure
	Warm float64 // first temperature of a child
	Cold float64 // last temperature

	First float64 // plans made from nothing
	Round float64 // steps for a new plan, per visit
	Child float64 // steps for a child, as part of Round
	Grow  float64 // Round grows by this factor with every new population
	Genes float64 // part of the turns that are genetic search

	Every  float64 // rounds between two set partitionings
	Stale  float64 // children in a row without a place after which the population is made anew
	Steps  float64 // subgradient steps
	Nodes  float64 // nodes of the search
	Short  float64 // a budget below so many rounds is spent on one plan
	Long   float64 // first temperature of that one
	Gentle float64 // first temperature of re-planning
	Near   float64 // plans up to this factor from the round's best give tours to the pool
}

// DefaultTuning holds the constants found by experiment (see the package documentation of plan).
func DefaultTuning() Tuning {
	return Tuning{Remove: 8, String: 10, Split: 0.5, Blink: 0.01, Tails: 0.1, Crew: 0.3, Hot: 0.8, Warm: 0.3, Cold: 0.04,
		First: 5, Round: 80, Child: 0.5, Grow: 1.5, Genes: 0.5, Every: 6, Stale: 8, Steps: 100, Nodes: 2000, Short: 12, Long: 0.3,
		Gentle: 0.05, Near: 1.01}
}
