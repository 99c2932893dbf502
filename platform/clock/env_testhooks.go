//go:build testhooks

package clock

import (
	"os"
	"strings"
	"sync"
	"time"
)

// EnvFile names the file that holds the offset (a Go duration such as "72h"), for black-box tests.
const EnvFile = "AFTERSALES_TEST_CLOCK"

// offsetCache bounds how old a read offset may be.
const offsetCache = 20 * time.Millisecond

// FromEnv returns the system clock shifted by the offset in the file named by EnvFile; the file is read again at most
// every 20 ms. A missing or unreadable file means no offset.
func FromEnv() Clock {
	path := os.Getenv(EnvFile)
	if path == "" {
		return System
	}
	return &offsetClock{path: path}
}

type offsetClock struct {
	path string

	mu     sync.Mutex
	read   time.Time
	offset time.Duration
}

func (c *offsetClock) Now() time.Time {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.read.IsZero() || now.Sub(c.read) >= offsetCache {
		c.read, c.offset = now, readOffset(c.path)
	}
	return Normal(now.Add(c.offset))
}

func readOffset(path string) time.Duration {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	offset, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return offset
}
