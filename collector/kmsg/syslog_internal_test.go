package kmsg

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/kmsg/source"
	"kernel_exporter/collector/kmsg/source/sourcetest"
)

func justNow(t time.Time) bool { return time.Since(t) >= 0 && time.Since(t) <= time.Second }

// Without proc/kmsg to show when something is logged, the log is asked for from
// time to time.
func TestSyslogIsPolled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := sourcetest.NewRing(100_000)
		g.Prints(banner, "a")
		r := &rig{t: t, Log: reader(g, SourceSyslog)}
		r.cfg.OnStatus = func(s Status) { r.statuses = append(r.statuses, s) }
		r.start()
		s := r.Snapshot()
		if !s.Up || s.Source != SourceSyslog || !s.Drained || !s.CompleteSinceBoot || s.Records != records(2) || s.NextSeq != 0 {
			t.Errorf("at first: %+v, complete %t", s, s.CompleteSinceBoot)
		}
		g.Print(time.Hour, 0, leak)
		g.Print(time.Hour, 14, leak)
		r.sleep(time.Second)
		s = r.Snapshot()
		if e := s.Events[event.NetdevLeak]; e.Count != 1 || !justNow(e.LastSeen) || s.Untrusted != 1 || !s.LeaksKnown || s.Leaks != 1 {
			t.Errorf("a live report: %+v, %d untrusted, %d leaks", e, s.Untrusted, s.Leaks)
		}
		asked := g.Answers()
		r.sleep(time.Minute)
		if n := g.Answers() - asked; n != 60 {
			t.Errorf("asked %d times in a minute", n)
		}
		g.Set(func(g *sourcetest.Ring) { g.NoLines = unix.EPERM })
		r.sleep(time.Second)
		if s := r.Snapshot(); s.Up || !errors.Is(s.Err, unix.EPERM) || s.Records[6] != 2 || s.Records[0] != 1 {
			t.Errorf("refused: %+v", s)
		}
		g.Set(func(g *sourcetest.Ring) { g.NoLines = nil })
		r.sleep(maxBackoff)
		if s := r.Snapshot(); !s.Up || s.accounted() != 4 || !s.CompleteSinceBoot || len(r.statuses) != 3 {
			t.Errorf("again: %+v, statuses %v", s, r.statuses)
		}
		r.stop()
	})
}

// Without times in the log, a live report's is the uptime.
func TestSyslogWithoutTimes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := sourcetest.NewRing(100_000)
		g.Timed = false
		g.Print(0, 6, banner)
		g.Print(0, 0, leak)
		r := &rig{t: t, Log: reader(g, SourceSyslog)}
		r.start()
		s := r.Snapshot()
		if e := s.Events[event.NetdevLeak]; e.Count != 1 || !e.LastSeen.IsZero() || s.Leaks != 0 || s.CompleteSinceBoot {
			t.Errorf("replayed: %+v, %d leaks, complete %t", e, s.Leaks, s.CompleteSinceBoot)
		}
		g.Print(0, 0, leak)
		r.sleep(time.Second)
		s = r.Snapshot()
		if e := s.Events[event.NetdevLeak]; e.Count != 2 || !justNow(e.LastSeen) || s.Leaks != 1 || s.LongestLeak != period+time.Since(e.LastSeen) {
			t.Errorf("live: %+v, %d leaks, longest %s", e, s.Leaks, s.LongestLeak)
		}
		r.stop()
	})
}

// A log that costs much to ask for is asked for less often, and never so seldom
// that nobody would see within ten seconds that it fails.
func TestSyslogThatIsSlow(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		takes time.Duration
		most  int // answers in a minute
	}{{0, 60}, {50 * time.Microsecond, 60}, {100 * time.Microsecond, 31}, {10 * time.Millisecond, 10}, {time.Second, 8}} {
		t.Run(tt.takes.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := sourcetest.NewRing(10_000)
				g.Prints(banner)
				r := &rig{t: t, Log: reader(g, SourceSyslog)}
				r.openLines = func(ctx context.Context, after record.Fingerprint) (source.Source, error) {
					call := func(action int, buf []byte) (int, error) {
						if action == source.SyslogReadAll {
							<-time.After(tt.takes)
						}
						return g.Call(action, buf)
					}
					return source.OpenSyslog(ctx, source.Syslog{Matcher: sharedMatcher(), After: after, Call: call})
				}
				r.start()
				r.sleep(time.Minute) // soon at first, and then less often
				asked := g.Answers()
				r.sleep(time.Minute)
				if n := g.Answers() - asked; n > tt.most || n < tt.most-4 {
					t.Errorf("asked %d times in a minute though it takes %s, want %d", n, tt.takes, tt.most)
				}
				g.Set(func(g *sourcetest.Ring) { g.NoLines = unix.EPERM })
				r.sleep(10 * time.Second)
				if s := r.Snapshot(); s.Up {
					t.Errorf("10 s after it failed: %+v", s.Status)
				}
				r.stop()
			})
		})
	}
}

// A report of the same time and level as another text may be one that is not
// counted, so a 0 of it is no "never": here the block layer's and the buffers' of
// one failure.
func TestSyslogUnsureIsIncomplete(t *testing.T) {
	t.Parallel()
	const block = "I/O error, dev sda, sector 0 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2"
	const buffer = "Buffer I/O error on dev sda, logical block 0, async page read"
	for _, apart := range []time.Duration{0, time.Microsecond} {
		t.Run(apart.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := sourcetest.NewRing(10_000)
				g.Prints(banner)
				g.Print(time.Second, 3, block)
				g.Print(time.Second+apart, 3, buffer)
				r := &rig{t: t, Log: reader(g, SourceSyslog)}
				s := r.run()
				both := apart > 0
				if s.Events["block_io_error"].Count != 1 || s.Events["buffer_io_error"].Count == 1 != both || s.CompleteSinceBoot != both {
					t.Errorf("%s apart: %d and %d, complete %t", apart, s.Events["block_io_error"].Count, s.Events["buffer_io_error"].Count, s.CompleteSinceBoot)
				}
			})
		})
	}
}
