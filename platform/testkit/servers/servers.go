// Package servers starts a private PostgreSQL and a private Redis for tests and benchmarks: free loopback ports, data in a
// temporary folder, nothing left behind. It uses installed binaries and installs Debian's packages where they are missing.
package servers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// Options say what to start.
type Options struct {
	Postgres, Redis bool
	// Durable leaves fsync on, for benchmarks and kill tests; otherwise PostgreSQL does not wait for the disk.
	Durable bool
	// Progress gets a line for what takes long; default os.Stderr.
	Progress io.Writer
}

// Set is what was started.
type Set struct {
	PostgresURL string // "" when not started
	RedisURL    string
	dir         string
	running     []*server
}

const (
	startLimit = 30 * time.Second
	stopLimit  = 15 * time.Second
)

// Start starts the servers and waits until they answer. On an error nothing is left running.
func Start(ctx context.Context, opts Options) (*Set, error) {
	if opts.Progress == nil {
		opts.Progress = os.Stderr
	}
	dir, err := os.MkdirTemp("", "aftersales-servers-")
	if err != nil {
		return nil, err
	}
	set := &Set{dir: dir}
	if err := set.start(ctx, opts); err != nil {
		return nil, errors.Join(err, set.Stop())
	}
	return set, nil
}

func (s *Set) start(ctx context.Context, opts Options) error {
	if err := os.Chmod(s.dir, 0o755); err != nil { // the servers' user must pass through
		return err
	}
	if opts.Postgres {
		if err := s.startPostgres(ctx, opts); err != nil {
			return fmt.Errorf("start PostgreSQL: %w", err)
		}
	}
	if opts.Redis {
		if err := s.startRedis(ctx, opts); err != nil {
			return fmt.Errorf("start Redis: %w", err)
		}
	}
	return nil
}

// Stop ends the servers and removes their data.
func (s *Set) Stop() error {
	var errs []error
	for _, running := range s.running {
		errs = append(errs, running.stop())
	}
	s.running = nil
	return errors.Join(append(errs, os.RemoveAll(s.dir))...)
}

// server is one process.
type server struct {
	name   string
	cmd    *exec.Cmd
	signal os.Signal // for an orderly, quick end
	done   chan struct{}
	err    error
	log    string // file
}

// run starts a process in its own group, as an unprivileged user when this process is root. A Ctrl-C on the terminal then
// reaches it only through stop, after the command that uses it; should this process be killed, the kernel ends the server.
func (s *Set) run(name string, owner *owner, end os.Signal, path string, args ...string) (*server, error) {
	log := filepath.Join(s.dir, name+".log")
	out, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd := exec.Command(path, args...) //nolint:noctx // ends by stop, in its own way
	cmd.Stdout, cmd.Stderr, cmd.Dir = out, out, s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT, Credential: owner.credential()}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	running := &server{name: name, cmd: cmd, signal: end, done: make(chan struct{}), log: log}
	go func() {
		running.err = cmd.Wait()
		close(running.done)
	}()
	s.running = append(s.running, running)
	return running, nil
}

// ready asks until the server answers.
func (p *server) ready(ctx context.Context, ask func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-p.done:
			return fmt.Errorf("%s ended at once (%w): %s", p.name, p.err, tail(p.log))
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w: %s", p.name, err, tail(p.log))
		}
	}
}

func (p *server) stop() error {
	_ = p.cmd.Process.Signal(p.signal)
	select {
	case <-p.done:
		return nil
	case <-time.After(stopLimit):
		_ = p.cmd.Process.Kill()
		<-p.done
		return fmt.Errorf("%s had to be killed", p.name)
	}
}

func tail(path string) string {
	text, _ := os.ReadFile(path)
	return string(text[max(0, len(text)-2000):])
}

func freePort(ctx context.Context) (int, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// owner is the user that servers run as: PostgreSQL refuses to be root.
type owner struct{ uid, gid int }

// unprivileged is nil when this process is not root.
func unprivileged(names ...string) (*owner, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range names {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(found.Uid)
		gid, _ := strconv.Atoi(found.Gid)
		return &owner{uid: uid, gid: gid}, nil
	}
	return nil, fmt.Errorf("none of the users %v exists to run the server as", names)
}

func (o *owner) credential() *syscall.Credential {
	if o == nil {
		return nil
	}
	return &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)}
}

// folder makes a folder that belongs to the owner.
func (s *Set) folder(name string, owner *owner) (string, error) {
	path := filepath.Join(s.dir, name)
	if err := os.Mkdir(path, 0o700); err != nil {
		return "", err
	}
	if owner == nil {
		return path, nil
	}
	return path, os.Chown(path, owner.uid, owner.gid)
}
