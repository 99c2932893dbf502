package intake

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/auth"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

var (
	support   = staffOf("users/support", brand, auth.RoleTechnicalSupport)
	callTaker = staffOf("users/taker", brand, auth.RoleCallTaker)
)

// R68-R73: fault values and reasons of an equipment, operation, service and support complaint are codes of the shipped table, in both languages.
func TestShippedCauses(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		list, err := w.codes.ListCodes(w.as(agent), &intakev1.ListCodesRequest{Filter: `axis="CAUSE"`, PageSize: 1000})
		require.NoError(t, err)
		labels := map[string]string{}
		for _, c := range list.GetCodes() {
			require.NotEmpty(t, c.GetLabelEn())
			labels[c.GetCode()] = c.GetLabelZh()
		}
		for code, label := range map[string]string{
			"UNSTABLE_SPEED": "转速不稳定", "NOISE": "噪音过大", "TEMPERATURE_CONTROL": "温控失效", // R68
			"WEAR": "磨损老化", "OPERATION": "", // R69
			"MAINTENANCE": "维护不足",                         // R70
			"UNTRAINED":   "操作人员未经培训", "MISUSE": "使用方法不当", // R71
			"LATE_RESPONSE": "响应不及时", "UNPROFESSIONAL_REPAIR": "维修不专业", "UNSOLVED": "问题未解决", // R72
			"NO_SUPPORT": "未获有效支持", // R73
		} {
			require.Contains(t, labels, code)
			if label != "" {
				require.Equal(t, label, labels[code])
			}
		}
		for _, cause := range []string{"UNSTABLE_SPEED", "MAINTENANCE", "UNTRAINED", "LATE_RESPONSE", "NO_SUPPORT"} {
			c := w.accepted(complaint())
			_, err := w.cases.StartInvestigation(w.as(support), &intakev1.StartInvestigationRequest{Name: c.GetName()})
			require.NoError(t, err)
			got, err := w.cases.ConcludeInvestigation(w.as(support), &intakev1.ConcludeInvestigationRequest{
				Name: c.GetName(), Cause: cause, Liability: "NO_FAULT_FOUND", Pattern: "ISOLATED", Findings: "x",
			})
			require.NoError(t, err)
			require.Equal(t, labels[cause], got.GetInvestigation().GetConclusion().GetCauseLabel())
		}
	})
}

// R13, R78, R79: the intake staff hand an equipment fault over to technical support, who diagnose it first: cause, severity and scope are kept.
func TestHandedOverForDiagnosis(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c, err := w.cases.AcceptCase(w.as(callTaker), &intakev1.AcceptCaseRequest{
			Name: w.file(callTaker, complaint()).GetName(), ContentClass: "EQUIPMENT_FAULT", Severity: "MAJOR", Scope: "BATCH", ProblemNature: "HARDWARE",
		})
		require.NoError(t, err)
		require.Equal(t, "technical_support", c.GetRoute())
		require.Equal(t, []string{"MAJOR", "BATCH", "HARDWARE", "HIGH"}, []string{c.GetSeverity(), c.GetScope(), c.GetProblemNature(), c.GetUrgency()})
		items, err := w.custody.ListWorkItems(w.as(support), &intakev1.ListWorkItemsRequest{})
		require.NoError(t, err)
		require.Equal(t, c.GetName(), items.GetWorkItems()[0].GetCase())
		require.Equal(t, "START_INVESTIGATION", items.GetWorkItems()[0].GetStep())
	})
}

// R8: customer service, technical support and the service manager take part in one investigation, each by name.
func TestSeveralRolesInvestigate(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.accepted(complaint())
		_, err := w.cases.StartInvestigation(w.as(support), &intakev1.StartInvestigationRequest{Name: c.GetName()})
		require.NoError(t, err)
		for _, who := range []auth.Principal{agent, support, manager} {
			r, err := w.inquiry.CreateInvestigationRecord(w.as(who), &intakev1.CreateInvestigationRecordRequest{
				Parent: c.GetName(), InvestigationRecord: &intakev1.InvestigationRecord{Kind: intakev1.InvestigationRecord_FINDING, Text: "核对维修记录"},
			})
			require.NoError(t, err)
			require.Equal(t, who.Subject, r.GetRecorder())
		}
	})
}

// R110: an operation complaint is looked into by the machine's record of use and a talk with the customer, before the cause is an operating mistake.
func TestAnOperationComplaintIsAnalysed(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c, err := w.cases.AcceptCase(w.as(agent), &intakev1.AcceptCaseRequest{Name: w.file(agent, complaint()).GetName(), ContentClass: "OPERATION"})
		require.NoError(t, err)
		_, err = w.cases.StartInvestigation(w.as(support), &intakev1.StartInvestigationRequest{Name: c.GetName()})
		require.NoError(t, err)
		for kind, text := range map[intakev1.InvestigationRecord_Kind]string{
			intakev1.InvestigationRecord_FINDING: "使用记录显示连续超载 12 次", intakev1.InvestigationRecord_CUSTOMER_CONTACT: "客户确认一次放入两床被子",
		} {
			_, err = w.inquiry.CreateInvestigationRecord(w.as(support), &intakev1.CreateInvestigationRecordRequest{
				Parent: c.GetName(), InvestigationRecord: &intakev1.InvestigationRecord{Kind: kind, Text: text, Channel: "OUTBOUND_CALL"},
			})
			require.NoError(t, err)
		}
		got, err := w.cases.ConcludeInvestigation(w.as(support), &intakev1.ConcludeInvestigationRequest{
			Name: c.GetName(), Cause: "MISUSE", Liability: "CUSTOMER_MISUSE", Pattern: "ISOLATED", Findings: "超载",
		})
		require.NoError(t, err)
		require.Equal(t, "MISUSE", got.GetInvestigation().GetConclusion().GetCause())
	})
}

// R15, R113: a true complaint is answered by corrective action: the quality supervisor concludes, proposes it at once and issues the decision.
func TestTheQualitySupervisorActs(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.accepted(complaint())
		_, err := w.cases.StartInvestigation(w.as(quality), &intakev1.StartInvestigationRequest{Name: c.GetName()})
		require.NoError(t, err)
		got, err := w.cases.ConcludeInvestigation(w.as(quality), &intakev1.ConcludeInvestigationRequest{
			Name: c.GetName(), Cause: "PART", Liability: "DEFECTIVE_PART", Pattern: "COMMON", Upheld: true, Findings: "密封圈批次不良",
		})
		require.NoError(t, err)
		require.True(t, got.GetInvestigation().GetConclusion().GetUpheld())
		s, err := w.solutions.CreateSolution(w.as(quality), &intakev1.CreateSolutionRequest{
			Parent: c.GetName(), Solution: &intakev1.Solution{Kind: "REPLACE_PART", Explanation: "免费更换改进型密封圈", Timetable: "两个工作日内"},
		})
		require.NoError(t, err)
		require.Equal(t, quality.Subject, s.GetProposer())
		_, err = w.inquiry.IssueDecisionNotice(w.as(quality), &intakev1.IssueDecisionNoticeRequest{Name: c.GetName()})
		require.NoError(t, err)
		w.untilEvent(c.GetName(), "DECISION_ISSUED")
	})
}

// R10, R200: who handled it asks for the closing, the responsible manager confirms it, and the summary tells how long each step took.
func TestTheClosingTellsTimeliness(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.file(agent, complaint())
		w.clock.Advance(20 * time.Minute)
		_, err := w.cases.AcceptCase(w.as(agent), &intakev1.AcceptCaseRequest{Name: c.GetName(), ContentClass: "REPAIR_QUALITY"})
		require.NoError(t, err)
		_, err = w.cases.StartInvestigation(w.as(investigator), &intakev1.StartInvestigationRequest{Name: c.GetName()})
		require.NoError(t, err)
		w.conclude(c.GetName())
		s := w.propose(c.GetName(), "EXPLANATION")
		w.agree(s)
		require.Eventually(t, func() bool { return w.state(c.GetName()) == "RESOLVED" }, patience, 20*time.Millisecond)
		_, err = w.cases.RequestCaseClose(w.as(agent), &intakev1.RequestCaseCloseRequest{Name: c.GetName(), Summary: &intakev1.ClosingSummary{RootCause: "密封圈破裂"}})
		require.NoError(t, err)
		closing := &intakev1.CloseCaseRequest{Name: c.GetName(), Statement: &intakev1.CustomerStatement{Solved: true, Satisfied: true, Channel: "HOTLINE", Note: "满意"}}
		_, err = w.cases.CloseCase(w.as(agent), closing)
		requireReason(t, err, "PERMISSION_DENIED")
		done, err := w.cases.CloseCase(w.as(manager), closing)
		require.NoError(t, err)
		sum := done.GetClosingSummary()
		require.Equal(t, manager.Subject, sum.GetApprover())
		require.EqualValues(t, 20*60, sum.GetAcceptSeconds())
		require.GreaterOrEqual(t, sum.GetResolveSeconds(), sum.GetAcceptSeconds())
		require.True(t, sum.GetInTime())
	})
}

// R11: what is missed goes up to the superior's work list, by the ladder of the policy.
func TestWhatIsMissedGoesUp(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.file(agent, complaint())
		w.clock.Advance(10 * 24 * time.Hour)
		w.untilEvent(c.GetName(), "ESCALATED")
		for _, e := range w.entries(c.GetName()) {
			if e.GetEvent() == "ESCALATED" {
				require.Contains(t, []string{"manager", "quality"}, e.GetFacts()["role"])
			}
		}
	})
}

// R51, R160, R194: registered at once under its number, promised a first word, and the customer may know all of it by the link.
func TestTheCustomerMayKnow(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.file(agent, complaint())
		require.NotEmpty(t, c.GetCaseNumber())
		found, err := w.cases.ListCases(w.as(agent), &intakev1.ListCasesRequest{Filter: `case_number = "` + c.GetCaseNumber() + `"`})
		require.NoError(t, err)
		require.Equal(t, c.GetProblem(), found.GetCases()[0].GetProblem())
		require.True(t, slices.ContainsFunc(c.GetClocks(), func(k *intakev1.Clock) bool { return k.GetCode() == "RESPOND" && k.GetDueTime() != nil }))
		p, err := w.progress.GetProgress(t.Context(), &intakev1.GetProgressRequest{Token: c.GetProgressToken()})
		require.NoError(t, err)
		require.Equal(t, c.GetCaseNumber(), p.GetCaseNumber())
		require.NotEmpty(t, p.GetStateLabel())
		require.NotEmpty(t, p.GetPlannedSteps())
	})
}

// R50, R141, R187: where conduct cannot be code it is a text at its step: the checklist of the fields when it is registered, fairness when a solution
// is proposed, plain words when anybody writes to the customer.
func TestConductIsToldAtItsStep(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		list, err := w.templates.ListTemplates(w.as(agent), &intakev1.ListTemplatesRequest{PageSize: 1000})
		require.NoError(t, err)
		steps := map[string][]string{}
		for _, text := range list.GetTemplates() {
			for _, row := range text.GetRows() {
				steps[row] = append(steps[row], text.GetSteps()...)
			}
		}
		for row, step := range map[string]string{"R50": "FIRST_CONTACT", "R141": "PROPOSAL", "R187": "PROPOSAL", "R110": "INVESTIGATION", "R194": "FIRST_CONTACT"} {
			require.Contains(t, steps[row], step, row)
		}
	})
}
