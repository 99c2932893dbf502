package intake

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/aftersales-suite/aftersales/platform/auth"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// someCustomer is a customer of nobody else's case.
func someCustomer(phone string) *intakev1.Customer {
	return &intakev1.Customer{DisplayName: "何川", Phone: phone}
}

func (w *world) filed(c *intakev1.Case, phone, serial string) *intakev1.Case {
	w.t.Helper()
	c.Customer, c.Product.SerialNumber = someCustomer(phone), serial
	return w.file(agent, c)
}

func (w *world) acceptAs(name, class, urgency string) *intakev1.Case {
	w.t.Helper()
	c, err := w.cases.AcceptCase(w.as(agent), &intakev1.AcceptCaseRequest{Name: name, ContentClass: class, Urgency: urgency})
	require.NoError(w.t, err)
	return c
}

func flagCodes(c *intakev1.Case) (all []string) {
	for _, f := range c.GetFlags() {
		all = append(all, f.GetCode())
	}
	return all
}

// R55, R56, R262: what is missing is asked for; the filing partner and the holder of the link may tell it, nobody else.
func TestMissingInformation(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		filed := w.file(mall, &intakev1.Case{Kind: intakev1.Case_COMPLAINT, Channel: "PARTNER_PLATFORM", Customer: someCustomer("13911110001"), Problem: "坏了"})
		got, err := w.first.CheckCompleteness(w.as(agent), &intakev1.CheckCompletenessRequest{Name: filed.GetName()})
		require.NoError(t, err)
		require.False(t, got.GetComplete())
		levels := map[string]intakev1.Gap_Level{}
		for _, g := range got.GetGaps() {
			levels[g.GetField()] = g.GetLevel()
		}
		require.Equal(t, intakev1.Gap_MISSING, levels["order"])
		require.Equal(t, intakev1.Gap_VAGUE, levels["problem"])
		require.Equal(t, intakev1.Gap_MISSING, levels["evidence_answer"])
		require.NotContains(t, got.GetReadBack(), "13911110001", "an agent without relation sees the phone masked")

		asked := &intakev1.RequestInfoRequest{Name: filed.GetName(), Fields: []string{"model"}, RequestId: uuid.NewString()}
		first, err := w.first.RequestInfo(w.as(agent), asked)
		require.NoError(t, err)
		again, err := w.first.RequestInfo(w.as(agent), asked)
		require.NoError(t, err)
		require.Equal(t, first.GetEtag(), again.GetEtag(), "a repeat changes nothing")
		_, err = w.first.RequestInfo(w.as(agent), &intakev1.RequestInfoRequest{Name: filed.GetName(), Fields: []string{"colour"}})
		requireReason(t, err, "FIELD_INVALID")

		told := &intakev1.Supplement{Product: &intakev1.Product{Model: "XQG100"}, EvidenceAnswer: intakev1.Case_NONE_OFFERED}
		_, err = w.first.SupplementCase(w.as(providerDesk), &intakev1.SupplementCaseRequest{Name: filed.GetName(), Supplement: told})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		c, err := w.first.SupplementCase(w.as(mall), &intakev1.SupplementCaseRequest{Name: filed.GetName(), Supplement: told})
		require.NoError(t, err)
		require.Equal(t, intakev1.Case_NONE_OFFERED, c.GetEvidenceAnswer())
		require.NotNil(t, c.GetInfoRequest().GetAnswerTime())
		require.NotContains(t, flagCodes(c), "WAITING_FOR_CUSTOMER")

		link := &intakev1.SupplementByProgressRequest{Token: filed.GetProgressToken(), RequestId: uuid.NewString(), Supplement: &intakev1.Supplement{
			Statement: "脱水时漏水", Customer: &intakev1.Customer{Phone: "10086"},
		}}
		_, err = w.byLink.SupplementByProgress(t.Context(), link)
		require.NoError(t, err)
		c = w.get(filed.GetName())
		require.NotEqual(t, "10086", c.GetCustomer().GetPhone(), "contact data is not changed by the link")
		_, err = w.byLink.SupplementByProgress(t.Context(), &intakev1.SupplementByProgressRequest{Token: "AAAA", Supplement: link.GetSupplement()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
	})
}

// R57-R67, R92: schemes are an organisation's choice; one primary class, several others.
func TestSchemesAndClasses(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		_, err := w.classes.ActivateScheme(w.as(admin), &intakev1.ActivateSchemeRequest{Name: "schemes/appliance"})
		require.NoError(t, err)
		name := w.filed(complaint(), "13911110002", "SN-A").GetName()
		accept := func(class string, others ...string) (*intakev1.Case, error) {
			return w.cases.AcceptCase(w.as(agent), &intakev1.AcceptCaseRequest{Name: name, ContentClass: class, SecondaryClasses: others})
		}
		_, err = accept("OPERATION")
		requireReason(t, err, "SCHEME_INACTIVE")
		_, err = accept("PARTS", "PARTS")
		requireReason(t, err, "FIELD_INVALID")
		c, err := accept("PARTS", "FEE", "ATTITUDE")
		require.NoError(t, err)
		require.Equal(t, "EQUIPMENT", c.GetCommonClass())
		_, err = w.classes.DeactivateScheme(w.as(admin), &intakev1.DeactivateSchemeRequest{Name: "schemes/appliance"})
		requireReason(t, err, "SCHEME_LAST")
		_, err = w.classes.ActivateScheme(w.as(admin), &intakev1.ActivateSchemeRequest{Name: "schemes/none"})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
	})
}

// R57, R98: the text suggests, with the characters it rests on.
func TestSuggestions(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := complaint()
		c.Problem, c.Expectation = "师傅态度恶劣,修了三次没修好", "要求退款并道歉"
		got, err := w.classes.SuggestClassification(w.as(agent), &intakev1.SuggestClassificationRequest{Name: w.file(agent, c).GetName()})
		require.NoError(t, err)
		text := c.GetProblem() + "\n" + c.GetExpectation()
		for _, code := range got.GetCodes() {
			for _, span := range code.GetSpans() {
				require.Equal(t, span.GetText(), text[span.GetStart():span.GetEnd()])
			}
		}
		require.Contains(t, got.GetMotives(), "REDRESS_MORAL")
		require.Contains(t, got.GetMotives(), "REDRESS_MATERIAL")
		require.NotEmpty(t, got.GetDemands())
		require.Equal(t, "HIGH", got.GetUrgency())
	})
}

// R63, R74-R76, R80: rules route and raise, are explained, tried before they are kept, and an organisation's own alone.
func TestDecisionRules(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.acceptAs(w.filed(complaint(), "13911110003", "SN-R").GetName(), "PARTS", "LOW")
		require.Equal(t, "investigator", c.GetRoute())
		require.Contains(t, c.GetRuleMatches()[0].GetExplanation(), `case.content_class = "PARTS"`)

		rule := &intakev1.Rule{
			Code: "leaks", Kind: intakev1.Rule_PRIORITY, TitleZh: "漏水", TitleEn: "leaks", Expression: `case.problem.contains("漏水")`,
			Outcome: map[string]string{"urgency": "CRITICAL"}, Rank: 1,
		}
		tried, err := w.decisions.DryRun(w.as(admin), &intakev1.DryRunRequest{Rule: rule})
		require.NoError(t, err)
		require.Equal(t, int32(1), tried.GetMatched())
		require.Equal(t, "LOW", w.get(c.GetName()).GetUrgency(), "a dry run changes nothing")
		kept, err := w.decisions.CreateRule(w.as(admin), &intakev1.CreateRuleRequest{Rule: rule})
		require.NoError(t, err)
		_, err = w.decisions.CreateRule(w.as(admin), &intakev1.CreateRuleRequest{Rule: rule})
		requireReason(t, err, "RULE_EXISTS")
		require.Equal(t, "CRITICAL", w.acceptAs(w.filed(complaint(), "13911110004", "SN-R4").GetName(), "PARTS", "LOW").GetUrgency())

		kept.Active = false
		off, err := w.decisions.UpdateRule(w.as(admin), &intakev1.UpdateRuleRequest{Rule: kept, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"active"}}})
		require.NoError(t, err)
		require.False(t, off.GetActive())
		_, err = w.decisions.UpdateRule(w.as(admin), &intakev1.UpdateRuleRequest{Rule: kept, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"active"}}})
		requireReason(t, err, "ETAG_STALE")
		require.Equal(t, "LOW", w.acceptAs(w.filed(complaint(), "13911110005", "SN-R5").GetName(), "PARTS", "LOW").GetUrgency())

		_, err = w.decisions.GetRule(w.as(providerDesk), &intakev1.GetRuleRequest{Name: "rules/leaks"})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		shipped, err := w.decisions.GetRule(w.as(providerDesk), &intakev1.GetRuleRequest{Name: "rules/parts-records"})
		require.NoError(t, err)
		require.True(t, shipped.GetShipped())
		page, err := w.decisions.ListRules(w.as(agent), &intakev1.ListRulesRequest{PageSize: 3, Filter: `kind="ROUTING"`})
		require.NoError(t, err)
		require.Len(t, page.GetRules(), 3)
		require.NotEmpty(t, page.GetNextPageToken())
	})
}

// A shipped rule that an organisation changes is changed for it alone.
func TestAShippedRuleIsReplaced(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		r, err := w.decisions.GetRule(w.as(admin), &intakev1.GetRuleRequest{Name: "rules/parts-records"})
		require.NoError(t, err)
		r.Outcome = map[string]string{"team": "parts_keeper"}
		_, err = w.decisions.UpdateRule(w.as(admin), &intakev1.UpdateRuleRequest{Rule: r, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"outcome"}}})
		require.NoError(t, err)
		require.Equal(t, "parts_keeper", w.acceptAs(w.filed(complaint(), "13911110006", "SN-R6").GetName(), "PARTS", "LOW").GetRoute())
		other, err := w.decisions.GetRule(w.as(providerDesk), &intakev1.GetRuleRequest{Name: "rules/parts-records"})
		require.NoError(t, err)
		require.Equal(t, "investigator", other.GetOutcome()["team"])
		require.NoError(t, w.svc.api.ShipTexts(t.Context()), "shipping again leaves it alone")
		again, err := w.decisions.GetRule(w.as(admin), &intakev1.GetRuleRequest{Name: "rules/parts-records"})
		require.NoError(t, err)
		require.Equal(t, "parts_keeper", again.GetOutcome()["team"])
	})
}

// R91: re-graded after the acceptance, and written down.
func TestRegrading(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		name := w.filed(complaint(), "13911110007", "SN-G").GetName()
		regrade := &intakev1.RegradeCaseRequest{Name: name, Nature: "VALID", Reason: "处理不当"}
		_, err := w.classes.RegradeCase(w.as(agent), regrade)
		requireReason(t, err, "CASE_STATE_INVALID")
		_, err = w.cases.AcceptCase(w.as(agent), &intakev1.AcceptCaseRequest{Name: name, ContentClass: "PROCESS", Nature: "VENTING"})
		require.NoError(t, err)
		c, err := w.classes.RegradeCase(w.as(agent), regrade)
		require.NoError(t, err)
		require.Equal(t, "VENTING", c.GetRegrades()[0].GetPreviousNature())
		require.Contains(t, w.eventNames(name), "CASE_REGRADED")
	})
}

// R96, R97, R115, R267: a complaint during a running job is linked with it; the engineer of the job sees nothing of it.
func TestAComplaintDuringAJob(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		running, order := w.inService()
		w.orderStep(running, order, "ASSIGNED", "", 1)
		c := w.acceptAs(w.file(agent, complaint()).GetName(), "ATTITUDE", "NORMAL")
		require.Contains(t, flagCodes(c), "DURING_SERVICE")
		require.Equal(t, order, c.GetLinks()[0].GetTarget())
		require.Equal(t, "HIGH", c.GetUrgency(), "time decides")
		require.Equal(t, int32(1), c.GetRepeat().GetComplaints())

		engineer := auth.Principal{Kind: auth.Staff, Subject: "users/e1", Org: brand, Roles: []string{auth.RoleEngineer}, Engineer: "engineers/e1"}
		_, err := w.cases.GetCase(w.as(engineer), &intakev1.GetCaseRequest{Name: c.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		seen, err := w.cases.GetCase(w.as(engineer), &intakev1.GetCaseRequest{Name: running.GetName()})
		require.NoError(t, err)
		require.Empty(t, seen.GetLinks())
		require.Empty(t, seen.GetRepeat())
	})
}

// The same matter by two channels: suggested, merged, and both links lead to the survivor.
func TestMergingOverTheChannel(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		first := w.filed(complaint(), "13911110008", "SN-M")
		w.clock.Advance(time.Minute)
		again := complaint()
		again.Channel, again.Problem = "WEB_FORM", "维修后洗衣机还是仍然漏水"
		second := w.filed(again, "+86 139 1111 0008", "SN-M")
		found, err := w.relations.SuggestDuplicates(w.as(agent), &intakev1.SuggestDuplicatesRequest{Name: second.GetName()})
		require.NoError(t, err)
		require.Equal(t, first.GetName(), found.GetSuggestions()[0].GetCase())
		require.Equal(t, []string{"SAME_CUSTOMER", "SAME_SERIAL", "SIMILAR_TEXT"}, found.GetSuggestions()[0].GetReasons())

		merge := &intakev1.MergeCaseRequest{Name: second.GetName(), Into: first.GetName(), Reason: "同一事项", RequestId: uuid.NewString()}
		c, err := w.relations.MergeCase(w.as(agent), merge)
		require.NoError(t, err)
		require.Equal(t, first.GetName(), c.GetName())
		repeat, err := w.relations.MergeCase(w.as(agent), merge)
		require.NoError(t, err)
		require.Equal(t, c.GetEtag(), repeat.GetEtag())
		require.Equal(t, "MERGED", w.state(second.GetName()))
		progress, err := w.progress.GetProgress(t.Context(), &intakev1.GetProgressRequest{Token: second.GetProgressToken()})
		require.NoError(t, err)
		require.Equal(t, first.GetCaseNumber(), progress.GetCaseNumber())
		w.until(second.GetName(), "merged")

		other := w.filed(complaint(), "13911110009", "SN-M")
		_, err = w.relations.MergeCase(w.as(agent), &intakev1.MergeCaseRequest{Name: other.GetName(), Into: first.GetName(), Reason: "x"})
		requireReason(t, err, "MERGE_NOT_SAME")
		history, err := w.relations.GetCaseHistory(w.as(agent), &intakev1.GetCaseHistoryRequest{Name: other.GetName()})
		require.NoError(t, err)
		require.Equal(t, int32(0), history.GetRepeat().GetComplaints())
		require.Equal(t, int32(1), history.GetRepeat().GetFailures(), "the merged one is not counted twice")
	})
}

// R32-R34, R233-R249: texts by step, in both languages, and an organisation's own.
func TestTemplates(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.filed(complaint(), "13911110010", "SN-T")
		text, err := w.templates.RenderTemplate(w.as(agent), &intakev1.RenderTemplateRequest{Name: "templates/READ_BACK", Case: c.GetName(), Language: "en"})
		require.NoError(t, err)
		require.Contains(t, text.GetText(), "13911110010")
		require.Empty(t, text.GetUnknown())
		require.NoError(t, w.svc.orgs.Reload(t.Context()))
		text, err = w.templates.RenderTemplate(w.as(agent), &intakev1.RenderTemplateRequest{Name: "templates/GREETING"})
		require.NoError(t, err)
		require.Contains(t, text.GetText(), "星河家电", "R32: who answers says where from")
		require.NotContains(t, text.GetUnknown(), "organisation")
		text, err = w.templates.RenderTemplate(w.as(agent), &intakev1.RenderTemplateRequest{Name: "templates/ABOVE_AUTHORITY"})
		require.NoError(t, err)
		require.ElementsMatch(t, []string{"path", "hours"}, text.GetUnknown())

		g, err := w.templates.GetGuidance(w.as(agent), &intakev1.GetGuidanceRequest{Case: c.GetName()})
		require.NoError(t, err)
		require.Equal(t, "ACCEPTANCE", g.GetStep())
		require.NotEmpty(t, g.GetChecklists()[0].GetLines())
		_, err = w.templates.GetGuidance(w.as(agent), &intakev1.GetGuidanceRequest{Step: "TEA"})
		requireReason(t, err, "FIELD_INVALID")

		own, err := w.templates.UpdateTemplate(w.as(admin), &intakev1.UpdateTemplateRequest{Template: &intakev1.Template{
			Name: "templates/GREETING", TextZh: "您好,{agent}", TextEn: "Hello, {agent}", Etag: "1",
		}})
		require.NoError(t, err)
		require.True(t, own.GetOwn())
		_, err = w.templates.UpdateTemplate(w.as(admin), &intakev1.UpdateTemplateRequest{Template: &intakev1.Template{Name: "templates/GREETING", TextZh: "x", TextEn: "x", Etag: "1"}})
		requireReason(t, err, "ETAG_STALE")
		other, err := w.templates.GetTemplate(w.as(providerDesk), &intakev1.GetTemplateRequest{Name: "templates/GREETING"})
		require.NoError(t, err)
		require.False(t, other.GetOwn())
		list, err := w.templates.ListTemplates(w.as(agent), &intakev1.ListTemplatesRequest{Filter: `step:"FIRST_CONTACT" AND row:"R33"`})
		require.NoError(t, err)
		require.Len(t, list.GetTemplates(), 1)
		list, err = w.templates.ListTemplates(w.as(agent), &intakev1.ListTemplatesRequest{Filter: `row:"R23"`})
		require.NoError(t, err)
		require.Empty(t, list.GetTemplates(), "a part of a row's name is none")
		list, err = w.templates.ListTemplates(w.as(agent), &intakev1.ListTemplatesRequest{Filter: `row:"R244"`})
		require.NoError(t, err)
		require.Equal(t, "templates/NO_ARGUMENT", list.GetTemplates()[0].GetName(), "among several")
	})
}
