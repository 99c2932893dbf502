package plan

import "github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"

// Batch asks for engineers for many jobs at once.
type Batch struct {
	Visits  []model.Visit // with different IDs; Price is what serving one is worth in points, 0 is 1,000
	Now     int64
	Horizon int64 // as of Query
	Chinese bool  // texts for people
	K       int   // engineers looked at for a job before others are asked for; 0 is 12
}

// Assigned is a job that was given away, as it stands in the whole plan.
type Assigned struct {
	Visit string
	Suggestion
	Second *Choice // who would have been next, in the same plan; nil: nobody else could
}

// Choice is an engineer who was not taken.
type Choice struct {
	Engineer string
	Score    float64
}

// Unserved is a job for which nobody is left.
type Unserved struct {
	Visit    string
	Rejected []Rejected // as of Suggestions, after the other jobs of the batch were given away
}

// SkillPrice is what an engineer with a skill costs a job that does not need it, in points.
type SkillPrice struct {
	Skill  string
	Demand int // jobs of the batch that need it
	Supply int // engineers near enough to be asked for them
	Points float64
}

// BatchPlan says who does what. Value is the sum over the jobs served of what they are worth, 100, and the points of their reasons without the
// prices of skills, where shared ways and overtime count once; Greedy is the same for one job after the other in the order given.
// Value is never below Greedy.
type BatchPlan struct {
	Assigned      []Assigned // in the order of the visits
	Unserved      []Unserved
	Prices        []SkillPrice // by name
	Value, Greedy float64
	Method        string // GREEDY, REGRET or MATCHING: which beginning won
	Moves         int    // improvements made to it
}
