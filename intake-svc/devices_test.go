package intake

import (
	"testing"

	"github.com/stretchr/testify/require"

	commonv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/common/v1"
	eventv1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/event/v1"
	intakev1 "github.com/aftersales-suite/aftersales/proto/gen/aftersales/intake/v1"
)

func (w *world) entitlement(name string) *intakev1.Entitlement {
	w.t.Helper()
	e, err := w.devices.GetCaseEntitlement(w.as(agent), &intakev1.GetCaseEntitlementRequest{Name: name})
	require.NoError(w.t, err)
	return e
}

// R36, R47, R101: a machine is registered once, found by serial number and by its owner's phone, masked, and by nobody else.
func TestDevicesAreRegisteredOnce(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		in := &intakev1.Device{Brand: "海风", Model: "XQG100", SerialNumber: "SN-77", PurchaseDate: "2026-03-01", Owner: customer()}
		d, err := w.devices.CreateDevice(w.as(agent), &intakev1.CreateDeviceRequest{Device: in, RequestId: "d1"})
		require.NoError(t, err)
		again, err := w.devices.CreateDevice(w.as(agent), &intakev1.CreateDeviceRequest{Device: in, RequestId: "d1"})
		require.NoError(t, err)
		require.Equal(t, d.GetName(), again.GetName(), "a repeated request answers the same")
		_, err = w.devices.CreateDevice(w.as(agent), &intakev1.CreateDeviceRequest{Device: in})
		requireReason(t, err, "DEVICE_EXISTS")
		for _, filter := range []string{`phone="+86 138-0013-8000"`, `serial_number="SN-77"`} {
			list, err := w.devices.ListDevices(w.as(otherAgent), &intakev1.ListDevicesRequest{Filter: filter})
			require.NoError(t, err)
			require.Len(t, list.GetDevices(), 1, filter)
			require.Equal(t, "138****8000", list.GetDevices()[0].GetOwner().GetPhone())
		}
		none, err := w.devices.ListDevices(w.as(providerDesk), &intakev1.ListDevicesRequest{})
		require.NoError(t, err)
		require.Empty(t, none.GetDevices(), "another organisation sees nothing")
		_, err = w.devices.GetDevice(w.as(providerDesk), &intakev1.GetDeviceRequest{Name: d.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")

		changed, err := w.devices.UpdateDevice(w.as(agent), &intakev1.UpdateDeviceRequest{Device: &intakev1.Device{
			Name: d.GetName(), Etag: d.GetEtag(), Brand: "海风", SerialNumber: "SN-77", InstallDate: "2026-03-05",
		}})
		require.NoError(t, err)
		require.Equal(t, "2026-03-01", changed.GetPurchaseDate(), "what is empty stays")
		_, err = w.devices.UpdateDevice(w.as(agent), &intakev1.UpdateDeviceRequest{Device: &intakev1.Device{
			Name: d.GetName(), Etag: d.GetEtag(), Brand: "海风", SerialNumber: "SN-77", InstallDate: "2026-03-06",
		}})
		requireReason(t, err, "ETAG_STALE")
		_, err = w.devices.CreateDevice(w.as(agent), &intakev1.CreateDeviceRequest{Device: &intakev1.Device{Brand: "海风", SerialNumber: "SN-78", PurchaseDate: "2026-02-30"}})
		requireReason(t, err, "FIELD_INVALID")
	})
}

// R109, R136: the answer comes by the rules that are rows, and follows them.
func TestEntitlementFollowsTheRules(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c := w.accepted(complaint())
		e := w.entitlement(c.GetName())
		require.True(t, e.GetInWarranty(), "%v", e)
		require.Equal(t, "2027-02-28", e.GetCoverages()[0].GetEndDate())
		require.Equal(t, "2026-11-22", e.GetDate())
		require.Empty(t, e.GetDevice())

		_, err := w.rules.CreateProductModel(w.as(manager), &intakev1.CreateProductModelRequest{ProductModel: &intakev1.ProductModel{
			Brand: "海风", Model: "XQG100", Category: "washing machine",
		}})
		require.NoError(t, err)
		rule, err := w.rules.CreateWarrantyRule(w.as(manager), &intakev1.CreateWarrantyRuleRequest{WarrantyRule: &intakev1.WarrantyRule{
			Category: "washing machine", Months: 6, DisplayName: "half a year",
		}})
		require.NoError(t, err)
		e = w.entitlement(c.GetName())
		require.False(t, e.GetInWarranty())
		require.Equal(t, rule.GetName(), e.GetCoverages()[0].GetRule())
		require.Equal(t, "2026-08-31", e.GetCoverages()[0].GetEndDate())

		_, err = w.rules.RetireRule(w.as(providerDesk), &intakev1.RetireRuleRequest{Name: rule.GetName()})
		requireReason(t, err, "RESOURCE_NOT_FOUND")
		_, err = w.rules.RetireRule(w.as(manager), &intakev1.RetireRuleRequest{Name: rule.GetName()})
		require.NoError(t, err)
		require.True(t, w.entitlement(c.GetName()).GetInWarranty())

		day, err := w.devices.GetCaseEntitlement(w.as(agent), &intakev1.GetCaseEntitlementRequest{Name: c.GetName(), Date: "2026-03-05"})
		require.NoError(t, err)
		require.Equal(t, "RETURN_REFUND", day.GetRemedies()[0].GetRemedy())
		require.Equal(t, "2026-03-07", day.GetRemedies()[0].GetUntilDate())
		_, err = w.devices.GetCaseEntitlement(w.as(agent), &intakev1.GetCaseEntitlementRequest{Name: c.GetName(), ItemId: "2"})
		requireReason(t, err, "FIELD_INVALID")
	})
}

// R101: what work orders did is history, and pauses the warranty; the second repair gives the right to an exchange.
func TestWorkOrdersAreTheHistoryOfADevice(t *testing.T) {
	everywhere(t, Config{}, func(t *testing.T, w *world) {
		c, order := w.inService()
		d, err := w.devices.RegisterCaseDevice(w.as(agent), &intakev1.RegisterCaseDeviceRequest{Name: c.GetName()})
		require.NoError(t, err)
		require.Equal(t, d.GetName(), w.get(c.GetName()).GetProduct().GetDevice())
		w.visited(c, order, "ON_SITE", "", 1)
		w.clock.Advance(9 * 24 * hour)
		w.visited(c, order, "CONFIRMED", "FIXED", 0)
		require.Equal(t, "RESOLVED", w.state(c.GetName()))

		history, err := w.devices.ListDeviceHistory(w.as(agent), &intakev1.ListDeviceHistoryRequest{Name: d.GetName()})
		require.NoError(t, err)
		require.Len(t, history.GetEvents(), 2)
		repair := history.GetEvents()[1]
		require.Equal(t, []string{"REPAIR", order, "2026-11-22", "2026-12-01", "FIXED", c.GetCaseNumber()},
			[]string{repair.GetKind(), repair.GetSource(), repair.GetStartDate(), repair.GetEndDate(), repair.GetOutcome(), repair.GetCaseNumber()})
		e, err := w.devices.GetDeviceEntitlement(w.as(agent), &intakev1.GetDeviceEntitlementRequest{Name: d.GetName()})
		require.NoError(t, err)
		require.Equal(t, int32(10), e.GetCoverages()[0].GetPausedDays())
		require.Equal(t, "2027-03-10", e.GetCoverages()[0].GetEndDate())
		require.Equal(t, int32(1), e.GetRepairs())
		require.Empty(t, e.GetRemedies())
	})
}

// visited is orderStep with the purpose that dispatch tells.
func (w *world) visited(c *intakev1.Case, order, state, outcome string, open int32) {
	w.t.Helper()
	w.deliver(&eventv1.WorkOrderChanged{
		WorkOrder: order, Case: c.GetName(), State: state, Outcome: outcome, Round: c.GetRound(), OpenWorkOrders: open, Solution: c.GetCurrentSolution(),
		Purpose: "REPAIR", Engineer: "engineers/e1",
		Step: &commonv1.Step{Event: "WORK_ORDER_" + state, Actor: "users/engineer", OccurredUs: w.clock.Now().UnixMicro()},
	}, "aftersales/dispatch", c.GetName(), w.dispatch.next())
}
