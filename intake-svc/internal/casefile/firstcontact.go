package casefile

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// Notices of the first contact.
const (
	NoticeInfoRequest  = "INFO_REQUEST"
	NoticeManual       = "MANUAL"
	NoticeMerged       = "MERGED"
	NoticeMergedResult = "MERGED_RESULT"
)

// Modes of guidance (R257).
const (
	GuideTraining = "TRAINING"
	GuideRemote   = "REMOTE_GUIDANCE"
	GuideManual   = "MANUAL"
)

// InfoRequest is what the customer was asked for (R56).
type InfoRequest struct {
	Fields    []string  `json:"fields,omitempty"`
	Question  string    `json:"question"`
	Requester string    `json:"requester"`
	At        time.Time `json:"at"`
	Answered  time.Time `json:"answered,omitzero"`
}

// Apology is an apology that was made (R265). Its words are in the timeline.
type Apology struct {
	Actor   string    `json:"actor"`
	Channel string    `json:"channel"`
	Measure string    `json:"measure,omitempty"`
	At      time.Time `json:"at"`
}

// Guidance is the decision about training or guidance (R257).
type Guidance struct {
	Needed   bool      `json:"needed"`
	Mode     string    `json:"mode,omitempty"`
	Reason   string    `json:"reason"`
	Decider  string    `json:"decider"`
	Arranged time.Time `json:"arranged,omitzero"`
	Done     time.Time `json:"done,omitzero"`
}

// Supplement is what is told later; what is empty changes nothing.
type Supplement struct {
	Statement, Problem, Expectation, EvidenceAnswer string
	Item                                            *Item
	Prior                                           *PriorService
	Customer                                        *Party
	Desired                                         time.Time
	CoreProblems                                    []string
	Channel                                         string
	Danger                                          *Hazard // that the words tell; nil for none
}

// RequestInfo asks the customer for what is missing or vague (R56): a flag, a notice, and promises that wait.
func (c *Case) RequestInfo(m Moment, fields []string, question string) (Change, error) {
	to, err := c.check(RequestInformation, m.By)
	if err != nil {
		return Change{}, err
	}
	if strings.TrimSpace(question) == "" {
		return Change{}, apierr.Invalid("question", "需写明要补充什么", "must say what is asked for")
	}
	s := c.begin(m)
	s.InfoRequest = &InfoRequest{Fields: fields, Question: question, Requester: m.By.Name, At: m.At}
	s.flag(FlagWaitingForCustomer, "information requested", m.At)
	s.settlePauses()
	s.move(RequestInformation, to)
	s.note("INFO_REQUESTED", timeline.Entry{Points: question, Facts: map[string]string{"fields": strings.Join(fields, " ")}})
	s.task(Task{Kind: TaskDeliverNotice, Notice: NoticeInfoRequest})
	return s.change, nil
}

// Supplement adds what was missing (R56), whoever tells it. What was recorded before stays in the timeline.
func (c *Case) Supplement(m Moment, in Supplement) (Change, error) {
	to, err := c.check(SupplementCase, m.By)
	if err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	told, points := s.supplement(in)
	if len(told) == 0 {
		return Change{}, apierr.Invalid("supplement", "没有补充内容", "tells nothing")
	}
	if s.InfoRequest != nil && s.InfoRequest.Answered.IsZero() {
		s.InfoRequest.Answered = m.At
		s.Tasks = slices.DeleteFunc(s.Tasks, func(t Task) bool { return t.Notice == NoticeInfoRequest })
	}
	s.customerSpoke()
	s.move(SupplementCase, to)
	s.note("SUPPLEMENTED", timeline.Entry{
		Place: in.Channel, Points: strings.Join(points, "\n"), Facts: map[string]string{"fields": strings.Join(told, " ")},
	})
	s.hear(in.Danger)
	return s.change, nil
}

// supplement takes over what is told, and answers which fields that were and what to write down.
func (s *step) supplement(in Supplement) (told, points []string) {
	tell := func(field, before, after string) {
		told = append(told, field)
		if before != "" {
			points = append(points, field+": "+before+" -> "+after)
		} else {
			points = append(points, field+": "+after)
		}
	}
	set := func(field string, to *string, value string) {
		if value != "" && value != *to {
			tell(field, *to, value)
			*to = value
		}
	}
	if in.Statement != "" {
		tell("statement", "", in.Statement)
	}
	set("problem", &s.Problem, in.Problem)
	set("expectation", &s.Expectation, in.Expectation)
	set("evidence_answer", &s.EvidenceAnswer, in.EvidenceAnswer)
	if !in.Desired.IsZero() {
		tell("desired_resolve_time", "", in.Desired.Format(time.RFC3339))
		s.Desired = in.Desired
	}
	if len(in.CoreProblems) > 0 {
		tell("core_problems", "", strings.Join(in.CoreProblems, " "))
		s.CoreProblems = in.CoreProblems
	}
	s.supplementItem(in.Item, set)
	s.supplementPrior(in.Prior, set)
	s.supplementCustomer(in.Customer, set)
	return told, points
}

type setter = func(field string, to *string, value string)

func (s *step) supplementItem(in *Item, set setter) {
	if in == nil || *in == (Item{}) {
		return
	}
	if len(s.Items) == 0 {
		s.Items = []Item{{}}
	}
	i := &s.Items[0]
	set("brand", &i.Brand, in.Brand)
	set("model", &i.Model, in.Model)
	set("serial_number", &i.Serial, in.Serial)
	set("purchase_date", &i.PurchaseDate, in.PurchaseDate)
	set("proof_number", &i.ProofNumber, in.ProofNumber)
	set("category", &i.Category, in.Category)
	set("install_date", &i.InstallDate, in.InstallDate)
	set("device", &i.Device, in.Device)
}

func (s *step) supplementPrior(in *PriorService, set setter) {
	if in == nil || *in == (PriorService{}) {
		return
	}
	if s.PriorService == nil {
		s.PriorService = &PriorService{}
	}
	p := s.PriorService
	set("service_date", &p.Date, in.Date)
	set("service_place", &p.Place, in.Place)
	set("engineer_number", &p.EngineerNumber, in.EngineerNumber)
	set("service_description", &p.Description, in.Description)
	set("service_work_order", &p.WorkOrder, in.WorkOrder)
}

func (s *step) supplementCustomer(in *Party, set setter) {
	if in == nil {
		return
	}
	p := s.Personal.Party(PartyCustomer)
	if p == nil {
		s.Personal.Parties = []Party{{Roles: PartyRoles}}
		p = &s.Personal.Parties[0]
	}
	set("customer_name", &p.DisplayName, in.DisplayName)
	set("phone", &p.Phone, in.Phone)
	set("email", &p.Email, in.Email)
	set("region", &p.Region, in.Region)
	set("address", &p.AddressLine, in.AddressLine)
	if p.DisplayName != "" || p.Phone != "" {
		p.Anonymous = false
	}
	s.Region = cmp.Or(p.Region, s.Region)
}

// Apologise records an apology and what was done at once (R265).
func (c *Case) Apologise(m Moment, a Apology, words string) (Change, error) {
	to, err := c.check(ApologiseFor, m.By)
	if err != nil {
		return Change{}, err
	}
	s := c.begin(m)
	a.Actor, a.At = m.By.Name, m.At
	s.Apologies = append(s.Apologies, a)
	s.move(ApologiseFor, to)
	s.note("APOLOGY_MADE", timeline.Entry{Place: a.Channel, Points: words, Measures: a.Measure})
	return s.change, nil
}

// DecideGuidance records whether training or guidance is needed, that it is arranged, and that it was given (R75, R257).
func (c *Case) DecideGuidance(m Moment, g Guidance, done bool) (Change, error) {
	to, err := c.check(Guide, m.By)
	if err != nil {
		return Change{}, err
	}
	if g.Needed && g.Mode == "" {
		return Change{}, apierr.Invalid("mode", "需要指导时必须说明方式", "is needed: TRAINING, REMOTE_GUIDANCE or MANUAL")
	}
	s := c.begin(m)
	g.Decider = m.By.Name
	event := "GUIDANCE_DECIDED"
	s.unflag(FlagGuidancePlanned)
	switch {
	case !g.Needed:
		g.Mode, g.Arranged = "", time.Time{}
	case done:
		event, g.Done = "GUIDANCE_GIVEN", m.At
	default:
		s.flag(FlagGuidancePlanned, g.Mode, m.At)
	}
	if g.Needed && g.Mode == GuideManual && !done {
		s.task(Task{Kind: TaskDeliverNotice, Notice: NoticeManual})
	}
	s.Guidance = &g
	s.move(Guide, to)
	s.note(event, timeline.Entry{Points: g.Reason, Facts: map[string]string{"needed": boolText(g.Needed), "mode": g.Mode}})
	return s.change, nil
}

func boolText(yes bool) string {
	if yes {
		return "true"
	}
	return "false"
}
