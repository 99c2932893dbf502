package dispatch

import (
	"context"
	"time"

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/engineer"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/geo"
	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/parts"
	"github.com/aftersales-suite/aftersales/platform/sqldb"
)

// Organisations and users of the demo, as the gateway seeds them.
const (
	demoBrand    = "organisations/demo-brand"
	demoProvider = "organisations/demo-provider"
)

// Seed writes the demo's engineers, parts and stock. Repeated, it brings engineers to what is written here, and leaves stock as it is.
func (s *Service) Seed(ctx context.Context) error {
	now := s.deps.Clock.Now()
	return s.deps.DB.InTx(ctx, func(tx sqldb.Tx) error {
		for _, e := range demoEngineers(now) {
			if err := s.store.PutEngineer(ctx, tx, &e, now); err != nil {
				return err
			}
		}
		return s.seedParts(ctx, tx)
	})
}

// Places of the demo, WGS-84.
var (
	pudong  = geo.Point{Lat: 31.228, Lon: 121.538}
	minhang = geo.Point{Lat: 31.113, Lon: 121.382}
	beijing = geo.Point{Lat: 39.904, Lon: 116.407}
)

// day is eight in the morning to eight in the evening, in minutes.
func day() []engineer.Shift { return engineer.EveryDay(8*60, 20*60) }

// demoEngineers: one who qualifies for everything and works every day, one who is good too, and one for each reason to be rejected.
func demoEngineers(now time.Time) []engineer.Engineer {
	who := func(id, user, name, org string, p engineer.Profile) engineer.Engineer {
		return engineer.Engineer{ID: id, User: user, Name: name, Org: org, Active: true, Profile: p}
	}
	skilled := func(level int, names ...string) (out []engineer.Skill) {
		for _, n := range names {
			out = append(out, engineer.Skill{Name: n, Level: level})
		}
		return out
	}
	all := skilled(5, engineer.AnySkill)
	return []engineer.Engineer{
		who("demo-engineer", "users/engineer", "李师傅", demoBrand, engineer.Profile{Skills: all, Home: pudong, Shifts: engineer.EveryDay(0, 24*60)}),
		who("demo-engineer-repair", "", "周师傅", demoBrand, engineer.Profile{Skills: skilled(3, "REPAIR", "INSPECT", "MAINTAIN"), Home: minhang,
			Territories: []string{"31"}, Shifts: day()}),
		who("demo-engineer-installer", "", "吴师傅", demoBrand, engineer.Profile{Skills: skilled(3, "INSTALL"), Home: pudong, // lacks skills
			Territories: []string{"31"}, Shifts: day()}),
		who("demo-engineer-on-leave", "", "郑师傅", demoBrand, engineer.Profile{Skills: all, Home: pudong, Shifts: day(), // off shift
			Absences: []engineer.Absence{{Start: now.AddDate(0, 0, -1), End: now.AddDate(5, 0, 0), Reason: "LEAVE"}}}),
		who("demo-engineer-far", "", "王师傅", demoBrand, engineer.Profile{Skills: all, Home: beijing, Shifts: day()}), // too far from Shanghai
		who("demo-engineer-jiangsu", "", "冯师傅", demoBrand, engineer.Profile{Skills: all, Home: minhang, // other territory
			Territories: []string{"32"}, Shifts: day()}),
		who("provider-engineer", "users/provider-engineer", "陈师傅", demoProvider, engineer.Profile{Skills: all, Home: pudong,
			Shifts: engineer.EveryDay(0, 24*60)}),
	}
}

func (s *Service) seedParts(ctx context.Context, tx sqldb.Tx) error {
	for _, l := range []parts.Location{
		{ID: "demo-warehouse", Org: demoBrand, Name: "上海中心仓", Kind: parts.Warehouse},
		{ID: "demo-van", Org: demoBrand, Name: "李师傅服务车", Kind: parts.Van, Engineer: "engineers/demo-engineer"},
	} {
		if err := s.store.PutLocation(ctx, tx, l); err != nil {
			return err
		}
	}
	compressor := parts.Part{ID: "demo-compressor", Org: demoBrand, Number: "CP-9000", Name: "压缩机", Specification: "R410A, 1.5 HP", PriceFen: 98_000}
	if err := s.store.PutPart(ctx, tx, compressor); err != nil { // none in stock: it has to be waited for
		return err
	}
	for _, p := range []parts.Part{
		{ID: "demo-drain-pump", Org: demoBrand, Number: "DP-4620", Name: "排水泵", Specification: "220 V, 30 W", PriceFen: 12_800},
		{ID: "demo-door-seal", Org: demoBrand, Number: "DS-1100", Name: "门封圈", Specification: "φ 312 mm", PriceFen: 9_900},
		{ID: "demo-inlet-valve", Org: demoBrand, Number: "IV-2010", Name: "进水阀", Specification: "220 V, 双头", PriceFen: 6_500},
	} {
		if err := s.store.PutPart(ctx, tx, p); err != nil {
			return err
		}
		if err := s.store.PutStock(ctx, tx, p.ID, "demo-warehouse", 100); err != nil {
			return err
		}
		if err := s.store.PutStock(ctx, tx, p.ID, "demo-van", 5); err != nil {
			return err
		}
	}
	return nil
}
