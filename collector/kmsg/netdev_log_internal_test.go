package kmsg

import (
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/source"
)

// waitFor is the message about a device, as a record of an hour and so long
// after boot.
func waitFor(seq int, after time.Duration, device string, count int) string {
	return recordLine(seq, time.Hour+after, fmt.Sprintf("unregister_netdevice: waiting for %s to become free. Usage count = %d", device, count))
}

func (g *rig) checkLeaks(when string, leaks int, longest time.Duration) {
	g.t.Helper()
	if s := g.Snapshot(); s.Leaks != leaks || s.LongestLeak != longest || !s.LeaksKnown {
		g.t.Errorf("%s: %d leaks, the longest for %s, known %t; want %d for %s", when, s.Leaks, s.LongestLeak, s.LeaksKnown, leaks, longest)
	}
}

// Several devices are waited for at once, and each becomes free on its own.
func TestLogLeaksOfSeveralDevices(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t)
		g.start()
		devices := []string{"eth0", "eth0.100", "veth-a_b", "veth1@if2", "lo", "br-0123456789ab"}
		seq, start := 0, time.Now()
		for round, open := range []int{6, 6, 6, 5, 5, 4} { // silent for 3 periods, or spacings
			for i, device := range devices {
				if i >= round { // one more is free in each round
					g.send(waitFor(seq, time.Since(start), device, 1-2*(i%2)))
					seq++
				}
			}
			g.checkLeaks(fmt.Sprint("round ", round), open, period+time.Since(start))
			g.sleep(period + time.Second)
		}
		s := g.Snapshot()
		if n := s.Events[event.NetdevLeak].Count; n != uint64(seq) || seq != 6+5+4+3+2+1 {
			t.Errorf("%d messages counted of %d", n, seq)
		}
		g.sleep(time.Hour)
		g.checkLeaks("an hour later", 0, 0)
		g.stop()
	})
}

// What netdev_unregister_timeout_secs is set to may change while a device is
// waited for, and may not be readable. The count neither flaps nor stays.
func TestLogLeaksWhenTheTimeoutChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := period
		g := newRig(t)
		g.cfg.Kernel.LeakPeriod = func() (time.Duration, bool) { return now, true }
		g.start()
		seq, start := 0, time.Now()
		message := func() {
			g.send(waitFor(seq, time.Since(start), "eth0", 1))
			seq++
		}
		for range 3 {
			message()
			g.sleep(now)
		}
		g.checkLeaks("as it was", 1, 40*time.Second)

		now = time.Minute // a message comes late by as much
		for range 3 {
			g.sleep(now)
			g.checkLeaks("raised", 1, now+time.Since(start))
			message()
		}

		now = 5 * time.Second
		g.sleep(patience * now)
		g.checkLeaks("lowered", 1, now+time.Since(start))
		g.sleep(time.Millisecond)
		g.checkLeaks("lowered, and free", 0, 0)

		// It is a minute, and the default is all that is known.
		g.cfg.Kernel.LeakPeriod = func() (time.Duration, bool) { return period, false }
		g.sleep(time.Hour)
		second := time.Now()
		message()
		g.sleep(time.Minute)
		for range 3 {
			message()
			g.sleep(time.Minute)
			g.checkLeaks("not readable", 1, period+time.Since(second))
		}
		g.sleep(2 * time.Minute)
		g.checkLeaks("not readable, silent for three spacings", 1, period+time.Since(second))
		g.sleep(time.Millisecond)
		g.checkLeaks("not readable, and free", 0, 0)
		g.stop()
	})
}

// However many names the log has, few are remembered.
//
//nolint:paralleltest // measures the heap
func TestLogLeaksAreBounded(t *testing.T) {
	g := newRig(t)
	names := func(from, to int) {
		for i := from; i < to; i++ {
			it := source.Item{Numbered: true, Live: true, Finding: event.Finding{Event: event.NetdevLeak, Device: fmt.Appendf(nil, "veth%08x", i)}}
			if err := it.Record.Parse([]byte(waitFor(i, time.Duration(i)*time.Millisecond, fmt.Sprintf("veth%08x", i), 1))); err != nil {
				t.Fatal(err)
			}
			if err := g.add(&it, g.boot); err != nil {
				t.Fatal(err)
			}
		}
	}
	names(0, 2*maxWaits)
	before := heap()
	names(2*maxWaits, 10_000)
	if after := heap(); after > before+1<<20 {
		t.Errorf("%d bytes of heap after 10,000 names, and %d after %d", after, before, 2*maxWaits)
	}
	if s := g.Snapshot(); len(g.tally.waits) != maxWaits || s.Events[event.NetdevLeak].Count != 10_000 {
		t.Errorf("%d waits remembered of %d messages, want %d of 10,000", len(g.tally.waits), s.Events[event.NetdevLeak].Count, maxWaits)
	}
}

// heap returns how many bytes of the heap are in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
