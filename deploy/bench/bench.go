package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/aftersales-suite/aftersales/deploy/fleet"
	"github.com/aftersales-suite/aftersales/deploy/story"
)

// connectionCounts are those at which capacity is measured.
var connectionCounts = []int{1, 8, 64}

// contender is one deployment form that is measured.
type contender struct {
	name  string
	fleet *fleet.Fleet
	filer *filer

	rates  map[int][]float64
	ratios map[int][]float64
	cpu    map[int][]float64 // microseconds a case, own processes
	dbCPU  map[int][]float64 // microseconds a case, PostgreSQL
	marks  map[int]string
	idle   int64
	tail   []time.Duration
}

// run measures everything and prints the table.
func run(ctx context.Context, s settings, w io.Writer) (failed error) {
	if s.postgres == "" {
		return errors.New("no PostgreSQL named in the environment: run `make bench`")
	}
	db, err := openPostgres(ctx, s.postgres)
	if err != nil {
		return err
	}
	defer os.RemoveAll(db.dir)
	contenders, err := start(ctx, s, db)
	defer func() {
		for _, c := range contenders {
			failed = errors.Join(failed, c.fleet.Stop())
		}
	}()
	if err != nil {
		return err
	}
	reference, err := rounds(ctx, s, db, contenders)
	if err != nil {
		return err
	}
	for _, c := range contenders {
		if err := c.measureTail(s); err != nil {
			return err
		}
	}
	syncs, err := fdatasyncs(db.dir, 200)
	if err != nil {
		return err
	}
	print(w, reference, contenders, syncs)
	return startTimes(ctx, s, w)
}

// start brings up both forms, each on a database of its own.
func start(ctx context.Context, s settings, db *postgres) ([]*contender, error) {
	var all []*contender
	for _, form := range []struct {
		name  string
		split bool
	}{{"all-in-one", false}, {"split", true}} {
		if s.form != "" && s.form != form.name {
			continue
		}
		c, err := startOne(ctx, s, db, form.name, form.split)
		if c != nil {
			all = append(all, c)
		}
		if err != nil {
			return all, fmt.Errorf("%s: %w", form.name, err)
		}
	}
	return all, nil
}

func startOne(ctx context.Context, s settings, db *postgres, name string, split bool) (*contender, error) {
	suffix := map[bool]string{false: "one", true: "four"}[split]
	address, err := db.database(ctx, "bench_"+suffix)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(db.dir, suffix)
	redis := ""
	if split {
		redis = s.redis
	}
	f, err := fleet.New(fleet.Options{Bin: s.bin, Split: split, Database: address, Redis: redis, Dir: dir, Env: unlimited})
	if err != nil {
		return nil, err
	}
	c := &contender{name: name, fleet: f, rates: map[int][]float64{}, ratios: map[int][]float64{}, cpu: map[int][]float64{}, dbCPU: map[int][]float64{}, marks: map[int]string{}}
	if err := f.Start(ctx); err != nil {
		return c, err
	}
	credentials, err := story.ReadCredentials(filepath.Join(dir, "demo-credentials.json"))
	if err != nil {
		return c, err
	}
	c.filer = &filer{address: f.HTTP}
	c.filer.partner.keyID, c.filer.partner.secret, c.filer.partner.platform = credentials.Partner.KeyID, credentials.Partner.Secret, credentials.Partner.Platform
	c.idle = rss(f.PIDs())
	return c, nil
}

// unlimited lifts the partner's rate limit: it is checked, but never reached.
var unlimited = []string{"AFTERSALES_GATEWAY_RATE_PER_SECOND=1000000", "AFTERSALES_GATEWAY_RATE_BURST=1000000", "AFTERSALES_LOG_LEVEL=warn"}

// rounds interleaves the reference and the contenders, so that a slow minute of the machine hits all of them.
func rounds(ctx context.Context, s settings, db *postgres, contenders []*contender) (map[int][]float64, error) {
	reference := map[int][]float64{}
	for _, c := range contenders { // caches and connections warm
		if _, err := c.filer.closed(8, time.Second); err != nil {
			return nil, fmt.Errorf("%s: warm-up: %w", c.name, err)
		}
	}
	for range s.rounds {
		for _, n := range connectionCounts {
			rate, err := db.reference(ctx, n, s.duration)
			if err != nil {
				return nil, err
			}
			reference[n] = append(reference[n], rate)
			for _, c := range contenders {
				if err := c.sample(s, db, n, rate); err != nil {
					return nil, fmt.Errorf("%s at %d connections: %w", c.name, n, err)
				}
			}
		}
	}
	return reference, nil
}

func (c *contender) sample(s settings, db *postgres, n int, reference float64) error {
	var accepted int64
	back := children(db.main)
	before := cpuOfAll(back)
	known := func() []int { return append(children(db.main), os.Getpid()) }
	cost, err := measure(c.fleet.PIDs(), known, func() (err error) {
		accepted, err = c.filer.closed(n, s.duration)
		return err
	})
	if err != nil {
		return err
	}
	rate := float64(accepted) / cost.wall.Seconds()
	c.rates[n] = append(c.rates[n], rate)
	c.ratios[n] = append(c.ratios[n], rate/reference)
	c.cpu[n] = append(c.cpu[n], float64(cost.own.Microseconds())/float64(accepted))
	c.dbCPU[n] = append(c.dbCPU[n], float64((cpuOfAll(children(db.main))-before).Microseconds())/float64(accepted))
	c.marks[n] += cost.marked()
	return c.drained(10 * time.Second)
}

// drained waits until the backlog of events is worked off: what is still queued was not yet paid for.
func (c *contender) drained(within time.Duration) error {
	deadline := time.Now().Add(within)
	for last := time.Duration(-1); ; {
		used := cpuOfAll(c.fleet.PIDs())
		if last >= 0 && used-last < 30*time.Millisecond {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the backlog was not drained within %s", within)
		}
		last = used
		time.Sleep(500 * time.Millisecond) // a quiet half-second is the signal
	}
}

// tailConnections carry the open loop; more than can be busy at 70 % load.
const tailConnections = 64

// measureTail measures latencies at 70 % of the measured capacity.
func (c *contender) measureTail(s settings) (err error) {
	c.tail, err = c.filer.open(0.7*median(c.rates[64]), 2*s.duration, tailConnections)
	return err
}

// startTimes measures from the start of a process to its first durable case, on SQLite.
func startTimes(ctx context.Context, s settings, w io.Writer) error {
	dir, err := os.MkdirTemp("", "aftersales-start-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	f, err := fleet.New(fleet.Options{Bin: s.bin, Dir: dir, Env: unlimited})
	if err != nil {
		return err
	}
	for _, label := range []string{"start to first durable case, empty folder with demo data", "start to first durable case, existing folder"} {
		took, err := firstCase(ctx, f, dir)
		if err != nil {
			return errors.Join(err, f.Stop())
		}
		fmt.Fprintf(w, "%-60s %6.0f ms\n", label, float64(took.Microseconds())/1000)
		if err := f.Stop(); err != nil {
			return err
		}
	}
	return nil
}

func firstCase(ctx context.Context, f *fleet.Fleet, dir string) (time.Duration, error) {
	begin := time.Now()
	if err := f.Start(ctx); err != nil {
		return 0, err
	}
	credentials, err := story.ReadCredentials(filepath.Join(dir, "demo-credentials.json"))
	if err != nil {
		return 0, err
	}
	one := &filer{address: f.HTTP}
	one.partner.keyID, one.partner.secret, one.partner.platform = credentials.Partner.KeyID, credentials.Partner.Secret, credentials.Partner.Platform
	c, err := one.dial()
	if err != nil {
		return 0, err
	}
	defer c.conn.Close()
	err = one.file(c)
	http.DefaultClient.CloseIdleConnections()
	return time.Since(begin), err
}
