package api

import (
	"context"
	"errors"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// SendConsentCode implements intakev1.SolutionServiceServer (R134, R151). The code is answered in a demo only: elsewhere it would let the agent
// agree in the customer's name.
func (s solutionService) SendConsentCode(ctx context.Context, req *intakev1.SendConsentCodeRequest) (*intakev1.ConsentCode, error) {
	id := lastID(req.GetName())
	code := ""
	return change(ctx, s.Server, caseID(req.GetName()), req, func(_ sqldb.Tx, c *casefile.Case, m casefile.Moment) (done casefile.Change, err error) {
		p := c.Solution(id)
		if p == nil {
			return done, apierr.NotFound(req.GetName())
		}
		if err := sameTag(req.GetEtag(), p.Etag()); err != nil {
			return done, err
		}
		code, done, err = c.SendConsentCode(m, id, s.Cases.ConsentDigest)
		return done, err
	}, func(_ *presenter, c *casefile.Case) *intakev1.ConsentCode {
		k := c.Solution(id).Code
		out := &intakev1.ConsentCode{
			Solution: c.SolutionName(id), Phone: maskPhone(c.Personal.Party(casefile.PartyCustomer).Phone), ExpireTime: at(k.Expires),
			TriesLeft: int32(k.TriesLeft()), CodesLeft: int32(k.CodesLeft()),
		}
		if s.DemoShowsCode {
			out.AcceptanceCode = code
		}
		return out
	})
}

// tryCode counts a wrong code in a transaction of its own, which is kept although the call is refused. What was answered before is not tried again.
func (s *Server) tryCode(ctx context.Context, req *intakev1.AgreeSolutionRequest) error {
	if req.GetAcceptanceCode() == "" {
		return nil
	}
	caller := auth.FromContext(ctx)
	key, err := s.Idem.Key(ctx, req.GetRequestId(), req)
	if err != nil {
		return err
	}
	if known, err := s.Idem.Lookup(ctx, s.DB, key); err != nil || len(known) > 0 {
		return err
	}
	var refused error
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		c, err := s.Cases.Lock(ctx, tx, store.ViewerOf(caller), caseID(req.GetName()))
		if err != nil {
			return err
		}
		p := c.Solution(lastID(req.GetName()))
		if p == nil {
			return apierr.NotFound(req.GetName())
		}
		if err := sameTag(req.GetEtag(), p.Etag()); err != nil {
			return err
		}
		var tried casefile.Change
		tried, refused = c.TryConsentCode(s.moment(caller), p.ID, req.GetAcceptanceCode(), s.Cases.ConsentDigest)
		if len(tried.Entries) == 0 {
			return nil
		}
		return s.Ledger.Commit(ctx, tx, c, tried)
	})
	return errors.Join(err, refused)
}
