package kmsg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/kmsg/source"
)

func TestLogGoesOnBehindLosses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t)
		g.start()
		g.send(recordLine(0, 0, "a"), recordLine(1, 0, "b"), source.Lost, recordLine(5, 0, "c"), source.Malformed, recordLine(7, 0, "d"))
		g.send(source.Lost, source.Lost, recordLine(8, 0, "e"))
		g.check(9, Counts{Records: records(5), LostOverrun: 4, Malformed: 1})
		if s := g.Snapshot(); g.opened() != 1 || !s.Up || s.CompleteSinceBoot {
			t.Errorf("opened %d times, up %t, complete %t", g.opened(), s.Up, s.CompleteSinceBoot)
		}
		g.stop()
	})
}

func TestLogReopens(t *testing.T) {
	t.Parallel()
	for _, fault := range []error{
		&fs.PathError{Op: "read", Path: "/dev/kmsg", Err: unix.EIO},
		&fs.PathError{Op: "read", Path: "/dev/kmsg", Err: unix.ENODEV},
	} {
		t.Run(fault.Error(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := newRig(t)
				g.start()
				g.send(recordLine(0, 0, "a"), recordLine(1, 0, leak))

				g.refuse(fault)
				g.send(fault)
				if s := g.Snapshot(); s.Up || s.Source != SourceNone || !errors.Is(s.Err, fault) || s.LeaksKnown {
					t.Errorf("after the failure: %+v, leaks known %t", s.Status, s.LeaksKnown)
				}
				g.sleep(time.Minute)
				g.refuse(nil)
				g.send(recordLine(0, 0, "a"), recordLine(1, 0, leak), recordLine(2, 0, "b"))
				g.sleep(maxBackoff)

				g.check(3, Counts{Records: records(3)}, event.NetdevLeak)
				s := g.Snapshot()
				if !s.Up || !s.Drained || !s.CompleteSinceBoot || !s.LeaksKnown {
					t.Errorf("after the recovery: %+v", s)
				}
				up := Status{Up: true, Source: SourceKmsg}
				want := []Status{up, {Source: SourceNone, Err: fault}, up}
				if fmt.Sprint(g.statuses) != fmt.Sprint(want) {
					t.Errorf("statuses %v, want %v", g.statuses, want)
				}
				g.stop()
				if g.closed != 2 {
					t.Errorf("closed %d sources of 2", g.closed)
				}
			})
		})
	}
}

// While the log cannot be read nobody knows what it says: a 0 is no "never".
func TestLogIsCompleteOnlyWhileRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t)
		g.send(recordLine(0, 0, banner))
		g.start()
		check := func(when string, up bool) {
			t.Helper()
			if s := g.Snapshot(); s.Up != up || s.CompleteSinceBoot != up || !s.Drained {
				t.Errorf("%s: up %t, complete %t, drained %t; want %t, %t, true", when, s.Up, s.CompleteSinceBoot, s.Drained, up, up)
			}
		}
		check("read", true)
		g.refuse(unix.EACCES)
		g.send(error(unix.EIO))
		check("refused", false)
		g.sleep(time.Hour)
		check("refused for an hour", false)
		g.refuse(nil)
		g.sleep(maxBackoff)
		check("read again", true)
		g.stop()
	})
}

func TestLogBacksOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t)
		g.refuse(fs.ErrPermission)
		g.start()
		g.sleep(time.Hour)
		// Six pauses of 6.3 s together, and then one each 5 s.
		if want := 6 + int((time.Hour-6300*time.Millisecond)/maxBackoff) + 1; g.opened() != want {
			t.Errorf("tried %d times in an hour, want %d", g.opened(), want)
		}
		if len(g.statuses) != 1 {
			t.Errorf("one failure is told %d times", len(g.statuses))
		}
		if s := g.Snapshot(); s.Up || s.Drained || s.LeaksKnown || s.CompleteSinceBoot {
			t.Errorf("a log never opened: %+v", s)
		}
		g.refuse(nil)
		g.sleep(maxBackoff)
		if s := g.Snapshot(); !s.Up || !s.Drained {
			t.Errorf("after the recovery: %+v", s)
		}
		// A log that gave something new is tried again soon.
		g.refuse(fs.ErrPermission)
		opened := g.opened()
		g.send(recordLine(0, 0, "a"), unix.EIO)
		g.sleep(minBackoff)
		if g.opened() != opened+1 {
			t.Errorf("tried %d times after the first pause, want 1", g.opened()-opened)
		}
		g.stop()
	})
}

func TestLogDoesNotSpinOnLosses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t)
		for range 200 {
			g.in <- source.Lost
		}
		g.start()
		if s := g.Snapshot(); s.Up || s.Err == nil {
			t.Errorf("after 200 losses in a row: %+v", s.Status)
		}
		if len(g.in) == 0 {
			t.Error("the source was asked until it had nothing more")
		}
		g.stop()
	})
}

func TestLogStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t)
		g.start()
		g.stop()
		s := g.Snapshot()
		if s.Up || s.Source != SourceNone || !errors.Is(s.Err, context.Canceled) {
			t.Errorf("after the stop: %+v", s.Status)
		}
		if g.closed != 1 || len(g.statuses) != 1 {
			t.Errorf("closed %d times, %d statuses told; want 1 and 1", g.closed, len(g.statuses))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t)
		g.refuse(fs.ErrNotExist)
		g.start()
		g.stop() // in the pause
		if s := g.Snapshot(); s.Up || g.closed != 0 {
			t.Errorf("after the stop: %+v, closed %d", s.Status, g.closed)
		}
	})
}

// What is lost may be the end of one line and the beginning of another.
func TestLogJoinsNothingAcrossAGap(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		seq  int // of the rest of a line, whose beginning is 0
		want uint64
	}{{1, 1}, {2, 0}} {
		t.Run(fmt.Sprint("record ", tt.seq), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := newRig(t)
				g.start()
				g.send("0,0,0,-;"+leak[:30]+"\n", fmt.Sprintf("0,%d,0,c;%s\n", tt.seq, leak[30:]))
				if n := g.Snapshot().Events[event.NetdevLeak].Count; n != tt.want {
					t.Errorf("the rest is record %d: %d events, want %d", tt.seq, n, tt.want)
				}
				g.stop()
			})
		})
	}
}

// Sequence numbers that would turn the count over are not believed.
func TestLogSequenceEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t)
		g.start()
		g.send(recordLine(0, 0, "a"), fmt.Sprintf("6,%d,0,-;b\n", uint64(math.MaxUint64)), recordLine(1, 0, "c"))
		g.check(2, Counts{Records: records(2), Malformed: 1})
		g.stop()
	})
}

// Records come from random positions, with gaps and repetitions and of all
// facilities: each is counted once, and the counts add up at any time.
func TestLogAddsUp(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 0))
		g := newRig(t)
		raw := &single{}
		src, _ := numbered(raw, nil)
		var it source.Item
		var next, kernel, user, events uint64
		for range 500 {
			r := record.Record{Seq: next + rng.Uint64N(3)*rng.Uint64N(10), Flag: "-c+"[rng.IntN(3)], Text: []byte("text")}
			if next > 0 && rng.IntN(50) == 0 {
				r.Seq = rng.Uint64N(next) // replayed
			}
			r.Level = record.Level(rng.IntN(record.NumLevels))
			if rng.IntN(4) == 0 {
				r.Facility = 1 + uint32(rng.IntN(23))
			}
			opens := rng.IntN(2) == 0
			if opens {
				r.Text = []byte(leak)
			}
			if r.Seq >= next {
				next = r.Seq + 1
				switch {
				case r.Facility != 0:
					user++
				case opens && r.Flag == '-':
					events++
					fallthrough
				default:
					kernel++
				}
			}
			raw.give = r
			if err := src.Next(&it); err != nil {
				t.Fatal(err)
			}
			if err := g.add(&it, g.boot); err != nil {
				t.Fatal(err)
			}
			if c := g.Snapshot(); c.accounted() != next || c.NextSeq != next {
				t.Fatalf("seed %d: counts add up to %d, next is %d, want %d", seed, c.accounted(), c.NextSeq, next)
			}
		}
		c := g.Snapshot().Counts
		lost := c.LostBeforeStart + c.LostOverrun
		if c.Untrusted != user || lost != next-user-kernel || c.Events[event.NetdevLeak].Count != events {
			t.Errorf("seed %d: %d user records, %d lost, %d events; want %d, %d, %d", seed,
				c.Untrusted, lost, c.Events[event.NetdevLeak].Count, user, next-user-kernel, events)
		}
	}
}

// A single gives one record.
type single struct {
	feed
	give record.Record
}

func (s *single) Read(r *record.Record, _ bool) (source.Kind, error) {
	*r = s.give
	return source.Record, nil
}

//nolint:paralleltest // others' allocations would be counted
func TestLogDoesNotAllocate(t *testing.T) {
	g := newRig(t)
	line := []byte("6,0,5000,-,caller=T1;eth0: link becomes ready\n")
	buf := make([]byte, len(line))
	raw := &single{}
	src, _ := numbered(raw, nil)
	var it source.Item
	if n := testing.AllocsPerRun(100, func() {
		copy(buf, line)
		if err := raw.give.Parse(buf); err != nil {
			t.Fatal(err)
		}
		raw.give.Seq = g.tally.position.next
		if err := src.Next(&it); err != nil {
			t.Fatal(err)
		}
		if err := g.add(&it, g.boot); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a record", n)
	}
	if n := testing.AllocsPerRun(100, func() { _ = g.Snapshot() }); n != 0 {
		t.Errorf("%v allocations a snapshot", n)
	}
}
