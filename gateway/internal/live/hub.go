package live

import "sync"

// Hub carries wake-ups inside one process.
type Hub struct {
	mu     sync.Mutex
	topics map[string]map[chan struct{}]struct{}
}

// NewHub makes a hub without listeners.
func NewHub() *Hub {
	return &Hub{topics: map[string]map[chan struct{}]struct{}{}}
}

// Listen gives a channel that receives after each wake-up of the topic; several before one is read are one. stop must be
// called.
func (h *Hub) Listen(topic string) (signal <-chan struct{}, stop func()) {
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
		if len(h.topics[topic]) == 0 {
			delete(h.topics, topic)
		}
	}
}

// Wake wakes the listeners of a topic in this process. It never waits.
func (h *Hub) Wake(topic string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch := range h.topics[topic] {
		signal(ch)
	}
}

// WakeAll is for the moment after something may have been missed.
func (h *Hub) WakeAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, listeners := range h.topics {
		for ch := range listeners {
			signal(ch)
		}
	}
}

func signal(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default: // one is waiting already
	}
}
