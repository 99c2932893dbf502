package casefile

import (
	"slices"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

// Change is what follows from a method: what the store writes beside the case.
type Change struct {
	Entries  []timeline.Entry
	Facts    []Fact
	Tasks    []Task // new ones; they are in Case.Tasks too
	Clocks   []int  // places of the clocks that changed
	Alerts   []Alert
	Payments []Payment      // what finance shall pay
	Retained []RetentionAct // lines of the audit of retentions
	Void     string         // why open payments of the case are blocked; "" when they are not
	Heard    bool           // the customer was told or spoke: urging is answered
	Quiet    bool           // nothing a reader would write on: the version (etag) stays
}

// Fact is a change of state as others are told it.
type Fact struct {
	Verb     Verb
	State    State
	Previous State
	At       time.Time
}

// TaskKind is a kind of work outside.
type TaskKind string

// Kinds of tasks.
const (
	TaskCreateWorkOrder  TaskKind = "CREATE_WORK_ORDER"
	TaskCancelWorkOrders TaskKind = "CANCEL_WORK_ORDERS"
	TaskDeliverNotice    TaskKind = "DELIVER_NOTICE"
	TaskInvite           TaskKind = "CREATE_INVITATION"
)

// Notices to the customer.
const (
	NoticeAcknowledgement = "ACKNOWLEDGEMENT"
	NoticeExplanation     = "EXPLANATION"
	NoticeNoReply         = "NO_REPLY_NOTICE"
	NoticeAuthority       = "AUTHORITY_NOTICE" // beyond the handler's authority: path and time (R130)
	NoticeRejection       = "REJECTION"
	NoticeDecision        = "DECISION_NOTICE"
	NoticeNews            = "PROGRESS_NEWS"
	NoticeResult          = "RESULT"
)

// Task is a fact in a row: something that must still be done outside. A job does it and takes it away; when the job was lost,
// the sweeper finds the task overdue and wakes another.
type Task struct {
	ID          string    `json:"id"` // UUIDv7: the request id of the call outside
	Kind        TaskKind  `json:"kind"`
	Round       int       `json:"round"`
	Wake        time.Time `json:"wake"` // when the sweeper looks after it
	Solution    string    `json:"solution,omitempty"`
	Measure     string    `json:"measure,omitempty"`
	Notice      string    `json:"notice,omitempty"`
	Purpose     string    `json:"purpose,omitempty"` // of a work order or an invitation
	Reason      string    `json:"reason,omitempty"`
	NotBefore   time.Time `json:"notBefore,omitzero"`
	Inspect     int       `json:"inspect,omitempty"` // number of the inspection in the case, from 1; 0 for other visits
	Instruction string    `json:"instruction,omitempty"`
	Skills      []string  `json:"skills,omitempty"`
	News        string    `json:"news,omitempty"`     // id of the news that a notice carries
	Engineer    string    `json:"engineer,omitempty"` // engineers/… who is kept away
	Orders      []string  `json:"orders,omitempty"`   // running work orders of that engineer
	Suspend     bool      `json:"suspend,omitempty"`  // they are stopped
	Party       string    `json:"party,omitempty"`    // party concerned that a notice goes to; "" for the customer
}

// taskPatience is how long a task waits for its job before the sweeper wakes another one.
const taskPatience = time.Minute

// Task finds an open task.
func (c *Case) Task(id string) (Task, bool) {
	i := slices.IndexFunc(c.Tasks, func(t Task) bool { return t.ID == id })
	if i < 0 {
		return Task{}, false
	}
	return c.Tasks[i], true
}

func (c *Case) dropTask(id string) {
	c.Tasks = slices.DeleteFunc(c.Tasks, func(t Task) bool { return t.ID == id })
}

// dropTasks takes away what no longer makes sense.
func (c *Case) dropTasks(kinds ...TaskKind) {
	c.Tasks = slices.DeleteFunc(c.Tasks, func(t Task) bool { return slices.Contains(kinds, t.Kind) })
}

// Moment is who does something, when, and by which policy.
type Moment struct {
	By     Actor
	At     time.Time
	Policy *Policy
	NewID  func() string // UUIDv7
}

// step is one method at work on a case: it collects the change.
type step struct {
	*Case
	Moment
	change Change
}

func (c *Case) begin(m Moment) *step { return &step{Case: c, Moment: m} }

// move puts the case into a state and tells it.
func (s *step) move(v Verb, to State) {
	s.change.Facts = append(s.change.Facts, Fact{Verb: v, State: to, Previous: s.State, At: s.At})
	s.State = to
	s.Updated = s.At
	s.settlePauses()
	s.settleReleases()
}

// note writes an entry.
func (s *step) note(event string, e timeline.Entry) {
	e.Event, e.Round, e.Occurred = event, s.RoundNumber(), s.At
	e.Actor, e.OnBehalfOf = s.By.Name, s.By.behalf()
	if e.Place == "" {
		e.Place = s.Region
	}
	s.Updated = s.At
	s.change.Entries = append(s.change.Entries, e)
}

// task asks for work outside.
func (s *step) task(t Task) {
	t.ID, t.Round, t.Wake = s.NewID(), s.RoundNumber(), s.At.Add(taskPatience)
	s.Tasks = append(s.Tasks, t)
	s.change.Tasks = append(s.change.Tasks, t)
}
