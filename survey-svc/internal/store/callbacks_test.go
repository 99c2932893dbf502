package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/callback"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/store"
	"github.com/aftersales-suite/aftersales/survey-svc/internal/survey"
)

// addTask adds a call-back with its invitation.
func addTask(t *testing.T, db sqldb.DB, s *store.Store, n int, change func(*survey.Plan)) callback.Task {
	t.Helper()
	inv := invitation(n, func(p *survey.Plan) {
		p.Purpose = survey.PurposeWeek
		if change != nil {
			change(p)
		}
	})
	insert(t, db, s, inv)
	task := callback.Plan(fmt.Sprintf("task-%03d", n), inv.ID, inv.Case, inv.Handlers, t0.Add(time.Duration(n)*time.Hour), t0)
	require.NoError(t, db.InTx(t.Context(), func(tx sqldb.Tx) error { return s.InsertTask(t.Context(), tx, &task) }))
	return task
}

// R173
func TestMineIsWhatICanCallNow(t *testing.T) {
	suite(t, func(t *testing.T, db sqldb.DB, s *store.Store) {
		addTask(t, db, s, 1, nil)
		addTask(t, db, s, 2, func(p *survey.Plan) { p.Handlers = []string{"users/me", "users/else"} })
		taken := addTask(t, db, s, 3, nil)
		addTask(t, db, s, 9, nil)
		addTask(t, db, s, 4, func(p *survey.Plan) { p.OwnerOrg = third })
		now := t0.Add(5 * time.Hour)
		require.NoError(t, taken.Claim("users/other", callback.Policy{}, now))
		require.NoError(t, db.InTx(t.Context(), func(tx sqldb.Tx) error { return s.SaveTask(t.Context(), tx, &taken) }))
		mine := func(subject string, at time.Time) []string {
			list, err := s.CallBacks(t.Context(), db, staff(subject, brand), store.CallBackFilter{Mine: true, Now: at}, query(t, store.CallBackSpec, listing.Request{}))
			require.NoError(t, err)
			out := []string{}
			for _, cb := range list {
				out = append(out, cb.ID)
			}
			return out
		}
		require.Equal(t, []string{"task-001"}, mine("users/me", now))
		require.Equal(t, []string{"task-001", "task-002", "task-003"}, mine("users/other", now))
		require.Equal(t, []string{"task-001", "task-003"}, mine("users/me", now.Add(time.Hour)), "a claim that ran out is free")
		all, err := s.CallBacks(t.Context(), db, staff("users/me", brand), store.CallBackFilter{}, query(t, store.CallBackSpec, listing.Request{
			Filter: `state=CLAIMED AND caller="users/other"`,
		}))
		require.NoError(t, err)
		require.Len(t, all, 1)
		require.Equal(t, "users/other", all[0].Caller)
	})
}

func TestTaskIsReadAsItWasWritten(t *testing.T) {
	suite(t, func(t *testing.T, db sqldb.DB, s *store.Store) {
		task := addTask(t, db, s, 1, func(p *survey.Plan) { p.Handlers = []string{"users/h"} })
		_, err := s.CallBack(t.Context(), db, staff("users/x", third), task.ID)
		require.ErrorIs(t, err, apierr.ErrNotFound)
		cb, err := s.CallBack(t.Context(), db, staff("users/x", brand), task.ID)
		require.NoError(t, err)
		require.Equal(t, task, cb.Task)
		require.Equal(t, task.ID, cb.Invitation.CallBack)
		attempt := callback.Attempt{Number: 1, Caller: "users/x", Time: t0, Result: callback.NoAnswer, Channel: "PHONE", Note: "无人接听"}
		require.NoError(t, db.InTx(t.Context(), func(tx sqldb.Tx) error {
			require.ErrorIs(t, s.SaveTask(t.Context(), tx, &callback.Task{ID: task.ID, State: callback.Due, Version: 9}), store.ErrChanged)
			return s.AddCall(t.Context(), tx, task.ID, attempt)
		}))
		calls, err := s.Calls(t.Context(), db, []string{task.ID})
		require.NoError(t, err)
		require.Equal(t, []callback.Attempt{attempt}, calls[task.ID])
		due, err := s.DueTicks(t.Context(), db, t0.Add(time.Hour), 10)
		require.NoError(t, err)
		require.Equal(t, []string{task.ID}, due)
	})
}
