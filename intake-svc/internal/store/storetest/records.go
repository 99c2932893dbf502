package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

func id7() string { return uuid.Must(uuid.NewV7()).String() }

func (s *Suite) attempts(t *testing.T) {
	caseID := id7()
	var made []casefile.Attempt
	for n := range 3 {
		made = append(made, casefile.Attempt{
			ID: id7(), Round: 1, Channel: "HOTLINE", Result: casefile.NoAnswer, Points: "无人接听", Actor: "users/a", At: Now.Add(time.Duration(n) * time.Hour),
		})
	}
	s.tx(t, func(ctx context.Context, tx sqldb.Tx) error {
		for _, a := range made {
			if err := s.Store.AddAttempt(ctx, tx, caseID, a); err != nil {
				return err
			}
		}
		return nil
	})
	got, err := s.Store.Attempts(t.Context(), s.DB, caseID, "", 10)
	require.NoError(t, err)
	require.Equal(t, made, got)
	got, err = s.Store.Attempts(t.Context(), s.DB, caseID, made[0].ID, 1)
	require.NoError(t, err)
	require.Equal(t, made[1:2], got)
}

func (s *Suite) evidence(t *testing.T) {
	caseID := id7()
	e := store.Evidence{
		ID: id7(), FileName: "漏水.png", MediaType: "image/png", Description: "x", Digest: "d", Uploader: "users/a", Size: 3, Created: Now, Content: []byte{1, 0, 2},
	}
	s.tx(t, func(ctx context.Context, tx sqldb.Tx) error { return s.Store.AddEvidence(ctx, tx, caseID, e) })
	got, err := s.Store.Content(t.Context(), s.DB, caseID, e.ID)
	require.NoError(t, err)
	require.Equal(t, e, got)
	list, err := s.Store.EvidenceOf(t.Context(), s.DB, caseID, "", 10)
	require.NoError(t, err)
	e.Content = nil
	require.Equal(t, []store.Evidence{e}, list)
	_, err = s.Store.Content(t.Context(), s.DB, id7(), e.ID)
	require.ErrorIs(t, err, apierr.ErrNotFound, "another case's file")
}

// archives: one a round, kept for ever.
func (s *Suite) archives(t *testing.T) {
	caseID, info := id7(), casefile.ArchiveInfo{ManifestDigest: "m", At: Now}
	keep := func(round int, file string) error {
		return s.DB.InTx(t.Context(), func(tx sqldb.Tx) error {
			return s.Store.KeepArchive(t.Context(), tx, caseID, round, info, []byte(file))
		})
	}
	require.NoError(t, keep(1, "zip1"))
	require.NoError(t, keep(2, "zip2"))
	require.True(t, sqldb.IsUnique(keep(1, "other"), "archives"))
	file, err := s.Store.Archive(t.Context(), s.DB, caseID, 1)
	require.NoError(t, err)
	require.Equal(t, "zip1", string(file))
	_, err = s.Store.Archive(t.Context(), s.DB, caseID, 3)
	require.ErrorIs(t, err, apierr.ErrNotFound)
}

func (s *Suite) codes(t *testing.T) {
	c := store.Code{
		Axis: "AXIS", Code: "B", LabelZH: "乙", LabelEN: "b", Attributes: map[string]string{"mode": "VISIT"}, Active: true, Rank: 20, Version: 1, Updated: Now,
	}
	first := c
	first.Code, first.Rank = "A", 10
	s.tx(t, func(ctx context.Context, tx sqldb.Tx) error {
		for _, row := range []store.Code{c, first} {
			added, err := s.Store.AddCode(ctx, tx, row)
			require.NoError(t, err)
			require.True(t, added)
		}
		added, err := s.Store.AddCode(ctx, tx, c)
		require.False(t, added)
		return err
	})
	all, err := s.Store.AllCodes(t.Context(), s.DB)
	require.NoError(t, err)
	require.Equal(t, []store.Code{first, c}, all)
	c.LabelEN, c.Active = "bee", false
	s.tx(t, func(ctx context.Context, tx sqldb.Tx) error { return s.Store.UpdateCode(ctx, tx, c) })
	err = s.DB.InTx(t.Context(), func(tx sqldb.Tx) error { return s.Store.UpdateCode(t.Context(), tx, c) })
	require.ErrorIs(t, err, apierr.ErrStale)
	all, err = s.Store.AllCodes(t.Context(), s.DB)
	require.NoError(t, err)
	require.Equal(t, "bee", all[1].LabelEN)
	require.Equal(t, int64(2), all[1].Version)
}
