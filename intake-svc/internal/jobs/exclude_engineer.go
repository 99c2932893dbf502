package jobs

import (
	"context"
	"fmt"
	"slices"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	dispatchv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/dispatch/v1"
)

// ExcludeEngineerArgs asks dispatch to keep somebody away from a household.
type ExcludeEngineerArgs struct{ TaskRef }

// Kind implements river.JobArgs.
func (ExcludeEngineerArgs) Kind() string { return "intake.exclude_engineer" }

// excludeEngineer names the household and nothing else: dispatch learns that, not why.
func (w *Worker) excludeEngineer(ctx context.Context, args ExcludeEngineerArgs) error {
	c, t, ok, err := w.task(ctx, args.TaskRef)
	if err != nil || !ok {
		return err
	}
	callCtx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	done, err := w.Orders.ExcludeEngineer(callCtx, exclusion(c, t))
	if err != nil {
		return fmt.Errorf("jobs: keep %s away for %s: %w", t.Engineer, args.Case, err)
	}
	return w.take(ctx, args.TaskRef, func(_ sqldb.Tx, c *casefile.Case, m casefile.Moment, t casefile.Task) (casefile.Change, error) {
		return c.EngineerKeptAway(m, t, done.GetSuspended()), nil
	})
}

// exclusion: the household is where the customer and the persons on site live.
func exclusion(c *casefile.Case, t casefile.Task) *dispatchv1.ExcludeEngineerRequest {
	req := &dispatchv1.ExcludeEngineerRequest{RequestId: t.ID, Engineer: t.Engineer, OwnerOrg: c.OwnerOrg, WorkOrders: t.Orders, Suspend: t.Suspend}
	for _, p := range c.Personal.Parties {
		if !slices.Contains(p.Roles, casefile.PartyCustomer) && !slices.Contains(p.Roles, casefile.PartyOnSite) {
			continue
		}
		if p.Phone != "" {
			req.Phones = append(req.Phones, p.Phone)
		}
		if p.AddressLine != "" {
			req.Addresses = append(req.Addresses, &commonv1.Address{RegionCode: p.Region, Line: p.AddressLine})
		}
	}
	return req
}
