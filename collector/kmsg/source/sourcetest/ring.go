// Package sourcetest holds a kernel log in memory, for tests of what reads one.
package sourcetest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/kmsg/source"
)

// A Ring is a kernel's log: bounded, read by /dev/kmsg and by syslog(2), and
// cleared for the latter. Its fields may be set before it is read, and by Set
// afterwards.
type Ring struct {
	mu sync.Mutex

	Size    int      // in bytes
	Used    int      // of them
	Kept    []Record // the records that are not overwritten
	Next    uint64   // the number of the next record
	Timed   bool     // printk.time
	Caller  string   // what is printed of it
	NoKmsg  error    // why /dev/kmsg is refused
	NoLines error    // why syslog(2) is refused
	Asked   int      // how often syslog(2) was asked for the log
	Largest int      // the largest buffer that it was given

	cleared uint64 // the number of the first record that syslog(2) prints
}

// A Record is one in a ring.
type Record struct {
	Seq      uint64
	At       time.Duration
	Priority int
	Text     string
}

// Record returns the record as /dev/kmsg gives it.
func (r Record) Record() *record.Record {
	return &record.Record{
		Seq: r.Seq, Time: r.At, Flag: '-', Text: []byte(r.Text),
		Facility: uint32(r.Priority >> 3), Level: record.Level(r.Priority & 7),
	}
}

// NewRing returns an empty ring of so many bytes.
func NewRing(size int) *Ring { return &Ring{Size: size, Timed: true} }

// Print adds a record and drops the oldest ones that it needs the place of.
func (g *Ring) Print(at time.Duration, priority int, text string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.Kept = append(g.Kept, Record{g.Next, at.Truncate(time.Microsecond), priority, text})
	g.Next++
	first := 0
	for g.Used += Cost(text); g.Used > g.Size; first++ {
		g.Used -= Cost(g.Kept[first].Text)
	}
	g.Kept = g.Kept[first:]
}

// Prints adds records of level 6, one each millisecond.
func (g *Ring) Prints(texts ...string) {
	for _, text := range texts {
		g.Print(time.Duration(g.Next+1)*time.Millisecond, 6, text)
	}
}

// Cost is how many bytes a record takes.
func Cost(text string) int { return 16 + len(text) }

// Clear is dmesg -C.
func (g *Ring) Clear() { g.Set(func(g *Ring) { g.cleared = g.Next }) }

// Set changes the ring.
func (g *Ring) Set(f func(*Ring)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f(g)
}

// Answers returns how often syslog(2) was asked for the log.
func (g *Ring) Answers() (n int) {
	g.Set(func(g *Ring) { n = g.Asked })
	return n
}

// Call is syslog(2): syslog_print_all() of kernel/printk/printk.c.
func (g *Ring) Call(action int, buf []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.NoLines != nil {
		return 0, g.NoLines
	}
	switch action {
	case source.SyslogSizeBuffer:
		return g.Size, nil
	case source.SyslogReadAll:
	default:
		return 0, unix.EINVAL
	}
	g.Asked++
	g.Largest = max(g.Largest, len(buf))
	var printed []string
	total := 0
	for _, r := range slices.Backward(g.Kept) { // the kernel begins at the oldest, and drops as many
		text := g.format(r)
		if r.Seq < g.cleared || total+len(text) > len(buf) {
			break
		}
		printed, total = append(printed, text), total+len(text)
	}
	slices.Reverse(printed)
	return copy(buf, strings.Join(printed, "")), nil
}

func (g *Ring) format(r Record) string {
	prefix := fmt.Sprintf("<%d>", r.Priority)
	if g.Timed {
		prefix += fmt.Sprintf("[%5d.%06d]", r.At/time.Second, r.At%time.Second/time.Microsecond)
	}
	prefix += g.Caller
	if g.Timed || g.Caller != "" {
		prefix += " "
	}
	return prefix + strings.ReplaceAll(r.Text, "\n", "\n"+prefix) + "\n"
}

// Open opens the ring as /dev/kmsg, until done is closed.
func (g *Ring) Open(done <-chan struct{}) (source.Raw, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return &device{ring: g, done: done}, g.NoKmsg
}

// A device is a ring that is read as /dev/kmsg.
type device struct {
	ring *Ring
	done <-chan struct{}
	at   uint64
}

func (*device) Close() error { return nil }

// Read looks for a record each second while it waits.
func (d *device) Read(r *record.Record, wait bool) (source.Kind, error) {
	kind, err := d.look(r)
	for kind == source.End && err == nil && wait {
		select {
		case <-d.done:
			return source.End, nil
		case <-time.After(time.Second):
			kind, err = d.look(r)
		}
	}
	return kind, err
}

func (d *device) look(r *record.Record) (source.Kind, error) {
	g := d.ring
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.NoKmsg != nil {
		return 0, g.NoKmsg
	}
	for _, have := range g.Kept {
		if have.Seq < d.at {
			continue
		}
		lost := have.Seq > d.at && d.at > 0
		d.at = have.Seq
		if lost {
			return source.Lost, nil
		}
		d.at++
		*r = *have.Record()
		return source.Record, nil
	}
	return source.End, nil
}
