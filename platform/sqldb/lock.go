package sqldb

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// lockName is the file in the data folder whose lock says that a process serves from it. The kernel drops the lock when the
// process dies, however it dies.
const lockName = "aftersales.lock"

// folders counts the databases that this process has open in a folder: all services of the all-in-one share one.
var folders = struct {
	sync.Mutex
	held map[string]*heldFolder
}{held: map[string]*heldFolder{}}

type heldFolder struct {
	file  *os.File
	users int
}

// lockFolder takes the folder for this process; unlock gives it back after its last user.
func lockFolder(dir string) (unlock func(), err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	folders.Lock()
	defer folders.Unlock()
	held := folders.held[dir]
	if held == nil {
		file, err := flock(filepath.Join(dir, lockName))
		if err != nil {
			return nil, err
		}
		held = &heldFolder{file: file}
		folders.held[dir] = held
	}
	held.users++
	return sync.OnceFunc(func() { releaseFolder(dir) }), nil
}

func releaseFolder(dir string) {
	folders.Lock()
	defer folders.Unlock()
	held := folders.held[dir]
	held.users--
	if held.users == 0 {
		_ = held.file.Close() // gives the lock back
		delete(folders.held, dir)
	}
}

func flock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("sqldb: data folder: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		owner, _ := os.ReadFile(path)
		file.Close()
		return nil, fmt.Errorf("%w: %s (process %s)", ErrLocked, filepath.Dir(path), strings.TrimSpace(string(owner)))
	}
	_ = file.Truncate(0)
	_, _ = fmt.Fprintf(file, "%d\n", os.Getpid()) // only for the message above
	return file, nil
}
