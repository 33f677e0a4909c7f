package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg"
)

// The tests of this file need neither privileges nor the machine's own log: what
// is refused, leaves and returns is the dev/kmsg of a root of their own.

// rootWithoutLog returns a root without dev/kmsg, and the path of that.
func rootWithoutLog(t *testing.T) (arg, path string) {
	t.Helper()
	root := filepath.Join(t.TempDir(), "root")
	if err := os.CopyFS(root, os.DirFS(testdata+"/debian-12-6.1")); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(root, "dev/kmsg")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	return "--path.rootfs=" + root, path
}

// perWriter is how many records a writer writes.
const perWriter = 10

// records returns the records that one writer writes, as /dev/kmsg gives those
// of the kernel. The first of them is an event.
func records(writer int) string {
	var b strings.Builder
	first := writer * perWriter
	fmt.Fprintf(&b, "6,%d,%d,-;%s/\n", first, 1000*first, rejected)
	for i := first + 1; i < first+perWriter; i++ {
		fmt.Fprintf(&b, "6,%d,%d,-;record %d\n", i, 1000*i, i)
	}
	return b.String()
}

func makeFIFO(t *testing.T, path string) {
	t.Helper()
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
}

// writeFIFO writes as a process of its own would: it opens the FIFO, and leaves
// again. It waits for the reader.
func writeFIFO(t *testing.T, path, text string) {
	t.Helper()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	late := time.After(promised)
	for {
		f, err := os.OpenFile(path, os.O_WRONLY|unix.O_NONBLOCK, 0)
		if err == nil {
			if _, err := f.WriteString(text); err != nil {
				t.Fatal(err)
			}
			f.Close()
			return
		}
		if !errors.Is(err, unix.ENXIO) {
			t.Fatal(err)
		}
		select {
		case <-late:
			t.Fatal("nobody reads the FIFO")
		case <-poll.C:
		}
	}
}

// wantCounted waits until the records of so many writers are counted, and fails
// the test if any of them counts twice.
func wantCounted(c *child, writers int) {
	c.t.Helper()
	n := writers * perWriter
	m := c.within(fmt.Sprintf("a count of %d", n), func(m metrics) bool { return m.counts().sum() >= uint64(n) })
	got := m.counts()
	want := logCounts{reports: uint64(writers), complete: true}
	want.levels[6] = uint64(n)
	if got != want || m["kernel_log_up"] != 1 {
		c.t.Errorf("%v is counted, want %+v", m.log(), want)
	}
}

// A FIFO whose writer leaves stays the log: the next writer goes on with it, also
// behind one that left without ending its line.
func TestFIFOWriterLeaves(t *testing.T) {
	t.Parallel()
	root, path := rootWithoutLog(t)
	makeFIFO(t, path)
	c := start(t, launch{}, root)
	c.waitUp(true)
	writeFIFO(t, path, strings.TrimSuffix(records(0), "\n"))
	wantCounted(c, 1)
	before := c.resources()
	writers := long(100, 10_000)
	for i := 1; i < writers; i++ {
		writeFIFO(t, path, records(i))
		if i%10 == 0 {
			wantCounted(c, i+1)
		}
	}
	wantCounted(c, writers)
	c.resources().notAbove(t, before)
}

// A log that is not there, or is something else, is waited for, and found
// within seconds when it returns. It goes on where it was left.
func TestLogVanishesAndReturns(t *testing.T) {
	t.Parallel()
	root, path := rootWithoutLog(t)
	state := "--state.file=" + filepath.Join(t.TempDir(), "state")
	for i := range long(2, 5) {
		c := start(t, launch{}, root, state)
		if m := c.waitUp(false); m.source() != kmsg.SourceNone || m.has("kernel_log_records_total") {
			t.Errorf("without a log: %v", m.log())
		}
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		c.within("a word on the directory", func(metrics) bool {
			return strings.Contains(c.logged.String(), "not a regular file")
		})
		c.waitUp(false)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		all := ""
		for j := range i + 1 {
			all += records(j)
		}
		if err := os.WriteFile(path+".new", []byte(all), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
		c.waitUp(true)
		wantCounted(c, i+1)
		c.stop()
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// A log that is not there for long, or has nothing to say, costs next to nothing:
// neither CPU nor, with each try, a goroutine or a descriptor.
func TestWaitingCostsNothing(t *testing.T) {
	t.Parallel()
	absent, _ := rootWithoutLog(t)
	directory, path := rootWithoutLog(t)
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	broken, path := rootWithoutLog(t)
	if err := os.Symlink("/proc/self/mem", path); err != nil { // opens, and gives EIO
		t.Fatal(err)
	}
	left, path := rootWithoutLog(t)
	makeFIFO(t, path)
	leftFIFO := start(t, launch{}, left)
	writeFIFO(t, path, records(0))
	wantCounted(leftFIFO, 1)
	costNothing(t, map[string]*child{
		"no device":                   start(t, launch{}, absent),
		"a directory":                 start(t, launch{}, directory),
		"a file that cannot be read":  start(t, launch{}, broken),
		"syslog(2) of another kernel": start(t, launch{}, absent, "--kmsg.source=syslog"),
		"a FIFO that its writer left": leftFIFO,
	})
}

// So does a device that may not be opened.
func TestRefusalCostsNothing(t *testing.T) {
	t.Parallel()
	needRoot(t)
	costNothing(t, map[string]*child{
		"the device refused": start(t, deviceRefused(t), "--kmsg.source=kmsg"),
	})
}

// costNothing has the programs wait together.
func costNothing(t *testing.T, children map[string]*child) {
	t.Helper()
	before, up := map[string]resources{}, map[string]float64{}
	for name, c := range children {
		up[name] = c.scrape()["kernel_log_up"]
		before[name] = c.resources()
	}
	rest := time.Duration(long(10, 60)) * time.Second
	select {
	case <-time.After(rest):
	case <-t.Context().Done():
	}
	for name, c := range children {
		if got := c.scrape()["kernel_log_up"]; got != up[name] {
			t.Errorf("%s: kernel_log_up %v, was %v", name, got, up[name])
		}
		used := c.resources()
		t.Log(name)
		used.notAbove(t, before[name])
		if cpu := used.cpu - before[name].cpu; cpu > rest.Seconds()/10 {
			t.Errorf("%s: %.2f s of CPU in %s in which there is nothing to do", name, cpu, rest)
		}
		if warned := strings.Count(c.logged.String(), "cannot read the kernel log"); warned != 1-int(up[name]) {
			t.Errorf("%s: %d warnings\n%s", name, warned, c.logged)
		}
	}
}
