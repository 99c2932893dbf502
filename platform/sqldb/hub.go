package sqldb

import "sync"

// hub carries wake-ups inside one process: a hint to look at the rows, never a fact. Whoever listens polls as well.
type hub struct {
	mu     sync.Mutex
	topics map[string]map[chan struct{}]struct{}
	jobs   map[*jobListener]struct{}
}

func newHub() *hub {
	return &hub{topics: map[string]map[chan struct{}]struct{}{}, jobs: map[*jobListener]struct{}{}}
}

func (h *hub) listen(topic string) (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.topics[topic] == nil {
		h.topics[topic] = map[chan struct{}]struct{}{}
	}
	h.topics[topic][ch] = struct{}{}
	return ch, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.topics[topic], ch)
	}
}

// wake marks every listener of the topic; several wake-ups before one is read are one.
func (h *hub) wake(topic string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch := range h.topics[topic] {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

func (h *hub) wakeJobs(queues []string) {
	if len(queues) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.jobs {
		l.offer(queues)
	}
}

func (h *hub) addJobs(l *jobListener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.jobs[l] = struct{}{}
}

func (h *hub) removeJobs(l *jobListener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.jobs, l)
}

// hubOwner is implemented by the engines.
type hubOwner interface{ signals() *hub }

// Unwrap finds the engine behind wrappers that have an Unwrap method (testkit.FaultyDB).
func Unwrap(db DB) DB {
	for {
		wrapped, ok := db.(interface{ Unwrap() DB })
		if !ok {
			return db
		}
		db = wrapped.Unwrap()
	}
}

// Listen gives a channel that receives after commits of this process that called Tx.Wake(topic). It is only a hint: other
// processes' commits do not arrive, so the listener polls as well. stop must be called.
func Listen(db DB, topic string) (signal <-chan struct{}, stop func()) {
	owner, ok := Unwrap(db).(hubOwner)
	if !ok {
		return nil, func() {}
	}
	return owner.signals().listen(topic)
}
