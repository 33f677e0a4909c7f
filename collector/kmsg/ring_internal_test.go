package kmsg

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

// A ring is a kernel's log as far as tests need one: bounded, read by
// /dev/kmsg and by syslog(2), and cleared for the latter.
type ring struct {
	mu      sync.Mutex
	records []ringRecord // those kept
	next    uint64       // number of the next
	cleared uint64       // number of the first that syslog(2) tells
	size    int
	used    int
	timed   bool // printk.time
	caller  string
	noKmsg  error // why /dev/kmsg is refused
	noLines error // why syslog(2) is refused
	asked   int   // how often syslog(2) was
	largest int   // buffer it was given
}

type ringRecord struct {
	seq      uint64
	at       time.Duration
	priority int
	text     string
}

func (r ringRecord) record() *record.Record {
	return &record.Record{
		Seq: r.seq, Time: r.at, Flag: '-', Text: []byte(r.text),
		Facility: uint32(r.priority >> 3), Level: record.Level(r.priority & 7),
	}
}

func newRing(size int) *ring { return &ring{size: size, timed: true} }

// print adds a record and drops the oldest ones that it needs the place of.
func (g *ring) print(at time.Duration, priority int, text string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.records = append(g.records, ringRecord{g.next, at.Truncate(time.Microsecond), priority, text})
	g.next++
	for g.used += 16 + len(text); g.used > g.size; g.records = g.records[1:] {
		g.used -= 16 + len(g.records[0].text)
	}
}

// clear is dmesg -C.
func (g *ring) clear() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.cleared = g.next
}

func (g *ring) set(f func(*ring)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f(g)
}

// klog is syslog(2): syslog_print_all() of kernel/printk/printk.c.
func (g *ring) klog(action int, buf []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.noLines != nil {
		return 0, g.noLines
	}
	switch action {
	case syslogSizeBuffer:
		return g.size, nil
	case syslogReadAll:
	default:
		return 0, unix.EINVAL
	}
	g.asked++
	g.largest = max(g.largest, len(buf))
	var printed []string
	total := 0
	for _, r := range g.records {
		if r.seq >= g.cleared {
			text := g.format(r)
			printed, total = append(printed, text), total+len(text)
		}
	}
	for total > len(buf) {
		total -= len(printed[0])
		printed = printed[1:]
	}
	return copy(buf, strings.Join(printed, "")), nil
}

// answers returns how often syslog(2) was asked for the log.
func (g *ring) answers() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked
}

func (g *ring) format(r ringRecord) string {
	prefix := fmt.Sprintf("<%d>", r.priority)
	if g.timed {
		prefix += fmt.Sprintf("[%5d.%06d]", r.at/time.Second, r.at%time.Second/time.Microsecond)
	}
	prefix += g.caller
	if g.timed || g.caller != "" {
		prefix += " "
	}
	return prefix + strings.ReplaceAll(r.text, "\n", "\n"+prefix) + "\n"
}

// open opens the ring as /dev/kmsg.
func (g *ring) open(ctx context.Context) (source, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return &ringSource{ring: g, done: ctx.Done()}, g.noKmsg
}

type ringSource struct {
	*ring
	done <-chan struct{}
	at   uint64
}

func (s *ringSource) name() string { return SourceKmsg }
func (s *ringSource) close() error { return nil }

// next looks for a record each second while it waits.
func (s *ringSource) next(r *record.Record, wait bool) error {
	err := s.look(r)
	for errors.Is(err, errEmpty) && wait {
		select {
		case <-s.done:
			return err
		case <-time.After(time.Second):
			err = s.look(r)
		}
	}
	return err
}

func (s *ringSource) look(r *record.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.noKmsg != nil {
		return s.noKmsg
	}
	for _, have := range s.records {
		if have.seq < s.at {
			continue
		}
		lost := have.seq > s.at && s.at > 0
		s.at = have.seq
		if lost {
			return errLost
		}
		s.at++
		*r = *have.record()
		return nil
	}
	return errEmpty
}

// sharedMatcher spares tests that make many logs the making of as many matchers.
var sharedMatcher = sync.OnceValue(event.NewMatcher)

// reader returns a log that reads the ring.
func (g *ring) reader(by string) *Log {
	l := newLog(Config{
		Source: by, Running: true, BootID: "boot",
		BootTime:   func() (time.Time, error) { return time.Unix(0, 0), nil },
		Uptime:     func() (time.Duration, error) { return time.Hour, nil },
		LeakPeriod: func() (time.Duration, bool) { return period, true },
	}, sharedMatcher())
	l.openRecords = g.open
	l.openLines = func(ctx context.Context, after record.Fingerprint) (source, error) {
		return newSyslogSource(ctx, after, g.klog)
	}
	return l
}
