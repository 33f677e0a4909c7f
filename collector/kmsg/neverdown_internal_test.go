package kmsg

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/record"
)

// Whatever a source fails with, and whenever, it is opened no more often than
// the pauses allow, closed each time, and asked little. The bubble ends only if
// no goroutine is left in it.
func TestLogFailsForADay(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, tt := range map[string]struct {
		gives []any // by each source, before it fails for good
		asked int   // at most, by each source
	}{
		"at once":          {nil, 1},
		"behind a record":  {[]any{recordLine(0, 0, leak)}, 2},
		"behind a drain":   {[]any{recordLine(0, 0, leak), errEmpty}, 3},
		"behind garbage":   {[]any{errMalformed, errMalformed}, 3},
		"behind losses":    {[]any{errLost, recordLine(5, 0, "a"), errLost}, 4},
		"by losing always": {repeated(errLost, 2*maxLosses), maxLosses + 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			var opened, closed, asked int
			g := newRig(t)
			g.openRecords = func(context.Context) (source, error) {
				opened++
				in := sent(append(slices.Clip(tt.gives), unix.EIO)...)
				return &counting{feed{in: in, closed: &closed}, &asked}, nil
			}
			g.start()
			g.sleep(day)
			g.stop()
			if most := int(day/maxBackoff) + 20; opened > most || opened < most/2 {
				t.Errorf("%s: opened %d times in a day, want about %d", name, opened, most)
			}
			if closed != opened {
				t.Errorf("%s: closed %d of %d sources", name, closed, opened)
			}
			if asked > tt.asked*opened {
				t.Errorf("%s: asked %d times, want at most %d for each of %d sources", name, asked, tt.asked, opened)
			}
			if len(g.statuses) > 2*opened {
				t.Errorf("%s: told %d statuses of %d sources", name, len(g.statuses), opened)
			}
		})
	}
}

func repeated(v any, n int) (all []any) {
	for range n {
		all = append(all, v)
	}
	return all
}

// A counting source counts how often it is asked.
type counting struct {
	feed
	asked *int
}

func (c *counting) next(r *record.Record, wait bool) error {
	*c.asked++
	return c.feed.next(r, wait)
}

// A log that takes long to tell is asked less often, and never so seldom that
// nobody would see within ten seconds that it fails.
func TestSyslogThatIsSlow(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		takes time.Duration
		most  int // answers in a minute
	}{{0, 60}, {10 * time.Millisecond, 60}, {20 * time.Millisecond, 30}, {time.Second, 10}} {
		synctest.Test(t, func(t *testing.T) {
			g := newRing(10_000)
			g.prints(banner)
			r := &rig{t: t, Log: g.reader(SourceSyslog)}
			r.openLines = func(ctx context.Context, after record.Fingerprint) (source, error) {
				return newSyslogSource(ctx, after, func(action int, buf []byte) (int, error) {
					if action == syslogReadAll {
						<-time.After(tt.takes)
					}
					return g.klog(action, buf)
				})
			}
			r.start()
			r.sleep(tt.takes)
			asked := g.answers()
			r.sleep(time.Minute)
			if n := g.answers() - asked; n > tt.most || n < tt.most-2 {
				t.Errorf("asked %d times in a minute though it takes %s, want %d", n, tt.takes, tt.most)
			}
			g.set(func(g *ring) { g.noLines = unix.EPERM })
			r.sleep(10 * time.Second)
			if s := r.Snapshot(); s.Up {
				t.Errorf("10 s after it failed: %+v", s.Status)
			}
			r.stop()
		})
	}
}

// Nothing grows while the log is flooded, whichever way it is read.
//
//nolint:paralleltest // measures the heap
func TestMemoryDoesNotGrow(t *testing.T) {
	g := newRing(100_000)
	src, err := newSyslogSource(t.Context(), record.Fingerprint{}, g.klog)
	if err != nil {
		t.Fatal(err)
	}
	byLine, byNumber := g.reader(SourceSyslog), g.reader(SourceKmsg)
	flood := func(seconds int) {
		var r record.Record
		for range seconds {
			for range 500 {
				g.prints(fmt.Sprintf("record %d of a flood of records, most of which have other texts", g.next))
			}
			is[*syslogSource](t, src).asked = false
			for err := src.next(&r, false); err != errEmpty; err = src.next(&r, false) { //nolint:errorlint // a fixed value
				if e := byLine.take(src, &r, err, true); e != nil {
					t.Fatal(e)
				}
			}
			records, err := g.open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for records.next(&r, false) == nil {
				if err := byNumber.add(&r, true); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	flood(50)
	before := heap()
	flood(200)
	if after := heap(); after > before+1<<20 {
		t.Errorf("%d bytes of heap after a flood, and %d before", after, before)
	}
	if a, b := byLine.tally.accounted(), byNumber.tally.accounted(); a == 0 || b != g.next {
		t.Errorf("%d lines and %d records counted, of %d", a, b, g.next)
	}
}

// A source that is closed leaves no descriptor and no goroutine, however often
// it is opened.
//
//nolint:paralleltest // what others have open would be counted
func TestOpeningLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte(recordLine(0, 0, "a")), 0o600); err != nil {
		t.Fatal(err)
	}
	paths := []string{pipe, file, "/dev/null", dir, filepath.Join(dir, "missing")}
	if f, err := os.Open("/dev/kmsg"); err == nil {
		paths = append(paths, "/dev/kmsg")
		_ = f.Close()
	}
	ctx, cancel := context.WithCancel(t.Context())
	before := descriptors(t)
	for range 200 {
		for _, path := range paths {
			src, err := openSource(ctx, path)
			if err != nil {
				continue
			}
			var r record.Record
			_ = src.next(&r, false) // whatever it gives
			if err := src.close(); err != nil {
				t.Error(err)
			}
		}
	}
	cancel()
	if after := descriptors(t); after > before+4 { // the poller's own, at its first use
		t.Errorf("%d descriptors are open, and %d were before", after, before)
	}
	stacks := make([]byte, 1<<20)
	if stacks = stacks[:runtime.Stack(stacks, true)]; bytes.Contains(stacks, []byte("kmsg.newStream")) {
		t.Errorf("a goroutine is left:\n%s", stacks)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	links, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(links)
}

// A torrent is a ring of three records that never ends: whoever asks gets another
// record, up to the tenth, behind which it stands still.
type torrent struct {
	feed
	seq int
}

func (*torrent) holds() uint64 { return 3 }

func (s *torrent) next(r *record.Record, wait bool) error {
	if s.seq == 10 {
		return s.feed.next(r, true)
	}
	s.seq++
	if wait != (s.seq > 4) {
		return fmt.Errorf("live at record %d: %t", s.seq, wait)
	}
	return r.Parse([]byte(recordLine(s.seq, 0, "a")))
}

// A flood that does not end keeps the counts back no longer than it takes to read
// what the ring held at the beginning.
func TestLogIsDrainedInAFlood(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		closed := 0
		g := newRig(t)
		g.openRecords = func(ctx context.Context) (source, error) {
			return &torrent{feed: feed{done: ctx.Done(), in: make(chan any), closed: &closed}}, nil
		}
		g.start()
		synctest.Wait()
		if s := g.Snapshot(); !s.Drained || !s.Up || s.accounted() != 11 {
			t.Errorf("in a flood: drained %t, %d records of 11, %+v", s.Drained, s.accounted(), s.Status)
		}
		g.stop()
	})
}
