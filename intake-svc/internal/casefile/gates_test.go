package casefile

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/apierr"
)

func newComplaint() *Case {
	return &Case{
		ID: "c1", Kind: Complaint, Channel: "HOTLINE", Problem: "漏水", Items: []Item{{Brand: "海风", Serial: "SN-1"}},
		Personal: Personal{Parties: []Party{{Roles: PartyRoles, DisplayName: "王小明", Phone: "13800138000", Region: "310115"}}},
	}
}

// at brings a complaint to a state by its own methods.
func (d *desk) at(t *testing.T, state State) *Case {
	t.Helper()
	c := newComplaint()
	steps := []struct {
		state State
		do    func() error
	}{
		{Received, func() error { _, err := File(d.as(anAgent), c); return err }},
		{Accepted, func() error { _, err := c.Accept(d.as(anAgent), Acceptance{ContentClass: "PARTS"}); return err }},
		{UnderInvestigation, func() error { _, err := c.StartInvestigation(d.as(anInvestigator), ""); return err }},
		{SolutionProposed, func() error {
			_, err := c.Conclude(d.as(anInvestigator), found())
			d.propose(t, c, ModeVisit)
			return err
		}},
		{SolutionAgreed, func() error { _, err := c.Agree(d.as(anAgent), c.Current().ID, ConsentWords{}, ""); return err }},
		{InService, func() error { c.OrderCreated(d.as(System), c.Tasks[len(c.Tasks)-1], "workOrders/w1"); return nil }},
		{Resolved, func() error { c.OrderChanged(d.as(System), confirmed("workOrders/w1")); return nil }},
		{Closed, func() error {
			_, err := c.Close(d.as(aManager), Closing{Statement: content(), Summary: Summary{RootCause: "密封圈破裂"}})
			return err
		}},
	}
	for _, s := range steps {
		require.NoError(t, s.do())
		require.Equal(t, s.state, c.State)
		if s.state == state {
			return c
		}
	}
	require.Fail(t, "no way to "+string(state))
	return nil
}

func found() Conclusion {
	return Conclusion{Cause: "PART", Liability: "DEFECTIVE_PART", Upheld: true, Findings: "破裂"}
}

func confirmed(order string) OrderStep {
	return OrderStep{WorkOrder: order, Round: 1, State: "CONFIRMED", Outcome: "FIXED"}
}

func (d *desk) propose(t *testing.T, c *Case, modes ...Mode) *Solution {
	t.Helper()
	p := Solution{Kind: "REPAIR_AGAIN", Explanation: "换件"}
	for _, m := range modes {
		p.Measures = append(p.Measures, Measure{Kind: "REPAIR_AGAIN", Mode: m, Purpose: "REPAIR"})
	}
	s, _, err := c.Propose(d.as(anInvestigator), p)
	require.NoError(t, err)
	return s
}

func requireReason(t *testing.T, err error, reason string) {
	t.Helper()
	require.Equal(t, reason, apierr.Reason(err), "%v", err)
}

// R151: nothing is carried out before the consent; an order that comes too late is called off.
func TestNoExecutionWithoutConsent(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, SolutionProposed)
	require.False(t, c.awaitsOrder())
	change := c.OrderCreated(d.as(System), Task{ID: "x", Round: 1}, "workOrders/w9")
	require.Equal(t, TaskCancelWorkOrders, change.Tasks[0].Kind)
	require.Equal(t, SolutionProposed, c.State)
	require.Empty(t, c.Orders)
}

// R134: staff who agree for a customer to a fee write the consent down.
func TestAFeeNeedsAConsentRecord(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, SolutionProposed)
	c.Current().Fee = Money{"CNY", 8000}
	id := c.Current().ID
	_, err := c.Agree(d.as(anAgent), id, ConsentWords{}, "")
	requireReason(t, err, "CONSENT_REQUIRED")
	require.Equal(t, SolutionProposed, c.State, "a refused method changes nothing")
	_, err = c.Agree(d.as(anAgent), id, ConsentWords{Person: "王小明", Note: "电话录音 17"}, "HOTLINE")
	require.NoError(t, err)
	require.Equal(t, "AGENT_RECORDED", c.Solution(id).Consent.Method)
	require.Equal(t, ConsentWords{Person: "王小明", Note: "电话录音 17"}, c.Personal.Consents[id])
}

// R151: the customer and the partner who acts for the customer need no record of others.
func TestACustomerAgreesInPerson(t *testing.T) {
	t.Parallel()
	for _, who := range []struct {
		actor  Actor
		method string
	}{{aCustomer, "CUSTOMER"}, {aPartner, "PARTNER"}} {
		d := newDesk()
		c := d.at(t, SolutionProposed)
		c.Current().Fee = Money{"CNY", 8000}
		_, err := c.Agree(d.as(who.actor), c.Current().ID, ConsentWords{}, "")
		require.NoError(t, err)
		require.Equal(t, who.method, c.Current().Consent.Method)
	}
}

// R129, R130: above the limit the path and the time are told.
func TestAuthority(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, UnderInvestigation)
	_, err := c.Conclude(d.as(anInvestigator), found())
	require.NoError(t, err)
	p := Solution{Kind: "COMPENSATION", Measures: []Measure{{Kind: "COMPENSATION", Mode: ModePayment}}, Explanation: "x", Compensation: Money{"CNY", 60_000}}
	_, _, err = c.Propose(d.as(anInvestigator), p)
	requireReason(t, err, "AUTHORITY_EXCEEDED")
	var e *apierr.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, map[string]string{
		"limit_fen": "50000", "path": "manager, quality", "expected_hours": "24",
		"limit": "500.00", "path_zh": "服务经理、质量主管", "path_en": "service manager, quality supervisor",
	}, e.Metadata())
	_, _, err = c.Propose(d.as(aManager), p)
	require.NoError(t, err)
}

// R117: a proposal rests on a conclusion.
func TestNoProposalBeforeTheConclusion(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, UnderInvestigation)
	_, _, err := c.Propose(d.as(anInvestigator), Solution{Measures: []Measure{{Mode: ModeVisit}}})
	requireReason(t, err, "INVESTIGATION_OPEN")
}

func TestWhoIsComplainedAboutNeitherInvestigatesNorApproves(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, Accepted)
	c.ComplainedAbout = []string{"engineers/e7"}
	himself := user("boss", RoleManager)
	himself.Engineer = "engineers/e7"
	_, err := c.StartInvestigation(d.as(himself), "")
	requireReason(t, err, "INVESTIGATOR_NOT_INDEPENDENT")
	d.policy.SelfApproval = true // never where a person is complained about
	c = d.at(t, Resolved)
	c.ComplainedAbout = []string{"engineers/e7"}
	_, err = c.Close(d.as(himself), Closing{Statement: content()})
	requireReason(t, err, "APPROVER_NOT_INDEPENDENT")
}

func content() *Statement {
	return &Statement{Solved: true, Satisfied: true, Channel: "HOTLINE", Note: "很满意"}
}

// R179: nobody approves what they handled: accepted, investigated, proposed.
func TestTheApproverIsIndependent(t *testing.T) {
	t.Parallel()
	for _, handler := range []Actor{anAgent, anInvestigator} {
		d := newDesk()
		c := d.at(t, Resolved)
		handler.Roles = append([]string{RoleManager}, handler.Roles...)
		closing := Closing{Statement: content(), Summary: Summary{RootCause: "x"}}
		_, err := c.Close(d.as(handler), closing)
		requireReason(t, err, "APPROVER_NOT_INDEPENDENT")
		d.policy.SelfApproval = true // the three-man shop (process.md)
		_, err = c.Close(d.as(handler), closing)
		require.NoError(t, err)
	}
}

// R178: solved, satisfied (or the final result accepted), no further claim.
func TestClosingConditions(t *testing.T) {
	t.Parallel()
	answer := func(s Satisfaction) *Satisfaction { return &s }
	for name, c := range map[string]struct {
		survey    *Satisfaction
		statement *Statement
		basis     Basis
		want      Basis
		unmet     string
	}{
		"no answer":                 {unmet: "CUSTOMER_ANSWER"},
		"good survey":               {survey: answer(Satisfaction{Solved: true, Satisfied: true}), want: BasisConfirmed},
		"asked for by name":         {survey: answer(Satisfaction{Solved: true, Satisfied: true}), basis: BasisConfirmed, want: BasisConfirmed},
		"not satisfied":             {survey: answer(Satisfaction{Solved: true}), unmet: "SATISFIED"},
		"not solved":                {survey: answer(Satisfaction{}), unmet: "SOLVED, SATISFIED"},
		"further claim":             {survey: answer(Satisfaction{Solved: true, Satisfied: true, FurtherClaim: true}), unmet: "NO_FURTHER_CLAIM"},
		"statement":                 {statement: content(), want: BasisConfirmed},
		"statement after a survey":  {survey: answer(Satisfaction{Solved: true}), statement: content(), want: BasisConfirmed},
		"accepts the final result":  {statement: &Statement{AcceptsFinal: true, Note: "算了"}, want: BasisAcceptedFinal},
		"accepts, but claims":       {statement: &Statement{AcceptsFinal: true, FurtherClaim: true}, unmet: "SOLVED, SATISFIED, NO_FURTHER_CLAIM"},
		"confirmed is not accepted": {statement: &Statement{AcceptsFinal: true}, basis: BasisConfirmed, unmet: "SOLVED, SATISFIED"},
		"accepted needs the word":   {survey: answer(Satisfaction{Solved: true, Satisfied: true}), basis: BasisAcceptedFinal, unmet: "ACCEPTS_FINAL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk()
			k := d.at(t, Resolved)
			k.Round().Satisfaction = c.survey
			_, err := k.Close(d.as(aManager), Closing{Statement: c.statement, Basis: c.basis, Summary: Summary{RootCause: "x"}})
			if c.unmet == "" {
				require.NoError(t, err)
				require.Equal(t, c.want, k.Round().Basis)
				return
			}
			requireReason(t, err, "CLOSING_CONDITION_UNMET")
			var e *apierr.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.unmet, e.Metadata()["unmet"])
			require.Equal(t, Resolved, k.State)
		})
	}
}

func TestUnknownBasesAreRefused(t *testing.T) {
	t.Parallel()
	d := newDesk()
	_, err := d.at(t, Resolved).Close(d.as(aManager), Closing{Basis: "FIRST_CONTACT"})
	requireReason(t, err, "CLOSE_BASIS_INVALID")
}

// R201: a complaint is closed with its root cause; what the handler drafted counts.
func TestTheSummaryIsNeeded(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, Resolved)
	_, err := c.Close(d.as(aManager), Closing{Statement: content()})
	requireReason(t, err, "FIELD_INVALID")
	d.now = noon.Add(time.Hour)
	_, err = c.RequestClose(d.as(anAgent), Summary{RootCause: "批次不良", Measures: "抽检"})
	require.NoError(t, err)
	require.True(t, c.Flagged(FlagCloseRequested))
	_, err = c.Close(d.as(aManager), Closing{Statement: content()})
	require.NoError(t, err)
	require.Equal(t, "批次不良", c.Round().Summary.RootCause)
	require.Equal(t, "换件", c.Round().Summary.Solution)
	require.True(t, c.Round().Summary.InTime)
	require.False(t, c.Flagged(FlagCloseRequested))
}

// A hazard is not withdrawn, and closed by the quality supervisor only (architecture.md section 3).
func TestAHazardStaysUntilQualityEndsIt(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, Resolved)
	c.Hazard = &Hazard{Kind: "FIRE"}
	_, err := c.Withdraw(d.as(anAgent), "x")
	requireReason(t, err, "HAZARD_OPEN")
	closing := Closing{Statement: content(), Summary: Summary{RootCause: "x"}}
	_, err = c.Close(d.as(aManager), closing)
	requireReason(t, err, "HAZARD_OPEN")
	_, err = c.Close(d.as(aQuality), closing)
	require.NoError(t, err)
}

func TestSharesAreHundredTogether(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := d.at(t, UnderInvestigation)
	f := found()
	f.Shares = []LiabilityShare{{"DESIGN", 70}, {"LOGISTICS", 20}}
	_, err := c.Conclude(d.as(anInvestigator), f)
	requireReason(t, err, "FIELD_INVALID")
	f.Shares[1].Percent, f.Validity = 30, "AUTHORITY_VERIFIED"
	_, err = c.Conclude(d.as(anInvestigator), f)
	requireReason(t, err, "FIELD_INVALID") // R260: the finding is missing
	f.Authority = &AuthorityFinding{Body: "市场监管局", DocumentNumber: "12"}
	_, err = c.Conclude(d.as(anInvestigator), f)
	require.NoError(t, err)
}

// R259: a complaint may be anonymous; a service request may not.
func TestAnonymousComplaints(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := newComplaint()
	c.Personal.Parties = nil
	_, err := File(d.as(anAgent), c)
	requireReason(t, err, "FIELD_INVALID")
	c.Personal.Parties = []Party{{Roles: PartyRoles, Anonymous: true}}
	_, err = File(d.as(anAgent), c)
	require.NoError(t, err)
	c = newComplaint()
	c.Kind, c.Personal.Parties = ServiceRequest, []Party{{Roles: PartyRoles, Anonymous: true}}
	_, err = File(d.as(anAgent), c)
	requireReason(t, err, "FIELD_INVALID")
}

func TestAPartnerFilesUnderItsOwnPlatform(t *testing.T) {
	t.Parallel()
	d := newDesk()
	c := newComplaint()
	c.ExternalRefs = []ExternalRef{{Platform: "other", AfterSaleID: "A1"}}
	_, err := File(d.as(aPartner), c)
	requireReason(t, err, "FIELD_INVALID")
	c.ExternalRefs = []ExternalRef{{AfterSaleID: "A1"}}
	_, err = File(d.as(aPartner), c)
	require.NoError(t, err)
	ref, ok := c.RefKey()
	require.True(t, ok)
	require.Equal(t, "mall", ref.Platform)
}
