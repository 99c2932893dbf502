package intake

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

var (
	privacy = staffOf("users/privacy", brand, auth.RolePrivacy)
	auditor = staffOf("users/auditor", brand, auth.RoleAuditor)
	rival   = staffOf("users/rival", "organisations/rival", auth.RolePrivacy)
)

func (w *world) retention() intakev1.RetentionServiceClient {
	return intakev1.NewRetentionServiceClient(w.conn)
}

// archived is a complaint with evidence, contacts and an archive.
func (w *world) archived() *intakev1.Case {
	w.t.Helper()
	c := w.resolved()
	_, err := w.evidence.CreateEvidence(w.as(agent), &intakev1.CreateEvidenceRequest{
		Parent: c.GetName(), Evidence: &intakev1.Evidence{FileName: "王小明.txt", Content: []byte("王小明 13800138000"), MediaType: "text/plain"},
	})
	require.NoError(w.t, err)
	w.answer(c, good())
	_, err = w.cases.CloseCase(w.as(manager), &intakev1.CloseCaseRequest{Name: c.GetName(), Summary: &intakev1.ClosingSummary{RootCause: "密封圈破裂"}})
	require.NoError(w.t, err)
	_, err = w.cases.ArchiveCase(w.as(manager), &intakev1.ArchiveCaseRequest{Name: c.GetName()})
	require.NoError(w.t, err)
	return w.get(c.GetName())
}

// unsealed is everything that the service's rows hold of a case, opened.
func (w *world) unsealed(name string) string {
	w.t.Helper()
	cases, ctx, id := store.NewSQL(w.ring.Sealer(), w.ring.Indexer()), w.t.Context(), name[len("cases/"):]
	c, err := cases.Get(ctx, w.db, store.Everything, id)
	require.NoError(w.t, err)
	entries, err := cases.Entries(ctx, w.db, id, 0, 0)
	require.NoError(w.t, err)
	attempts, err := cases.Attempts(ctx, w.db, id, "", 1000)
	require.NoError(w.t, err)
	evidence, err := cases.EvidenceOf(ctx, w.db, id, "", 1000)
	require.NoError(w.t, err)
	text := ""
	for _, e := range entries {
		text += string(e.Header) + string(e.Content)
	}
	for _, part := range []any{c, c.Personal, attempts, evidence} {
		raw, err := json.Marshal(part)
		require.NoError(w.t, err)
		text += string(raw)
	}
	return text
}

// R181, R188, R189: the privacy officer's run erases what is due, shows its progress, leaves what is held, and what is left still verifies.
func TestAnErasureRun(t *testing.T) {
	everywhere(t, Config{PolicyConfig: PolicyConfig{RetentionYears: map[string]int{"DEFAULT": 1}}}, func(t *testing.T, w *world) {
		first, second := w.archived(), w.archived()
		require.Equal(t, w.clock.Now().AddDate(1, 0, 0).Unix(), first.GetRetentionEndTime().GetSeconds())
		before := w.links(first.GetName())
		require.Contains(t, w.unsealed(first.GetName()), "王小明")
		_, err := w.retention().HoldRetention(w.as(privacy), &intakev1.HoldRetentionRequest{Name: second.GetName(), Reason: "诉讼中"})
		require.NoError(t, err)
		due, err := w.retention().ListRetentions(w.as(auditor), &intakev1.ListRetentionsRequest{})
		require.NoError(t, err)
		require.Empty(t, due.GetRetentions())
		w.clock.Advance(366 * 24 * time.Hour)

		due, err = w.retention().ListRetentions(w.as(privacy), &intakev1.ListRetentionsRequest{PageSize: 1})
		require.NoError(t, err)
		require.Equal(t, first.GetName(), due.GetRetentions()[0].GetCase())
		due, err = w.retention().ListRetentions(w.as(privacy), &intakev1.ListRetentionsRequest{PageSize: 1, PageToken: due.GetNextPageToken()})
		require.NoError(t, err)
		require.Equal(t, "诉讼中", due.GetRetentions()[0].GetHold().GetReason())
		require.Empty(t, due.GetNextPageToken())
		due, err = w.retention().ListRetentions(w.as(rival), &intakev1.ListRetentionsRequest{})
		require.NoError(t, err)
		require.Empty(t, due.GetRetentions(), "of another organisation")

		run := w.erase(&intakev1.CreateErasureRunRequest{Reason: "保存期满", RequestId: "run-1"})
		require.EqualValues(t, 1, run.GetDueCases())
		require.EqualValues(t, 1, run.GetErasedCases())
		require.EqualValues(t, 0, run.GetFailedCases())
		w.isErased(first, before)
		require.Equal(t, "王小明", w.get(second.GetName()).GetCustomer().GetDisplayName(), "held: it stays")

		audit, err := w.retention().ListRetentionAudit(w.as(auditor), &intakev1.ListRetentionAuditRequest{})
		require.NoError(t, err)
		require.Equal(t, "ERASED", audit.GetActs()[0].GetAct())
		require.Equal(t, run.GetName(), audit.GetActs()[0].GetRun())
		require.Equal(t, "users/privacy", audit.GetActs()[0].GetActor())
		require.Equal(t, "HELD", audit.GetActs()[1].GetAct())
		_, err = w.retention().ListRetentionAudit(w.as(agent), &intakev1.ListRetentionAuditRequest{})
		requireReason(t, err, "PERMISSION_DENIED")
	})
}

// erase starts a run and waits until it is done.
func (w *world) erase(req *intakev1.CreateErasureRunRequest) (run *intakev1.ErasureRun) {
	w.t.Helper()
	started, err := w.retention().CreateErasureRun(w.as(privacy), req)
	require.NoError(w.t, err)
	again, err := w.retention().CreateErasureRun(w.as(privacy), req)
	require.NoError(w.t, err)
	require.Equal(w.t, started.GetName(), again.GetName())
	require.Eventually(w.t, func() bool {
		run, err = w.retention().GetErasureRun(w.as(privacy), &intakev1.GetErasureRunRequest{Name: started.GetName()})
		return err == nil && run.GetState() == intakev1.ErasureRun_DONE
	}, patience, 20*time.Millisecond)
	return run
}

type link struct{ header, hash []byte }

// links is the chain as it is stored.
func (w *world) links(name string) (chain []link) {
	w.t.Helper()
	rows, err := w.db.Rows(w.t.Context(), `SELECT header, hash FROM entries WHERE case_id = $1 ORDER BY seq`, name[len("cases/"):])
	require.NoError(w.t, err)
	defer rows.Close()
	for rows.Next() {
		var l link
		require.NoError(w.t, rows.Scan(&l.header, &l.hash))
		chain = append(chain, l)
	}
	return chain
}

func (w *world) isErased(was *intakev1.Case, before []link) {
	w.t.Helper()
	c := w.get(was.GetName())
	require.Equal(w.t, was.GetCaseNumber(), c.GetCaseNumber())
	require.Equal(w.t, was.GetState(), c.GetState())
	require.NotNil(w.t, c.GetEraseTime())
	require.Empty(w.t, c.GetParties())
	require.Empty(w.t, c.GetProblem())
	require.Equal(w.t, was.GetInvestigation().GetConclusion().GetCause(), c.GetInvestigation().GetConclusion().GetCause())
	after := w.links(was.GetName())
	require.Equal(w.t, before, after[:len(before)], "no entry changed: the digests stand for what is gone")
	for _, e := range w.entries(was.GetName()) {
		if e.GetEvent() != "CASE_ERASED" {
			require.Empty(w.t, e.GetPoints()+e.GetMeasures(), e.GetEvent())
		}
	}
	require.NotContains(w.t, w.unsealed(was.GetName()), "王小明")
	file, err := w.cases.GetArchive(w.as(manager), &intakev1.GetArchiveRequest{Name: was.GetName() + "/archive"})
	require.NoError(w.t, err)
	for _, personal := range []string{"王小明", "13800138000", "漏水"} {
		require.NotContains(w.t, string(file.GetData()), personal)
	}
	require.NotNil(w.t, w.verifyArchive(was.GetName(), 0).Erasure)
	found, err := w.cases.ListCases(w.as(manager), &intakev1.ListCasesRequest{Filter: `phone = "13800138000"`})
	require.NoError(w.t, err)
	for _, other := range found.GetCases() {
		require.NotEqual(w.t, was.GetName(), other.GetName(), "nobody finds it by the phone")
	}
	_, err = w.cases.ReopenCase(w.as(agent), &intakev1.ReopenCaseRequest{Name: was.GetName(), Reason: "x"})
	requireReason(w.t, err, "CASE_ERASED")
	_, err = w.progress.GetProgress(w.t.Context(), &intakev1.GetProgressRequest{Token: was.GetProgressToken()})
	require.Error(w.t, err)
}

// One case on the customer's demand: before the end only with a reason, never while it is open or held.
func TestOneCaseIsErasedEarly(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		open := w.accepted(complaint())
		_, err := w.retention().EraseCase(w.as(privacy), &intakev1.EraseCaseRequest{Name: open.GetName(), Reason: "客户要求"})
		requireReason(t, err, "CASE_STATE_INVALID")
		c := w.archived()
		_, err = w.retention().EraseCase(w.as(manager), &intakev1.EraseCaseRequest{Name: c.GetName(), Reason: "客户要求"})
		requireReason(t, err, "PERMISSION_DENIED")
		_, err = w.retention().EraseCase(w.as(privacy), &intakev1.EraseCaseRequest{Name: c.GetName()})
		requireReason(t, err, "RETENTION_REASON_REQUIRED")
		_, err = w.custody.SetRetention(w.as(privacy), &intakev1.SetRetentionRequest{Name: c.GetName(), ExpireTime: timestamppb.New(w.clock.Now().AddDate(10, 0, 0))})
		requireReason(t, err, "RETENTION_REASON_REQUIRED")
		before := w.links(c.GetName())
		got, err := w.retention().EraseCase(w.as(privacy), &intakev1.EraseCaseRequest{Name: c.GetName(), Reason: "客户要求删除", RequestId: "once"})
		require.NoError(t, err)
		again, err := w.retention().EraseCase(w.as(privacy), &intakev1.EraseCaseRequest{Name: c.GetName(), Reason: "客户要求删除", RequestId: "once"})
		require.NoError(t, err)
		require.True(t, proto.Equal(got, again))
		w.isErased(c, before)
	})
}

// What was killed in the middle goes on where it stopped: the run's row says how far it came.
func TestAnErasureRunGoesOn(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.archived()
		w.clock.Advance(4 * 366 * 24 * time.Hour)
		now := sqldb.Micros(w.clock.Now())
		_, err := w.db.Exec(t.Context(), `INSERT INTO erasure_runs (id, orgs, org, creator, reason, due_before, state, due, erased, failed, reached, created_at, updated_at)
			VALUES ('left', '["`+brand+`"]', $1, 'users/privacy', '', $2, 'RUNNING', 9, 8, 0, '00', $2, $2)`, brand, now)
		require.NoError(t, err)
		require.Eventually(t, func() bool {
			run, err := w.retention().GetErasureRun(w.as(privacy), &intakev1.GetErasureRunRequest{Name: "erasureRuns/left"})
			return err == nil && run.GetState() == intakev1.ErasureRun_DONE && run.GetErasedCases() == 9
		}, patience, 20*time.Millisecond)
		require.NotNil(t, w.get(c.GetName()).GetEraseTime())
	})
}
