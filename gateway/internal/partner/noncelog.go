package partner

import (
	"context"
	"sync"
	"time"

	"github.com/aftersales-suite/aftersales/platform/clock"
)

const (
	// writeBehind is how long a nonce may wait for the log when the cache has it already.
	writeBehind = 100 * time.Millisecond
	// logLimit bounds one write to the log.
	logLimit = 5 * time.Second
)

// entry is a group of nonces that are written with one row.
type entry struct {
	hashes []uint64
	done   chan struct{}
	err    error
}

// logWriter writes nonces in groups: what arrives while a write is under way goes with the next one, so that a lone request
// waits for nobody.
type logWriter struct {
	log    Log
	clock  clock.Clock
	behind bool // nobody waits: gather for a while

	mu      sync.Mutex
	next    *entry
	running bool
}

// add puts a hash into the next group and makes sure that somebody writes it.
func (w *logWriter) add(h uint64) *entry {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.next == nil {
		w.next = &entry{done: make(chan struct{})}
	}
	e := w.next
	e.hashes = append(e.hashes, h)
	if !w.running {
		w.running = true
		if w.behind {
			time.AfterFunc(writeBehind, w.run)
		} else {
			go w.run()
		}
	}
	return e
}

// run writes groups until none waits.
func (w *logWriter) run() {
	for {
		w.mu.Lock()
		e := w.next
		w.next = nil
		w.running = e != nil
		w.mu.Unlock()
		if e == nil {
			return
		}
		w.write(e)
	}
}

func (w *logWriter) write(e *entry) {
	ctx, cancel := context.WithTimeout(context.Background(), logLimit) // the group's own: not one caller's
	defer cancel()
	e.err = w.log.Append(ctx, e.hashes, w.clock.Now().Add(Remembered))
	close(e.done)
}

// flushAll writes the group that waits and waits for it.
func (w *logWriter) flushAll() {
	w.mu.Lock()
	e := w.next
	w.next = nil
	w.mu.Unlock()
	if e != nil {
		w.write(e)
	}
}
