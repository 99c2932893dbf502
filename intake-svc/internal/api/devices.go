package api

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	grpccodes "google.golang.org/grpc/codes"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/entitlement"
	"github.com/aftersales-suite/aftersales/intake-svc/internal/store"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/auth"
	"github.com/aftersales-suite/aftersales/platform/idempotency"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

// errDeviceExists is a serial number that is registered; metadata: device.
var errDeviceExists = apierr.Define(grpccodes.AlreadyExists, "DEVICE_EXISTS", "该序列号已登记为 {device}", "the serial number is registered as {device}")

// historyLimit bounds what a device's history answers.
const historyLimit = 500

// deviceOrgs are the organisations whose devices the caller sees; nil is the suite itself.
func deviceOrgs(ctx context.Context) []string {
	p := auth.FromContext(ctx)
	if p.Kind == auth.Service || p.Kind == auth.System {
		return nil
	}
	return p.Sees()
}

// CreateDevice implements intakev1.DeviceServiceServer.
func (s deviceService) CreateDevice(ctx context.Context, req *intakev1.CreateDeviceRequest) (resp *intakev1.Device, err error) {
	in := req.GetDevice()
	d := store.Device{
		OwnerOrg: auth.FromContext(ctx).Org, Brand: in.GetBrand(), Model: in.GetModel(), Category: in.GetCategory(), Serial: in.GetSerialNumber(),
		Purchased: in.GetPurchaseDate(), Proof: in.GetProofNumber(), Installed: in.GetInstallDate(),
	}
	if in.GetOwner() != nil {
		owner := party(in.GetOwner(), casefile.PartyRoles, "")
		d.Owner = &owner
	}
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*intakev1.Device, error) {
			made, added, err := s.register(ctx, tx, d)
			if err != nil {
				return nil, err
			}
			if !added {
				return nil, errDeviceExists.New("device", made.Name())
			}
			return deviceOf(made), nil
		})
		return err
	})
	return resp, err
}

// register keeps a device, or finds the one that has the serial number.
func (s *Server) register(ctx context.Context, tx sqldb.Tx, d store.Device) (made store.Device, added bool, err error) {
	if err := checkDevice(d); err != nil {
		return d, false, err
	}
	if d.Category == "" {
		if d.Category, err = s.categoryOf(ctx, tx, d.OwnerOrg, d.Brand, d.Model); err != nil {
			return d, false, err
		}
	}
	now := s.Clock.Now()
	d.ID, d.Version, d.Created, d.Updated = newID(), 1, now, now
	if added, err = s.Cases.AddDevice(ctx, tx, d); err != nil || added {
		return d, added, err
	}
	made, _, err = s.Cases.DeviceBySerial(ctx, tx, d.OwnerOrg, d.Brand, d.Serial)
	return made, false, err
}

func checkDevice(d store.Device) error {
	for field, date := range map[string]string{"device.purchase_date": d.Purchased, "device.install_date": d.Installed} {
		if date != "" && entitlement.ParseDate(date) == 0 {
			return apierr.Invalid(field, "不是有效日期", "is no date")
		}
	}
	return plain(map[string]string{
		"device.brand": d.Brand, "device.model": d.Model, "device.category": d.Category, "device.serial_number": d.Serial, "device.proof_number": d.Proof,
	})
}

// GetDevice implements intakev1.DeviceServiceServer.
func (s deviceService) GetDevice(ctx context.Context, req *intakev1.GetDeviceRequest) (*intakev1.Device, error) {
	d, err := s.Cases.Device(ctx, s.DB, deviceOrgs(ctx), lastID(req.GetName()))
	if err != nil {
		return nil, err
	}
	return deviceOf(d), nil
}

// UpdateDevice implements intakev1.DeviceServiceServer.
func (s deviceService) UpdateDevice(ctx context.Context, req *intakev1.UpdateDeviceRequest) (resp *intakev1.Device, err error) {
	in := req.GetDevice()
	err = s.DB.InTx(ctx, func(tx sqldb.Tx) error {
		resp, err = idempotency.Do(ctx, s.Idem, tx, req.GetRequestId(), req, func() (*intakev1.Device, error) {
			d, err := s.Cases.Device(ctx, tx, deviceOrgs(ctx), lastID(in.GetName()))
			if err != nil {
				return nil, err
			}
			if err := sameTag(in.GetEtag(), d.Etag()); err != nil {
				return nil, err
			}
			d.Model, d.Category = cmp.Or(in.GetModel(), d.Model), cmp.Or(in.GetCategory(), d.Category)
			d.Purchased, d.Installed = cmp.Or(in.GetPurchaseDate(), d.Purchased), cmp.Or(in.GetInstallDate(), d.Installed)
			d.Proof, d.Updated = cmp.Or(in.GetProofNumber(), d.Proof), s.Clock.Now()
			if in.GetOwner() != nil {
				owner := party(in.GetOwner(), casefile.PartyRoles, "")
				d.Owner = &owner
			}
			if err := checkDevice(d); err != nil {
				return nil, err
			}
			if err := s.Cases.UpdateDevice(ctx, tx, d); err != nil {
				return nil, err
			}
			d.Version++
			return deviceOf(d), nil
		})
		return err
	})
	return resp, err
}

func (s *Server) deviceList() *listing.Spec {
	fields := map[string]listing.Field{
		"serial_number": {Column: "serial", Type: listing.String}, "brand": {Column: "brand", Type: listing.String},
		"model": {Column: "model", Type: listing.String}, "category": {Column: "category", Type: listing.String},
		"create_time": {Column: "created_at", Type: listing.Time},
		"phone": {Column: "phone_index", Type: listing.String, Ops: []string{"="}, Fold: func(phone string) (any, error) {
			return s.Cases.PhoneIndex(phone), nil
		}},
	}
	for name, field := range fields {
		fields[lowerCamel(name)] = field
	}
	return &listing.Spec{
		Fields: fields, DefaultOrder: "create_time desc", Tie: "id", Orders: map[string]string{"create_time": "created_at", "createTime": "created_at"},
	}
}

// ListDevices implements intakev1.DeviceServiceServer.
func (s deviceService) ListDevices(ctx context.Context, req *intakev1.ListDevicesRequest) (*intakev1.ListDevicesResponse, error) {
	query, err := listing.Parse(s.deviceSpec, listing.Request{
		PageSize: req.GetPageSize(), PageToken: req.GetPageToken(), OrderBy: req.GetOrderBy(), Filter: req.GetFilter(),
	})
	if err != nil {
		return nil, err
	}
	rows, err := s.Cases.ListDevices(ctx, s.DB, deviceOrgs(ctx), query)
	if err != nil {
		return nil, err
	}
	rows, next := listing.Page(query, rows, func(d store.Device) map[string]any { return map[string]any{"created_at": d.Created, "id": d.ID} })
	resp := &intakev1.ListDevicesResponse{NextPageToken: next}
	for _, d := range rows {
		resp.Devices = append(resp.Devices, deviceOf(d))
	}
	return resp, nil
}

// RegisterCaseDevice implements intakev1.DeviceServiceServer.
func (s deviceService) RegisterCaseDevice(ctx context.Context, req *intakev1.RegisterCaseDeviceRequest) (*intakev1.Device, error) {
	var made store.Device
	return change(ctx, s.Server, caseID(req.GetName()), req, func(tx sqldb.Tx, c *casefile.Case, m casefile.Moment) (casefile.Change, error) {
		if err := sameTag(req.GetEtag(), c.Etag()); err != nil {
			return casefile.Change{}, err
		}
		n, err := itemIndex(c, req.GetItemId())
		if err != nil {
			return casefile.Change{}, err
		}
		if made, _, err = s.register(ctx, tx, deviceIn(c, n)); err != nil {
			return casefile.Change{}, err
		}
		return c.LinkDevice(m, n, made.Name())
	}, func(_ *presenter, _ *casefile.Case) *intakev1.Device { return deviceOf(made) })
}

// deviceIn is the machine of a case, with the customer as its owner.
func deviceIn(c *casefile.Case, n int) store.Device {
	i := c.Items[n]
	return store.Device{
		OwnerOrg: c.OwnerOrg, Brand: i.Brand, Model: i.Model, Category: i.Category, Serial: i.Serial, Purchased: i.PurchaseDate, Proof: i.ProofNumber,
		Installed: i.InstallDate, Owner: c.Personal.Party(casefile.PartyCustomer),
	}
}

// itemIndex finds a product of a case that has a serial number.
func itemIndex(c *casefile.Case, id string) (int, error) {
	n, err := findItem(c, id)
	if err == nil && (c.Items[n].Serial == "" || c.Items[n].Brand == "") {
		err = apierr.Invalid("item_id", "该产品没有品牌或序列号,不能登记", "the product has no brand or serial number")
	}
	return n, err
}

func findItem(c *casefile.Case, id string) (int, error) {
	n, err := strconv.Atoi(cmp.Or(id, "1"))
	if err != nil || n < 1 || n > len(c.Items) {
		return 0, apierr.Invalid("item_id", "案件没有该产品", "the case has no such product")
	}
	return n - 1, nil
}

// keepHistory writes what a work order does to a registered machine, as far as it is known by its serial number (R101).
func (s *Server) keepHistory(ctx context.Context, tx sqldb.Tx, c *casefile.Case, p *eventv1.WorkOrderChanged) error {
	if !slices.Contains([]string{"ON_SITE", "TAKEN_AWAY", "DIAGNOSED", "IN_PROGRESS", "WAITING_PART", "DONE", "CONFIRMED"}, p.GetState()) || len(c.Items) == 0 {
		return nil
	}
	d, ok, err := s.Cases.DeviceBySerial(ctx, tx, c.OwnerOrg, c.Items[0].Brand, c.Items[0].Serial)
	if err != nil || !ok {
		return err
	}
	at := cmp.Or(p.GetStep().GetOccurredUs(), sqldb.Micros(s.Clock.Now()))
	day := entitlement.DateOf(micro(at), s.Policy.Zone).String()
	e := store.DeviceEvent{
		Device: d.ID, WorkOrder: p.GetWorkOrder(), CaseID: c.ID, CaseNumber: c.Number, Kind: p.GetPurpose(), Started: day, Outcome: outcome(p.GetOutcome()),
	}
	if p.GetState() == "CONFIRMED" {
		e.Ended = day
	}
	return s.Cases.KeepDeviceEvent(ctx, tx, e)
}

// ListDeviceHistory implements intakev1.DeviceServiceServer.
func (s deviceService) ListDeviceHistory(ctx context.Context, req *intakev1.ListDeviceHistoryRequest) (*intakev1.ListDeviceHistoryResponse, error) {
	d, err := s.Cases.Device(ctx, s.DB, deviceOrgs(ctx), lastID(req.GetName()))
	if err != nil {
		return nil, err
	}
	done, err := s.Cases.DeviceEvents(ctx, s.DB, d.ID, historyLimit)
	if err != nil {
		return nil, err
	}
	cases, err := s.casesWhere(ctx, "serial_number", d.Serial)
	if err != nil {
		return nil, err
	}
	resp := &intakev1.ListDeviceHistoryResponse{}
	visible := map[string]string{}
	for _, c := range cases {
		if c.Items[0].Brand != d.Brand || c.OwnerOrg != d.OwnerOrg {
			continue
		}
		visible[c.ID] = c.Number
		resp.Events = append(resp.Events, &intakev1.DeviceEvent{
			Kind: "CASE", Source: c.Name(), Case: c.Name(), CaseNumber: c.Number, StartDate: s.dateOf(c.Created), Outcome: string(c.State),
			EndDate: s.dateOf(c.Round().ClosedAt),
		})
	}
	for _, e := range done {
		resp.Events = append(resp.Events, &intakev1.DeviceEvent{
			Kind: e.Kind, Source: e.WorkOrder, Case: "cases/" + e.CaseID, CaseNumber: visible[e.CaseID], StartDate: e.Started, EndDate: e.Ended, Outcome: e.Outcome,
		})
	}
	slices.SortStableFunc(resp.Events, func(a, b *intakev1.DeviceEvent) int { return strings.Compare(a.GetStartDate(), b.GetStartDate()) })
	return resp, nil
}

// casesWhere answers the caller's newest cases with a value in an indexed field.
func (s *Server) casesWhere(ctx context.Context, field, value string) ([]*casefile.Case, error) {
	if value == "" {
		return nil, nil
	}
	query, err := listing.Parse(s.caseSpec, listing.Request{PageSize: 100, Filter: field + "=" + strconv.Quote(value)})
	if err != nil {
		return nil, err
	}
	return s.Cases.List(ctx, s.DB, store.ViewerOf(auth.FromContext(ctx)), query)
}

func (s *Server) dateOf(t time.Time) string { return entitlement.DateOf(t, s.Policy.Zone).String() }

func deviceOf(d store.Device) *intakev1.Device {
	m := &intakev1.Device{
		Name: d.Name(), Brand: d.Brand, Model: d.Model, Category: d.Category, SerialNumber: d.Serial, PurchaseDate: d.Purchased, ProofNumber: d.Proof,
		InstallDate: d.Installed, OwnerOrg: d.OwnerOrg, Etag: d.Etag(), CreateTime: at(d.Created), UpdateTime: at(d.Updated), ReplacedBy: d.ReplacedBy,
	}
	if d.Owner != nil {
		m.Owner = person(d.Owner, false)
	}
	return m
}
