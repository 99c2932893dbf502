package survey

import "time"

// Policy holds the periods and shares. Zero values mean the defaults; nothing legal is in code.
type Policy struct {
	// SurveyOpenFor is how long a survey may be answered; default 30 days, the time in which any contact reopens a case.
	SurveyOpenFor time.Duration
	// CallBackOpenFor is how long after its due time a call-back may be answered; default 14 days.
	CallBackOpenFor time.Duration
	// AmendFor is how long after the first answer it may be amended; default 24 h, negative: not at all.
	AmendFor time.Duration
	// WeekAfter and MonthAfter are the delays of the call-backs (R173); default 7 and 30 days.
	WeekAfter, MonthAfter time.Duration
	// SurveySkipShare and CallBackSkipShare are the shares of cases left out, 0 (nobody, default) to 1 (R264).
	SurveySkipShare, CallBackSkipShare float64
	// DeliveryAttempts is how often a message is tried; default 5.
	DeliveryAttempts int
	// DeliveryRetry is the pause after the first failed attempt, doubled with each; default 2 minutes.
	DeliveryRetry time.Duration
}

const day = 24 * time.Hour

func (p Policy) withDefaults() Policy {
	setDefault(&p.SurveyOpenFor, 30*day)
	setDefault(&p.CallBackOpenFor, 14*day)
	setDefault(&p.AmendFor, day)
	setDefault(&p.WeekAfter, 7*day)
	setDefault(&p.MonthAfter, 30*day)
	setDefault(&p.DeliveryAttempts, 5)
	setDefault(&p.DeliveryRetry, 2*time.Minute)
	return p
}

func setDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

func (p Policy) delay(of Purpose) time.Duration {
	switch of {
	case PurposeWeek:
		return p.WeekAfter
	case PurposeMonth:
		return p.MonthAfter
	}
	return 0
}

func (p Policy) openFor(of Purpose) time.Duration {
	if of.ByCall() {
		return p.CallBackOpenFor
	}
	return p.SurveyOpenFor
}

func (p Policy) skipShare(of Purpose) float64 {
	if of.ByCall() {
		return p.CallBackSkipShare
	}
	return p.SurveySkipShare
}
