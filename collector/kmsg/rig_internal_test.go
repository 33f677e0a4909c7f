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
	"kernel_exporter/collector/kmsg/source"
)

const (
	leak   = "unregister_netdevice: waiting for eth0 to become free. Usage count = 1"
	banner = "Linux version 6.18.44 (builder@host)"
)

// A feed gives what a test sends: records as text, kinds of items, errors, and
// the end of what is there wherever nothing was sent.
type feed struct {
	done   <-chan struct{}
	in     chan any
	closed *int
}

func (f *feed) Close() error { *f.closed++; return nil }

func (f *feed) Read(r *record.Record, wait bool) (source.Kind, error) {
	var v any
	select {
	case v = <-f.in:
	default:
		if !wait {
			return source.End, nil
		}
		select {
		case v = <-f.in:
		case <-f.done:
			return source.End, nil
		}
	}
	switch v := v.(type) {
	case error:
		return 0, v
	case source.Kind:
		return v, nil
	case string:
		return source.Record, r.Parse([]byte(v))
	default:
		return 0, fmt.Errorf("a test sent %v", v)
	}
}

// sharedMatcher spares tests that make many logs the making of as many matchers.
var sharedMatcher = sync.OnceValue(event.NewMatcher)

// numbered returns the source of what raw reads.
func numbered(raw source.Raw, err error) (source.Source, error) {
	return source.New(raw, source.Reading{Matcher: sharedMatcher()}), err
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
	g.Log = newLog(Config{
		Kernel: Kernel{
			BootTime:   func() (time.Time, error) { return g.boot, nil },
			Uptime:     func() (time.Duration, error) { return time.Since(g.boot), g.uptime },
			LeakPeriod: func() (time.Duration, bool) { return period, true },
		},
		OnStatus: func(s Status) { g.statuses = append(g.statuses, s) },
	}, sharedMatcher())
	g.openRecords = func(ctx context.Context) (source.Source, error) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.tries++
		return numbered(&feed{ctx.Done(), g.in, &g.closed}, g.refusal)
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

// check compares the number of the next record and the counts with those that are
// named, the events with those
// that are named, each as often as it was seen, and the sum of all with the next
// sequence number.
func (g *rig) check(next uint64, want Counts, events ...event.Event) {
	g.t.Helper()
	snapshot := g.Snapshot()
	got := snapshot.Counts

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
	if n := got.accounted(); n != next || snapshot.NextSeq != next {
		g.t.Errorf("the counts add up to %d, and the next record is %d; want %d", n, snapshot.NextSeq, next)
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
