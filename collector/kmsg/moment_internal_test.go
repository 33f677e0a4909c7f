package kmsg

import (
	"io/fs"
	"testing"
	"testing/synctest"
	"time"
)

func TestLogLastSeen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t)
		lastSeen := func() time.Time { return g.Snapshot().Events[NetdevLeak].LastSeen }

		g.in <- record(0, 10*time.Minute, leak)
		g.start()
		if want := g.boot.Add(10 * time.Minute); !lastSeen().Equal(want) {
			t.Errorf("replayed: %s, want %s", lastSeen(), want)
		}
		g.sleep(time.Minute)
		g.send(record(1, 5*time.Minute, leak)) // the log's clock is late
		if want := time.Now(); !lastSeen().Equal(want) {
			t.Errorf("live: %s, want %s", lastSeen(), want)
		}
		g.stop()

		g = newRig(t)
		g.in <- record(0, 2*time.Hour, leak) // the log's clock is ahead
		g.start()
		if want := time.Now(); !lastSeen().Equal(want) {
			t.Errorf("replayed from the future: %s, want %s", lastSeen(), want)
		}
		g.stop()

		g = newRig(t)
		g.cfg.BootTime = func() (time.Time, error) { return time.Now(), fs.ErrNotExist }
		g.in <- record(0, time.Minute, leak)
		g.start()
		if e := g.Snapshot().Events[NetdevLeak]; e.Count != 1 || !e.LastSeen.IsZero() {
			t.Errorf("replayed without a time of boot: %+v", e)
		}
		g.stop()
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
		g.in <- record(0, time.Hour-25*time.Second, leak)
		g.in <- record(1, time.Hour-15*time.Second, leak)
		g.start()
		check("replayed", 1, 35*time.Second, true)
		g.uptime = fs.ErrNotExist
		check("replayed, no uptime", 0, 0, false)
		g.send(record(2, time.Hour-5*time.Second, "unregister_netdevice: waiting for lo.1 to become free. Usage count = -1"))
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
