package source_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/kmsg/source"
	"kernel_exporter/collector/kmsg/source/sourcetest"
)

// patience is how long a test waits for what takes milliseconds.
const patience = 20 * time.Second

// A FIFO stands for proc/kmsg in these tests: it becomes ready with each write,
// and stays so until someone reads it.
func fifo(t *testing.T) (path string, w *os.File) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "kmsg")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return path, w
}

// follow gives the texts of the records that a source with a bell has after the
// end, and nothing for an error.
func follow(t *testing.T, g *sourcetest.Ring, bell string, rings <-chan struct{}) <-chan string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	src, err := source.OpenSyslog(ctx, source.Syslog{Matcher: sharedMatcher(), Bell: bell, Call: g.Call})
	if err != nil {
		t.Fatal(err)
	}
	if rings != nil {
		source.SetBell(src, rings)
	}
	texts, done := make(chan string, 100_000), make(chan struct{})
	var it source.Item
	for it.Kind != source.End {
		if err := src.Next(&it); err != nil {
			t.Fatal(err)
		}
	}
	go func() {
		defer close(done)
		for src.Next(&it) == nil {
			switch it.Kind {
			case source.Record:
				texts <- string(it.Record.Text)
			case source.Gap:
				texts <- gap
			case source.End, source.Lost, source.Unsure, source.Malformed:
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return texts
}

func expect(t *testing.T, texts <-chan string, want string) {
	t.Helper()
	select {
	case got := <-texts:
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	case <-time.After(patience):
		t.Fatalf("%q did not come", want)
	}
}

// While nothing is logged nothing is asked; what is logged wakes, and nothing is
// read of what others read.
func TestBellWakes(t *testing.T) {
	t.Parallel()
	path, w := fifo(t)
	g := sourcetest.NewRing(100_000)
	g.Prints(banner, "a")
	write := func() {
		if _, err := w.WriteString("x"); err != nil {
			t.Fatal(err)
		}
	}
	write() // nobody reads it, so it is ready
	texts := follow(t, g, path, nil)
	asked := rested(t, g)
	for i := range 3 {
		text := fmt.Sprint("line ", i)
		g.Prints(text)
		write()
		expect(t, texts, text)
		<-time.After(300 * time.Millisecond)
	}
	if n := g.Answers() - asked; n > 3*8 {
		t.Errorf("asked %d times for three lines", n)
	}
	if n, err := unix.IoctlGetInt(int(w.Fd()), unix.TIOCINQ); n != 4 || err != nil {
		t.Errorf("%d bytes are left of 4 that were written, %v", n, err)
	}
}

// rested waits until nothing is asked for a second, and returns how often it was
// until then.
func rested(t *testing.T, g *sourcetest.Ring) (asked int) {
	t.Helper()
	for late := time.Now().Add(patience); time.Now().Before(late); {
		asked = g.Answers()
		<-time.After(time.Second)
		if g.Answers() == asked {
			return asked
		}
	}
	t.Fatal("it asks all the time at rest")
	return 0
}

// Another reader takes all before anyone else sees it, or the file is not there:
// the log is asked all the same.
func TestBellIsNotHeard(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]func() string{
		"another reader is faster": func() string { path, _ := fifo(t); return path },
		"missing":                  func() string { return filepath.Join(t.TempDir(), "kmsg") },
		"a directory":              t.TempDir,
		"no path":                  func() string { return "" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := sourcetest.NewRing(100_000)
			g.Prints(banner)
			texts := follow(t, g, path(), nil)
			for i := range 2 {
				<-time.After(50 * time.Millisecond)
				g.Prints(fmt.Sprint("line ", i))
				expect(t, texts, fmt.Sprint("line ", i))
			}
		})
	}
}

// Nothing is lost of a log that wraps several times a second, from the first line
// of a flood on, and it is asked no more often than that takes.
func TestSyslogKeepsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := sourcetest.NewRing(128 << 10)
		g.Prints(banner)
		rings := make(chan struct{}, 1)
		texts := follow(t, g, "", rings)
		const lines, perMillisecond = 20_000, 10
		filler := strings.Repeat("x", 60)
		<-time.After(time.Minute)
		asked := g.Answers()
		for i := range lines {
			g.Prints(fmt.Sprint(i, filler))
			select {
			case rings <- struct{}{}:
			default:
			}
			if i%perMillisecond == 0 {
				<-time.After(time.Millisecond)
			}
		}
		for i := range lines {
			expect(t, texts, fmt.Sprint(i, filler))
			if t.Failed() {
				break
			}
		}
		if n := g.Answers() - asked; n > 100 {
			t.Errorf("asked %d times for %d lines in 2 s", n, lines)
		}
	})
}

// A log that may no longer be read is seen to be so also while nothing is logged.
func TestBellOfARefusedLog(t *testing.T) {
	t.Parallel()
	path, w := fifo(t)
	if _, err := w.WriteString("x"); err != nil {
		t.Fatal(err)
	}
	g := sourcetest.NewRing(100_000)
	g.Prints(banner)
	src, err := source.OpenSyslog(t.Context(), source.Syslog{Matcher: sharedMatcher(), Bell: path, Call: g.Call})
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan error)
	go func() {
		var it source.Item
		var err error
		for err == nil {
			err = src.Next(&it)
		}
		failed <- err
	}()
	<-time.After(100 * time.Millisecond)
	g.Set(func(g *sourcetest.Ring) { g.NoLines = unix.EPERM })
	select {
	case err := <-failed:
		if !source.Refused(err) {
			t.Errorf("failed with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("it goes on")
	}
}

// However large the kernel's log is, only its end is asked for and little of it is
// remembered.
func TestSyslogAsksForLittle(t *testing.T) {
	t.Parallel()
	for _, size := range []int{128 << 10, 1 << 20, 16 << 20} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			g := sourcetest.NewRing(size)
			g.Prints(banner)
			for g.Used+1000 < g.Size {
				g.Prints(strings.Repeat("x", 900))
			}
			p := newPoll(t, g, record.Fingerprint{})
			var it source.Item
			for it.Kind != source.End {
				if err := p.src.Next(&it); err != nil {
					t.Fatal(err)
				}
			}
			if _, buffer := source.Remembered(p.src); buffer > 256<<10 {
				t.Errorf("a buffer of %d is kept at rest", buffer)
			}
			g.Largest = 0
			for range 10 {
				g.Prints("one", "two")
				p.again("two lines", "", "one", "two")
			}
			if lines, buffer := source.Remembered(p.src); g.Largest > 64<<10 || buffer > 64<<10 || lines > 200 {
				t.Errorf("asked for %d bytes, and %d lines and a buffer of %d are kept", g.Largest, lines, buffer)
			}
			// What is more than the end is asked for when it is needed.
			var want []string
			for i := range 100 {
				want = append(want, fmt.Sprint(i, strings.Repeat("y", 900)))
			}
			g.Prints(want...)
			p.again("many lines", "", want...)
		})
	}
}

// A log that is asked when it may have news is asked soon, and then less often.
func TestSyslogWaitsBetweenAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := sourcetest.NewRing(128 << 10)
		g.Prints(banner)
		texts := follow(t, g, "", nil)
		for range 1000 { // a line each 10 ms
			g.Prints("a")
			<-time.After(10 * time.Millisecond)
		}
		if n := g.Answers(); n < 10 || n > 30 {
			t.Errorf("asked %d times in 10 s with lines", n)
		}
		synctest.Wait()
		n := g.Answers()
		<-time.After(source.MaxQuiet + time.Second)
		if len(texts) != 1000 || g.Answers() == n {
			t.Errorf("%d lines came of 1000; asked %d times after that", len(texts), g.Answers()-n)
		}
	})
}
