package workorder

import (
	"time"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/geo"
)

// Money is an amount in fen.
type Money struct {
	Currency string `json:",omitempty"`
	Fen      int64
}

// Order is a work order with everything it knows. The zero values of its parts mean "not yet".
type Order struct {
	ID          string // without "workOrders/"
	Case        string // "cases/<id>"
	CaseNumber  string
	Round       int32
	Solution    string // empty for a service request
	Purpose     Purpose
	State       State
	Outcome     Outcome
	OwnerOrg    string
	ServingOrg  string
	Released    bool // the provider may see it: offered and not declined or expired
	Engineer    string
	Urgency     string
	Region      string // division code of the address
	Partner     string
	Secrecy     string // NORMAL, PROTECTED, RESTRICTED
	Contact     Contact
	WindowStart time.Time
	WindowEnd   time.Time
	ConfirmedAt time.Time
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Version     int64
	Code        Code
	Offer       Offer
	Households  []string // keyed indexes of the household, written at the creation and not read again
	Body
}

// Body is what no query looks at; it is stored as one JSON document.
type Body struct {
	CaseKind     string       `json:",omitempty"`
	Product      Product      `json:",omitzero"`
	Problem      string       `json:",omitempty"`
	Skills       []SkillNeed  `json:",omitempty"`
	Parts        []PartNeed   `json:",omitempty"`
	Earliest     time.Time    `json:",omitzero"`
	Latest       time.Time    `json:",omitzero"`
	Instruction  string       `json:",omitempty"`
	FreeOfCharge bool         `json:",omitempty"`
	AgreedFee    Money        `json:",omitzero"`
	EngineerName string       `json:",omitempty"`
	Reasons      []Reason     `json:",omitempty"`
	BookingNote  string       `json:",omitempty"`
	VisitFee     Money        `json:",omitzero"`
	DepartedAt   time.Time    `json:",omitzero"`
	ArrivedAt    time.Time    `json:",omitzero"`
	Attempts     []Attempt    `json:",omitempty"`
	Diagnosis    *Diagnosis   `json:",omitempty"`
	Quote        *Quote       `json:",omitempty"`
	Completion   *Completion  `json:",omitempty"`
	Confirmation Confirmation `json:",omitzero"`
	Deviations   []Deviation  `json:",omitempty"`
	CancelReason string       `json:",omitempty"`
	PartWait     *PartWait    `json:",omitempty"`
	Appraisal    *Appraisal   `json:",omitempty"`
	Workshop     *Workshop    `json:",omitempty"`
	HoldReason   string       `json:",omitempty"` // why it is SUSPENDED
	Settlement   *Settlement  `json:",omitempty"`
}

// Product is the machine.
type Product struct{ Brand, Model, Serial string }

// SkillNeed is a skill and its least level.
type SkillNeed struct {
	Skill string
	Level int
}

// PartNeed is a part the work needs.
type PartNeed struct {
	Part, Number string
	Quantity     int
}

// Reason is one addend of the score that spoke for the engineer.
type Reason struct {
	Code   string
	Points float64
	Text   string
}

// Offer is the latest offer to a provider.
type Offer struct {
	At, Deadline  time.Time
	DeclineReason string
}

// Attempt is a failed attempt to agree on an appointment.
type Attempt struct {
	At              time.Time
	Channel, Reason string
}

// Diagnosis is what was found.
type Diagnosis struct {
	Cause, Findings, FaultCode string
	InWarranty                 bool
	At                         time.Time
}

// QuoteLine is one line of a price.
type QuoteLine struct {
	Description string
	Amount      Money
}

// Quote is a price before the customer.
type Quote struct {
	Lines                []QuoteLine
	Total                Money
	At, AnsweredAt       time.Time
	Agreed               bool
	Method, RefuseReason string
	Evidence             string `json:",omitempty"`
}

// Test is one test after the work (R157).
type Test struct {
	Name   string
	Passed bool
	Value  string `json:",omitempty"`
}

// PartUsed is a part that was built in (R147).
type PartUsed struct {
	Part, Number, Specification string
	Quantity                    int
	Serial, Replaced            string
	Location                    string
}

// Completion is what was done.
type Completion struct {
	Tests   []Test
	Parts   []PartUsed
	Photos  []string
	Serials []string
	Summary string
	At      time.Time
}

// Confirmation is the customer's word at the end (R159).
type Confirmation struct {
	Method, Actor, Evidence, RefuseReason string
	At, CallBackDue                       time.Time
}

// Deviation is a step that was not as planned: recorded, not refused (R154).
type Deviation struct {
	Kind   string
	Verb   Verb
	Amount int64 // metres or seconds
	At     time.Time
}

// Contact is the person to see. Personal: the store seals it as a whole.
type Contact struct {
	Name, Phone        string
	RegionCode, Line   string
	Location           geo.Point // of the door, WGS-84; zero when not known
	LocationIsAccurate bool      // Location was told and is not the region's centre
}
