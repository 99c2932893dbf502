package casefile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

// TaskExcludeEngineer asks dispatch to keep an engineer away from the household that complained about them (process.md).
const TaskExcludeEngineer TaskKind = "EXCLUDE_ENGINEER"

// attitudeClass is the common class whose complaints are about the person who came.
const attitudeClass = "SERVICE_ATTITUDE"

// keepAway: who is complained about does not come to this household again. Where nobody was named, and the class is about the person, it is
// who has the running job. Classes of safety and fraud stop that job, too.
func (s *step) keepAway(in Findings) {
	if s.Kind != Complaint {
		return
	}
	named := slices.ContainsFunc(s.ComplainedAbout, isEngineer)
	for _, r := range in.Running {
		personal := in.StopsJob || in.Common == attitudeClass
		if !named && personal && isEngineer(r.Engineer) && !slices.Contains(s.ComplainedAbout, r.Engineer) {
			s.ComplainedAbout = append(s.ComplainedAbout, r.Engineer)
		}
	}
	for _, name := range s.ComplainedAbout {
		if !isEngineer(name) {
			continue
		}
		t := Task{Kind: TaskExcludeEngineer, Engineer: name, Suspend: in.StopsJob}
		for _, r := range in.Running {
			if r.Engineer == name {
				t.Orders = append(t.Orders, r.WorkOrder)
			}
		}
		s.task(t)
	}
}

func isEngineer(name string) bool { return strings.HasPrefix(name, "engineers/") }

// EngineerKeptAway takes dispatch's answer.
func (c *Case) EngineerKeptAway(m Moment, t Task, suspended []string) Change {
	s := c.begin(m)
	s.change.Quiet = true
	s.dropTask(t.ID)
	facts := map[string]string{"engineer": t.Engineer, "suspended": strconv.Itoa(len(suspended))}
	if len(suspended) > 0 {
		facts["workOrders"] = strings.Join(suspended, ", ")
	}
	s.note("ENGINEER_KEPT_AWAY", timeline.Entry{Facts: facts})
	return s.change
}
