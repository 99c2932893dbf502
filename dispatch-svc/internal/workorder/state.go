package workorder

import (
	"slices"
	"time"
)

// State of an order, as stored and as in the API.
type State string

// States that rest; see doc.go. QuoteRefused and InProgress are only passed through.
const (
	Created          State = "CREATED"
	Offered          State = "OFFERED"
	ProviderAccepted State = "PROVIDER_ACCEPTED"
	ProviderDeclined State = "PROVIDER_DECLINED"
	OfferExpired     State = "OFFER_EXPIRED"
	Assigned         State = "ASSIGNED"
	Accepted         State = "ACCEPTED"
	Declined         State = "DECLINED"
	Booked           State = "BOOKED"
	BookingFailed    State = "BOOKING_FAILED"
	EnRoute          State = "EN_ROUTE"
	OnSite           State = "ON_SITE"
	Diagnosed        State = "DIAGNOSED"
	Quoted           State = "QUOTED"
	QuoteAgreed      State = "QUOTE_AGREED"
	QuoteRefused     State = "QUOTE_REFUSED"
	InProgress       State = "IN_PROGRESS"
	Done             State = "DONE"
	Confirmed        State = "CONFIRMED"
	ConfirmRefused   State = "CONFIRM_REFUSED"
	Rescheduled      State = "RESCHEDULED"
	WaitingPart      State = "WAITING_PART"
	WaitingAppraisal State = "WAITING_APPRAISAL"
	TakenAway        State = "TAKEN_AWAY"
	Suspended        State = "SUSPENDED"
	Transferred      State = "TRANSFERRED"
	Audited          State = "AUDITED"
	Settled          State = "SETTLED"
	Cancelled        State = "CANCELLED"
)

// States lists every state that an order can rest in.
var States = []State{Created, Offered, ProviderAccepted, ProviderDeclined, OfferExpired, Assigned, Accepted, Declined, Booked,
	BookingFailed, EnRoute, OnSite, Diagnosed, Quoted, QuoteAgreed, Done, Confirmed, ConfirmRefused, Rescheduled, WaitingPart, WaitingAppraisal, TakenAway, Suspended,
	Transferred, Audited, Settled, Cancelled}

// labels are at most five Han characters long: WeChat templates cut longer ones.
var labels = map[State][2]string{
	Created: {"待派单", "waiting for dispatch"}, Offered: {"待服务商接", "offered to a provider"},
	ProviderAccepted: {"服务商已接", "taken by the provider"}, ProviderDeclined: {"服务商拒接", "declined by the provider"},
	OfferExpired: {"超时未接", "offer expired"}, Assigned: {"已派工", "engineer assigned"}, Accepted: {"已接单", "taken by the engineer"},
	Declined: {"已退单", "declined by the engineer"}, Booked: {"已预约", "appointment made"},
	BookingFailed: {"预约未成", "customer not reached"}, EnRoute: {"已出发", "engineer on the way"}, OnSite: {"已到达", "engineer arrived"},
	Diagnosed: {"已诊断", "diagnosed"}, Quoted: {"已报价", "price quoted"}, QuoteAgreed: {"同意报价", "price agreed"},
	QuoteRefused: {"拒绝报价", "price refused"}, InProgress: {"处理中", "in progress"}, Done: {"待确认", "done, to be confirmed"},
	Confirmed: {"已确认", "confirmed by the customer"}, ConfirmRefused: {"拒绝确认", "confirmation refused"},
	Audited: {"已审核", "audited"}, Settled: {"已结算", "settled"},
	WaitingPart: {"待配件", "waiting for a part"}, WaitingAppraisal: {"待鉴定", "waiting for an appraisal"},
	TakenAway: {"已取回修", "in the workshop"}, Suspended: {"已暂停", "suspended"}, Transferred: {"已转出", "handed back"},
	Rescheduled: {"待改约", "to be rescheduled"}, Cancelled: {"已取消", "cancelled"},
}

// Label is the state for people, in Chinese or, for locales that begin with "en", in English.
func (s State) Label(locale string) string {
	l := labels[s]
	if len(locale) >= 2 && locale[:2] == "en" {
		return l[1]
	}
	return l[0]
}

// Purpose says what an order is for.
type Purpose string

// The purposes (R150).
const (
	Inspect  Purpose = "INSPECT"
	Repair   Purpose = "REPAIR"
	Install  Purpose = "INSTALL"
	Maintain Purpose = "MAINTAIN"
	Remote   Purpose = "REMOTE"
	SendPart Purpose = "SEND_PART"
	PickUp   Purpose = "PICK_UP"
	Exchange Purpose = "EXCHANGE"
)

// Purposes lists them.
var Purposes = []Purpose{Inspect, Repair, Install, Maintain, Remote, SendPart, PickUp, Exchange}

// charged says whether work of the purpose costs something when nobody has settled it before.
func (p Purpose) charged() bool { return p == Repair || p == Install || p == Maintain }

// Outcome says what came of an order.
type Outcome string

// Outcomes that have rules; the others are NO_FAULT_FOUND, EXCHANGE_ADVISED, NOT_REPAIRABLE, UNSAFE, REFERRED.
const (
	Fixed      Outcome = "FIXED"
	FeeRefused Outcome = "FEE_REFUSED"
)

// Open says whether the order still has work for somebody: the case cannot be resolved before. A refused fee ends it at DONE.
func (o *Order) Open() bool {
	return o.State.Open() && (o.State != Done || o.Outcome != FeeRefused)
}

// Open says that an order in this state has work for somebody, whatever its outcome.
func (s State) Open() bool {
	return !slices.Contains([]State{Confirmed, Audited, Settled, Cancelled}, s)
}

// movable says that some step may follow: the work is not over, or it is to be audited and paid.
func (o *Order) movable() bool { return o.Open() || o.State == Confirmed || o.State == Audited }

// Duration is how long work of the purpose takes on the spot, for planning, until the brand's own figures are kept.
func (p Purpose) Duration() time.Duration {
	switch p {
	case Install:
		return 2 * time.Hour
	case Repair:
		return 90 * time.Minute
	case PickUp:
		return 45 * time.Minute
	case Remote:
		return 30 * time.Minute
	case SendPart:
		return 15 * time.Minute
	}
	return time.Hour
}
