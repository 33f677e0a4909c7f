package kmsg

import (
	"io/fs"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/kmsg/source"
	"kernel_exporter/collector/kmsg/source/sourcetest"
)

func TestLogLastSeen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t)
		lastSeen := func() time.Time { return g.Snapshot().Events[event.NetdevLeak].LastSeen }

		g.in <- recordLine(0, 10*time.Minute, leak)
		g.start()
		if want := g.boot.Add(10 * time.Minute); !lastSeen().Equal(want) {
			t.Errorf("replayed: %s, want %s", lastSeen(), want)
		}
		g.sleep(time.Minute)
		g.send(recordLine(1, 5*time.Minute, leak)) // the log's clock is late
		if want := time.Now(); !lastSeen().Equal(want) {
			t.Errorf("live: %s, want %s", lastSeen(), want)
		}
		g.stop()

		g = newRig(t)
		g.in <- recordLine(0, 2*time.Hour, leak) // the log's clock is ahead
		g.start()
		if want := time.Now(); !lastSeen().Equal(want) {
			t.Errorf("replayed from the future: %s, want %s", lastSeen(), want)
		}
		g.stop()

		g = newRig(t)
		g.cfg.Kernel.BootTime = func() (time.Time, error) { return time.Now(), fs.ErrNotExist }
		g.in <- recordLine(0, time.Minute, leak)
		g.start()
		if e := g.Snapshot().Events[event.NetdevLeak]; e.Count != 1 || !e.LastSeen.IsZero() {
			t.Errorf("replayed without a time of boot: %+v", e)
		}
		g.stop()
	})
}

// The wall clock may be set back after an event was seen live.
func TestLastSeenIsNotInTheFuture(t *testing.T) {
	t.Parallel()
	l := New(Config{})
	for e, step := range map[event.Event]time.Duration{"oops": time.Hour, "panic": -time.Hour} {
		seen := time.Now().Add(step)
		l.tally.add(&source.Item{
			Numbered: true, Record: record.Record{Seq: l.tally.position.next}, Finding: event.Finding{Event: e},
		}, moment{wall: seen}, cadence{})
		before := time.Now()
		at := l.Snapshot().Events[e].LastSeen
		switch {
		case step > 0 && (at.Before(before) || at.After(time.Now())):
			t.Errorf("seen in %s, said %s from now", step, time.Until(at))
		case step < 0 && !at.Equal(seen):
			t.Errorf("seen at %s, said %s", seen, at)
		}
	}
	if at := l.Snapshot().Events[event.NetdevLeak].LastSeen; !at.IsZero() {
		t.Errorf("never seen, said %s", at)
	}
}

// A replayed record has its time by the log's clock, which stood still while the
// machine was suspended. One that is newer does not make last seen older.
func TestLastSeenDoesNotGoBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state")
		const panics = "Kernel panic - not syncing: x"
		g := sourcetest.NewRing(10_000)
		boot := time.Now().Add(-10 * time.Hour) // 9 of them suspended
		start := func() *rig {
			r, _ := keeping(t, g, SourceKmsg, path)
			r.cfg.Kernel.BootTime = func() (time.Time, error) { return boot, nil }
			return r
		}
		r := start()
		r.start()
		g.Print(time.Hour, 0, panics)
		r.sleep(2 * time.Second)
		live := r.Snapshot().Events["panic"]
		r.stop()
		g.Print(time.Hour+time.Second, 0, panics)
		replayed := start().run().Events["panic"]
		if live.Count != 1 || replayed.Count != 2 || !replayed.LastSeen.Equal(live.LastSeen) {
			t.Errorf("live %+v, and with a replayed one %+v", live, replayed)
		}
	})
}

func TestLogLeaks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t)
		check := func(when string, leaks int, longest time.Duration, known bool) {
			t.Helper()
			s := g.Snapshot()
			if s.Leaks != leaks || s.LongestLeak != longest || s.LeaksKnown != known {
				t.Errorf("%s: %d leaks, longest %s, known %t; want %d, %s, %t",
					when, s.Leaks, s.LongestLeak, s.LeaksKnown, leaks, longest, known)
			}
		}
		check("before the start", 0, 0, false)
		g.in <- recordLine(0, time.Hour-25*time.Second, leak)
		g.in <- recordLine(1, time.Hour-15*time.Second, leak)
		g.start()
		check("replayed", 1, 35*time.Second, true)
		g.uptime = fs.ErrNotExist
		check("replayed, no uptime", 0, 0, false)
		g.send(recordLine(2, time.Hour-5*time.Second, "unregister_netdevice: waiting for lo.1 to become free. Usage count = -1"))
		check("one replayed, one live, no uptime", 0, 0, false)
		g.uptime = nil
		check("one replayed, one live", 2, 35*time.Second, true)

		g.boot = g.boot.Add(-time.Hour) // suspended
		check("the replayed one is over, the live one is not", 1, 10*time.Second, true)
		g.sleep(patience * period)
		check("for as long as it may be silent", 1, (1+patience)*period, true)
		g.sleep(time.Millisecond)
		check("silent", 0, 0, true)
		g.stop()
		check("after the stop", 0, 0, false)
	})
}
