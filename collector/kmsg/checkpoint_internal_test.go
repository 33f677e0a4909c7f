package kmsg

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/kmsg/source/sourcetest"
)

// keeping returns a rig that reads the ring and keeps its state in a file, and
// what tells of which trouble it told.
func keeping(t *testing.T, g *sourcetest.Ring, by, path string) (r *rig, told func() []error) {
	t.Helper()
	var mu sync.Mutex
	var errs []error
	r = &rig{t: t, Log: reader(g, by)}
	r.cfg.StateFile = path
	r.cfg.OnStateError = func(err error) {
		mu.Lock()
		defer mu.Unlock()
		errs = append(errs, err)
	}
	return r, func() []error {
		mu.Lock()
		defer mu.Unlock()
		return errs
	}
}

func files(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// run runs a log until it has read everything, and stops it.
func (g *rig) run() *Snapshot {
	g.start()
	s := g.Snapshot()
	g.stop()
	return &s
}

// counted returns how many records a log has accounted for.
func (g *rig) counted() uint64 {
	s := g.Snapshot()
	return s.accounted()
}

func TestKeepAcrossRestarts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state")
		g := sourcetest.NewRing(1000)
		g.Prints("a", "b")
		g.Print(time.Hour-time.Second, 0, leak)
		r, told := keeping(t, g, SourceKmsg, path)
		first := r.run()
		if first.accounted() != 3 || !first.CompleteSinceBoot || first.Leaks != 1 {
			t.Errorf("at first: %+v", first)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode() != 0o600 || files(t, filepath.Dir(path)) != "state" {
			t.Errorf("state file %v, %v, and %s", info, err, files(t, filepath.Dir(path)))
		}

		r, _ = keeping(t, g, SourceKmsg, path)
		first.Hours = Hours{} // not kept
		if again := r.run(); fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", first) {
			t.Errorf("nothing happened in between: got %+v\nwant %+v", again, first)
		}

		g.Prints("c", "d")
		r, _ = keeping(t, g, SourceKmsg, path)
		s := r.run()
		r.check(5, Counts{Records: [record.NumLevels]uint64{0: 1, 6: 4}}, event.NetdevLeak)
		if !maps.Equal(s.Events, first.Events) || !s.CompleteSinceBoot {
			t.Errorf("two records later: %+v", s)
		}

		for range 100 {
			g.Prints("a record of a flood")
		}
		r, _ = keeping(t, g, SourceKmsg, path)
		s = r.run()
		if s.LostBeforeStart != 0 || s.LostOverrun != 100-uint64(len(g.Kept)) || s.accounted() != 105 || s.CompleteSinceBoot {
			t.Errorf("a wrapped ring later: %+v", s)
		}
		if len(told()) != 0 {
			t.Errorf("trouble: %v", told())
		}
	})
}

// A killed process leaves a state that is older than what it counted. The ring
// makes up for that.
func TestKeepAcrossKill(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state")
		g := sourcetest.NewRing(100_000)
		g.Prints("a", "b")
		r, _ := keeping(t, g, SourceKmsg, path)
		r.start()
		old, err := os.ReadFile(path) // stored as soon as all was read
		if err != nil {
			t.Fatal(err)
		}
		g.Print(time.Minute, 0, leak)
		r.sleep(3 * time.Second)
		if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, old) {
			t.Errorf("stored again after 3 s: %v", err)
		}
		r.sleep(2 * time.Second)
		newer, err := os.ReadFile(path)
		if err != nil || bytes.Equal(newer, old) {
			t.Errorf("not stored after 5 s: %v", err)
		}
		before, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		r.sleep(time.Minute)
		after, err := os.Stat(path)
		if err != nil || !os.SameFile(before, after) {
			t.Errorf("stored though nothing changed: %v", err)
		}
		r.stop()

		for _, state := range [][]byte{old, newer} {
			if err := os.WriteFile(path, state, 0o600); err != nil {
				t.Fatal(err)
			}
			r, _ = keeping(t, g, SourceKmsg, path)
			s := r.run()
			r.check(3, Counts{Records: [record.NumLevels]uint64{0: 1, 6: 2}}, event.NetdevLeak)
			if !s.CompleteSinceBoot {
				t.Errorf("after a kill: %+v", s)
			}
		}
	})
}

// The clock may have been set back since a report was seen. It is not said to be
// of the future.
func TestKeepSeenInTheFuture(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state")
		g := sourcetest.NewRing(1000)
		r, _ := keeping(t, g, SourceKmsg, path)
		r.start()
		r.sleep(time.Hour)
		g.Print(time.Hour, 0, leak)
		r.sleep(time.Second)
		r.stop()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		seen := fmt.Sprint(time.Now().UnixMicro())
		later := bytes.ReplaceAll(b, []byte(seen), fmt.Append(nil, time.Now().Add(time.Hour).UnixMicro()))
		if err := os.WriteFile(path, later, 0o600); err != nil || bytes.Equal(later, b) {
			t.Fatalf("%v, or not seen at %s: %s", err, seen, b)
		}
		r, _ = keeping(t, g, SourceKmsg, path)
		if got := r.run().Events[event.NetdevLeak].LastSeen; !got.Equal(time.Now()) {
			t.Errorf("last seen at %s, want %s", got, time.Now())
		}
	})
}

// A line of which a part was counted goes on after a restart.
func TestKeepWithinALine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state")
		lines := []string{"4,0,0,-;" + leak[:30] + "\n", "4,1,0,c;" + leak[30:] + "\n"}
		for i := range 2 {
			g := newRig(t)
			g.cfg.StateFile, g.cfg.Kernel.BootID = path, "boot"
			for _, line := range lines[:i+1] {
				g.in <- line
			}
			s := g.run()
			if s.Events[event.NetdevLeak].Count != uint64(i) || s.accounted() != uint64(i+1) {
				t.Errorf("%d fragments: %d events of %d records", i+1, s.Events[event.NetdevLeak].Count, s.accounted())
			}
		}
	})
}

func TestKeepOfAnotherLog(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		boot string
		log  func(g *sourcetest.Ring)
		want uint64 // records
	}{
		{"another boot", "another", func(g *sourcetest.Ring) { g.Prints("a") }, 1}, // which is as it should be, and not told
		{"ahead of the ring", "boot", func(g *sourcetest.Ring) { g.Prints("a", "b") }, 2},
		{"ahead by one", "boot", func(g *sourcetest.Ring) { g.Prints("a", "b", "c", "d") }, 4},
		{"another past", "boot", func(g *sourcetest.Ring) { g.Prints("a", "b", "c", "d", "other", "f") }, 6},
		{"another past at other times", "boot", func(g *sourcetest.Ring) { g.Next = 1; g.Prints("b", "c", "d", "e", "f"); g.Kept[3].At++ }, 6},
		{"the same", "boot", func(g *sourcetest.Ring) { g.Prints("a", "b", "c", "d", "e", "f") }, 1006},
		{"the same, empty", "boot", func(*sourcetest.Ring) {}, 1005},
		{"the same, overwritten", "boot", func(g *sourcetest.Ring) { g.Next = 7; g.Prints("x") }, 1008},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "state")
				g := sourcetest.NewRing(10_000)
				g.Prints("a", "b", "c", "d", "e")
				r, _ := keeping(t, g, SourceKmsg, path)
				r.tally.LostBeforeStart = 1000 // to know the counts by
				r.tally.lines = true
				r.run()

				g = sourcetest.NewRing(10_000)
				tt.log(g)
				r, told := keeping(t, g, SourceKmsg, path)
				r.cfg.Kernel.BootID = tt.boot
				forgotten, want := 0, 0
				r.cfg.OnForget = func() { forgotten++ }
				if tt.boot == "boot" && tt.want < 1000 {
					want = 1
				}
				s := r.run()
				if s.accounted() != tt.want || len(told()) != 0 || forgotten != want {
					t.Errorf("%s: %d records, want %d: %+v, %v, forgotten %d times", tt.name, s.accounted(), tt.want, s, told(), forgotten)
				}
			})
		})
	}
}

// A state is stored when the log was read to its end, and then no more often than
// each 5 s.
func TestKeepIsNotHurried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state")
		g := sourcetest.NewRing(10_000)
		g.NoKmsg = unix.EIO
		r, _ := keeping(t, g, SourceKmsg, path)
		r.start()
		r.sleep(storeInterval - time.Second)
		g.Set(func(g *sourcetest.Ring) { g.NoKmsg = nil })
		var stored []time.Time
		last := ""
		for range 300 {
			g.Prints("a")
			r.sleep(100 * time.Millisecond)
			if b, err := os.ReadFile(path); err == nil && string(b) != last {
				stored, last = append(stored, time.Now()), string(b)
			}
		}
		r.stop()
		if len(stored) < 4 {
			t.Errorf("stored %d times in half a minute", len(stored))
		}
		for i := 1; i < len(stored); i++ {
			if d := stored[i].Sub(stored[i-1]); d < storeInterval {
				t.Errorf("stored again after %s", d)
			}
		}
	})
}
