package workorder

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/geo"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

var noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

func at(d time.Duration) Step { return Step{By: almighty, Now: noon.Add(d)} }

func digest(id, code string) string { return id + ":" + strings.Repeat(code, 2) }

// diagnosed is an order with its engineer at the machine.
func diagnosed(t *testing.T, change func(*Order)) *Order {
	t.Helper()
	o := order(OnSite, Repair)
	if change != nil {
		change(o)
	}
	_, err := o.Diagnose(at(0), Diagnosis{Cause: "PART", Findings: "排水泵漏水"})
	require.NoError(t, err)
	return o
}

// R151: paid work starts only after the customer agreed to the price.
func TestFeeGate(t *testing.T) {
	t.Parallel()
	free := map[string]func(*Order){
		"in warranty":         func(o *Order) { o.Diagnosis = &Diagnosis{InWarranty: true} },
		"free of charge":      func(o *Order) { o.FreeOfCharge = true },
		"solution settled it": func(o *Order) { o.Solution = "cases/1/solutions/1" },
		"fee agreed before":   func(o *Order) { o.AgreedFee = Money{Fen: 5000} },
		"inspection":          func(o *Order) { o.Purpose = Inspect },
	}
	for name, change := range free {
		o := diagnosed(t, nil)
		change(o)
		_, err := o.Complete(at(0), Completion{}, "")
		require.NoError(t, err, name)
	}
	o := diagnosed(t, nil)
	_, err := o.Complete(at(0), Completion{}, "")
	require.ErrorIs(t, err, ErrQuoteRequired)

	o = diagnosed(t, nil)
	_, err = o.Complete(at(0), Completion{}, "NOT_REPAIRABLE")
	require.NoError(t, err, "nothing is charged for what was not repaired")

	o = diagnosed(t, nil)
	_, err = o.PutQuote(at(0), []QuoteLine{{"排水泵", Money{Fen: 12800}}, {"上门费", Money{Fen: 5000}}})
	require.NoError(t, err)
	require.EqualValues(t, 17800, o.Quote.Total.Fen)
	c, err := o.AgreeQuote(at(time.Minute), "", "")
	require.NoError(t, err)
	require.Equal(t, "customer", c.OnBehalf)
	c, err = o.Complete(at(time.Hour), Completion{Tests: []Test{{Name: "试漏", Passed: true}}}, "")
	require.NoError(t, err)
	require.Equal(t, Fixed, o.Outcome)
	require.Equal(t, []State{InProgress}, c.Via)
	require.Contains(t, c.Measures, "试漏")
}

func TestQuoteRefusedAtTheDoor(t *testing.T) {
	t.Parallel()
	o := diagnosed(t, func(o *Order) { o.VisitFee = Money{Fen: 3000} })
	_, err := o.PutQuote(at(0), []QuoteLine{{"主板", Money{Fen: 80000}}})
	require.NoError(t, err)
	c, err := o.RefuseQuote(at(0), "太贵", []string{"photo-1"})
	require.NoError(t, err)
	require.Equal(t, Done, o.State)
	require.Equal(t, FeeRefused, o.Outcome)
	require.Equal(t, []State{QuoteRefused}, c.Via)
	require.Equal(t, "3000", c.Facts["visitFeeFen"])
	require.False(t, o.Open())
	_, err = o.RefuseConfirm(at(0), "x")
	require.ErrorIs(t, err, ErrState, "nothing is left to confirm")
}

func TestQuoteBounds(t *testing.T) {
	t.Parallel()
	for _, bad := range []Money{{Fen: -1}, {Fen: maxFen + 1}, {Currency: "USD", Fen: 1}} {
		o := diagnosed(t, nil)
		_, err := o.PutQuote(at(0), []QuoteLine{{"x", bad}})
		require.ErrorIs(t, err, apierr.ErrInvalid)
	}
}

// R157: what failed its test is not fixed.
func TestFailedTest(t *testing.T) {
	t.Parallel()
	o := diagnosed(t, func(o *Order) { o.FreeOfCharge = true })
	_, err := o.Complete(at(0), Completion{Tests: []Test{{Name: "通电", Passed: true}, {Name: "试漏"}}}, Fixed)
	require.ErrorIs(t, err, ErrTestFailed)
}

// R154: early, late and distant steps are recorded, not refused.
func TestDeviations(t *testing.T) {
	t.Parallel()
	door := geo.Point{Lat: 31.2280, Lon: 121.5380}
	away := geo.Point{Lat: 31.2380, Lon: 121.5380} // 1.1 km north
	window := Window{noon.Add(4 * time.Hour), noon.Add(6 * time.Hour)}
	for name, c := range map[string]struct {
		depart, arrive time.Duration
		at             *geo.Point
		want           []string
	}{
		"as planned":   {3 * time.Hour, 4*time.Hour + 5*time.Minute, &door, nil},
		"early":        {0, time.Hour, &door, []string{"EARLY_DEPARTURE", "EARLY_ARRIVAL"}},
		"late and off": {5 * time.Hour, 7 * time.Hour, &away, []string{"LATE_ARRIVAL", "DISTANT_ARRIVAL"}},
		"no place":     {4 * time.Hour, 5 * time.Hour, nil, nil},
	} {
		o := order(Accepted, Repair)
		o.Contact = Contact{Location: door, LocationIsAccurate: true}
		_, err := o.Book(at(0), window, "", Money{})
		require.NoError(t, err, name)
		_, err = o.Depart(at(c.depart))
		require.NoError(t, err, name)
		_, err = o.Arrive(at(c.arrive), c.at)
		require.NoError(t, err, name)
		var got []string
		for _, d := range o.Deviations {
			got = append(got, d.Kind)
		}
		require.Equal(t, c.want, got, name)
	}
}

// Steps queued on a phone keep the time at which they were done; a clock ahead of ours is recorded and not believed.
func TestDeviceTime(t *testing.T) {
	t.Parallel()
	o := order(Booked, Repair)
	o.WindowStart, o.WindowEnd = noon, noon.Add(time.Hour)
	_, err := o.Arrive(Step{By: almighty, Now: noon.Add(5 * time.Hour), Device: noon.Add(10 * time.Minute)}, nil)
	require.NoError(t, err)
	require.Equal(t, noon.Add(10*time.Minute), o.ArrivedAt)
	require.Empty(t, o.Deviations)

	_, err = o.Diagnose(Step{By: almighty, Now: noon, Device: noon.Add(time.Hour)}, Diagnosis{})
	require.NoError(t, err)
	require.Equal(t, noon, o.Diagnosis.At)
	require.Equal(t, "DEVICE_TIME_SKEW", o.Deviations[0].Kind)
}

func TestBookWindow(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]Window{
		"backwards": {noon.Add(2 * time.Hour), noon.Add(time.Hour)},
		"too long":  {noon, noon.Add(8 * 24 * time.Hour)},
		"over":      {noon.Add(-2 * time.Hour), noon.Add(-time.Hour)},
		"empty":     {},
	} {
		_, err := order(Accepted, Repair).Book(at(0), w, "", Money{})
		require.ErrorIs(t, err, apierr.ErrInvalid, name)
	}
}

func TestReschedule(t *testing.T) {
	t.Parallel()
	o := order(EnRoute, Repair)
	c, err := o.Reschedule(at(0), "客户不在家", "CUSTOMER", Window{})
	require.NoError(t, err)
	require.Equal(t, Rescheduled, o.State)
	require.Equal(t, "customer", c.OnBehalf)
	require.Equal(t, "engineers/e", o.Engineer, "the engineer keeps the order")

	o = order(OnSite, Repair)
	c, err = o.Reschedule(at(0), "缺工具", "ENGINEER", Window{noon.Add(time.Hour), noon.Add(2 * time.Hour)})
	require.NoError(t, err)
	require.Equal(t, Booked, o.State)
	require.Equal(t, []State{Rescheduled}, c.Via)
	require.Equal(t, noon.Add(time.Hour), o.WindowStart)
}

// R155: re-dispatch names whom it replaces, so that two dispatchers do not undo each other unseen.
func TestReplace(t *testing.T) {
	t.Parallel()
	next := Candidate{Engineer: "engineers/f", Name: "陈", Org: "organisations/o", Active: true}
	o := order(Booked, Repair)
	_, err := o.Assign(at(0), next, "engineers/z", "")
	require.ErrorIs(t, err, ErrAssignmentChanged)
	_, err = o.Assign(at(0), next, "", "")
	require.ErrorIs(t, err, ErrState)
	c, err := o.Assign(at(0), next, "engineers/e", "生病")
	require.NoError(t, err)
	require.Equal(t, "engineers/e", c.Lost)
	require.Equal(t, "engineers/f", o.Engineer)

	for name, who := range map[string]Candidate{
		"inactive": {Engineer: "engineers/f", Org: "organisations/o"}, "stranger": {Engineer: "engineers/f", Org: "organisations/p", Active: true},
	} {
		_, err := order(Created, Repair).Assign(at(0), who, "", "")
		require.ErrorIs(t, err, ErrEngineer, name)
	}
}

func TestOffer(t *testing.T) {
	t.Parallel()
	o := order(Created, Repair)
	o.ServingOrg, o.Released = "", false
	_, err := o.Release(at(0), "organisations/o", noon.Add(time.Hour))
	require.NoError(t, err)
	require.True(t, o.Released)

	late := *o
	_, err = late.AcceptOffer(at(time.Hour))
	require.ErrorIs(t, err, ErrOfferOver)

	declined := *o
	_, err = declined.DeclineOffer(at(0), "忙")
	require.NoError(t, err)
	require.False(t, declined.Released)
	require.Equal(t, declined.OwnerOrg, declined.CarrierOrg())

	expired := *o
	_, err = expired.ExpireOffer(at(time.Hour))
	require.NoError(t, err)
	require.Equal(t, OfferExpired, expired.State)
	require.False(t, expired.Released)
}

// Whatever steps are tried in whatever order, the state stays one that rests, a closed order stays closed, and an order with an engineer
// at work has one.
func TestRandomWalks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := &Order{ID: "1", Purpose: rapid.SampledFrom(Purposes).Draw(t, "purpose"), OwnerOrg: "organisations/o"}
		New(o, at(0))
		for _, verb := range rapid.SliceOfN(rapid.SampledFrom(allVerbs), 1, 40).Draw(t, "verbs") {
			before := *o
			by := almighty
			by.Engineer = o.Engineer
			if err := walk(o, verb, Step{By: by, Now: noon}); err != nil {
				*o = before // as a transaction that is rolled back
				continue
			}
			require.True(t, before.movable())
			require.Contains(t, States, o.State)
			if o.State == Offered || o.State == ProviderAccepted {
				require.True(t, o.Released)
			}
			if find(o.State, VerbReassign, o.Purpose) != nil {
				require.NotEmpty(t, o.Engineer)
			}
		}
	})
}

func walk(o *Order, verb Verb, s Step) error {
	who := Candidate{Engineer: "engineers/" + string(verb), Org: "organisations/o", Active: true}
	steps := map[Verb]func() (Change, error){
		VerbOffer:        func() (Change, error) { return o.Release(s, "organisations/o", noon.Add(time.Hour)) },
		VerbAcceptOffer:  func() (Change, error) { return o.AcceptOffer(s) },
		VerbDeclineOffer: func() (Change, error) { return o.DeclineOffer(s, "x") },
		VerbExpireOffer:  func() (Change, error) { return o.ExpireOffer(s) },
		VerbAssign:       func() (Change, error) { return o.Assign(s, who, "", "") },
		VerbReassign:     func() (Change, error) { return o.Assign(s, who, o.Engineer, "") },
		VerbAccept:       func() (Change, error) { return o.Accept(s) },
		VerbDecline:      func() (Change, error) { return o.Decline(s, "x") },
		VerbBook:         func() (Change, error) { return o.Book(s, Window{noon, noon.Add(time.Hour)}, "", Money{}) },
		VerbBookFailed:   func() (Change, error) { return o.BookFailed(s, "PHONE", "x") },
		VerbDepart:       func() (Change, error) { return o.Depart(s) },
		VerbArrive:       func() (Change, error) { return o.Arrive(s, nil) },
		VerbDiagnose:     func() (Change, error) { return o.Diagnose(s, Diagnosis{}) },
		VerbQuote:        func() (Change, error) { return o.PutQuote(s, []QuoteLine{{"x", Money{Fen: 1}}}) },
		VerbAgreeQuote:   func() (Change, error) { return o.AgreeQuote(s, "", "") },
		VerbRefuseQuote:  func() (Change, error) { return o.RefuseQuote(s, "x", nil) },
		VerbComplete:     func() (Change, error) { return o.Complete(s, Completion{}, "") },
		VerbConfirm: func() (Change, error) {
			c, _, err := o.Confirm(s, Proof{Signature: "s"}, digest)
			return c, err
		},
		VerbConfirmRefused: func() (Change, error) { return o.RefuseConfirm(s, "x") },
		VerbReschedule:     func() (Change, error) { return o.Reschedule(s, "x", "", Window{}) },
		VerbAwaitPart:      func() (Change, error) { return o.AwaitPart(s, PartWait{Promised: noon.Add(time.Hour)}) },
		VerbPartArrived:    func() (Change, error) { return o.PartArrived(s, Window{noon, noon.Add(time.Hour)}, "") },
		VerbAwaitAppraisal: func() (Change, error) { return o.AwaitAppraisal(s, Appraisal{}) },
		VerbTakeAway:       func() (Change, error) { return o.TakeAway(s, Workshop{Note: "x"}) },
		VerbSuspend:        func() (Change, error) { return o.Suspend(s, "x") },
		VerbResume:         func() (Change, error) { return o.Resume(s, "", false) },
		VerbTransfer:       func() (Change, error) { return o.Transfer(s, "x") },
		VerbAudit:          func() (Change, error) { return o.Audit(s, Money{Fen: 1}, "") },
		VerbSettle: func() (Change, error) {
			s.By.Subject = "users/finance"
			return o.Settle(s, "V-1")
		},
		VerbCancel: func() (Change, error) { return o.Cancel(s, "x") },
	}
	_, err := steps[verb]()
	return err
}
