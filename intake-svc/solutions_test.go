package intake

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/platform/auth"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

const hour = time.Hour

func yuan(n int64) *commonv1.Money { return &commonv1.Money{Currency: "CNY", AmountFen: n * 100} }

// dispatchParts has one part in stock; dispatchEngineers one engineer, who works from Monday on.
type dispatchParts struct {
	dispatchv1.UnimplementedPartServiceServer
}

func (dispatchParts) ListParts(_ context.Context, req *dispatchv1.ListPartsRequest) (*dispatchv1.ListPartsResponse, error) {
	if req.GetFilter() != `number="SEAL-1"` {
		return &dispatchv1.ListPartsResponse{}, nil
	}
	return &dispatchv1.ListPartsResponse{Parts: []*dispatchv1.Part{
		{Number: "SEAL-1", DisplayName: "密封圈", Org: brand, Price: yuan(60), Stock: []*dispatchv1.Part_Stock{{OnHand: 1}, {OnHand: 1}}},
		{Number: "SEAL-1", Org: provider, Stock: []*dispatchv1.Part_Stock{{OnHand: 100}}},
	}}, nil
}

type dispatchEngineers struct {
	dispatchv1.UnimplementedEngineerServiceServer
}

func (dispatchEngineers) ListEngineers(context.Context, *dispatchv1.ListEngineersRequest) (*dispatchv1.ListEngineersResponse, error) {
	return &dispatchv1.ListEngineersResponse{Engineers: []*dispatchv1.Engineer{
		{
			Name: "engineers/e1", Org: brand, Active: true, Skills: []*dispatchv1.Skill{{Skill: "WASHER"}}, Territories: []string{"3101"},
			Shifts: []*dispatchv1.Shift{{Weekday: 1, StartMinute: 540, EndMinute: 1080}, {Weekday: 2, StartMinute: 540, EndMinute: 1080}},
			Absences: []*dispatchv1.Absence{{
				Start: timestamppb.New(t0), End: timestamppb.New(t0.Add(36 * hour)), // Monday
			}},
		},
		{Name: "engineers/e2", Org: provider, Active: true, Skills: []*dispatchv1.Skill{{Skill: "*"}}},
	}}, nil
}

func (f *fakeDispatch) ListWorkOrders(_ context.Context, req *dispatchv1.ListWorkOrdersRequest) (*dispatchv1.ListWorkOrdersResponse, error) {
	name := strings.TrimSuffix(strings.TrimPrefix(req.GetFilter(), `case="`), `"`)
	resp := &dispatchv1.ListWorkOrdersResponse{}
	for _, o := range f.orders(name) {
		resp.WorkOrders = append(resp.WorkOrders, &dispatchv1.WorkOrder{
			Name: o.GetName(), CaseNumber: o.GetCaseNumber(), Purpose: o.GetPurpose(), State: dispatchv1.WorkOrder_CONFIRMED,
			Completion: &dispatchv1.Completion{PartsUsed: []*dispatchv1.PartUsed{{Number: "PUMP-9", Quantity: 1}}},
		})
	}
	return resp, nil
}

func (w *world) investigating() *intakev1.Case {
	w.t.Helper()
	c, err := w.cases.StartInvestigation(w.as(investigator), &intakev1.StartInvestigationRequest{Name: w.accepted(complaint()).GetName()})
	require.NoError(w.t, err)
	return c
}

// compensation is proposed for a concluded complaint.
func (w *world) compensation(by auth.Principal, name string, amount int64) (*intakev1.Solution, error) {
	return w.solutions.CreateSolution(w.as(by), &intakev1.CreateSolutionRequest{
		Parent: name, RequestApproval: true,
		Solution: &intakev1.Solution{Kind: "COMPENSATION", Explanation: "赔偿地板损失", Compensation: yuan(amount)},
	})
}

// R129, R130: above the authority it goes up, the customer is told path and time, and nobody approves their own proposal.
func TestCompensationGoesUp(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.concluded()
		s, err := w.compensation(investigator, c.GetName(), 20000)
		require.NoError(t, err)
		require.Equal(t, intakev1.Solution_AWAITING_APPROVAL, s.GetState())
		require.Equal(t, "approver", s.GetApprovalPath())
		require.Equal(t, t0.Add(24*hour), s.GetApprovalDeadline().AsTime())
		_, err = w.solutions.AgreeSolution(w.as(agent), &intakev1.AgreeSolutionRequest{Name: s.GetName()})
		requireReason(t, err, "SOLUTION_STATE_INVALID")
		_, err = w.consent.GetProposal(t.Context(), &intakev1.GetProposalRequest{Token: c.GetProgressToken()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")

		s, err = w.solutions.ApproveSolution(w.as(manager), &intakev1.ApproveSolutionRequest{Name: s.GetName(), Note: "支持"})
		require.NoError(t, err)
		require.Equal(t, intakev1.Solution_AWAITING_APPROVAL, s.GetState(), "a manager's authority is not enough: it goes on up")
		chief := staffOf("users/chief", brand, auth.RoleApprover)
		s, err = w.solutions.ApproveSolution(w.as(chief), &intakev1.ApproveSolutionRequest{Name: s.GetName()})
		require.NoError(t, err)
		require.Equal(t, intakev1.Solution_PROPOSED, s.GetState())
		require.Equal(t, "users/chief", s.GetApprover())
		require.Len(t, s.GetApprovals(), 2)
		w.hasNotice(c.GetName(), "AUTHORITY_NOTICE")

		own, err := w.compensation(manager, c.GetName(), 9000)
		require.NoError(t, err)
		_, err = w.solutions.ApproveSolution(w.as(manager), &intakev1.ApproveSolutionRequest{Name: own.GetName()})
		requireReason(t, err, "APPROVER_NOT_INDEPENDENT")
		refused, err := w.solutions.RefuseSolution(w.as(quality), &intakev1.RefuseSolutionRequest{Name: own.GetName(), Reason: "过高"})
		require.NoError(t, err)
		require.Equal(t, intakev1.Solution_SUPERSEDED, refused.GetState())
	})
}

func (w *world) hasNotice(name, kind string) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		list, err := w.contacts.ListContactAttempts(w.as(agent), &intakev1.ListContactAttemptsRequest{Parent: name})
		require.NoError(w.t, err)
		for _, n := range notices(list) {
			if n == kind {
				return true
			}
		}
		return false
	}, patience, 5*time.Millisecond)
}

func (w *world) tasks(name string) []*intakev1.FinanceTask {
	w.t.Helper()
	list, err := w.finance.ListFinanceTasks(w.as(finance), &intakev1.ListFinanceTasksRequest{Filter: `case="` + name + `"`, OrderBy: "create_time"})
	require.NoError(w.t, err)
	return list.GetFinanceTasks()
}

// R12, R126, R142, R148: a payment is made once: approved by another, exported, confirmed with its number; then the case is resolved.
func TestAPaymentIsMadeOnce(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.concluded()
		s, err := w.compensation(investigator, c.GetName(), 300)
		require.NoError(t, err)
		w.agree(s)
		task := w.tasks(c.GetName())[0]
		require.Equal(t, "COMPENSATION", task.GetKind())
		require.Equal(t, int64(30000), task.GetAmount().GetAmountFen())
		_, err = w.solutions.ConfirmMeasure(w.as(manager), &intakev1.ConfirmMeasureRequest{Name: s.GetName(), MeasureId: "1"})
		requireReason(t, err, "FINANCE_TASK_STATE_INVALID")
		_, err = w.finance.ConfirmFinanceTask(w.as(finance), &intakev1.ConfirmFinanceTaskRequest{Name: task.GetName(), Reference: "P-1"})
		requireReason(t, err, "FINANCE_TASK_STATE_INVALID")
		proposer := staffOf("users/investigator", brand, auth.RoleManager)
		_, err = w.finance.ApproveFinanceTask(w.as(proposer), &intakev1.ApproveFinanceTaskRequest{Name: task.GetName()})
		requireReason(t, err, "APPROVER_NOT_INDEPENDENT")
		_, err = w.finance.ApproveFinanceTask(w.as(providerDesk), &intakev1.ApproveFinanceTaskRequest{Name: task.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")

		_, err = w.finance.ApproveFinanceTask(w.as(manager), &intakev1.ApproveFinanceTaskRequest{Name: task.GetName()})
		require.NoError(t, err)
		file, err := w.finance.ExportFinanceTasks(w.as(finance), &intakev1.ExportFinanceTasksRequest{})
		require.NoError(t, err)
		require.Contains(t, string(file.GetData()), c.GetCaseNumber()+",,COMPENSATION,CNY,300.00,users/investigator,users/manager")
		paid, err := w.finance.ConfirmFinanceTask(w.as(finance), &intakev1.ConfirmFinanceTaskRequest{Name: task.GetName(), Reference: "P-1"})
		require.NoError(t, err)
		require.Equal(t, intakev1.FinanceTask_PAID, paid.GetState())
		require.Equal(t, "RESOLVED", w.state(c.GetName()))
		_, err = w.finance.ConfirmFinanceTask(w.as(finance), &intakev1.ConfirmFinanceTaskRequest{Name: task.GetName(), Reference: "P-2"})
		requireReason(t, err, "FINANCE_TASK_STATE_INVALID")

		other := w.concluded()
		s, err = w.compensation(investigator, other.GetName(), 100)
		require.NoError(t, err)
		w.agree(s)
		task = w.tasks(other.GetName())[0]
		_, err = w.finance.ApproveFinanceTask(w.as(manager), &intakev1.ApproveFinanceTaskRequest{Name: task.GetName()})
		require.NoError(t, err)
		_, err = w.finance.ConfirmFinanceTask(w.as(finance), &intakev1.ConfirmFinanceTaskRequest{Name: task.GetName(), Reference: "P-1"})
		requireReason(t, err, "PAYMENT_REFERENCE_USED")
		require.Equal(t, "SOLUTION_AGREED", w.state(other.GetName()), "nothing is half done")
	})
}

// A refund that the platform has paid blocks ours; a later one is refused (process.md, "platform steps in").
func TestThePlatformsRefundBlocksOurs(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.concluded()
		refund := &intakev1.CreateSolutionRequest{Parent: c.GetName(), Solution: &intakev1.Solution{
			Measures:    []*intakev1.Measure{{Kind: "REFUND_DIFFERENCE", Amount: yuan(100)}, {Kind: "VOUCHER", Amount: yuan(20)}},
			Explanation: "退差价并送券",
		}}
		s, err := w.solutions.CreateSolution(w.as(investigator), refund)
		require.NoError(t, err)
		w.agree(s)
		require.Len(t, w.tasks(c.GetName()), 2)
		got, err := w.finance.RecordPlatformRefund(w.as(agent), &intakev1.RecordPlatformRefundRequest{Name: c.GetName(), Amount: yuan(100), Reference: "TB-1"})
		require.NoError(t, err)
		require.Equal(t, intakev1.Case_SOLUTION_AGREED, got.GetState())
		states := map[string]string{}
		for _, task := range w.tasks(c.GetName()) {
			states[task.GetKind()] = task.GetState().String()
		}
		require.Equal(t, map[string]string{"REFUND": "BLOCKED", "COUPON": "PENDING"}, states)
		for _, task := range w.tasks(c.GetName()) {
			if task.GetKind() == "REFUND" {
				_, err = w.finance.ApproveFinanceTask(w.as(manager), &intakev1.ApproveFinanceTaskRequest{Name: task.GetName()})
				requireReason(t, err, "FINANCE_TASK_STATE_INVALID")
			}
		}
		other := w.concluded()
		_, err = w.finance.RecordPlatformRefund(w.as(agent), &intakev1.RecordPlatformRefundRequest{Name: other.GetName(), Amount: yuan(100), Reference: "TB-2"})
		require.NoError(t, err)
		refund.Parent = other.GetName()
		_, err = w.solutions.CreateSolution(w.as(investigator), refund)
		requireReason(t, err, "PLATFORM_REFUNDED")
	})
}

// R134, R151: the customer reads the proposal behind the progress link and agrees there.
func TestConsentByLink(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.concluded()
		s, err := w.solutions.CreateSolution(w.as(investigator), &intakev1.CreateSolutionRequest{Parent: c.GetName(), Solution: &intakev1.Solution{
			Kind: "REPLACE_PART", Explanation: "更换密封圈", Timetable: "两天内", Fee: yuan(80),
		}})
		require.NoError(t, err)
		p, err := w.consent.GetProposal(t.Context(), &intakev1.GetProposalRequest{Token: c.GetProgressToken()})
		require.NoError(t, err)
		require.Equal(t, int64(8000), p.GetFee().GetAmountFen())
		require.Equal(t, s.GetName(), p.GetSolution())
		_, err = w.consent.AgreeProposal(t.Context(), &intakev1.AgreeProposalRequest{Token: strings.Repeat("A", 43), Solution: s.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		p, err = w.consent.AgreeProposal(t.Context(), &intakev1.AgreeProposalRequest{Token: c.GetProgressToken(), Solution: s.GetName(), RequestId: "a1"})
		require.NoError(t, err)
		require.Equal(t, intakev1.Solution_AGREED, p.GetState())
		kept, err := w.solutions.GetSolution(w.as(investigator), &intakev1.GetSolutionRequest{Name: s.GetName()})
		require.NoError(t, err)
		require.Equal(t, "LINK", kept.GetConsent().GetMethod())
		_, err = w.consent.DeclineProposal(t.Context(), &intakev1.DeclineProposalRequest{Token: c.GetProgressToken(), Solution: s.GetName(), Reason: "x"})
		requireReason(t, err, "SOLUTION_STATE_INVALID")
	})
}

// R99, R102, R103, R106: given to a team by class and complexity, or to a person; what is found is a record, for those concerned only.
func TestAssignmentAndRecords(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		in := complaint()
		in.ComplainedAbout = []string{"users/involved"}
		c := w.accepted(in)
		got, err := w.inquiry.AssignInvestigator(w.as(manager), &intakev1.AssignInvestigatorRequest{Name: c.GetName()})
		require.NoError(t, err)
		require.Equal(t, "after-sales", got.GetAssignedTeam())
		_, err = w.inquiry.AssignInvestigator(w.as(manager), &intakev1.AssignInvestigatorRequest{Name: c.GetName(), Investigator: "users/involved"})
		requireReason(t, err, "INVESTIGATOR_NOT_INDEPENDENT")
		got, err = w.inquiry.AssignInvestigator(w.as(manager), &intakev1.AssignInvestigatorRequest{Name: c.GetName(), Investigator: "users/investigator"})
		require.NoError(t, err)
		require.Equal(t, "users/investigator", got.GetAssignedInvestigator())
		_, err = w.cases.StartInvestigation(w.as(investigator), &intakev1.StartInvestigationRequest{Name: c.GetName()})
		require.NoError(t, err)
		record := &intakev1.InvestigationRecord{Kind: intakev1.InvestigationRecord_ENGINEER_TALK, Text: "师傅称已更换密封圈", Person: "李师傅", Channel: "HOTLINE"}
		_, err = w.inquiry.CreateInvestigationRecord(w.as(investigator), &intakev1.CreateInvestigationRecordRequest{Parent: c.GetName(), InvestigationRecord: record})
		require.NoError(t, err)
		involved := staffOf("users/involved", brand, auth.RoleInvestigator)
		_, err = w.inquiry.CreateInvestigationRecord(w.as(involved), &intakev1.CreateInvestigationRecordRequest{Parent: c.GetName(), InvestigationRecord: record})
		requireReason(t, err, "INVESTIGATOR_NOT_INDEPENDENT")
		for who, text := range map[*auth.Principal]string{&investigator: "师傅称已更换密封圈", &otherAgent: ""} {
			list, err := w.inquiry.ListInvestigationRecords(w.as(*who), &intakev1.ListInvestigationRecordsRequest{Parent: c.GetName()})
			require.NoError(t, err)
			require.Len(t, list.GetInvestigationRecords(), 1)
			require.Equal(t, text, list.GetInvestigationRecords()[0].GetText())
		}
	})
}

// R100, R101, R115: work orders and parts of this and earlier cases become records, once; earlier doubtful complaints are flagged.
func TestInternalRecordsArePulled(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		earlier, _ := w.inService()
		doubted := w.accepted(complaint())
		_, err := w.inquiry.RejectCase(w.as(manager), &intakev1.RejectCaseRequest{Name: doubted.GetName(), Explanation: "与事实不符"})
		require.NoError(t, err)
		c := w.investigating()
		got, err := w.inquiry.PullInternalRecords(w.as(investigator), &intakev1.PullInternalRecordsRequest{Name: c.GetName()})
		require.NoError(t, err)
		var texts []string
		for _, r := range got.GetInvestigationRecords() {
			texts = append(texts, r.GetText())
		}
		require.Len(t, texts, 3)
		require.Contains(t, strings.Join(texts, "\n"), "part PUMP-9 x1")
		require.Contains(t, strings.Join(texts, "\n"), earlier.GetCaseNumber())
		again, err := w.inquiry.PullInternalRecords(w.as(investigator), &intakev1.PullInternalRecordsRequest{Name: c.GetName()})
		require.NoError(t, err)
		require.Empty(t, again.GetInvestigationRecords())
		flags := w.get(c.GetName()).GetFlags()
		require.Equal(t, "EARLIER_DOUBTFUL", flags[len(flags)-1].GetCode())
		require.Contains(t, flags[len(flags)-1].GetReason(), doubted.GetCaseNumber())
	})
}

// R105, R107: a visit to look needs consent or policy, changes no state, and does not end the case.
func TestInspection(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.investigating()
		order := &intakev1.OrderInspectionRequest{Name: c.GetName(), Instruction: "检查运行状态与外观"}
		_, err := w.inquiry.OrderInspection(w.as(investigator), order)
		requireReason(t, err, "CONSENT_REQUIRED")
		order.Consent = &intakev1.ConsentRecord{Person: "王小明", Note: "电话同意", Channel: "HOTLINE"}
		_, err = w.inquiry.OrderInspection(w.as(investigator), order)
		require.NoError(t, err)
		w.dispatch.called(t)
		made := w.dispatch.orders(c.GetName())[0]
		require.Equal(t, dispatchv1.WorkOrder_INSPECT, made.GetPurpose())
		require.Equal(t, "检查运行状态与外观", made.GetInstruction())
		w.deliver(&eventv1.WorkOrderChanged{
			WorkOrder: made.GetName(), Case: c.GetName(), State: "CONFIRMED", Outcome: "NO_FAULT_FOUND", Round: 1, Purpose: "INSPECT",
			Step: &commonv1.Step{Event: "WORK_ORDER_CONFIRMED", Actor: "users/engineer", OccurredUs: w.clock.Now().UnixMicro()},
		}, "aftersales/dispatch", c.GetName(), w.dispatch.next())
		got := w.get(c.GetName())
		require.Equal(t, intakev1.Case_UNDER_INVESTIGATION, got.GetState())
		require.Equal(t, []string{made.GetName()}, got.GetInspections())
		require.Contains(t, w.eventNames(c.GetName()), "INSPECTION_ENDED")
	})
}

// R112, R114: a refusal is explained, and the written decision is printed, kept and told.
func TestDecisionInWriting(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.investigating()
		_, err := w.inquiry.GetDecisionNotice(w.as(investigator), &intakev1.GetDecisionNoticeRequest{Name: c.GetName()})
		requireReason(t, err, "DECISION_OPEN")
		w.conclude(c.GetName())
		page, err := w.inquiry.GetDecisionNotice(w.as(investigator), &intakev1.GetDecisionNoticeRequest{Name: c.GetName()})
		require.NoError(t, err)
		for _, want := range []string{"投诉处理决定书", c.GetCaseNumber(), "投诉成立", "密封圈破裂", "王小明"} {
			require.Contains(t, string(page.GetData()), want)
		}
		page, err = w.inquiry.GetDecisionNotice(w.as(otherAgent), &intakev1.GetDecisionNoticeRequest{Name: c.GetName(), LanguageCode: "en"})
		require.NoError(t, err)
		require.Contains(t, string(page.GetData()), "Your complaint is upheld")
		require.NotContains(t, string(page.GetData()), "王小明", "who is not concerned is not told the name")

		kept, err := w.inquiry.IssueDecisionNotice(w.as(manager), &intakev1.IssueDecisionNoticeRequest{Name: c.GetName()})
		require.NoError(t, err)
		file, err := w.evidence.DownloadEvidence(w.as(investigator), &intakev1.DownloadEvidenceRequest{Name: kept.GetName()})
		require.NoError(t, err)
		require.Len(t, file.GetData(), int(kept.GetSizeBytes()))
		w.hasNotice(c.GetName(), "DECISION_NOTICE")

		got, err := w.inquiry.RejectCase(w.as(manager), &intakev1.RejectCaseRequest{Name: c.GetName(), Explanation: "经查与我方无关"})
		require.NoError(t, err)
		require.Equal(t, intakev1.Case_REJECTED, got.GetState())
		require.Equal(t, "经查与我方无关", got.GetRejectExplanation())
		w.hasNotice(c.GetName(), "REJECTION")
		page, err = w.inquiry.GetDecisionNotice(w.as(investigator), &intakev1.GetDecisionNoticeRequest{Name: c.GetName()})
		require.NoError(t, err)
		require.Contains(t, string(page.GetData()), "未获支持")
	})
}

// R116, R129, R144: a small matter is settled at once within the authority, with the customer's word; legal risk is a flag with its reason.
func TestSettleAndRisk(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.accepted(complaint())
		settle := &intakev1.SettleCaseRequest{Name: c.GetName(), Kind: "VOUCHER", Explanation: "送五十元券", Amount: yuan(50), Consent: &intakev1.ConsentRecord{Channel: "HOTLINE"}}
		_, err := w.inquiry.SettleCase(w.as(agent), settle)
		requireReason(t, err, "CONSENT_REQUIRED")
		settle.Consent.Note = "客户接受"
		settle.Amount = yuan(201)
		_, err = w.inquiry.SettleCase(w.as(agent), settle)
		requireReason(t, err, "AUTHORITY_EXCEEDED")
		settle.Amount = yuan(501)
		_, err = w.inquiry.SettleCase(w.as(manager), settle)
		requireReason(t, err, "AUTHORITY_EXCEEDED")
		flagged, err := w.inquiry.FlagRisk(w.as(agent), &intakev1.FlagRiskRequest{Name: c.GetName(), Risk: intakev1.FlagRiskRequest_LEGAL_ACTION, Reason: "客户称已聘律师"})
		require.NoError(t, err)
		require.Equal(t, "客户称已聘律师", flagged.GetFlags()[0].GetReason())
		settle.Amount = yuan(50)
		got, err := w.inquiry.SettleCase(w.as(agent), settle)
		require.NoError(t, err)
		require.Equal(t, intakev1.Case_SOLUTION_AGREED, got.GetState())
		require.Len(t, w.tasks(c.GetName()), 1)

		training := w.accepted(complaint())
		settle.Name, settle.Kind, settle.Amount = training.GetName(), "TRAINING", nil
		got, err = w.inquiry.SettleCase(w.as(agent), settle)
		require.NoError(t, err)
		require.Equal(t, intakev1.Case_RESOLVED, got.GetState(), "what was done in the same contact is done") // R138
		settle.Name, settle.Kind = w.accepted(complaint()).GetName(), "REPAIR"
		_, err = w.inquiry.SettleCase(w.as(agent), settle)
		requireReason(t, err, "FIELD_INVALID")
	})
}

// R121, R131-R133, R136: what can be done is asked of dispatch, and what it costs follows the warranty.
func TestFeasibilityAndFee(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.investigating()
		ask := &intakev1.CheckFeasibilityRequest{
			Name: c.GetName(), OnSite: true, RequiredSkills: []string{"WASHER"}, Parts: []*intakev1.SolutionPart{{PartNumber: "SEAL-1", Quantity: 2}},
		}
		f, err := w.feasibility.CheckFeasibility(w.as(investigator), ask)
		require.NoError(t, err)
		require.True(t, f.GetFeasible(), "%v", f)
		require.Equal(t, int64(2), f.GetParts()[0].GetInStock(), "another organisation's stock is not ours")
		require.Equal(t, int32(1), f.GetEngineers())
		require.Equal(t, time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC), f.GetEarliestTime().AsTime(), "Tuesday 09:00, for Monday is away")
		ask.Parts[0].Quantity, ask.RequiredSkills = 3, []string{"GAS"}
		f, err = w.feasibility.CheckFeasibility(w.as(investigator), ask)
		require.NoError(t, err)
		require.False(t, f.GetFeasible())
		require.Len(t, f.GetExplanation(), 2)

		quote := &intakev1.QuoteFeeRequest{Name: c.GetName(), OnSite: true, Parts: []*intakev1.SolutionPart{{PartNumber: "SEAL-1", Quantity: 2}}}
		q, err := w.feasibility.QuoteFee(w.as(investigator), quote)
		require.NoError(t, err)
		require.True(t, q.GetInWarranty())
		require.Equal(t, []int64{25000, 0}, []int64{q.GetTotal().GetAmountFen(), q.GetPayable().GetAmountFen()})
		old := complaint()
		old.Product.PurchaseDate = "2020-03-01"
		quote.Name = w.accepted(old).GetName()
		q, err = w.feasibility.QuoteFee(w.as(investigator), quote)
		require.NoError(t, err)
		require.Equal(t, []int64{25000, 25000}, []int64{q.GetTotal().GetAmountFen(), q.GetPayable().GetAmountFen()})
	})
}

// R143: a guarantee fixes the compensation in advance; it needs no further authority, and is exactly what it says.
func TestGuarantee(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		rule, err := w.rules.CreateGuaranteeRule(w.as(manager), &intakev1.CreateGuaranteeRuleRequest{GuaranteeRule: &intakev1.GuaranteeRule{
			ContentClass: "REPAIR_QUALITY", Promise: "一个月内同一故障再修赔 800 元", Kind: "COMPENSATION", Amount: yuan(800),
		}})
		require.NoError(t, err)
		c := w.concluded()
		list, err := w.rules.ListCaseGuarantees(w.as(agent), &intakev1.ListCaseGuaranteesRequest{Name: c.GetName()})
		require.NoError(t, err)
		require.Equal(t, rule.GetName(), list.GetGuaranteeRules()[0].GetName())
		in := &intakev1.CreateSolutionRequest{Parent: c.GetName(), Solution: &intakev1.Solution{
			Kind: "COMPENSATION", Explanation: "按服务保证赔付", Compensation: yuan(900), Guarantee: rule.GetName(),
		}}
		_, err = w.solutions.CreateSolution(w.as(investigator), in)
		requireReason(t, err, "FIELD_INVALID")
		in.Solution.Compensation = yuan(800)
		s, err := w.solutions.CreateSolution(w.as(investigator), in)
		require.NoError(t, err)
		require.Equal(t, intakev1.Solution_PROPOSED, s.GetState(), "above the investigator's limit of 500, fixed by the guarantee")
	})
}
