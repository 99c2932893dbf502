package casefile

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

func events(change Change) (all []string) {
	for _, e := range change.Entries {
		all = append(all, e.Event)
	}
	return all
}

// A case with several measures is resolved when the last of them is done.
func TestResolvedWhenEveryMeasureIsDone(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, UnderInvestigation)
	_, err := c.Conclude(d.as(anInvestigator), found())
	require.NoError(t, err)
	p := d.propose(t, c, ModeVisit, ModeNotice, ModePayment)
	change, err := c.Agree(d.as(anAgent), p.ID, ConsentWords{}, "")
	require.NoError(t, err)
	require.Len(t, change.Tasks, 2)
	c.OrderCreated(d.as(System), change.Tasks[0], "workOrders/w1")
	require.Equal(t, InService, c.State)
	c.NoticeTried(d.as(System), change.Tasks[1], &Attempt{Result: Delivered})
	require.Equal(t, InService, c.State)
	c.OrderChanged(d.as(System), confirmed("workOrders/w1"))
	require.Equal(t, InService, c.State)
	_, err = c.ConfirmMeasure(d.as(user("f", RoleFinance)), p.ID, "3", "PAY-1")
	require.NoError(t, err)
	require.Equal(t, Resolved, c.State)
	require.Equal(t, SolutionCarriedOut, c.Current().State)
	_, err = c.ConfirmMeasure(d.as(aManager), p.ID, "1", "")
	requireReason(t, err, "CASE_STATE_INVALID")
}

// The event of a work order may be faster than the answer to the call that made it.
func TestTheEventMayBeFasterThanTheAnswer(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, SolutionAgreed)
	task := c.Tasks[len(c.Tasks)-1]
	change := c.OrderChanged(d.as(System), OrderStep{WorkOrder: "workOrders/w1", Solution: c.Current().ID, Round: 1, State: "CREATED", Open: 1})
	require.False(t, change.Quiet)
	require.Equal(t, InService, c.State)
	_, open := c.Task(task.ID)
	require.False(t, open, "the task is fulfilled")
	require.Equal(t, "workOrders/w1", c.Current().Measures[0].WorkOrder)
	c.OrderChanged(d.as(System), confirmed("workOrders/w1"))
	require.Equal(t, Resolved, c.State)
}

// A step of dispatch is written down and changes no version (etag), unless it ends an order.
func TestAStepIsQuiet(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, InService)
	change := c.OrderChanged(d.as(System), OrderStep{
		WorkOrder: "workOrders/w1", Round: 1, State: "BOOKED", EngineerName: "李师傅", From: noon, ServingOrg: "organisations/p",
		Entry: timeline.Entry{Event: "WORK_ORDER_BOOKED", Source: "dispatch", SourceSeq: 4},
	})
	require.True(t, change.Quiet)
	require.Equal(t, []string{"WORK_ORDER_BOOKED"}, events(change))
	require.Empty(t, change.Facts)
	require.Equal(t, "李师傅", c.Visit.Name)
	require.Equal(t, "organisations/p", c.ServingOrg)
}

// Steps of an earlier round are written down and nothing else.
func TestAStepOfAnEarlierRoundChangesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, Resolved)
	_, err := c.Reopen(d.as(anAgent), "又漏")
	require.NoError(t, err)
	change := c.OrderChanged(d.as(System), OrderStep{WorkOrder: "workOrders/w1", Round: 1, State: "CANCELLED", Entry: timeline.Entry{Event: "X"}})
	require.Equal(t, 1, change.Entries[0].Round)
	require.Equal(t, UnderInvestigation, c.State)
	require.Nil(t, c.Visit)
}

// The fee refused at the door, an order that cannot help, an order called off: another solution is needed.
func TestServiceThatDoesNotSolve(t *testing.T) {
	t.Parallel()
	for name, step := range map[string]OrderStep{
		"fee refused":    {State: "DONE", Outcome: "FEE_REFUSED"},
		"not repairable": {State: "CONFIRMED", Outcome: "NOT_REPAIRABLE"},
		"exchange":       {State: "CONFIRMED", Outcome: "EXCHANGE_ADVISED"},
		"cancelled":      {State: "CANCELLED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk()
			c := d.at(t, InService)
			step.WorkOrder, step.Round, step.Open = "workOrders/w1", 1, 1
			change := c.OrderChanged(d.as(System), step)
			require.Equal(t, SolutionProposed, c.State)
			require.Equal(t, SolutionFailed, c.Current().State)
			require.Equal(t, TaskCancelWorkOrders, change.Tasks[0].Kind, "what else is open is called off")
			again := c.OrderChanged(d.as(System), step)
			require.True(t, again.Quiet, "the same end twice is one end")
			d.propose(t, c, ModeVisit)
			require.Equal(t, SolutionOpen, c.Current().State)
		})
	}
}

// R171, R172: which answers reopen, in which states.
func TestAnswersThatReopen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer Answer
		bad    bool
	}{
		"good":              {Answer{Satisfaction: Satisfaction{Solved: true, Satisfied: true, Overall: 5}}, false},
		"middling":          {Answer{Satisfaction: Satisfaction{Solved: true, Overall: 3}}, false},
		"dissatisfied":      {Answer{Satisfaction: Satisfaction{Solved: true, Overall: 2}}, true},
		"says dissatisfied": {Answer{Satisfaction: Satisfaction{Solved: true}}, true},
		"not solved":        {Answer{Satisfaction: Satisfaction{Satisfied: true, Overall: 5}}, true},
		"new claim":         {Answer{Satisfaction: Satisfaction{Solved: true, Satisfied: true}, NewClaim: "退差价"}, true},
		"more help":         {Answer{Satisfaction: Satisfaction{Solved: true, Satisfied: true}, MoreHelp: true}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk()
			k := d.at(t, Resolved)
			c.answer.Round = 1
			k.Answered(d.as(System), c.answer)
			if !c.bad {
				require.Equal(t, Resolved, k.State)
				require.NotNil(t, k.Round().Satisfaction)
				return
			}
			require.Equal(t, UnderInvestigation, k.State)
			require.Equal(t, 2, k.RoundNumber())
			require.NotEmpty(t, k.Round().Reason)
			require.Nil(t, k.Round().Satisfaction, "the answer belongs to the round before")
			require.NotNil(t, k.Rounds[0].Satisfaction)
			require.Equal(t, UnderInvestigation, k.State)
		})
	}
}

func TestALateAnswerOfAnEarlierRoundDoesNotReopen(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, Resolved)
	_, err := c.Reopen(d.as(anAgent), "x")
	require.NoError(t, err)
	change := c.Answered(d.as(System), Answer{Round: 1, Entry: timeline.Entry{Event: "SURVEY_RESPONDED"}})
	require.True(t, change.Quiet)
	require.Len(t, change.Entries, 1)
	require.Equal(t, 2, c.RoundNumber())
}

// A breach is recorded once, whenever the sweeper comes, and says how late it was. The hour of R192 is one of working time: what is
// filed on a Sunday is due on Monday at ten.
func TestADeadlineIsMissedOnce(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, Received)
	monday := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC) // 10:00 in Shanghai
	require.Equal(t, noon.Add(24*time.Hour), c.Promise(ClockRespond), "R196")
	require.Equal(t, monday, c.Deadline(), "R192")
	require.Equal(t, monday.Add(-15*time.Minute), c.NextLook(), "the warning")
	d.now = monday.Add(time.Hour)
	change := c.Overdue(d.as(System))
	require.Equal(t, []string{"DEADLINE_MISSED", "ESCALATED"}, events(change)[:2], "no warning any more")
	require.Equal(t, "1h0m0s", change.Entries[0].Facts["late"])
	require.True(t, change.Quiet)
	require.Empty(t, c.Overdue(d.as(System)).Entries)
	require.Equal(t, monday, c.Deadline(), "it still runs")
	_, err := c.Accept(d.as(anAgent), Acceptance{ContentClass: "PARTS", Urgency: "CRITICAL"})
	require.NoError(t, err)
	require.Equal(t, d.now.Add(24*time.Hour), c.Promise(ClockResolve), "R198")
}

// A task whose job was lost is woken again, once a minute.
func TestALostJobLosesNoStep(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, SolutionAgreed)
	require.Equal(t, d.now.Add(taskPatience), c.NextDue())
	d.now = d.now.Add(2 * time.Minute)
	change := c.Overdue(d.as(System))
	require.Len(t, change.Tasks, len(c.Tasks))
	require.Empty(t, c.Overdue(d.as(System)).Tasks)
	require.Equal(t, d.now.Add(taskPatience), c.NextDue())
}

// The day of a half-day is the installation's.
func TestHalfDaysAreLocal(t *testing.T) {
	t.Parallel()
	p := DefaultPolicy()
	require.Equal(t, "2026-11-22 PM", p.halfDay(noon))                   // 12:00 in Shanghai
	require.Equal(t, "2026-11-22 AM", p.halfDay(noon.Add(-time.Second))) // 11:59:59
	require.Equal(t, "2026-11-23 AM", p.halfDay(noon.Add(12*time.Hour))) // midnight
}

// A case reopened from a service request asks for its visit again, free of the first round.
func TestAReopenedServiceRequestAsksForItsVisit(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := newComplaint()
	c.Kind = ServiceRequest
	_, err := File(d.as(anAgent), c)
	require.NoError(t, err)
	change, err := c.Accept(d.as(anAgent), Acceptance{ContentClass: "PARTS"})
	require.NoError(t, err)
	c.OrderCreated(d.as(System), change.Tasks[1], "workOrders/w1")
	c.OrderChanged(d.as(System), confirmed("workOrders/w1"))
	require.Equal(t, Resolved, c.State)
	change, err = c.Reopen(d.as(aCustomer), "又不制冷")
	require.NoError(t, err)
	require.Equal(t, Accepted, c.State)
	require.Equal(t, "REPAIR", change.Tasks[0].Purpose)
	c.OrderCreated(d.as(System), change.Tasks[0], "workOrders/w2")
	require.Equal(t, InService, c.State)
}

func TestProgressTokens(t *testing.T) {
	t.Parallel()
	c := &Case{ID: "0192f3a0-0000-7000-8000-000000000001", ProgressSecret: NewProgressSecret()}
	token := c.ProgressToken()
	require.Len(t, token, 43)
	id, ok := ProgressCase(token)
	require.True(t, ok)
	require.Equal(t, c.ID, id)
	require.True(t, c.ProvesProgress(token))
	other := &Case{ID: c.ID, ProgressSecret: NewProgressSecret()}
	require.False(t, other.ProvesProgress(token))
	_, ok = ProgressCase("x")
	require.False(t, ok)
}
