package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/aftersales-suite/aftersales/deploy/story"
)

// filer sends signed complaints over kept connections, with as little work of its own as it can: it shares the cores
// with what it measures.
type filer struct {
	address string
	partner struct{ keyID, secret, platform string }
	count   atomic.Int64
}

const caseBody = `{"kind":"COMPLAINT","channel":"PARTNER_PLATFORM","externalRef":{"platform":%q,"orderId":"E1","afterSaleId":%q},` +
	`"customer":{"displayName":"王小明","phone":"138%08d","address":{"regionCode":"310115","line":"世纪大道1号"}},` +
	`"product":{"brand":"海风","model":"XQG100-B1","serialNumber":"SN%d","purchaseDate":"2026-03-01"},` +
	`"problem":"维修后洗衣机仍然漏水","expectation":"重新维修"}`

const target = "/v1/cases"

// request writes one signed request.
func (f *filer) request(w *bytes.Buffer) {
	n := f.count.Add(1)
	key := uuid.NewString()
	body := fmt.Appendf(nil, caseBody, f.partner.platform, key, n%100_000_000, n)
	authorization := story.Sign(f.partner.keyID, f.partner.secret, http.MethodPost, target, time.Now(), key, body, "")
	w.Reset()
	w.WriteString("POST " + target + " HTTP/1.1\r\nHost: " + f.address + "\r\nContent-Type: application/json\r\nIdempotency-Key: " + key +
		"\r\nAuthorization: " + authorization + "\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n")
	w.Write(body)
}

// connection is one kept connection to the gateway.
type connection struct {
	conn   net.Conn
	reader *bufio.Reader
	buffer bytes.Buffer
}

func (f *filer) dial() (*connection, error) {
	conn, err := net.DialTimeout("tcp", f.address, 5*time.Second) //nolint:noctx // bounded by its own time-out
	if err != nil {
		return nil, err
	}
	return &connection{conn: conn, reader: bufio.NewReaderSize(conn, 8<<10)}, nil
}

// file sends one complaint and waits until it is accepted.
func (f *filer) file(c *connection) error {
	f.request(&c.buffer)
	if err := c.conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return err
	}
	if _, err := c.conn.Write(c.buffer.Bytes()); err != nil {
		return err
	}
	resp, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("status %d: %s", resp.StatusCode, text)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// closed keeps n connections busy for the duration and answers how many cases were accepted.
func (f *filer) closed(n int, d time.Duration) (int64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	var accepted atomic.Int64
	failures := make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			failures[i] = f.keepBusy(ctx, &accepted)
		})
	}
	group.Wait()
	return accepted.Load(), errors.Join(failures...)
}

func (f *filer) keepBusy(ctx context.Context, accepted *atomic.Int64) error {
	c, err := f.dial()
	if err != nil {
		return err
	}
	defer c.conn.Close()
	for ctx.Err() == nil {
		if err := f.file(c); err != nil {
			return err
		}
		accepted.Add(1)
	}
	return nil
}

// open sends at a fixed rate, whatever the answers do, and answers the latencies from the scheduled moment: a server that
// stalls is charged for those who had to wait behind.
func (f *filer) open(perSecond float64, d time.Duration, connections int) ([]time.Duration, error) {
	interval := time.Duration(float64(time.Second) / perSecond)
	total := int64(d / interval)
	start := time.Now()
	var next atomic.Int64
	latencies := make([][]time.Duration, connections)
	failures := make([]error, connections)
	var group sync.WaitGroup
	for i := range connections {
		group.Go(func() {
			latencies[i], failures[i] = f.onSchedule(&next, total, start, interval)
		})
	}
	group.Wait()
	return slices.Concat(latencies...), errors.Join(failures...)
}

func (f *filer) onSchedule(next *atomic.Int64, total int64, start time.Time, interval time.Duration) ([]time.Duration, error) {
	c, err := f.dial()
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	var seen []time.Duration
	for {
		i := next.Add(1) - 1
		if i >= total {
			return seen, nil
		}
		due := start.Add(time.Duration(i) * interval)
		time.Sleep(time.Until(due)) // an open loop waits for its arrival times by nature
		if err := f.file(c); err != nil {
			return seen, err
		}
		seen = append(seen, time.Since(due))
	}
}
