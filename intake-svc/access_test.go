package intake

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/platform/testkit"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// R1: organisations do not see each other's rows, in gets, lists, entries and archives.
func TestOtherOrganisationsSeeNothing(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.file(agent, complaint())
		ctx := w.as(providerDesk)
		_, err := w.cases.GetCase(ctx, &intakev1.GetCaseRequest{Name: c.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		_, err = w.cases.ListTimelineEntries(ctx, &intakev1.ListTimelineEntriesRequest{Parent: c.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		_, err = w.cases.GetArchive(ctx, &intakev1.GetArchiveRequest{Name: c.GetName() + "/archive"})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		_, err = w.cases.AcceptCase(ctx, &intakev1.AcceptCaseRequest{Name: c.GetName(), ContentClass: "OTHER"})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		_, err = w.solutions.ListSolutions(ctx, &intakev1.ListSolutionsRequest{Parent: c.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		_, err = w.evidence.ListEvidence(ctx, &intakev1.ListEvidenceRequest{Parent: c.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		_, err = w.contacts.ListContactAttempts(ctx, &intakev1.ListContactAttemptsRequest{Parent: c.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		list, err := w.cases.ListCases(ctx, &intakev1.ListCasesRequest{})
		require.NoError(t, err)
		require.Empty(t, list.GetCases())
	})
}

// Released by dispatch, the case is seen by who serves it, masked; taken back, it is not.
func TestAReleasedCaseIsSeenByWhoServesIt(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c, order := w.inService()
		w.released(c, order, provider)
		got, err := w.cases.GetCase(w.as(providerDesk), &intakev1.GetCaseRequest{Name: c.GetName()})
		require.NoError(t, err)
		require.Equal(t, "王*", got.GetCustomer().GetDisplayName())
		require.Equal(t, provider, got.GetServingOrg())
		require.Equal(t, c.GetEtag(), w.get(c.GetName()).GetEtag(), "a step of dispatch does not change the etag")
		w.released(c, order, "")
		_, err = w.cases.GetCase(w.as(providerDesk), &intakev1.GetCaseRequest{Name: c.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
	})
}

// A partner sees what it filed, a customer the own cases, an engineer the cases of own visits.
func TestOthersSeeTheirOwn(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		filing := complaint()
		filing.Customer.Customer = "customers/7"
		mine := w.file(mall, filing)
		w.file(agent, complaint())
		otherMall := mall
		otherMall.Subject = "partners/other"
		engineer := staffOf("users/e1", brand, auth.RoleEngineer)
		engineer.Engineer = "engineers/e1"
		for name, c := range map[string]struct {
			who  auth.Principal
			want int
		}{
			"partner":          {mall, 1},
			"other partner":    {otherMall, 0},
			"customer":         {auth.Principal{Kind: auth.Customer, Subject: "customers/7"}, 1},
			"other customer":   {auth.Principal{Kind: auth.Customer, Subject: "customers/8"}, 0},
			"staff":            {otherAgent, 2},
			"engineer, no job": {engineer, 0},
		} {
			list, err := w.cases.ListCases(w.as(c.who), &intakev1.ListCasesRequest{})
			require.NoError(t, err, name)
			require.Len(t, list.GetCases(), c.want, name)
		}
		require.Equal(t, "partners/mall", mine.GetPartner())
	})
}

// RESTRICTED is a named list.
func TestRestrictedCases(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		filing := complaint()
		filing.Confidentiality = intakev1.Case_RESTRICTED
		c := w.file(agent, filing)
		_, err := w.cases.GetCase(w.as(otherAgent), &intakev1.GetCaseRequest{Name: c.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		for _, p := range []auth.Principal{agent, manager, quality} {
			_, err := w.cases.GetCase(w.as(p), &intakev1.GetCaseRequest{Name: c.GetName()})
			require.NoError(t, err)
		}
	})
}

// R188: masked by default, clear for those in relation to the case.
func TestMasking(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		filing := complaint()
		filing.Channel, filing.ExternalRef = "PARTNER_PLATFORM", &commonv1.ExternalRef{AfterSaleId: "A1"}
		c := w.file(mall, filing)
		require.Equal(t, "王*", c.GetCustomer().GetDisplayName())
		require.Equal(t, "138****8000", c.GetCustomer().GetPhone())
		require.Equal(t, "310115", c.GetCustomer().GetAddress().GetRegionCode())
		require.Empty(t, c.GetCustomer().GetAddress().GetLine())
		require.NotEmpty(t, c.GetProgressToken(), "the filer follows")

		got, err := w.cases.AcceptCase(w.as(agent), &intakev1.AcceptCaseRequest{Name: c.GetName(), ContentClass: "OTHER"})
		require.NoError(t, err)
		require.Equal(t, "13800138000", got.GetCustomer().GetPhone(), "the handler is in relation")
		require.Equal(t, "世纪大道1号", got.GetParties()[0].GetPerson().GetAddress().GetLine())

		unrelated, err := w.cases.GetCase(w.as(otherAgent), &intakev1.GetCaseRequest{Name: c.GetName()})
		require.NoError(t, err)
		require.Equal(t, "138****8000", unrelated.GetCustomer().GetPhone())
		require.NotContains(t, unrelated.String(), "13800138000")
		require.NotContains(t, unrelated.String(), "世纪大道")

		w.tried(c.GetName(), intakev1.ContactAttempt_REACHED)
		entries, err := w.cases.ListTimelineEntries(w.as(otherAgent), &intakev1.ListTimelineEntriesRequest{Parent: c.GetName()})
		require.NoError(t, err)
		for _, e := range entries.GetTimelineEntries() {
			require.Empty(t, e.GetPoints())
		}
	})
}

// Personal data is not in the database in clear, and not in the events.
func TestNothingPersonalInClear(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{}, sqlite(t))
	c := w.resolved()
	w.answer(c, good())
	for _, table := range []string{"cases", "entries", "contact_attempts", "idempotency", "outbox", "river_job"} {
		dump := w.dump(table)
		for _, secret := range []string{"13800138000", "王小明", "世纪大道"} {
			require.NotContains(t, dump, secret, table)
		}
	}
	w.gateway.mu.Lock()
	defer w.gateway.mu.Unlock()
	for _, e := range w.gateway.seen {
		require.NotContains(t, string(e.GetData().GetValue()), "王小明")
	}
}

// R54, R163: whoever holds the link sees the progress, masked; another token is told nothing.
func TestProgress(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c, order := w.inService()
		w.orderStep(c, order, "BOOKED", "", 1)
		p, err := w.progress.GetProgress(t.Context(), &intakev1.GetProgressRequest{Token: c.GetProgressToken()})
		require.NoError(t, err)
		require.Equal(t, c.GetCaseNumber(), p.GetCaseNumber())
		require.Equal(t, "服务中", p.GetStateLabel())
		require.Equal(t, "王*", p.GetCustomerDisplayName())
		require.Equal(t, "李*", p.GetVisit().GetEngineerDisplayName())
		require.NotEmpty(t, p.GetCurrentStep())
		require.NotNil(t, p.GetNextNewsTime())
		require.NotEmpty(t, p.GetSteps())
		require.NotContains(t, p.String(), "13800138000")

		token := []byte(c.GetProgressToken())
		if token[40] != 'A' {
			token[40] = 'A'
		} else {
			token[40] = 'B'
		}
		_, err = w.progress.GetProgress(t.Context(), &intakev1.GetProgressRequest{Token: string(token)})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		_, err = w.progress.GetProgress(t.Context(), &intakev1.GetProgressRequest{Token: "short"})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
	})
}

// Lists: pages, filters by phone (blind index), serial and number.
func TestLists(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		for range 5 {
			w.file(agent, complaint())
		}
		filing := complaint()
		filing.Customer.Phone, filing.Product.SerialNumber = "+86 139-0013-9000", "SN-9"
		one := w.file(agent, filing)
		for _, filter := range []string{
			`phone = "13900139000"`, `serialNumber = "SN-9"`, `serial_number="SN-9" AND state=RECEIVED`, `case_number = "` + one.GetCaseNumber() + `"`,
		} {
			list, err := w.cases.ListCases(w.as(agent), &intakev1.ListCasesRequest{Filter: filter})
			require.NoError(t, err, filter)
			require.Len(t, list.GetCases(), 1, filter)
			require.Equal(t, one.GetName(), list.GetCases()[0].GetName())
		}
		var names []string
		req := &intakev1.ListCasesRequest{PageSize: 4}
		for {
			page, err := w.cases.ListCases(w.as(agent), req)
			require.NoError(t, err)
			for _, c := range page.GetCases() {
				names = append(names, c.GetName())
			}
			if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
				break
			}
		}
		slices.Sort(names)
		require.Len(t, slices.Compact(names), 6)
		_, err := w.cases.ListCases(w.as(agent), &intakev1.ListCasesRequest{Filter: "problem = x"})
		requireReason(t, err, "FILTER_INVALID")
		_, err = w.cases.ListCases(w.as(agent), &intakev1.ListCasesRequest{PageToken: "abc"})
		requireReason(t, err, "PAGE_TOKEN_INVALID")
	})
}

// The timeline is paged.
func TestTimelinePages(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.resolved()
		all := w.entries(c.GetName())
		var paged []int64
		req := &intakev1.ListTimelineEntriesRequest{Parent: c.GetName(), PageSize: 3}
		for {
			page, err := w.cases.ListTimelineEntries(w.as(agent), req)
			require.NoError(t, err)
			require.LessOrEqual(t, len(page.GetTimelineEntries()), 3)
			for _, e := range page.GetTimelineEntries() {
				paged = append(paged, e.GetSequence())
			}
			if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
				break
			}
		}
		require.GreaterOrEqual(t, len(paged), len(all), "an entry that the suite writes by itself may have come in between")
		for i, sequence := range paged {
			require.EqualValues(t, i+1, sequence, "nothing is skipped or doubled between two pages")
		}
		step := all[len(all)-2]
		require.Contains(t, []string{"dispatch", "intake"}, step.GetSource())
		for _, e := range all {
			if e.GetSource() == "dispatch" {
				require.NotZero(t, e.GetSourceSequence())
				require.NotEqual(t, e.GetDeviceTime().AsTime(), e.GetOccurTime().AsTime(), "both times are kept")
			}
		}
	})
}

// A stale etag is refused; the right one is taken; a refusal changes nothing.
func TestEtags(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.file(agent, complaint())
		accept := &intakev1.AcceptCaseRequest{Name: c.GetName(), ContentClass: "OTHER", Etag: "stale"}
		_, err := w.cases.AcceptCase(w.as(agent), accept)
		requireReason(t, err, "ETAG_STALE")
		require.Equal(t, c.GetEtag(), w.get(c.GetName()).GetEtag())
		accept.Etag, accept.RequestId = c.GetEtag(), uuid.NewString()
		first, err := w.cases.AcceptCase(w.as(agent), accept)
		require.NoError(t, err)
		again, err := w.cases.AcceptCase(w.as(agent), accept)
		require.NoError(t, err, "a repeat answers the same instead of a wrong state")
		require.Equal(t, first.GetEtag(), again.GetEtag())
	})
}

// Two handlers at once: one wins.
func TestTwoHandlersAtOnce(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.file(agent, complaint())
		errs := make([]error, 8)
		atOnce(8, func(i int) {
			_, errs[i] = w.cases.AcceptCase(w.as(agent), &intakev1.AcceptCaseRequest{Name: c.GetName(), ContentClass: "OTHER", RequestId: uuid.NewString()})
		})
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				requireReason(t, err, "CASE_STATE_INVALID")
			}
		}
		require.Equal(t, 1, won)
	})
}

// R41, R106: evidence is kept with its digest and goes into the archive.
func TestEvidence(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.resolved()
		png := []byte("\x89PNG\r\n\x1a\n0000")
		e, err := w.evidence.CreateEvidence(w.as(agent), &intakev1.CreateEvidenceRequest{
			Parent: c.GetName(), Evidence: &intakev1.Evidence{FileName: "漏水.PNG", Content: png}, RequestId: "e1",
		})
		require.NoError(t, err)
		require.Equal(t, "image/png", e.GetMediaType())
		body, err := w.evidence.DownloadEvidence(w.as(agent), &intakev1.DownloadEvidenceRequest{Name: e.GetName()})
		require.NoError(t, err)
		require.Equal(t, png, body.GetData())
		w.answer(c, good())
		_, err = w.cases.CloseCase(w.as(manager), &intakev1.CloseCaseRequest{Name: c.GetName(), Summary: &intakev1.ClosingSummary{RootCause: "x"}})
		require.NoError(t, err)
		_, err = w.cases.ArchiveCase(w.as(manager), &intakev1.ArchiveCaseRequest{Name: c.GetName()})
		require.NoError(t, err)
		var names []string
		for _, m := range w.verifyArchive(c.GetName(), 0).Manifest.Members {
			names = append(names, m.Name)
		}
		id := e.GetName()[strings.LastIndex(e.GetName(), "/")+1:]
		require.Subset(t, names, []string{
			"timeline.jsonl", "case.json", "solutions/01.json", "contacts.json", "evidence.json", "evidence/" + id + ".png", "dispatch/work-order-w1.json", "survey/invitation-i1.json",
		})
	})
}

// api.md "Codes": shipped values, refusals with the list, changes by the administrator told to the others.
func TestCodes(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		list, err := w.codes.ListCodes(w.as(agent), &intakev1.ListCodesRequest{Filter: `axis="CONTENT_CLASS"`})
		require.NoError(t, err)
		var classes []string
		for _, c := range list.GetCodes() {
			classes = append(classes, c.GetCode())
		}
		require.Subset(t, classes, []string{
			"REPAIR_QUALITY", "PARTS", "ATTITUDE", "PROCESS", "FEE", "OTHER", "EQUIPMENT_FAULT", "OPERATION", "SERVICE", "TECHNICAL_SUPPORT", "EQUIPMENT", "SERVICE_ATTITUDE", "SERVICE_QUALITY",
		})
		c := w.file(agent, complaint())
		_, err = w.cases.AcceptCase(w.as(agent), &intakev1.AcceptCaseRequest{Name: c.GetName(), ContentClass: "PIGEONS"})
		requireReason(t, err, "CODE_UNKNOWN")
		_, err = w.codes.CreateCode(w.as(agent), &intakev1.CreateCodeRequest{Code: &intakev1.Code{Axis: "CONTENT_CLASS", Code: "PIGEONS", LabelZh: "鸽子", LabelEn: "pigeons"}})
		requireReason(t, err, "PERMISSION_DENIED")
		made, err := w.codes.CreateCode(w.as(admin), &intakev1.CreateCodeRequest{Code: &intakev1.Code{Axis: "CONTENT_CLASS", Code: "PIGEONS", LabelZh: "鸽子", LabelEn: "pigeons"}})
		require.NoError(t, err)
		_, err = w.codes.CreateCode(w.as(admin), &intakev1.CreateCodeRequest{Code: &intakev1.Code{Axis: "CONTENT_CLASS", Code: "PIGEONS", LabelZh: "鸽子", LabelEn: "pigeons"}})
		requireReason(t, err, "CODE_EXISTS")
		_, err = w.codes.CreateCode(w.as(admin), &intakev1.CreateCodeRequest{Code: &intakev1.Code{Axis: "BIRDS", Code: "PIGEONS", LabelZh: "鸽子", LabelEn: "pigeons"}})
		requireReason(t, err, "AXIS_UNKNOWN")
		got, err := w.cases.AcceptCase(w.as(agent), &intakev1.AcceptCaseRequest{Name: c.GetName(), ContentClass: "PIGEONS"})
		require.NoError(t, err)
		require.Equal(t, "鸽子", got.GetContentClassLabel())

		off, err := w.codes.UpdateCode(w.as(admin), &intakev1.UpdateCodeRequest{Code: &intakev1.Code{Name: made.GetName(), LabelZh: "鸽子", LabelEn: "pigeons", Etag: made.GetEtag()}})
		require.NoError(t, err)
		require.False(t, off.GetActive())
		_, err = w.codes.UpdateCode(w.as(admin), &intakev1.UpdateCodeRequest{Code: &intakev1.Code{Name: made.GetName(), LabelZh: "x", LabelEn: "x", Etag: made.GetEtag()}})
		requireReason(t, err, "ETAG_STALE")
		_, err = w.cases.AcceptCase(w.as(agent), &intakev1.AcceptCaseRequest{Name: w.file(agent, complaint()).GetName(), ContentClass: "PIGEONS"})
		requireReason(t, err, "CODE_UNKNOWN")
	})
}

// An event is applied once, however often it is delivered, and one of an unknown case blocks nobody.
func TestEventsAreAppliedOnce(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.resolved()
		answer := good()
		w.survey.answered(c, answer, w.clock.Now())
		once := envelope(t, answer, "aftersales/survey", c.GetName(), 1)
		stranger := envelope(t, &eventv1.SurveyResponded{Case: "cases/none", Solved: true}, "aftersales/survey", "cases/none", 1)
		for range 3 {
			_, err := w.inbox.Deliver(t.Context(), &eventv1.DeliverRequest{Envelopes: []*eventv1.Envelope{stranger, once}})
			require.NoError(t, err)
		}
		names := slices.DeleteFunc(w.eventNames(c.GetName()), func(e string) bool { return e != "SURVEY_RESPONDED" })
		require.Len(t, names, 1)
	})
}

// released tells that dispatch released the work order to an organisation, or took it back.
func (w *world) released(c *intakev1.Case, order, org string) {
	w.t.Helper()
	e := envelope(w.t, &eventv1.WorkOrderChanged{
		WorkOrder: order, Case: c.GetName(), State: "OFFERED", Round: 1, OpenWorkOrders: 1, Solution: c.GetCurrentSolution(),
		Step: &commonv1.Step{Event: "WORK_ORDER_OFFERED", Actor: "users/dispatcher", OccurredUs: t0.UnixMicro()},
	}, "aftersales/dispatch", c.GetName(), w.dispatch.next())
	e.ServingOrg = org
	_, err := w.inbox.Deliver(w.t.Context(), &eventv1.DeliverRequest{Envelopes: []*eventv1.Envelope{e}})
	require.NoError(w.t, err)
}

func sqlite(t *testing.T) sqldb.Config { return testkit.SQLite(t) }

// dump is a whole table of SQLite as text.
func (w *world) dump(table string) string {
	w.t.Helper()
	rows, err := w.db.Rows(w.t.Context(), `SELECT * FROM `+table)
	require.NoError(w.t, err)
	defer rows.Close()
	var columns int64
	require.NoError(w.t, w.db.Row(w.t.Context(), `SELECT count(*) FROM pragma_table_info('`+table+`')`).Scan(&columns))
	var out strings.Builder
	for rows.Next() {
		values, into := make([]any, columns), make([]any, columns)
		for n := range values {
			into[n] = &values[n]
		}
		require.NoError(w.t, rows.Scan(into...))
		for _, v := range values {
			if raw, ok := v.([]byte); ok {
				v = string(raw)
			}
			fmt.Fprint(&out, v, "|")
		}
	}
	require.NoError(w.t, rows.Err())
	return out.String()
}
