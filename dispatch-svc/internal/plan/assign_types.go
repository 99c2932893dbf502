package plan

import "github.com/aftersales-suite/aftersales/dispatch-svc/internal/plan/model"

// Booked is an engineer as the index knows him: who he is, and what he is booked for.
type Booked struct {
	Engineer model.Engineer
	Tours    []BookedTour // at most one per shift; shifts without one are free
}

// BookedTour is the work promised on one shift, in the order in which it will be done.
type BookedTour struct {
	Shift int // index into Engineer.Shifts
	Stops []BookedStop
}

// BookedStop is a booked visit. Its begin may move inside the window agreed with the customer; Window.From == Window.To pins it.
type BookedStop struct {
	Visit    string
	Place    model.Point
	Window   model.Window
	Duration int64         // ticks
	Parts    []model.Stock // taken from the van
	Load     int           // of the van
}

// Query asks who could do one job.
type Query struct {
	Visit   model.Visit
	Now     int64 // tick; nobody begins earlier
	Horizon int64 // ticks to look ahead; 0 is seven days of seconds
	K       int   // how many suggestions at most; 0 is 5
	Chinese bool  // texts for people are in Chinese, else in English
}

// Suggestion is one engineer who can do the job, best first.
type Suggestion struct {
	Engineer        string
	Shift           int     // which of his shifts
	After           string  // the booked visit it follows; empty when it is the first
	EarliestArrival int64   // tick at which he can begin
	TravelTicks     int64   // travel added to his tour
	Score           float64 // 100 plus the points of all reasons
	Reasons         []Reason
}

// Reason is one addend of a score.
type Reason struct {
	Code   string // TRAVEL, DETOUR, WAIT, LATE, PREFERRED, SCARCE_SKILL, OVERTIME, WORKLOAD
	Points float64
	Text   string
}

// Rejected is a class of engineers who cannot, how many they are, and the nearest change that would make one of them fit.
type Rejected struct {
	Code           string // EXCLUDED, TERRITORY, SKILL, LEVEL, CERTIFICATE, TOOL, PART, PART_PROMISED, LOAD, NO_SHIFT, FULLY_BOOKED, TOO_FAR, WINDOW
	Count          int
	Reason         string        // sentence
	Counterfactual string        // sentence
	Engineer       string        // whom the counterfactual is about; may be empty
	Change         *model.Change // the counterfactual as data (suggest_change.go says how to read it); nil when no single change helps
}

// Suggestions answers a query. Every engineer is suggested, rejected, or one of Others, who may fit but cannot score better
// than the last suggestion.
type Suggestions struct {
	Suggestions []Suggestion
	Rejected    []Rejected
	Others      int
	Examined    int  // tours looked at one by one
	Truncated   bool // the search met its limit of tours: Others may hold a better one
}
