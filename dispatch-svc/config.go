package dispatch

import (
	"fmt"
	"time"
	_ "time/tzdata" // a slim image has no zones

	"github.com/aftersales-suite/aftersales/dispatch-svc/internal/api"
)

// Config of the dispatch service. Every zero value is usable.
type Config struct {
	DemoShowsCode bool          `help:"演示：完工时向工程师返回验收码 / Demo: completing an order answers the acceptance code."`
	Zone          string        `kong:"-"` // the common key time-zone, handed on by the program; empty is Asia/Shanghai
	OfferTime     time.Duration `help:"服务商接单时限，0 为 2 小时 / How long a provider may think about an offer; 0 is 2 h."`
	SweepEvery    time.Duration `help:"检查到期派单的间隔，0 为 15 秒 / How often overdue offers are looked for; 0 is 15 s."`
	WatchPoll     time.Duration `help:"工程师端数据流的轮询间隔，0 为 2 秒 / How often engineers' streams look for changes of other processes; 0 is 2 s."`
	WatchAlive    time.Duration `help:"工程师端数据流的心跳间隔，0 为 25 秒 / How often a silent stream shows a sign of life; 0 is 25 s."`
}

func orElse(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

func (c Config) options(zone *time.Location) api.Options {
	return api.Options{
		Zone:          zone,
		DemoShowsCode: c.DemoShowsCode, OfferTime: orElse(c.OfferTime, 2*time.Hour),
		WatchPoll: orElse(c.WatchPoll, 2*time.Second), WatchAlive: orElse(c.WatchAlive, 25*time.Second),
	}
}

func (c Config) zone() (*time.Location, error) {
	name := c.Zone
	if name == "" {
		name = "Asia/Shanghai"
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("dispatch: zone: %w", err)
	}
	return zone, nil
}
