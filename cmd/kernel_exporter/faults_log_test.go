package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/testkit"
)

const device = "/dev/kmsg"

// reported is the event that a test can have the kernel itself report, as often
// as it likes and without harm: it is told once for each cgroup.
const reported = "pids_fork_rejected"

// rejected is what the kernel's report of it begins with.
const rejected = "cgroup: fork rejected by pids controller in "

// A kernelLog is this machine's own kernel log, which a test writes to and reads
// without any of the program's code.
type kernelLog struct {
	t    testing.TB
	out  *os.File
	pids string // a cgroup with the pids controller
	from uint64 // the number of what has to stay in the log
}

// newKernelLog opens the log and has it take lines as fast as they come. No
// other test that calls this runs at the same time, in whatever process.
func newKernelLog(t *testing.T) *kernelLog {
	t.Helper()
	if os.Getenv("SOAK") == "" && os.Getenv("CI") == "" {
		t.Skip("NOT TESTED: overwrites this machine's kernel log; SOAK=1 or CI=true allows it")
	}
	out, err := os.OpenFile(device, os.O_RDWR, 0)
	if err != nil {
		testkit.Missing(t, "needs the kernel's log: %v", err)
	}
	t.Cleanup(func() { out.Close() })
	needRoot(t)
	lockMachine(t)
	setting(t, "/proc/sys/kernel/printk_devkmsg", "on")
	return &kernelLog{t: t, out: out, pids: pidsCgroup(t)}
}

// lockMachine keeps other tests off the machine's log and settings.
func lockMachine(t testing.TB) {
	t.Helper()
	path := filepath.Join(os.TempDir(), "kernel_exporter-test.lock") //nolint:usetesting // every test has to find it
	lock, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lock.Close() })
	poll := time.NewTicker(50 * time.Millisecond)
	defer poll.Stop()
	late := time.After(3 * time.Minute)
	for {
		err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			t.Fatalf("%s: %v", path, err)
		}
		select {
		case <-late:
			t.Fatalf("%s is held by another test for 3 min", path)
		case <-poll.C:
		}
	}
}

// setting changes a setting of the machine until the test ends.
func setting(t testing.TB, path, value string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		testkit.Missing(t, "needs a setting of the kernel: %v", err)
	}
	old := strings.TrimSpace(string(b))
	set(t, path, value)
	t.Cleanup(func() {
		if err := os.WriteFile(path, []byte(old+"\n"), 0); err != nil {
			t.Errorf("%s is to be %s again: %v", path, old, err)
		}
	})
}

// set writes a value with a newline, without which printk_devkmsg takes none.
func set(t testing.TB, path, value string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(value+"\n"), 0); err != nil {
		testkit.Missing(t, "needs a setting of the kernel: %v", err)
	}
}

// write writes one record to the log: devkmsg_write() makes one of each write.
// Its text has a newline at its end, as it is not shown before the next without.
func (l *kernelLog) write(text string) {
	l.t.Helper()
	if _, err := l.out.WriteString(text + "\n"); err != nil {
		l.t.Errorf("write to %s: %v", device, err)
	}
}

// lines writes lines as a user's process may, each another. Their level, 4, is
// not shown on the console.
func (l *kernelLog) lines(n int) {
	l.t.Helper()
	first := time.Now().UnixNano()
	for i := range n {
		l.write(fmt.Sprintf("<12>%s: line %d.%d", l.t.Name(), first, i))
	}
}

// overwrite writes so much that nothing of what the log held remains.
func (l *kernelLog) overwrite() {
	l.t.Helper()
	size, err := unix.Klogctl(10, nil) // SYSLOG_ACTION_SIZE_BUFFER
	if err != nil {
		l.t.Fatal(err)
	}
	filler := strings.Repeat("x", 900)
	for i := range 2 * size / len(filler) {
		l.write(fmt.Sprintf("<12>%s: %d %s", l.t.Name(), i, filler))
	}
}

// report has the kernel write one report of its own: a process that may have no
// other beside it in its cgroup tries to start one.
func (l *kernelLog) report() {
	l.t.Helper()
	dir, err := os.MkdirTemp(l.pids, "kernel_exporter-test-")
	if err != nil {
		l.t.Fatal(err)
	}
	set(l.t, filepath.Join(dir, "pids.max"), "1")
	cmd := exec.Command("/bin/sh", "-c", `echo $$ >"$0" && exec timeout 10 true`, filepath.Join(dir, "cgroup.procs"))
	if out, err := cmd.CombinedOutput(); err == nil {
		l.t.Fatalf("a process was started in spite of pids.max:\n%s", out)
	}
	if err := os.Remove(dir); err != nil {
		l.t.Error(err)
	}
}

// mark writes a line and returns its sequence number.
func (l *kernelLog) mark() uint64 {
	l.t.Helper()
	text := fmt.Sprintf("%s: mark %d", l.t.Name(), time.Now().UnixNano())
	for range 100 {
		p := l.tape(unix.SEEK_END)
		l.write("<12>" + text)
		p.read()
		p.close()
		for _, r := range p.records {
			if r.text == text {
				return r.seq
			}
		}
	}
	l.t.Fatal("what is written to the log is overwritten before it can be read")
	return 0
}

// counted waits until the program has counted what the log holds now, at a
// moment when nobody writes to it. It fails if that is not as many records as
// there are sequence numbers.
func (l *kernelLog) counted(c *child) logCounts {
	l.t.Helper()
	for range 1000 {
		last := l.mark()
		n := c.within(fmt.Sprintf("a sum of %d", last+1), func(m metrics) bool {
			return m.counts().sum() > last
		}).counts()
		next := l.mark()
		if n.sum() > next {
			l.t.Fatalf("%d seen and %d lost are %d, of %d there are: %+v", n.seen(), n.lost(), n.sum(), next, n)
		}
		if next == last+1 {
			return n
		}
	}
	l.t.Fatal("the log is never still")
	return logCounts{}
}

// hold says that what is written from now on has to stay in the log, or else
// someone else's flood has come between.
func (l *kernelLog) hold() {
	l.t.Helper()
	l.from = l.mark()
}

// undisturbed tries a test that needs the log to hold what it writes. The log is
// every process's: if it does not hold that, the test is tried again, and what
// it says does not count.
func (l *kernelLog) undisturbed(test func(*kernelLog)) {
	l.t.Helper()
	for range 20 {
		a := &attempt{TB: l.t}
		log := &kernelLog{t: a, out: l.out, pids: l.pids}
		a.run(func() {
			log.hold()
			test(log)
		})
		if len(a.faults) == 0 {
			return
		}
		oldest := l.tape(unix.SEEK_SET)
		oldest.read()
		oldest.close()
		if len(oldest.records) == 0 || oldest.records[0].seq <= log.from {
			l.t.Fatal(strings.Join(a.faults, "\n"))
		}
		l.t.Log("someone else has overwritten the log: once more")
	}
	l.t.Fatal("someone else has overwritten the log each time")
}

// An attempt is a test that keeps to itself what it finds.
type attempt struct {
	testing.TB
	faults   []string
	cleanups []func()
}

// ended is the panic that a fatal fault ends an attempt with.
type ended struct{}

func (a *attempt) run(test func()) {
	defer func() {
		p := recover()
		for _, f := range slices.Backward(a.cleanups) {
			f()
		}
		if p != nil && p != (ended{}) {
			panic(p)
		}
	}()
	test()
}

func (a *attempt) Cleanup(f func()) { a.cleanups = append(a.cleanups, f) }

func (a *attempt) Error(args ...any) { a.faults = append(a.faults, fmt.Sprintln(args...)) }

func (a *attempt) Errorf(format string, args ...any) {
	a.faults = append(a.faults, fmt.Sprintf(format, args...))
}

func (a *attempt) Fatal(args ...any) {
	a.Error(args...)
	panic(ended{})
}

func (a *attempt) Fatalf(format string, args ...any) {
	a.Errorf(format, args...)
	panic(ended{})
}

// A tape is the log as the kernel gives it to a plain reader.
type tape struct {
	t       testing.TB
	fd      int
	records []logRecord // with gaps where some were overwritten before they were read
}

type logRecord struct {
	seq      uint64
	priority uint64
	text     string // escaped
}

// tape begins with the oldest record (SEEK_SET) or behind the newest (SEEK_END).
func (l *kernelLog) tape(whence int) *tape {
	l.t.Helper()
	fd, err := unix.Open(device, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		l.t.Fatal(err)
	}
	p := &tape{t: l.t, fd: fd}
	l.t.Cleanup(p.close)
	if _, err := unix.Seek(fd, 0, whence); err != nil {
		l.t.Fatal(err)
	}
	return p
}

func (p *tape) close() {
	if p.fd >= 0 {
		_ = unix.Close(p.fd)
		p.fd = -1
	}
}

// read reads to the log's end.
func (p *tape) read() {
	p.t.Helper()
	b := make([]byte, 8192)
	for {
		n, err := unix.Read(p.fd, b)
		switch {
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.EPIPE):
			continue
		case errors.Is(err, unix.EAGAIN):
			return
		case err != nil:
			p.t.Fatal(err)
		}
		p.records = append(p.records, parseRecord(p.t, string(b[:n])))
	}
}

func parseRecord(t testing.TB, s string) (r logRecord) {
	t.Helper()
	header, text, _ := strings.Cut(s, ";")
	fields := strings.Split(header, ",")
	var err, err2 error
	r.priority, err = strconv.ParseUint(fields[0], 10, 32)
	r.seq, err2 = strconv.ParseUint(fields[1], 10, 64)
	if err := errors.Join(err, err2); err != nil {
		t.Fatalf("record %q: %v", s, err)
	}
	r.text, _, _ = strings.Cut(text, "\n")
	return r
}

// count counts the records from number from on and before number to. It fails
// the test if the tape has not all of them. In lines, it counts the lines of
// their text, as syslog(2) prints them.
func (p *tape) count(from, to uint64, lines bool) (c logCounts) {
	p.t.Helper()
	next := from
	for _, r := range p.records {
		if r.seq < from || r.seq >= to {
			continue
		}
		if r.seq != next {
			break
		}
		next++
		n := uint64(1)
		if lines {
			n += uint64(strings.Count(r.text, `\x0a`))
		}
		switch {
		case r.priority>>3 != 0:
			c.untrusted += n
			continue
		case isReport(r):
			c.reports++
		}
		c.levels[r.priority&7] += n
	}
	if next != to {
		p.t.Fatalf("record %d is not there, of %d to %d", next, from, to)
	}
	return c
}

// isReport says whether the kernel wrote a record of what report makes.
func isReport(r logRecord) bool { return r.priority>>3 == 0 && strings.HasPrefix(r.text, rejected) }

// plus adds counts of a later part of the log.
func (c logCounts) plus(o logCounts) logCounts {
	for i := range c.levels {
		c.levels[i] += o.levels[i]
	}
	c.untrusted += o.untrusted
	c.reports += o.reports
	return c
}
