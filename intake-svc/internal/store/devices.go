package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aftersales-suite/aftersales/intake-svc/internal/casefile"
	"github.com/aftersales-suite/aftersales/platform/apierr"
	"github.com/aftersales-suite/aftersales/platform/listing"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Device is a machine that was sold.
type Device struct {
	ID, OwnerOrg, Brand, Model, Category, Serial string
	Purchased, Proof, Installed, ReplacedBy      string // dates YYYY-MM-DD
	Owner                                        *casefile.Party
	Version                                      int64
	Created, Updated                             time.Time
}

// Name is "devices/<id>".
func (d *Device) Name() string { return "devices/" + d.ID }

// Etag is what a reader gives back.
func (d *Device) Etag() string { return strconv.FormatInt(d.Version, 10) }

// DeviceEvent is what one work order did to a device.
type DeviceEvent struct {
	Device, WorkOrder, CaseID, CaseNumber, Kind, Started, Ended, Outcome string
}

const deviceColumns = `id, owner_org, brand, model, category, serial, purchased, proof, installed, replaced_by, version, created_at, updated_at, owner`

// AddDevice keeps a new device; added is false when the serial is registered.
func (s *SQL) AddDevice(ctx context.Context, tx sqldb.Tx, d Device) (added bool, err error) {
	owner, phone, err := s.sealOwner(d)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO devices (`+deviceColumns+`, phone_index)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (owner_org, serial, brand) DO NOTHING`,
		d.ID, d.OwnerOrg, d.Brand, d.Model, d.Category, d.Serial, d.Purchased, d.Proof, d.Installed, d.ReplacedBy, d.Version,
		sqldb.Micros(d.Created), sqldb.Micros(d.Updated), owner, phone)
	if err != nil {
		return false, fmt.Errorf("store: add device: %w", err)
	}
	return n == 1, nil
}

// UpdateDevice writes a device of the version that was read.
func (s *SQL) UpdateDevice(ctx context.Context, tx sqldb.Tx, d Device) error {
	owner, phone, err := s.sealOwner(d)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE devices SET model = $2, category = $3, purchased = $4, proof = $5, installed = $6, replaced_by = $7, owner = $8,
		phone_index = $9, updated_at = $10, version = version + 1 WHERE id = $1 AND version = $11`,
		d.ID, d.Model, d.Category, d.Purchased, d.Proof, d.Installed, d.ReplacedBy, owner, phone, sqldb.Micros(d.Updated), d.Version)
	if err != nil {
		return fmt.Errorf("store: update device: %w", err)
	}
	if n == 0 {
		return apierr.ErrStale.New()
	}
	return nil
}

func (s *SQL) sealOwner(d Device) (owner []byte, phone string, err error) {
	if d.Owner == nil {
		return nil, "", nil
	}
	owner, err = s.sealJSON(d.Owner, deviceAAD(d.ID))
	return owner, s.PhoneIndex(d.Owner.Phone), err
}

func deviceAAD(id string) string { return "devices/" + id }

// Device answers a device of the organisations; of nil organisations, of any.
func (s *SQL) Device(ctx context.Context, q Reader, orgs []string, id string) (Device, error) {
	where, args := inAny(q.Engine(), 2, orgs)
	d, err := s.scanDevice(q.Row(ctx, `SELECT `+deviceColumns+` FROM devices WHERE id = $1 AND `+where, append([]any{id}, args...)...))
	if errors.Is(err, sqldb.ErrNoRows) {
		return d, apierr.NotFound("devices/" + id)
	}
	return d, err
}

// inAny is the condition on the owner; nil organisations see all: the suite itself.
func inAny(engine sqldb.Engine, index int, orgs []string) (where string, args []any) {
	if orgs == nil {
		return "TRUE", nil
	}
	where, arg := sqldb.In(engine, "owner_org", index, orgs)
	return where, []any{arg}
}

// DeviceBySerial finds a device of an organisation; ok is false when there is none. An empty brand is any.
func (s *SQL) DeviceBySerial(ctx context.Context, q Reader, org, brand, serial string) (d Device, ok bool, err error) {
	if serial == "" {
		return d, false, nil
	}
	d, err = s.scanDevice(q.Row(ctx, `SELECT `+deviceColumns+` FROM devices WHERE owner_org = $1 AND serial = $2 AND (brand = $3 OR $3 = '')
		ORDER BY id LIMIT 1`, org, serial, brand))
	if errors.Is(err, sqldb.ErrNoRows) {
		return d, false, nil
	}
	return d, err == nil, err
}

// ListDevices answers a page of the organisations' devices.
func (s *SQL) ListDevices(ctx context.Context, q Reader, orgs []string, query listing.Query) ([]Device, error) {
	org, args := inAny(q.Engine(), 1, orgs)
	where, more := query.Where(len(args) + 1)
	rows, err := q.Rows(ctx, `SELECT `+deviceColumns+` FROM devices WHERE `+org+` AND `+where+` ORDER BY `+query.OrderBy+
		` LIMIT `+strconv.Itoa(query.Limit), append(args, more...)...)
	if err != nil {
		return nil, fmt.Errorf("store: list devices: %w", err)
	}
	defer rows.Close()
	var all []Device
	for rows.Next() {
		d, err := s.scanDevice(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, rows.Err()
}

func (s *SQL) scanDevice(row sqldb.Row) (d Device, err error) {
	var created, updated int64
	var owner []byte
	err = row.Scan(&d.ID, &d.OwnerOrg, &d.Brand, &d.Model, &d.Category, &d.Serial, &d.Purchased, &d.Proof, &d.Installed, &d.ReplacedBy, &d.Version,
		&created, &updated, &owner)
	if err != nil {
		return d, err
	}
	d.Created, d.Updated = sqldb.Time(created), sqldb.Time(updated)
	if owner == nil {
		return d, nil
	}
	d.Owner = &casefile.Party{}
	return d, s.openJSON(owner, deviceAAD(d.ID), d.Owner)
}

// KeepDeviceEvent writes what a work order did: its first day stays, the rest is as told last.
func (s *SQL) KeepDeviceEvent(ctx context.Context, tx sqldb.Tx, e DeviceEvent) error {
	_, err := tx.Exec(ctx, `INSERT INTO device_events (device_id, work_order, case_id, case_number, kind, started, ended, outcome)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (device_id, work_order) DO UPDATE SET ended = excluded.ended, outcome = excluded.outcome`,
		e.Device, e.WorkOrder, e.CaseID, e.CaseNumber, e.Kind, e.Started, e.Ended, e.Outcome)
	if err != nil {
		return fmt.Errorf("store: keep device event: %w", err)
	}
	return nil
}

// DeviceEvents answers the latest events of a device, oldest first.
func (s *SQL) DeviceEvents(ctx context.Context, q sqldb.Queryer, device string, limit int) ([]DeviceEvent, error) {
	rows, err := q.Rows(ctx, `SELECT device_id, work_order, case_id, case_number, kind, started, ended, outcome FROM device_events
		WHERE device_id = $1 ORDER BY started DESC, work_order DESC LIMIT $2`, device, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("store: read device events: %w", err)
	}
	defer rows.Close()
	var all []DeviceEvent
	for rows.Next() {
		var e DeviceEvent
		if err := rows.Scan(&e.Device, &e.WorkOrder, &e.CaseID, &e.CaseNumber, &e.Kind, &e.Started, &e.Ended, &e.Outcome); err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	slices.Reverse(all)
	return all, rows.Err()
}
