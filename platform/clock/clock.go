// Package clock is the one way to the present time: every part of the suite is handed a Clock, so that tests and
// black-box runs can move time without waiting.
package clock

import "time"

// Precision is the finest step of time that the suite stores (rows keep microseconds, UTC).
const Precision = time.Microsecond

// Clock tells the present time. It must be safe for concurrent use and must answer in UTC, truncated to Precision, so
// that a time survives a way through the database unchanged.
type Clock interface {
	Now() time.Time
}

// System is the machine's clock.
var System Clock = systemClock{}

type systemClock struct{}

func (systemClock) Now() time.Time { return Normal(time.Now()) }

// Normal brings a time into the form that is stored: UTC, microseconds, no monotonic part.
func Normal(t time.Time) time.Time { return t.UTC().Truncate(Precision) }
