package kmsg

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

// A feed is a source that gives what a test sends: records as text, errors,
// and an end of what is there wherever nothing was sent.
type feed struct {
	done   <-chan struct{}
	in     chan any
	closed *int
}

func (f *feed) name() string { return SourceKmsg }
func (f *feed) close() error { *f.closed++; return nil }

func (f *feed) next(r *record.Record, wait bool) error {
	var v any
	select {
	case v = <-f.in:
	default:
		if !wait {
			return errEmpty
		}
		select {
		case v = <-f.in:
		case <-f.done:
			return errEmpty
		}
	}
	switch v := v.(type) {
	case error:
		return v
	case string:
		return r.Parse([]byte(v))
	default:
		return fmt.Errorf("a test sent %v", v)
	}
}

// A rig is a log whose source is a feed. It lives in a synctest bubble, so its
// clock stands still while it waits.
type rig struct {
	*Log
	t        *testing.T
	boot     time.Time
	closed   int
	in       chan any
	uptime   error
	statuses []Status
	stop     func()

	mu      sync.Mutex
	refusal error // what opening fails with
	tries   int   // to open
}

// newRig returns a rig whose kernel has been up for an hour.
func newRig(t *testing.T) *rig {
	t.Helper()
	g := &rig{t: t, in: make(chan any, 10_000), boot: time.Now().Add(-time.Hour)}
	g.Log = New(Config{
		BootTime:   func() (time.Time, error) { return g.boot, nil },
		Uptime:     func() (time.Duration, error) { return time.Since(g.boot), g.uptime },
		LeakPeriod: func() (time.Duration, bool) { return period, true },
		OnStatus:   func(s Status) { g.statuses = append(g.statuses, s) },
	})
	g.openRecords = func(ctx context.Context) (source, error) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.tries++
		return &feed{ctx.Done(), g.in, &g.closed}, g.refusal
	}
	return g
}

// refuse makes opening fail, unless with nil.
func (g *rig) refuse(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refusal = err
}

// opened returns how often the log tried to open its source.
func (g *rig) opened() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.tries
}

func (g *rig) start() {
	ctx, cancel := context.WithCancel(g.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.Run(ctx)
	}()
	g.stop = func() { cancel(); <-done }
	synctest.Wait()
}

// send sends to the source and waits until all is counted.
func (g *rig) send(what ...any) {
	for _, v := range what {
		g.in <- v
	}
	synctest.Wait()
}

// sleep lets time pass and waits until all that then happens has happened.
func (g *rig) sleep(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// check compares the counts with those that are named, the events with those
// that are named, each as often as it was seen, and the sum of all with the next
// sequence number.
func (g *rig) check(want Counts, events ...event.Event) {
	g.t.Helper()
	got := g.Snapshot().Counts

	seen := make(map[event.Event]uint64)
	for _, e := range events {
		seen[e]++
	}
	for e := range got.Events {
		if _, ok := seen[e]; !ok {
			seen[e] = 0
		}
	}
	for e, n := range seen {
		if c := got.Events[e].Count; c != n {
			g.t.Errorf("%d %s, want %d", c, e, n)
		}
	}
	got.Events = want.Events // compared
	if !reflect.DeepEqual(got, want) {
		g.t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if n := got.accounted(); n != got.NextSeq {
		g.t.Errorf("the counts add up to %d of %d", n, got.NextSeq)
	}
}

// recordLine is a kernel record of level 6.
func recordLine(seq int, at time.Duration, text string) string {
	return fmt.Sprintf("6,%d,%d,-;%s\n", seq, at.Microseconds(), text)
}

func records(n uint64) (r [record.NumLevels]uint64) {
	r[6] = n
	return r
}
