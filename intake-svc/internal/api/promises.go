package api

import (
	"context"
	"fmt"
	"slices"

	grpccodes "google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/promise"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	"google.golang.org/protobuf/proto"
)

var (
	// errGeneralPolicy is a change of what the installation's configuration says.
	errGeneralPolicy = apierr.Define(grpccodes.FailedPrecondition, "SLA_POLICY_GENERAL",
		"通用策略来自安装配置,请为本组织新建策略以覆盖", "a general policy comes from the configuration: overrule it by one of your own")
	// errGeneralCalendar is the same of a calendar.
	errGeneralCalendar = apierr.Define(grpccodes.FailedPrecondition, "WORKING_CALENDAR_GENERAL",
		"通用日历来自安装配置,请为本组织新建日历", "a general calendar comes from the configuration: make one of your own")
)

// ShipPromises writes the general policies and calendars as the configuration has them, and loads the book.
func (s *Server) ShipPromises(ctx context.Context) error {
	err := s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		return s.Cases.Ship(ctx, tx, s.Defaults.Policies(), s.Defaults.Calendars(), s.Clock.Now())
	})
	if err != nil {
		return fmt.Errorf("api: ship promises: %w", err)
	}
	return s.ReloadPromises(ctx)
}

// ReloadPromises refreshes the copy of policies, calendars and holidays. A calendar that cannot be used is logged and left out.
func (s *Server) ReloadPromises(ctx context.Context) error {
	s.copies.Lock()
	defer s.copies.Unlock()
	policies, err := s.Cases.AllPolicies(ctx, s.DB)
	if err != nil {
		return err
	}
	calendars, err := s.Cases.AllCalendars(ctx, s.DB)
	if err != nil {
		return err
	}
	holidays, err := s.Cases.AllHolidays(ctx, s.DB)
	if err != nil {
		return err
	}
	book, err := promise.NewBook(policies, calendars, holidays, s.Clock.Now())
	if err != nil {
		s.Log.WarnContext(ctx, "some calendars cannot be used", "error", err)
	}
	s.Policy.Promises.Load(book)
	return nil
}

// ownOrg is the organisation that a new row belongs to: the caller's, or one below it.
func ownOrg(ctx context.Context, field, asked string) (string, error) {
	caller := auth.FromContext(ctx)
	if asked == "" {
		return caller.Org, nil
	}
	if !slices.Contains(caller.Sees(), asked) {
		return "", apierr.Invalid(field, "不是您所在的组织", "is not one of your organisations")
	}
	return asked, nil
}

// mine refuses to change what belongs to somebody else, as if it were not there, and what is general.
func mine(ctx context.Context, name, org string, general *apierr.Kind) error {
	switch {
	case org == "":
		return general.New()
	case !slices.Contains(auth.FromContext(ctx).Sees(), org):
		return apierr.NotFound(name)
	}
	return nil
}

// configure writes a row of the configuration once for a request, and refreshes the copy after the commit.
func configure[Resp proto.Message](ctx context.Context, s *Server, req mutation, write func(tx sqldb.Tx) (Resp, error)) (resp Resp, err error) {
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (Resp, error) { return write(tx) })
		return err
	})
	if err != nil {
		var none Resp
		return none, err
	}
	return resp, s.ReloadPromises(ctx)
}

// chosen are the fields that an update names; without a mask all that can change.
func chosen(mask, changeable []string) ([]string, error) {
	if len(mask) == 0 {
		return changeable, nil
	}
	var fields []string
	for _, path := range mask {
		switch {
		case path == "name" || path == "etag": // say which row and which version, and are no change
		case slices.Contains(changeable, path):
			fields = append(fields, path)
		default:
			return nil, apierr.Invalid("update_mask", "不可修改:"+path, "cannot change "+path)
		}
	}
	return fields, nil
}
