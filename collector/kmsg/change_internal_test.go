package kmsg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/kmsg/source"
	"kernel_exporter/collector/kmsg/source/sourcetest"
)

func TestSourceIsChosen(t *testing.T) {
	t.Parallel()
	denied := &fs.PathError{Op: "open", Path: "/dev/kmsg", Err: unix.EPERM}
	tests := []struct {
		name            string
		by              string
		running         bool
		noKmsg, noLines error
		want            string
		is              error
	}{
		{"by default", "", true, nil, nil, SourceKmsg, nil},
		{"auto", SourceAuto, true, nil, nil, SourceKmsg, nil},
		{"auto, EPERM", SourceAuto, true, denied, nil, SourceSyslog, nil},
		{"auto, EACCES", SourceAuto, true, unix.EACCES, nil, SourceSyslog, nil},
		{"auto, no device", SourceAuto, true, unix.ENOENT, nil, SourceSyslog, nil},
		{"auto, no driver", SourceAuto, true, unix.ENXIO, nil, SourceSyslog, nil},
		{"another file", "", true, source.ErrNotLog, nil, SourceSyslog, nil},
		{"auto, broken", SourceAuto, true, unix.EIO, nil, SourceNone, unix.EIO},
		{"auto, both refused", SourceAuto, true, denied, unix.ENOSYS, SourceNone, unix.ENOSYS},
		{"auto, both refused, the first", SourceAuto, true, denied, unix.ENOSYS, SourceNone, denied},
		{"auto, another kernel", SourceAuto, false, denied, nil, SourceNone, denied},
		{"by default, another kernel", "", false, denied, nil, SourceNone, denied},
		{"kmsg", SourceKmsg, true, denied, nil, SourceNone, denied},
		{"syslog", SourceSyslog, true, nil, nil, SourceSyslog, nil},
		{"syslog, EPERM", SourceSyslog, true, nil, unix.EPERM, SourceNone, unix.EPERM},
		{"syslog, another kernel", SourceSyslog, false, nil, nil, SourceNone, errNotRunning},
		{"unknown", "journal", true, nil, nil, SourceNone, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := sourcetest.NewRing(10_000)
				g.NoKmsg, g.NoLines = tt.noKmsg, tt.noLines
				g.Prints(banner, "a")
				r := &rig{t: t, Log: reader(g, tt.by)}
				r.cfg.Kernel.Running = tt.running
				s := r.run()
				if s.Source != tt.want || s.Up != (tt.want != SourceNone) || (s.Err == nil) != s.Up || tt.is != nil && !errors.Is(s.Err, tt.is) {
					t.Errorf("%+v, want %s, %v", s.Status, tt.want, tt.is)
				}
				if s.Up && s.accounted() != 2 {
					t.Errorf("%d records", s.accounted())
				}
			})
		})
	}
}

// A security module may allow opening the log and refuse reading it.
func TestSourceRefusesReading(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := sourcetest.NewRing(10_000)
		g.Prints(banner, "a")
		r := &rig{t: t, Log: reader(g, SourceAuto)}
		r.cfg.OnStatus = func(s Status) { r.statuses = append(r.statuses, s) }
		r.start()
		g.Set(func(g *sourcetest.Ring) { g.NoKmsg = unix.EPERM })
		r.sleep(time.Second)
		g.Prints("b")
		r.sleep(time.Second)
		s := r.Snapshot()
		if s.Source != SourceSyslog || s.accounted() != 3 || !s.CompleteSinceBoot || len(r.statuses) != 2 {
			t.Errorf("refused: %+v, statuses %v", s, r.statuses)
		}

		// It is stayed with until it fails.
		g.Set(func(g *sourcetest.Ring) { g.NoKmsg = nil })
		r.sleep(time.Hour)
		if s := r.Snapshot(); s.Source != SourceSyslog {
			t.Errorf("before it fails: %+v", s.Status)
		}
		g.Set(func(g *sourcetest.Ring) { g.NoLines = unix.EPERM })
		g.Prints("c")
		r.sleep(maxBackoff)
		s = r.Snapshot()
		if s.Source != SourceKmsg || s.accounted() != 4 || s.NextSeq != 4 || !s.CompleteSinceBoot {
			t.Errorf("after it failed: %+v", s)
		}
		g.Prints("d")
		r.sleep(time.Second)
		r.check(5, Counts{Records: records(5)})
		r.stop()
	})
}

func TestSourceChanges(t *testing.T) {
	t.Parallel()
	flood := func(g *sourcetest.Ring) {
		for range 100 {
			g.Prints("a record of a flood of records")
		}
	}
	tests := []struct {
		name            string
		between         func(g *sourcetest.Ring)
		toLines, toKmsg uint64 // lost in all when syslog(2) goes on, when /dev/kmsg does
	}{
		{"nothing", func(*sourcetest.Ring) {}, 0, 0},
		{"records", func(g *sourcetest.Ring) { g.Prints("b", "b", "c") }, 0, 0},
		{"a clear", func(g *sourcetest.Ring) { g.Prints("unseen"); g.Clear(); g.Prints("b") }, 0, 1},
		{"a flood", flood, 1, 100 - 1000/46},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "state")
				g := sourcetest.NewRing(1000)
				g.Prints(banner, "a", "a")
				r, _ := keeping(t, g, SourceKmsg, path)
				if s := r.run(); s.accounted() != 3 {
					t.Fatalf("%s: at first %d records", tt.name, s.accounted())
				}
				tt.between(g)
				r, _ = keeping(t, g, SourceSyslog, path)
				s := r.run()
				if s.Source != SourceSyslog || s.LostOverrun != tt.toLines || s.LostBeforeStart != 0 {
					t.Errorf("%s, to syslog(2): %+v", tt.name, s)
				}
				if s.CompleteSinceBoot != (tt.toKmsg == 0) {
					t.Errorf("%s, to syslog(2): complete %t", tt.name, s.CompleteSinceBoot)
				}
				g.Prints("d")
				r, _ = keeping(t, g, SourceKmsg, path)
				s = r.run()
				if s.accounted() != g.Next || s.NextSeq != g.Next || s.LostBeforeStart != 0 || s.LostOverrun != tt.toKmsg {
					t.Errorf("%s, back to /dev/kmsg, %d records: %+v", tt.name, g.Next, s)
				}
			})
		})
	}
}

// A record of lines that /dev/kmsg gave is no news of syslog(2), and the other way
// round, also without times.
func TestSourceChangesBehindARecordOfLines(t *testing.T) {
	t.Parallel()
	for _, timed := range []bool{true, false} {
		t.Run(fmt.Sprint("timed ", timed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "state")
				g := sourcetest.NewRing(10_000)
				g.Timed = timed
				g.Prints(banner, "a\nb\n\nc")
				for i, by := range []string{SourceKmsg, SourceSyslog, SourceKmsg, SourceSyslog} {
					r, _ := keeping(t, g, by, path)
					if s := r.run(); s.accounted() != 2 {
						t.Errorf("timed %t, process %d, by %s: %d counted, want 2", timed, i, by, s.accounted())
					}
				}
				g.Prints("d\ne")
				for i, by := range []string{SourceSyslog, SourceKmsg, SourceSyslog} {
					r, _ := keeping(t, g, by, path)
					if s := r.run(); s.accounted() != 4 {
						t.Errorf("timed %t, process %d with a record more, by %s: %d counted, want 2 and 2 lines", timed, i, by, s.accounted())
					}
				}
			})
		})
	}
}

// Where lines have no times and the last that was counted is not there, nobody
// can tell which are new. None counts twice, and that some may be lost is said.
func TestSourceChangesWithoutTimes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state")
		g := sourcetest.NewRing(10_000)
		g.Timed = false
		g.Prints(banner, "a")
		r, _ := keeping(t, g, SourceKmsg, path)
		r.run()
		g.Prints("b")
		g.Clear()
		g.Prints("c", "d")
		r, _ = keeping(t, g, SourceSyslog, path)
		if s := r.run(); s.accounted() != 3 || s.LostOverrun != 1 || s.CompleteSinceBoot {
			t.Errorf("by syslog(2): %+v", s)
		}
		g.Prints("e")
		r, _ = keeping(t, g, SourceKmsg, path)
		if s := r.run(); s.Records != records(6) || s.NextSeq != 6 || s.LostOverrun != 1 {
			t.Errorf("by /dev/kmsg: %+v", s)
		}
	})
}

// A line of syslog(2) that is no record of /dev/kmsg, as it was merged of two, is
// found by its time. The position is then on the record that is there, so that
// the next start does not take the log for another one.
func TestSourceChangesBehindAMergedLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state")
		g := sourcetest.NewRing(100_000)
		g.Prints(banner, "a", "b")
		r, _ := keeping(t, g, SourceSyslog, path)
		r.openLines = func(ctx context.Context, after record.Fingerprint) (source.Source, error) {
			merged := func(action int, buf []byte) (int, error) {
				n, err := g.Call(action, buf)
				if action == source.SyslogReadAll && err == nil {
					n += copy(buf[n-1:], " merged\n") - 1
				}
				return n, err
			}
			return source.OpenSyslog(ctx, source.Syslog{Matcher: sharedMatcher(), After: after, Call: merged})
		}
		if s := r.run(); s.accounted() != 3 {
			t.Errorf("by syslog(2): %+v", s.Counts)
		}
		for _, start := range []string{"at first", "again", "when the ring has moved on"} {
			forgotten := 0
			r, _ = keeping(t, g, SourceKmsg, path)
			r.cfg.OnForget = func() { forgotten++ }
			s := r.run()
			if s.accounted() != 3 || s.LostBeforeStart+s.LostOverrun > 0 || forgotten > 0 {
				t.Errorf("by /dev/kmsg, %s: forgotten %d times: %+v", start, forgotten, s.Counts)
			}
			if start == "again" {
				g.Set(func(g *sourcetest.Ring) { g.Kept = g.Kept[2:] })
			}
		}
	})
}

func TestLocate(t *testing.T) {
	t.Parallel()
	text := func(ms int, text string) record.Fingerprint {
		return record.Fingerprint{Known: true, Time: time.Duration(ms) * time.Millisecond, Priority: 6, Hash: record.Hash([]byte(text))}
	}
	untimed := func(m record.Fingerprint) record.Fingerprint { m.Time = record.UnknownTime; return m }
	tests := []struct {
		name string
		line record.Fingerprint
		next uint64
		gap  bool
		err  error
	}{
		{"found", text(8, "b"), 8, false, nil},
		{"the first of a record's lines", text(9, "c1"), 9, false, nil},
		{"the last of a record's lines", text(9, "c3"), 9, false, nil},
		{"the last", text(10, "b"), 10, false, nil},
		{"another text", text(8, "x"), 8, false, nil}, // by its time, behind b
		{"older than all", text(2, "x"), 6, true, nil},
		{"newer than all", text(2000, "x"), 0, false, source.ErrForeign},
		{"newer, by a clock's difference", text(200, "x"), 10, false, nil},
		{"time not known", untimed(text(0, "b")), 10, false, nil},
		{"time not known, not found", untimed(text(0, "x")), 10, false, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := sourcetest.NewRing(10_000)
			g.Next = 6
			g.Prints("a", "b", "c1\n\nc3", "b")
			src, err := numbered(g.Open(t.Context().Done()))
			if err != nil {
				t.Fatal(err)
			}
			p, err := locate(src, tt.line)
			if p.next != tt.next || p.gap != tt.gap || !errors.Is(err, tt.err) {
				t.Errorf("%s: %+v, %v; want %d, %t, %v", tt.name, p, err, tt.next, tt.gap, tt.err)
			}
			if err != nil || tt.gap {
				return
			}
			// Whoever starts anew proves the position by the fingerprint of the record there.
			if at := g.Kept[p.next-g.Kept[0].Seq-1]; !cmp.Or(p.last, tt.line).On(at.Record()) {
				t.Errorf("%s: fingerprint %+v is not on %+v", tt.name, p.last, at)
			}
		})
	}
	for what, feed := range map[string]*feed{
		"losses":  {in: sent(source.Lost, source.Malformed, recordLine(9, time.Second, "a"), source.Lost, recordLine(12, time.Minute, "b"))},
		"the end": {in: sent(recordLine(9, time.Second, "a"))},
	} {
		if p, err := locate(fed(feed), text(1000, "a")); p.next != 10 || p.gap || err != nil {
			t.Errorf("%s: %+v, %v", what, p, err)
		}
	}
	for what, feed := range map[string]*feed{
		"failure": {in: sent(recordLine(9, time.Second, "a"), io.ErrUnexpectedEOF)},
		"nothing but losses": {in: func() chan any {
			in := make(chan any, 200)
			for range 200 {
				in <- source.Lost
			}
			return in
		}()},
	} {
		if _, err := locate(fed(feed), text(1000, "b")); err == nil {
			t.Errorf("%s: located", what)
		}
	}
}

func fed(f *feed) source.Source {
	src, _ := numbered(f, nil)
	return src
}

func sent(what ...any) chan any {
	in := make(chan any, len(what))
	for _, v := range what {
		in <- v
	}
	return in
}

// A log is written, wraps, is cleared, is read by one way or the other by one
// process after another, killed or stopped. No record counts twice, and when
// /dev/kmsg was read to its end, each is accounted for. Only what syslog(2)
// takes for a loss may be a clear.
func TestSourcesAndRestartsAddUp(t *testing.T) {
	t.Parallel()
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 1))
		g := sourcetest.NewRing(3000)
		g.Timed = seed%4 != 0
		g.Prints(banner)
		events, at := uint64(0), time.Second
		saved, guessed := newTally(), uint64(0)
		for step := range 30 {
			for range rng.IntN(1 << rng.IntN(8)) {
				at += time.Duration(1+rng.IntN(100)) * time.Microsecond
				switch rng.IntN(4) {
				case 0:
					g.Print(at, 0, fmt.Sprintf("unregister_netdevice: waiting for veth%d to become free. Usage count = 1", g.Next))
					events++
				case 1:
					g.Print(at, 8, leak)
				default:
					g.Print(at, 6, fmt.Sprint("line ", rng.IntN(3)))
				}
			}
			if rng.IntN(10) == 0 {
				g.Clear()
			}
			if seed%5 == 0 && rng.IntN(5) == 0 {
				g.Timed = !g.Timed
			}
			by := []string{SourceKmsg, SourceSyslog}[rng.IntN(2)]
			synctest.Test(t, func(t *testing.T) {
				r := &rig{t: t, Log: reader(g, by)}
				r.tally = saved.clone()
				r.tally.position.unproven = saved.position.last.Known
				s := r.run()
				if by == SourceSyslog {
					guessed += s.LostOverrun + s.LostBeforeStart - saved.LostOverrun - saved.LostBeforeStart
				}
				if rng.IntN(3) > 0 { // else killed before it stored
					b, err := encodeState("boot", &r.tally)
					switch {
					case err != nil:
						t.Fatal(err)
					case b != nil:
						if _, saved, err = decodeState(b); err != nil {
							t.Fatalf("seed %d: %v in %s", seed, err, b)
						}
					case saved.position.last.Known || s.accounted() > 0: // all was cleared before anything was read
						t.Fatalf("seed %d: nothing is kept of %+v", seed, r.tally)
					}
				}
				got, lost := s.Events[event.NetdevLeak].Count, s.LostBeforeStart+s.LostOverrun
				n := s.accounted()
				if n-lost > g.Next || n > g.Next+guessed || by == SourceKmsg && (n < g.Next || s.NextSeq != g.Next) {
					t.Fatalf("seed %d, step %d, by %s: %d of %d records, %d of them lost", seed, step, by, n, g.Next, lost)
				}
				if got > events || s.CompleteSinceBoot && got != events || s.CompleteSinceBoot && lost > 0 {
					t.Fatalf("seed %d, step %d, by %s: %d of %d events, %d lost, complete %t", seed, step, by, got, events, lost, s.CompleteSinceBoot)
				}
			})
		}
	}
}
