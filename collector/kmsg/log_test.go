package kmsg_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg"
	"kernel_exporter/collector/kmsg/event"
)

// follow follows the log at a path until the test ends or stop is called.
func follow(t *testing.T, path string) (l *kmsg.Log, stop func()) {
	t.Helper()
	return followConfig(t, config(path))
}

func followConfig(t *testing.T, c kmsg.Config) (l *kmsg.Log, stop func()) {
	t.Helper()
	l = kmsg.New(c)
	return l, run(t, l)
}

// run runs a log until the test ends or stop is called.
func run(t *testing.T, l *kmsg.Log) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.Run(ctx)
	}()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(stop)
	return stop
}

func config(path string) kmsg.Config {
	return kmsg.Config{
		Path: path,
		Kernel: kmsg.Kernel{
			BootTime:   func() (time.Time, error) { return time.Unix(1_000_000, 0), nil },
			Uptime:     func() (time.Duration, error) { return 60 * time.Second, nil },
			LeakPeriod: func() (time.Duration, bool) { return 10 * time.Second, true },
		},
	}
}

// eventually waits for a log to be as the test expects it.
func eventually(t *testing.T, l *kmsg.Log, what string, is func(kmsg.Snapshot) bool) kmsg.Snapshot {
	t.Helper()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	tooLong := time.After(20 * time.Second)
	for {
		s := l.Snapshot()
		if is(s) {
			return s
		}
		select {
		case <-look.C:
		case <-tooLong:
			t.Fatalf("waited too long for %s: %s", what, brief(&s))
		}
	}
}

func drained(t *testing.T, l *kmsg.Log) kmsg.Snapshot {
	t.Helper()
	select {
	case <-l.Drained():
	case <-time.After(20 * time.Second):
		s := l.Snapshot()
		t.Fatalf("not drained: %s", brief(&s))
	}
	return l.Snapshot()
}

func next(seq uint64) func(kmsg.Snapshot) bool {
	return func(s kmsg.Snapshot) bool { return s.NextSeq >= seq }
}

// total is how many records the counts account for.
func total(s *kmsg.Snapshot) uint64 {
	n := s.Untrusted + s.LostBeforeStart + s.LostOverrun
	for _, r := range s.Records {
		n += r
	}
	return n
}

// brief tells what a snapshot holds, but for the events.
func brief(s *kmsg.Snapshot) string {
	return fmt.Sprintf("%+v, drained %t, complete %t, next %d, levels %v, %d untrusted, lost %d and %d, %d malformed, "+
		"%d leaks (known %t, longest %s), %d netdev_leak", s.Status, s.Drained, s.CompleteSinceBoot, s.NextSeq,
		s.Records, s.Untrusted, s.LostBeforeStart, s.LostOverrun, s.Malformed,
		s.Leaks, s.LeaksKnown, s.LongestLeak, s.Events[event.NetdevLeak].Count)
}

const leak = "unregister_netdevice: waiting for eth0 to become free. Usage count = 1"

func TestFile(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100_000)
	tests := []struct {
		name, text     string
		kernel, user   uint64
		lost, overrun  uint64
		bad, leakCount uint64
		complete       bool
	}{
		{name: "empty"},
		{name: "one record", text: "6,0,0,-;a\n", kernel: 1, complete: true},
		{name: "no newline at the end", text: "6,0,0,-;a\n6,1,0,-;b", kernel: 2, complete: true},
		{name: "dictionary", text: "6,0,0,-;a\n SUBSYSTEM=net\n DEVICE=n1\n6,1,0,-;b\n DEVICE=n2", kernel: 2, complete: true},
		{name: "user space", text: "12,0,0,-;" + leak + "\n30,1,0,-;b\n0,2,0,-;" + leak + "\n", kernel: 1, user: 2, leakCount: 1, complete: true},
		{name: "late", text: "6,7,0,-;a\n", kernel: 1, lost: 7},
		{name: "gap", text: "6,0,0,-;a\n6,5,0,-;b\n", kernel: 2, overrun: 4},
		{name: "twice the same", text: "0,0,0,-;" + leak + "\n0,0,0,-;" + leak + "\n", kernel: 1, leakCount: 1, complete: true},
		{name: "escaped newline", text: "4,0,0,-;a\\x0a" + leak + "\n", kernel: 1, complete: true},
		{name: "no records", text: "\ngarbage\n\x00\xff\n6,x,0,-;\n", bad: 4},
		{name: "a line too long", text: "6,0,0,-;a" + long + "\n6,1,0,-;b\n", kernel: 2, complete: true},
		{name: "a line too long at the end", text: "6,0,0,-;a\n6,1,0,-;b" + long, kernel: 2, complete: true},
		{name: "a dictionary too long", text: "6,0,0,-;a\n X=" + long + "\n6,1,0,-;b\n", kernel: 2, complete: true},
		{name: "many lines", text: manyLines(10_000), kernel: 10_000, complete: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "kmsg")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			l, _ := follow(t, path)
			s := drained(t, l)
			kernel := total(&s) - s.Untrusted - s.LostBeforeStart - s.LostOverrun
			if kernel != tt.kernel || s.Untrusted != tt.user || s.Malformed != tt.bad ||
				s.LostBeforeStart != tt.lost || s.LostOverrun != tt.overrun ||
				s.Events[event.NetdevLeak].Count != tt.leakCount || s.CompleteSinceBoot != tt.complete {
				t.Errorf("got %s", brief(&s))
			}
			if total(&s) != s.NextSeq {
				t.Errorf("the counts add up to %d of %d", total(&s), s.NextSeq)
			}
			if !s.Up || s.Source != kmsg.SourceKmsg || s.Err != nil {
				t.Errorf("status %+v", s.Status)
			}
		})
	}
}

func manyLines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "6,%d,0,-;%s\n", i, strings.Repeat("x", i%1000))
	}
	return b.String()
}

// A recorded machine's clock stands still: what leaked when it was recorded
// leaks for as long as the recording is looked at.
func TestFileLeaks(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kmsg")
	if err := os.WriteFile(path, []byte("0,0,30000000,-;"+leak+"\n0,1,40000000,-;"+leak+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, _ := follow(t, path)
	s := drained(t, l)
	if !s.LeaksKnown || s.Leaks != 1 || s.LongestLeak != 40*time.Second {
		t.Errorf("%d leaks, longest %s, known %t; want 1, 40s, true", s.Leaks, s.LongestLeak, s.LeaksKnown)
	}
	if got, want := s.Events[event.NetdevLeak].LastSeen, time.Unix(1_000_040, 0); !got.Equal(want) {
		t.Errorf("last seen %s, want %s", got, want)
	}
}

func TestFirstFragmentMarked(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		marked bool
		text   string
		want   uint64
	}{
		{"head marked, c and +", true, "0,0,0,c;" + leak[:30] + "\n4,1,0,+;" + leak[30:] + "\n", 1},
		{"head marked, - and c", true, "0,0,0,-;" + leak[:30] + "\n0,1,0,c;" + leak[30:] + "\n", 0},
		{"continuation marked, - and c", false, "0,0,0,-;" + leak[:30] + "\n0,1,0,c;" + leak[30:] + "\n", 1},
		{"continuation marked, c and +", false, "0,0,0,c;" + leak[:30] + "\n4,1,0,+;" + leak[30:] + "\n", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "kmsg")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			c := config(path)
			c.Kernel.HeadMarked = tt.marked
			l, _ := followConfig(t, c)
			s := drained(t, l)
			if got := s.Events[event.NetdevLeak].Count; got != tt.want || total(&s) != 2 {
				t.Errorf("head marked %t, %q: %d events of %d records, want %d of 2", tt.marked, tt.text, got, total(&s), tt.want)
			}
		})
	}
}

func TestNoLog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	socket := filepath.Join(dir, "socket")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	tests := []struct {
		name, path, want string
		is               error
	}{
		{"missing", filepath.Join(dir, "kmsg"), "no such file", fs.ErrNotExist},
		{"another device", "/dev/null", "/dev/null: not the kernel log (character device 1:3)", nil},
		{"directory", dir, dir + ": not the kernel log (directory)", nil},
		{"socket", socket, "no such device", unix.ENXIO},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l, _ := follow(t, tt.path)
			s := eventually(t, l, "an error", func(s kmsg.Snapshot) bool { return s.Err != nil })
			if s.Up || s.Source != kmsg.SourceNone || s.Drained || !strings.Contains(s.Err.Error(), tt.want) {
				t.Errorf("got %+v, want an error with %q", s.Status, tt.want)
			}
			if tt.is != nil && !errors.Is(s.Err, tt.is) {
				t.Errorf("%v is not %v", s.Err, tt.is)
			}
		})
	}
}

// A log that appears after the start is found.
func TestLogAppears(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kmsg")
	l, _ := follow(t, path)
	eventually(t, l, "an error", func(s kmsg.Snapshot) bool { return s.Err != nil })
	whole := path + ".new"
	if err := os.WriteFile(whole, []byte("6,0,0,-;a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(whole, path); err != nil {
		t.Fatal(err)
	}
	if s := drained(t, l); !s.Up || s.NextSeq != 1 {
		t.Errorf("got %s", brief(&s))
	}
}

func fifo(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "kmsg")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func openFIFO(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func write(t testing.TB, f *os.File, text string) {
	t.Helper()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func TestFIFO(t *testing.T) {
	t.Parallel()
	path := fifo(t)
	l, _ := follow(t, path)
	if s := drained(t, l); !s.Up || s.Source != kmsg.SourceKmsg || s.CompleteSinceBoot {
		t.Errorf("a FIFO without a writer: %s", brief(&s))
	}

	w := openFIFO(t, path)
	for _, piece := range []string{"6,0", ",0,-;a", "\n DEVICE", "=x\n6,1,0,-;b\n6,2,0", ",-;"} {
		write(t, w, piece)
	}
	eventually(t, l, "two records", next(2))
	write(t, w, "c\n")
	eventually(t, l, "three records", next(3))
	write(t, w, "6,3,0,-;the last, without a newline")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, l, "the last record of a writer that left", next(4))

	// The writer comes back and begins at the beginning, as /dev/kmsg does.
	w = openFIFO(t, path)
	for i := range 6 {
		write(t, w, fmt.Sprintf("0,%d,0,-;%s\n", i, leak))
	}
	eventually(t, l, "a later writer's records", next(6))
	write(t, w, "6,6,0,-;"+strings.Repeat("x", 50_000)+"\n6,7,0,-;b\n")
	s := eventually(t, l, "what follows a line too long", next(8))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	if e := s.Events[event.NetdevLeak]; e.Count != 2 || time.Since(e.LastSeen) > time.Hour || time.Until(e.LastSeen) > 0 {
		t.Errorf("two live events: %+v", e)
	}
	if total(&s) != 8 || s.Malformed != 0 || !s.Up || !s.CompleteSinceBoot {
		t.Errorf("got %s", brief(&s))
	}
	if !s.LeaksKnown || s.Leaks != 1 || s.LongestLeak < 10*time.Second {
		t.Errorf("a live leak: %s", brief(&s))
	}
}

// What a FIFO held when it was opened is replayed.
func TestFIFOReplay(t *testing.T) {
	t.Parallel()
	path := fifo(t)
	w, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	write(t, w, "0,0,5000000,-;"+leak+"\n")
	l, _ := follow(t, path)
	s := drained(t, l)
	if got, want := s.Events[event.NetdevLeak].LastSeen, time.Unix(1_000_005, 0); !got.Equal(want) {
		t.Errorf("last seen %s, want %s", got, want)
	}
}

// A stopped log leaves no goroutine and no file behind, whatever it waits for.
//
//nolint:paralleltest // what others have open would be counted
func TestNothingLeftBehind(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kmsg")
	if err := os.WriteFile(file, []byte("6,0,0,-;a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	left := fifo(t)
	paths := map[string]string{
		"file": file, "FIFO": fifo(t), "FIFO with a writer gone": left,
		"missing": filepath.Join(t.TempDir(), "kmsg"), "no log": "/dev/null",
	}
	if f, err := os.Open(device); err == nil {
		paths["device"] = device
		_ = f.Close()
	}
	for name, path := range paths {
		t.Run(name, func(t *testing.T) {
			before := opened(t, path)
			l, stop := follow(t, path)
			s := eventually(t, l, "it to be read or refused", func(s kmsg.Snapshot) bool { return s.Drained || s.Err != nil })
			if path == left {
				if err := openFIFO(t, path).Close(); err != nil {
					t.Fatal(err)
				}
			}
			if during := opened(t, path); s.Up && during != before+1 {
				t.Errorf("%d files open while it is read, and %d before", during, before)
			}
			stop()
			if after := opened(t, path); after != before {
				t.Errorf("%d files open after the stop, and %d before", after, before)
			}
			if s := goroutines(); bytes.Contains(s, []byte("kmsg.(*Log)")) || bytes.Contains(s, []byte("source.newStream")) {
				t.Errorf("a goroutine is left:\n%s", s)
			}
		})
	}
}
