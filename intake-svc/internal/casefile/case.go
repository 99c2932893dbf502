package casefile

import (
	"slices"
	"strconv"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/timeline"
)

// Case is one customer's matter. Fields are read freely; they are changed by its methods only. What is personal is in
// Personal, which the store keeps sealed.
type Case struct {
	ID      string `json:"-"` // UUIDv7
	Number  string `json:"-"` // AS20261122-000001
	Kind    Kind   `json:"-"`
	State   State  `json:"-"`
	Version int64  `json:"-"` // counts saved changes, from 1

	Channel         string          `json:"-"`
	OwnerOrg        string          `json:"-"`
	ServingOrg      string          `json:"-"` // what dispatch released it to
	Partner         string          `json:"-"`
	Filer           string          `json:"-"`
	Handler         string          `json:"-"`
	Confidentiality Confidentiality `json:"-"`
	ContentClass    string          `json:"-"`
	Urgency         string          `json:"-"`
	Created         time.Time       `json:"-"`
	Updated         time.Time       `json:"-"`

	Personal Personal      `json:"-"` // sealed at rest
	Chain    timeline.Head `json:"-"` // end of the timeline
	EventSeq int64         `json:"-"` // last event told to others

	ProgressSecret string        `json:"secret"` // proves the progress link
	ExternalRefs   []ExternalRef `json:"refs,omitempty"`
	Items          []Item        `json:"items,omitempty"`
	PriorService   *PriorService `json:"prior,omitempty"`
	Problem        string        `json:"problem"`
	Expectation    string        `json:"expectation,omitempty"`
	Desired        time.Time     `json:"desired,omitzero"`
	Reported       time.Time     `json:"reported,omitzero"`
	EvidenceAnswer string        `json:"evidenceAnswer,omitempty"`
	Region         string        `json:"region,omitempty"` // division code, for routing and statistics

	Nature             string    `json:"nature,omitempty"`
	SecondaryClasses   []string  `json:"secondary,omitempty"`
	Severity           string    `json:"severity,omitempty"`
	Scope              string    `json:"scope,omitempty"`
	ProblemNature      string    `json:"problemNature,omitempty"`
	SuspectedLiability string    `json:"suspected,omitempty"`
	ComplainedAbout    []string  `json:"about,omitempty"`
	Purpose            string    `json:"purpose,omitempty"` // of the visit of a service request
	Skills             []string  `json:"skills,omitempty"`
	Hazard             *Hazard   `json:"hazard,omitempty"`
	AcceptedAt         time.Time `json:"accepted,omitzero"`

	Rounds    []Round    `json:"rounds"`
	Solutions []Solution `json:"solutions,omitempty"`
	Clocks    []Clock    `json:"clocks,omitempty"`
	Flags     []Flag     `json:"flags,omitempty"`
	Tasks     []Task     `json:"tasks,omitempty"` // open ones: what must still be done outside
	Orders    []Order    `json:"orders,omitempty"`
	NoReply   *NoReply   `json:"noReply,omitempty"`
	Visit     *Visit     `json:"visit,omitempty"` // the latest of the round

	Hard                 // what only few cases have
	Regulator *Regulator `json:"regulator,omitempty"`
	Urges     *Urges     `json:"urges,omitempty"` // of the round

	Assigned  *Assignment `json:"assigned,omitempty"`
	Rejection string      `json:"rejection,omitempty"` // explanation, when REJECTED
	Refund    *Refund     `json:"refund,omitempty"`    // what the platform paid
	Classified
}

// Personal is what belongs to persons.
type Personal struct {
	Parties    []Party                 `json:"parties,omitempty"`
	OnBehalfOf string                  `json:"onBehalfOf,omitempty"`
	Consents   map[string]ConsentWords `json:"consents,omitempty"` // by solution id
	// ConcernedMail is where notices to parties concerned go, by their id.
	ConcernedMail map[string]string `json:"concernedMail,omitempty"`
	Codes         map[string]string `json:"codes,omitempty"` // that are not sent yet, by the task's id
}

// Party is a person in roles (R259).
type Party struct {
	Roles         []string `json:"roles"`
	DisplayName   string   `json:"name,omitempty"`
	Phone         string   `json:"phone,omitempty"`
	Email         string   `json:"email,omitempty"`
	Region        string   `json:"region,omitempty"`
	AddressLine   string   `json:"line,omitempty"`
	Customer      string   `json:"customer,omitempty"` // customers/…
	Anonymous     bool     `json:"anonymous,omitempty"`
	Locale        string   `json:"locale,omitempty"`
	Authorisation string   `json:"authorisation,omitempty"`
}

// Roles of parties that the rules know.
const (
	PartyCustomer    = "CUSTOMER"
	PartyComplainant = "COMPLAINANT"
	PartyOnSite      = "ON_SITE"
)

// PartyRoles lists every role: one person shown as the customer has them all but REPRESENTATIVE.
var PartyRoles = []string{PartyCustomer, PartyComplainant, PartyOnSite, "PAYER"}

// Party finds the person in the role, else the first one, else nil.
func (p *Personal) Party(role string) *Party {
	i := slices.IndexFunc(p.Parties, func(q Party) bool { return slices.Contains(q.Roles, role) })
	if i < 0 && len(p.Parties) > 0 {
		i = 0
	}
	if i < 0 {
		return nil
	}
	return &p.Parties[i]
}

// ExternalRef is the same matter at a partner's.
type ExternalRef struct {
	Platform    string `json:"platform,omitempty"`
	ShopID      string `json:"shop,omitempty"`
	OrderID     string `json:"order,omitempty"`
	SubOrderID  string `json:"subOrder,omitempty"`
	AfterSaleID string `json:"afterSale,omitempty"`
	DisputeID   string `json:"dispute,omitempty"`
	RawType     string `json:"rawType,omitempty"`
	RawStatus   string `json:"rawStatus,omitempty"`
}

// Item is a product of the case.
type Item struct {
	Brand        string `json:"brand,omitempty"`
	Model        string `json:"model,omitempty"`
	Serial       string `json:"serial,omitempty"`
	PurchaseDate string `json:"purchased,omitempty"` // YYYY-MM-DD
	ProofNumber  string `json:"proof,omitempty"`
	Category     string `json:"category,omitempty"`
	InstallDate  string `json:"installed,omitempty"`
	Device       string `json:"device,omitempty"`
	Problem      string `json:"problem,omitempty"`
	Outcome      string `json:"outcome,omitempty"`
}

// PriorService is the earlier service complained about (R37).
type PriorService struct {
	Date           string `json:"date,omitempty"`
	Place          string `json:"place,omitempty"`
	EngineerNumber string `json:"engineer,omitempty"`
	Description    string `json:"description,omitempty"`
	WorkOrder      string `json:"workOrder,omitempty"`
}

// Hazard is a danger to people or property.
type Hazard struct {
	Kind        string    `json:"kind"`
	Description string    `json:"description,omitempty"`
	Raiser      string    `json:"raiser"`
	Raised      time.Time `json:"raised"`
	Duty
}

// Flag stands beside the state.
type Flag struct {
	Code   string    `json:"code"`
	Since  time.Time `json:"since"`
	Reason string    `json:"reason,omitempty"`
}

// Visit is what the customer is told of the work order.
type Visit struct {
	WorkOrder string    `json:"workOrder"`
	State     string    `json:"state"`
	Engineer  string    `json:"engineer,omitempty"` // engineers/…
	Name      string    `json:"name,omitempty"`     // display name of the engineer
	From      time.Time `json:"from,omitzero"`
	To        time.Time `json:"to,omitzero"`
}

// Name is "cases/<id>".
func (c *Case) Name() string { return "cases/" + c.ID }

// Etag is what a reader gives back to write on the basis of what was read.
func (c *Case) Etag() string { return strconv.FormatInt(c.Version, 10) }

// RoundNumber is the number of the current round, from 1.
func (c *Case) RoundNumber() int { return len(c.Rounds) }

// Round is the current round.
func (c *Case) Round() *Round { return &c.Rounds[len(c.Rounds)-1] }

// Flagged finds a flag.
func (c *Case) Flagged(code string) bool {
	return slices.ContainsFunc(c.Flags, func(f Flag) bool { return f.Code == code })
}

func (c *Case) flag(code, reason string, at time.Time) {
	if !c.Flagged(code) {
		c.Flags = append(c.Flags, Flag{Code: code, Since: at, Reason: reason})
	}
}

func (c *Case) unflag(codes ...string) {
	c.Flags = slices.DeleteFunc(c.Flags, func(f Flag) bool { return slices.Contains(codes, f.Code) })
}
