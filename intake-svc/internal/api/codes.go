package api

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	grpccodes "google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/codes"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/events"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

var (
	// errAxis is an axis that there is not; metadata: axis.
	errAxis = apierr.Define(grpccodes.InvalidArgument, "AXIS_UNKNOWN", "没有代码表 {axis}", "there is no axis {axis}")
	// errCodeExists is a code that is there already; metadata: name.
	errCodeExists = apierr.Define(grpccodes.AlreadyExists, "CODE_EXISTS", "代码 {name} 已存在", "the code {name} exists")
)

// codeName is the unique column of codes.
const codeName = "(axis || '.' || code)"

// codeSpec is what the list of codes can be filtered by.
var codeSpec = &listing.Spec{
	Fields: map[string]listing.Field{
		"axis": {Column: "axis", Type: listing.String}, "code": {Column: "code", Type: listing.String}, "active": {Column: "active", Type: listing.Bool},
		"rank": {Column: "rank", Type: listing.Int},
	},
	Orders: map[string]string{"axis": "axis", "rank": "rank"}, DefaultOrder: "axis, rank", Tie: codeName, DefaultSize: 1000,
}

// ListCodes implements intakev1.CodeServiceServer.
func (s codeService) ListCodes(ctx context.Context, req *intakev1.ListCodesRequest) (*intakev1.ListCodesResponse, error) {
	query, err := listing.Parse(codeSpec, listing.Request{PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), Filter: req.GetFilter()})
	if err != nil {
		return nil, err
	}
	rows, err := s.Cases.ListCodes(ctx, s.DB, query)
	if err != nil {
		return nil, err
	}
	rows, next := listing.Page(query, rows, func(c store.Code) map[string]any {
		return map[string]any{"axis": c.Axis, "rank": int64(c.Rank), codeName: codes.Name(c.Axis, c.Code)}
	})
	present := s.presenter(ctx)
	resp := &intakev1.ListCodesResponse{NextPageToken: next, Codes: make([]*intakev1.Code, len(rows))}
	for n, c := range rows {
		resp.Codes[n] = present.codeRow(c)
	}
	return resp, nil
}

// GetCode implements intakev1.CodeServiceServer.
func (s codeService) GetCode(ctx context.Context, req *intakev1.GetCodeRequest) (*intakev1.Code, error) {
	c, ok := s.Codes.Get(strings.TrimPrefix(req.GetName(), "codes/"))
	if !ok {
		return nil, apierr.NotFound(req.GetName())
	}
	return s.presenter(ctx).codeRow(c), nil
}

// CreateCode implements intakev1.CodeServiceServer.
func (s codeService) CreateCode(ctx context.Context, req *intakev1.CreateCodeRequest) (*intakev1.Code, error) {
	in := req.GetCode()
	if !s.Codes.HasAxis(in.GetAxis()) {
		return nil, errAxis.New("axis", in.GetAxis())
	}
	c := store.Code{
		Axis: in.GetAxis(), Code: in.GetCode(), LabelZH: in.GetLabelZh(), LabelEN: in.GetLabelEn(), Attributes: in.GetAttributes(), Active: true,
		Rank: int(in.GetRank()), Version: 1,
	}
	if err := checkCode(c); err != nil {
		return nil, err
	}
	return s.writeCode(ctx, req, &c, func(tx sqldb.Tx) error {
		added, err := s.Cases.AddCode(ctx, tx, c)
		if err == nil && !added {
			err = errCodeExists.New("name", codes.Name(c.Axis, c.Code))
		}
		return err
	})
}

// UpdateCode implements intakev1.CodeServiceServer.
func (s codeService) UpdateCode(ctx context.Context, req *intakev1.UpdateCodeRequest) (*intakev1.Code, error) {
	in := req.GetCode()
	c, ok := s.Codes.Get(strings.TrimPrefix(in.GetName(), "codes/"))
	if !ok {
		return nil, apierr.NotFound(in.GetName())
	}
	if err := sameTag(in.GetEtag(), codeTag(c)); err != nil {
		return nil, err
	}
	if err := merge(&c, in, req.GetUpdateMask().GetPaths()); err != nil {
		return nil, err
	}
	if err := checkCode(c); err != nil {
		return nil, err
	}
	return s.writeCode(ctx, req, &c, func(tx sqldb.Tx) error {
		if err := s.Cases.UpdateCode(ctx, tx, c); err != nil {
			return err
		}
		return nil
	})
}

// merge takes over the fields that the mask names; without a mask all that can change.
func merge(c *store.Code, in *intakev1.Code, mask []string) error {
	changeable := []string{"label_zh", "label_en", "attributes", "active", "rank"}
	if len(mask) == 0 {
		mask = changeable
	}
	for _, path := range mask {
		switch path {
		case "label_zh":
			c.LabelZH = in.GetLabelZh()
		case "label_en":
			c.LabelEN = in.GetLabelEn()
		case "attributes":
			c.Attributes = in.GetAttributes()
		case "active":
			c.Active = in.GetActive()
		case "rank":
			c.Rank = int(in.GetRank())
		case "name", "etag": // say which row and which version, and are no change
		default:
			return apierr.Invalid("update_mask", "可修改:"+strings.Join(changeable, ", "), "may name "+strings.Join(changeable, ", "))
		}
	}
	return nil
}

func checkCode(c store.Code) error {
	if c.Code == "" || c.LabelZH == "" || c.LabelEN == "" {
		return apierr.Invalid("code", "代码与中英文名称必填", "code, label_zh and label_en are needed")
	}
	fields := map[string]string{"code.label_zh": c.LabelZH, "code.label_en": c.LabelEN}
	for key, value := range c.Attributes {
		fields["code.attributes"] = key + value
	}
	return plain(fields)
}

// writeCode writes a code, tells the other services, and refreshes the copy after the commit.
func (s *Server) writeCode(ctx context.Context, req mutation, c *store.Code, write func(tx sqldb.Tx) error) (resp *intakev1.Code, err error) {
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*intakev1.Code, error) {
			c.Updated = s.Clock.Now()
			if err := write(tx); err != nil {
				return nil, err
			}
			if err := s.Ledger.Outbox().Append(ctx, tx, CodeEvents([]store.Code{*c})...); err != nil {
				return nil, err
			}
			changed := *c
			if _, update := req.(*intakev1.UpdateCodeRequest); update {
				changed.Version++
			}
			return s.presenter(ctx).codeRow(changed), nil
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return resp, s.ReloadCodes(ctx)
}

// ReloadCodes refreshes the copy of the tables.
func (s *Server) ReloadCodes(ctx context.Context) error {
	s.copies.Lock()
	defer s.copies.Unlock()
	all, err := s.Cases.AllCodes(ctx, s.DB)
	if err != nil {
		return err
	}
	s.Codes.Load(all)
	return nil
}

// SeedCodes adds the shipped codes that are missing, tells the other services, and loads the tables; not before, for readers
// wait for the first load.
func (s *Server) SeedCodes(ctx context.Context) error {
	there, err := s.Cases.AllCodes(ctx, s.DB)
	if err != nil {
		return err
	}
	known := make(map[string]bool, len(there))
	for _, c := range there {
		known[codes.Name(c.Axis, c.Code)] = true
	}
	missing := slices.DeleteFunc(codes.Seeds(s.Clock.Now()), func(c store.Code) bool { return known[codes.Name(c.Axis, c.Code)] })
	if len(missing) > 0 {
		if err := s.DB.InTx(ctx, func(tx sqldb.Tx) error { return s.addCodes(ctx, tx, missing) }); err != nil {
			return fmt.Errorf("api: seed codes: %w", err)
		}
	}
	return s.ReloadCodes(ctx)
}

// addCodes adds those that another process did not add meanwhile.
func (s *Server) addCodes(ctx context.Context, tx sqldb.Tx, missing []store.Code) error {
	var added []store.Code
	for _, c := range missing {
		isNew, err := s.Cases.AddCode(ctx, tx, c)
		if err != nil {
			return err
		}
		if isNew {
			added = append(added, c)
		}
	}
	return s.Ledger.Outbox().Append(ctx, tx, CodeEvents(added)...)
}

// CodeEvents tells rows of code tables to those who keep copies.
func CodeEvents(rows []store.Code) []events.Event {
	evs := make([]events.Event, len(rows))
	for n, c := range rows {
		name := "codes/" + codes.Name(c.Axis, c.Code)
		evs[n] = events.Event{
			Type: "aftersales.code.changed.v1", Subject: name, Key: "codes",
			Payload: &eventv1.CodeChanged{Axis: c.Axis, Code: c.Code, LabelZh: c.LabelZH, LabelEn: c.LabelEN, Attributes: c.Attributes, Active: c.Active},
		}
	}
	return evs
}

func codeTag(c store.Code) string { return strconv.FormatInt(c.Version, 10) }

func (p *presenter) codeRow(c store.Code) *intakev1.Code {
	return &intakev1.Code{
		Name: "codes/" + codes.Name(c.Axis, c.Code), Axis: c.Axis, Code: c.Code, Label: codes.Label(c, p.locale), LabelZh: c.LabelZH, LabelEn: c.LabelEN,
		Attributes: c.Attributes, Active: c.Active, Rank: int32(c.Rank), Etag: codeTag(c), UpdateTime: at(c.Updated),
	}
}
