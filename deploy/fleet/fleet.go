// Package fleet starts the suite's real binaries the way an operator does, as one process or as four, and stops, kills and
// restarts them by process id. Tests and benchmarks stand on it.
package fleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Options say what to start.
type Options struct {
	// Bin is the folder with the binaries.
	Bin string
	// Split starts four processes instead of one.
	Split bool
	// Database is a PostgreSQL URL; empty means SQLite in the data folder.
	Database string
	// Redis is a Redis URL; empty means the local parts.
	Redis string
	// Dir is the data folder.
	Dir string
	// Env is added to every process, "KEY=value".
	Env []string
}

// Fleet is a running deployment.
type Fleet struct {
	options Options
	// HTTP is the gateway's address, GRPC the listening address by service ("intake", "dispatch", "survey", "gateway").
	HTTP string
	GRPC map[string]string

	mu        sync.Mutex
	processes []*process
}

// Services are the parts of the suite, in the order in which they are started; any order would do.
var Services = []string{"intake", "dispatch", "survey", "gateway"}

type process struct {
	name string
	cmd  *exec.Cmd
	out  *tail
	done chan struct{}
}

// readyWithin bounds the start of a process; a cold one with demo data takes about a second.
const readyWithin = 60 * time.Second

// New picks free ports and prepares the data folder; Start starts the processes. Ports stay the same over restarts.
func New(o Options) (*Fleet, error) {
	f := &Fleet{options: o, GRPC: map[string]string{}}
	ports, err := freePorts(5)
	if err != nil {
		return nil, err
	}
	f.HTTP = ports[0]
	for i, name := range Services {
		f.GRPC[name] = ports[1+i]
	}
	if !o.Split {
		for _, name := range Services {
			f.GRPC[name] = ports[1]
		}
	}
	return f, os.MkdirAll(o.Dir, 0o700)
}

// freePorts asks the kernel for n free loopback addresses.
func freePorts(n int) ([]string, error) {
	addresses := make([]string, n)
	for i := range addresses {
		l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
		if err != nil {
			return nil, err
		}
		defer l.Close()
		addresses[i] = l.Addr().String()
	}
	return addresses, nil
}

// env is the configuration that all processes share: the same keys in every form.
func (f *Fleet) env() []string {
	env := append(os.Environ(),
		"AFTERSALES_DATA_DIR="+f.options.Dir,
		"AFTERSALES_DATABASE_URL="+f.options.Database,
		"AFTERSALES_REDIS_URL="+f.options.Redis,
		"AFTERSALES_DEMO=true")
	if f.options.Split {
		for _, name := range Services {
			env = append(env, "AFTERSALES_"+strings.ToUpper(name)+"_ADDR="+f.GRPC[name])
		}
	}
	return append(env, f.options.Env...)
}

// Start starts every process and waits until the gateway says that it is ready.
func (f *Fleet) Start(ctx context.Context) error {
	if !f.options.Split {
		err := f.launch("aftersales", []string{"serve", "--demo"}, "AFTERSALES_HTTP_ADDR="+f.HTTP, "AFTERSALES_GRPC_ADDR="+f.GRPC["gateway"])
		return errors.Join(err, f.Ready(ctx))
	}
	// One seed before the four: in this form nobody migrates or seeds by himself.
	if out, err := f.Command(ctx, "seed").CombinedOutput(); err != nil {
		return fmt.Errorf("seed: %w\n%s", err, out)
	}
	for _, name := range Services {
		if err := f.StartService(name); err != nil {
			return err
		}
	}
	return f.Ready(ctx)
}

// StartService starts one of the four.
func (f *Fleet) StartService(name string) error {
	binary, env := name+"-svc", []string{"AFTERSALES_GRPC_ADDR=" + f.GRPC[name]}
	if name == "gateway" {
		binary = name
		env = append(env, "AFTERSALES_HTTP_ADDR="+f.HTTP)
	}
	return f.launch(binary, nil, env...)
}

// Command is a call of the all-in-one binary with this deployment's configuration, not yet started.
func (f *Fleet) Command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(f.options.Bin, "aftersales"), args...)
	cmd.Env = f.env()
	return cmd
}

func (f *Fleet) launch(binary string, args []string, env ...string) error {
	cmd := exec.Command(filepath.Join(f.options.Bin, binary), args...) //nolint:noctx // ended by Stop or Kill, not by a context
	out := &tail{}
	cmd.Env, cmd.Stdout, cmd.Stderr = append(f.env(), env...), out, out
	if err := cmd.Start(); err != nil {
		return err
	}
	p := &process{name: binary, cmd: cmd, out: out, done: make(chan struct{})}
	go func() { _ = cmd.Wait(); close(p.done) }()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.processes = append(f.processes, p)
	return nil
}

// Ready waits for /readyz.
func (f *Fleet) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		if f.healthy(ctx) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w\n%s", ctx.Err(), f.Output())
		case <-f.anyExit():
			return fmt.Errorf("a process ended at start\n%s", f.Output())
		case <-ticker.C:
		}
	}
}

func (f *Fleet) healthy(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+f.HTTP+"/readyz", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode == http.StatusOK
}

// anyExit is closed or readable once any process has ended.
func (f *Fleet) anyExit() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.processes {
		select {
		case <-p.done:
			return p.done
		default:
		}
	}
	return nil
}

// PIDs are the processes now running.
func (f *Fleet) PIDs() []int {
	f.mu.Lock()
	defer f.mu.Unlock()
	var pids []int
	for _, p := range f.processes {
		pids = append(pids, p.cmd.Process.Pid)
	}
	return pids
}

// Output is the end of what the processes printed, for a failure's message.
func (f *Fleet) Output() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all strings.Builder
	for _, p := range f.processes {
		fmt.Fprintf(&all, "--- %s\n%s", p.name, p.out)
	}
	return all.String()
}

// Stop asks every process to end and waits; one that does not within 20 s is killed and reported.
func (f *Fleet) Stop() error { return f.end(syscall.SIGTERM, 20*time.Second) }

// Kill ends every process at once, as a power cut does.
func (f *Fleet) Kill() error { return f.end(syscall.SIGKILL, 20*time.Second) }

func (f *Fleet) end(signal syscall.Signal, within time.Duration) error {
	f.mu.Lock()
	processes := f.processes
	f.processes = nil
	f.mu.Unlock()
	var failed error
	for _, p := range processes {
		_ = p.cmd.Process.Signal(signal) // one that has ended already is fine
	}
	timer := time.NewTimer(within)
	defer timer.Stop()
	for _, p := range processes {
		select {
		case <-p.done:
		case <-timer.C:
			_ = p.cmd.Process.Kill()
			<-p.done
			failed = errors.Join(failed, fmt.Errorf("%s did not stop within %s\n%s", p.name, within, p.out))
		}
	}
	return failed
}
