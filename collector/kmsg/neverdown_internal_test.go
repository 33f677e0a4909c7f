package kmsg

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/kmsg/source"
	"kernel_exporter/collector/kmsg/source/sourcetest"
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
		"behind a drain":   {[]any{recordLine(0, 0, leak), source.End}, 3},
		"behind garbage":   {[]any{source.Malformed, source.Malformed}, 3},
		"behind losses":    {[]any{source.Lost, recordLine(5, 0, "a"), source.Lost}, 4},
		"by losing always": {repeated(source.Lost, 200), 65},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var opened, closed, asked int
				g := newRig(t)
				g.openRecords = func(context.Context) (source.Source, error) {
					opened++
					in := sent(append(slices.Clip(tt.gives), unix.EIO)...)
					return numbered(&counting{feed{in: in, closed: &closed}, &asked}, nil)
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

func (c *counting) Read(r *record.Record, wait bool) (source.Kind, error) {
	*c.asked++
	return c.feed.Read(r, wait)
}

// Nothing grows while the log is flooded, whichever way it is read.
//
//nolint:paralleltest // measures the heap
func TestMemoryDoesNotGrow(t *testing.T) {
	g := sourcetest.NewRing(100_000)
	byLine, byNumber := reader(g, SourceSyslog), reader(g, SourceKmsg)
	flood := func(seconds int) {
		for range seconds {
			for range 500 {
				g.Prints(fmt.Sprintf("record %d of a flood of records, most of which have other texts", g.Next))
			}
			for _, l := range []*Log{byLine, byNumber} {
				readAll(t, l)
			}
		}
	}
	flood(50)
	before := heap()
	flood(200)
	if after := heap(); after > before+1<<20 {
		t.Errorf("%d bytes of heap after a flood, and %d before", after, before)
	}
	if a, b := byLine.tally.accounted(), byNumber.tally.accounted(); a == 0 || b != g.Next {
		t.Errorf("%d lines and %d records counted, of %d", a, b, g.Next)
	}
}

// readAll reads a log to its end, from where it was left.
func readAll(t *testing.T, l *Log) {
	t.Helper()
	ways, err := l.ways()
	if err != nil {
		t.Fatal(err)
	}
	src, err := ways[0].open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var it source.Item
	for it.Kind != source.End {
		if err := src.Next(&it); err != nil {
			t.Fatal(err)
		}
		if it.Kind == source.Record {
			if err := l.add(&it, time.Time{}); err != nil {
				t.Fatal(err)
			}
			continue
		}
		l.note(it.Kind)
	}
}

// A torrent is a ring of three records that never ends: whoever asks gets another
// record, up to the tenth, after which it stands still.
type torrent struct {
	feed
	seq int
}

func (s *torrent) Read(r *record.Record, _ bool) (source.Kind, error) {
	if s.seq == 10 {
		return s.feed.Read(r, true)
	}
	s.seq++
	return source.Record, r.Parse([]byte(recordLine(s.seq, 0, leak)))
}

// A flood that does not end keeps the counts back no longer than it takes to read
// what the ring held at the beginning, and what comes then is live.
func TestLogIsDrainedInAFlood(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		closed := 0
		g := newRig(t)
		g.openRecords = func(ctx context.Context) (source.Source, error) {
			raw := &torrent{feed: feed{done: ctx.Done(), in: make(chan any), closed: &closed}}
			return source.New(raw, source.Reading{Matcher: sharedMatcher(), Holds: 3}), nil
		}
		g.start()
		s := g.Snapshot()
		if !s.Drained || !s.Up || s.accounted() != 11 {
			t.Errorf("in a flood: drained %t, %d records of 11, %+v", s.Drained, s.accounted(), s.Status)
		}
		if seen := s.Events[event.NetdevLeak].LastSeen; !seen.Equal(time.Now()) {
			t.Errorf("a report in a flood was seen at %s, want %s", seen, time.Now())
		}
		g.stop()
	})
}
