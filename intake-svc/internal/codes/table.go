// Package codes holds the code tables (api.md "Codes"): every classification is a string from here, with labels in two
// languages and the attributes that the program branches on. The tables are rows; this package keeps a copy to read from.
package codes

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
)

// Axes that the program itself asks for.
const (
	Channel       = "CHANNEL"
	ContentClass  = "CONTENT_CLASS"
	Nature        = "NATURE"
	Validity      = "VALIDITY"
	Urgency       = "URGENCY"
	Severity      = "SEVERITY"
	Scope         = "SCOPE"
	ProblemNature = "PROBLEM_NATURE"
	Cause         = "CAUSE"
	Liability     = "LIABILITY"
	Pattern       = "PATTERN"
	Origin        = "ORIGIN"
	SolutionKind  = "SOLUTION_KIND"
	HazardKind    = "HAZARD_KIND"
	CoreProblem   = "CORE_PROBLEM"
	Motive        = "MOTIVE"
)

// Attributes of codes.
const (
	AttrMode    = "mode"    // of a solution kind: VISIT, NOTICE, PAYMENT, RECORD
	AttrPurpose = "purpose" // of the work order that a VISIT asks for
	AttrPays    = "pays"    // of a solution kind of mode PAYMENT: REFUND, FEE_WAIVER, COUPON, POINTS, COMPENSATION
	AttrTeam    = "team"    // of a content class: who investigates (R99)
	AttrComplex = "complexTeam"
	AttrStops   = "stopsJob" // of a content class: a running job of who is complained about is stopped

	AttrScheme        = "scheme"        // of a content class: appliance, laboratory, general
	AttrCommon        = "common"        // of a content class: what it counts as in common figures
	AttrCommunicative = "communicative" // of a nature: help, enquiry, venting (R88-R90)
)

// startWait is how long a reader waits for the first copy: a service answers calls while it is still starting.
const startWait = 10 * time.Second

// Table is a copy of all codes, safe for concurrent use.
type Table struct {
	current atomic.Pointer[snapshot]
	loaded  chan struct{} // closed by the first Load
	once    sync.Once
}

// NewTable makes a table that is not loaded yet.
func NewTable() *Table { return &Table{loaded: make(chan struct{})} }

type snapshot struct {
	all    []store.Code
	byName map[string]store.Code // AXIS.CODE
	axes   map[string][]string   // active codes by axis
}

// Load replaces the copy.
func (t *Table) Load(all []store.Code) {
	s := &snapshot{all: all, byName: make(map[string]store.Code, len(all)), axes: map[string][]string{}}
	for _, c := range all {
		s.byName[Name(c.Axis, c.Code)] = c
		if c.Active {
			s.axes[c.Axis] = append(s.axes[c.Axis], c.Code)
		}
	}
	t.current.Store(s)
	t.once.Do(func() { close(t.loaded) })
}

// Name is "AXIS.CODE".
func Name(axis, code string) string { return axis + "." + code }

func (t *Table) snapshot() *snapshot {
	if s := t.current.Load(); s != nil {
		return s
	}
	timer := time.NewTimer(startWait)
	defer timer.Stop()
	select {
	case <-t.loaded:
		return t.current.Load()
	case <-timer.C:
		return &snapshot{}
	}
}

// All answers every code, by axis and rank.
func (t *Table) All() []store.Code { return t.snapshot().all }

// Get answers one code.
func (t *Table) Get(name string) (store.Code, bool) {
	c, ok := t.snapshot().byName[name]
	return c, ok
}

// HasAxis says that the axis has codes.
func (t *Table) HasAxis(axis string) bool {
	return slices.ContainsFunc(t.snapshot().all, func(c store.Code) bool { return c.Axis == axis })
}

// Check refuses a value that is not an active code of the axis, naming those that are. An empty value passes: whether it is
// needed is the field's matter.
func (t *Table) Check(axis string, values ...string) error {
	s := t.snapshot()
	for _, value := range values {
		if value == "" {
			continue
		}
		if c, ok := s.byName[Name(axis, value)]; !ok || !c.Active {
			return apierr.ErrUnknownCode.New("axis", axis, "value", value, "allowed", strings.Join(s.axes[axis], " "))
		}
	}
	return nil
}

// Read gives the code that a person wrote as code or label, in either language; what is neither stays as it is, for Check to refuse.
func (t *Table) Read(axis, written string) string {
	s := t.snapshot()
	for _, code := range s.axes[axis] {
		c := s.byName[Name(axis, code)]
		if strings.EqualFold(written, c.Code) || written == c.LabelZH || strings.EqualFold(written, c.LabelEN) {
			return c.Code
		}
	}
	return written
}

// Label is the code in a language; the code itself where it has none.
func (t *Table) Label(axis, code, locale string) string {
	c, ok := t.Get(Name(axis, code))
	if !ok {
		return code
	}
	return Label(c, locale)
}

// Label is a code's label in a language.
func Label(c store.Code, locale string) string {
	if locale == apierr.EN {
		return cmp.Or(c.LabelEN, c.Code)
	}
	return cmp.Or(c.LabelZH, c.Code)
}
