package kmsg_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg"
	"kernel_exporter/collector/kmsg/event"
)

// The tests of this file read and write this machine's own log, which others
// write to at the same time: they look at their own lines and at what holds
// whatever others do. They are not parallel, so that two floods do not meet.

const device = "/dev/kmsg"

// requireLog skips a test that writes to this machine's log, unless the
// environment has SOAK or CI: it overwrites what others may want to read. In
// continuous integration nothing is skipped.
func requireLog(t testing.TB) {
	t.Helper()
	if os.Getenv("CI") == "" && os.Getenv("SOAK") == "" {
		t.Skip("NOT TESTED: writes to this machine's kernel log; SOAK=1 allows it")
	}
	f, err := os.OpenFile(device, os.O_RDWR, 0)
	if err == nil {
		_ = f.Close()
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("needs the kernel's log: %v", err)
	}
	t.Skipf("NOT TESTED: needs the kernel's log: %v", err)
}

// opened counts the descriptors of this process that are the file at path.
func opened(t *testing.T, path string) (n int) {
	t.Helper()
	links, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		if target, err := os.Readlink("/proc/self/fd/" + link.Name()); err == nil && target == path {
			n++
		}
	}
	return n
}

func goroutines() []byte {
	b := make([]byte, 1<<20)
	return b[:runtime.Stack(b, true)]
}

// A raw is a record as this test reads it, on its own.
type raw struct {
	seq      uint64
	priority uint64
	text     string
}

// A reader reads the device as simply as can be.
type reader struct {
	t  *testing.T
	fd int
}

// newReader returns a reader at the oldest record, or behind the newest.
func newReader(t *testing.T, end bool) *reader {
	t.Helper()
	fd, err := unix.Open(device, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	if end {
		if _, err := unix.Seek(fd, 0, unix.SEEK_END); err != nil {
			t.Fatal(err)
		}
	}
	return &reader{t, fd}
}

// next returns the next record; ok is false at the end.
func (r *reader) next() (rec raw, ok bool) {
	r.t.Helper()
	b := make([]byte, 8192)
	n, err := unix.Read(r.fd, b)
	for errors.Is(err, unix.EPIPE) || errors.Is(err, unix.EINTR) {
		n, err = unix.Read(r.fd, b)
	}
	if errors.Is(err, unix.EAGAIN) {
		return raw{}, false
	}
	if err != nil {
		r.t.Fatal(err)
	}
	header, text, _ := strings.Cut(string(b[:n]), ";")
	fields := strings.Split(header, ",")
	rec.priority, err = strconv.ParseUint(fields[0], 10, 32)
	if err != nil {
		r.t.Fatal(err)
	}
	rec.seq, err = strconv.ParseUint(fields[1], 10, 64)
	if err != nil {
		r.t.Fatal(err)
	}
	rec.text, _, _ = strings.Cut(text, "\n")
	return rec, true
}

// all returns all records up to the end.
func (r *reader) all() (records []raw) {
	r.t.Helper()
	for rec, ok := r.next(); ok; rec, ok = r.next() {
		records = append(records, rec)
	}
	return records
}

// mark writes a line, which begins with a <priority>, to the log and returns it
// as it arrived there.
func mark(t *testing.T, text string) raw {
	t.Helper()
	r := newReader(t, true)
	writeLines(t, 1, func(int) string { return text })
	for {
		rec, ok := r.next()
		if !ok {
			t.Fatal("a line that was written to the log is not in it")
		}
		if strings.HasSuffix(text, ">"+rec.text) {
			return rec
		}
	}
}

// writeLines writes to the log: whole lines, as a record without a newline is
// not shown until the next one ends it. A writer may write 10 lines in 5 s (ratelimit,
// devkmsg_open() of kernel/printk/printk.c), so each file writes no more; the
// machine's kernel.printk_devkmsg is left alone.
func writeLines(t testing.TB, n int, text func(i int) string) {
	t.Helper()
	for i := 0; i < n; {
		f, err := os.OpenFile(device, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		for end := min(i+10, n); i < end; i++ {
			write(t, f, text(i)+"\n")
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// The counts of the real log are those of another reader of the same records.
// What is forged is in the log, and counts as untrusted only.
//
//nolint:paralleltest // see above
func TestDevice(t *testing.T) {
	requireLog(t)
	for range 100 {
		r := newReader(t, false)
		seen := r.all()
		l, stop := follow(t, device)
		drained(t, l)
		forged := mark(t, fmt.Sprintf("<0>%s (%s)", leak, t.Name()))
		if forged.priority != 1<<3 {
			t.Fatalf("a forged line has priority %d, not 8", forged.priority)
		}
		eventually(t, l, "the forged line", next(forged.seq+1))
		s := l.Snapshot()
		stop()
		seen = append(seen, r.all()...)

		if total(&s) != s.NextSeq {
			t.Fatalf("the counts add up to %d of %d", total(&s), s.NextSeq)
		}
		want, ok := count(seen, s.LostBeforeStart, s.NextSeq)
		if !ok || s.LostOverrun > 0 {
			continue // someone else's flood came between
		}
		if s.Records != want.Records || s.Untrusted != want.Untrusted {
			t.Errorf("levels %v and %d untrusted, want %v and %d", s.Records, s.Untrusted, want.Records, want.Untrusted)
		}
		if got, want := s.Events[event.NetdevLeak].Count, want.Events[event.NetdevLeak].Count; got != want {
			t.Errorf("%d netdevice leaks, want %d", got, want)
		}
		if s.CompleteSinceBoot != (s.LostBeforeStart == 0) || s.Untrusted == 0 {
			t.Errorf("complete since boot is %t, %d untrusted", s.CompleteSinceBoot, s.Untrusted)
		}
		return
	}
	t.Fatal("the log was overwritten each time while it was compared")
}

// count counts the records from first to before next; it is not ok if some of
// them are missing.
func count(records []raw, first, next uint64) (c kmsg.Counts, ok bool) {
	want, waits := first, uint64(0)
	for _, rec := range records {
		switch {
		case rec.seq < first || rec.seq >= next:
			continue
		case rec.seq != want:
			return c, false
		case rec.priority>>3 != 0:
			c.Untrusted++
		default:
			c.Records[rec.priority&7]++
			if strings.HasPrefix(rec.text, leak[:40]) {
				waits++
			}
		}
		want++
	}
	c.Events = map[event.Event]kmsg.EventCount{event.NetdevLeak: {Count: waits}}
	return c, want == next
}

// A live line comes without a scrape or a clock asking for it, also after
// another, and stopping does not wait for one.
//
//nolint:paralleltest // see above
func TestDeviceLive(t *testing.T) {
	requireLog(t)
	l, stop := follow(t, device)
	drained(t, l)
	for i := range 5 {
		m := mark(t, fmt.Sprintf("<14>%s %d", t.Name(), i))
		s := eventually(t, l, "a live line", next(m.seq+1))
		if !s.Up || s.Source != kmsg.SourceKmsg || total(&s) != s.NextSeq {
			t.Errorf("line %d: %+v, %d of %d", i, s.Status, total(&s), s.NextSeq)
		}
	}
	stop()
}

// Lines come as fast as a processor writes them. Read or lost, each of them is
// accounted for.
//
//nolint:paralleltest // see above
func TestDeviceFlood(t *testing.T) {
	requireLog(t)
	if testing.Short() {
		t.Skip("writes 50,000 lines to the log")
	}
	l, _ := follow(t, device)
	before := drained(t, l)
	const lines = 50_000
	writeLines(t, lines, func(i int) string {
		return fmt.Sprintf("<12>%s %d %s", t.Name(), i, leak)
	})
	last := mark(t, fmt.Sprintf("<12>%s done", t.Name()))
	s := eventually(t, l, "the last line", next(last.seq+1))
	if total(&s) != s.NextSeq {
		t.Errorf("the counts add up to %d of %d", total(&s), s.NextSeq)
	}
	got := s.Untrusted - before.Untrusted
	lost := s.LostOverrun - before.LostOverrun
	t.Logf("%d lines: %d read, %d lost", lines, got, lost)
	if got+lost < lines {
		t.Errorf("%d lines written, %d read and %d lost", lines, got, lost)
	}
	if !s.Up || s.Malformed != 0 {
		t.Errorf("after the flood: %+v, %d malformed", s.Status, s.Malformed)
	}
}

// A reader that was held up while the whole log was overwritten goes on with
// the oldest record there is, and says how many it missed.
//
//nolint:paralleltest // see above
func TestDeviceOverrun(t *testing.T) {
	requireLog(t)
	if testing.Short() {
		t.Skip("overwrites the log")
	}
	size, err := unix.Klogctl(10, nil) // SYSLOG_ACTION_SIZE_BUFFER
	if err != nil {
		t.Fatal(err)
	}
	release := make(chan struct{})
	l := kmsg.New(config(device))
	held := l.Hold(release)
	run(t, l)
	<-held
	filler := strings.Repeat("x", 900)
	writeLines(t, 2*size/len(filler), func(i int) string {
		return fmt.Sprintf("<12>%s %d %s", t.Name(), i, filler)
	})
	last := mark(t, fmt.Sprintf("<12>%s done", t.Name()))
	close(release)

	s := eventually(t, l, "the last line", next(last.seq+1))
	if total(&s) != s.NextSeq {
		t.Errorf("the counts add up to %d of %d", total(&s), s.NextSeq)
	}
	if s.LostOverrun == 0 || !s.Up || s.Err != nil || s.CompleteSinceBoot {
		t.Errorf("after an overrun: %+v, %d lost, complete %t", s.Status, s.LostOverrun, s.CompleteSinceBoot)
	}
	t.Logf("%d lines lost of %d", s.LostOverrun, s.NextSeq)
	if b := goroutines(); !bytes.Contains(b, []byte("(*Log).Run")) {
		t.Error("the log is followed no longer")
	}
}
