package main

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg"
	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/testkit"
)

// The tests of the files faults*_test.go and soak*_test.go run the program as
// a process of its own and take away, overload or forge what it reads. Where
// they use the machine's own kernel log or settings, they are not parallel, and
// what they expect comes from sequence numbers that they read themselves, as
// others write to that log too.

// promised is within what time kernel_log_up has to be true, and counts to be
// up to date.
const promised = 10 * time.Second

// long returns how often a test does something: the second number where the
// environment has SOAK, as in make soak.
func long(short, soak int) int {
	if os.Getenv("SOAK") != "" {
		return soak
	}
	return short
}

// A launch is how the program is started.
type launch struct {
	attr  *syscall.SysProcAttr
	under []string // the start of a command line that runs the program
}

// A child is the program as a process that may be killed.
type child struct {
	t      testing.TB
	p      *testkit.Process
	cmd    *exec.Cmd
	logged *testkit.Output
	done   <-chan struct{}
	url    string
}

// start starts the program, and does not wait until it listens.
func start(t testing.TB, how launch, args ...string) *child {
	t.Helper()
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	line := slices.Concat(how.under, []string{path, "--web.listen-address=127.0.0.1:0"}, args)
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Dir = "/"
	cmd.SysProcAttr = how.attr
	return newChild(t, cmd)
}

// newChild starts a command line, whose process the test's end kills.
func newChild(t testing.TB, cmd *exec.Cmd) *child {
	t.Helper()
	p := testkit.Start(t, cmd)
	t.Cleanup(p.Kill)
	return &child{t: t, p: p, cmd: cmd, logged: p.Said, done: p.Ended}
}

// kill ends the program with SIGKILL, unless it has ended.
func (c *child) kill() { c.p.Kill() }

// stop ends the program as a service manager does.
func (c *child) stop() {
	c.t.Helper()
	c.signal(unix.SIGTERM)
	select {
	case <-c.done:
	case <-time.After(20 * time.Second):
		c.signal(unix.SIGQUIT) // for the stacks
		select {
		case <-c.done:
		case <-time.After(5 * time.Second):
		}
		c.t.Fatalf("the program did not stop within 20 s of SIGTERM:\n%s", c.logged)
	}
	if c.p.Err() != nil {
		c.t.Errorf("the program ended with %v:\n%s", c.p.Err(), c.logged)
	}
}

func (c *child) signal(s os.Signal) {
	c.t.Helper()
	if err := c.cmd.Process.Signal(s); err != nil {
		c.t.Fatalf("%v:\n%s", err, c.logged)
	}
}

// scrape returns the metrics of the program, once it listens.
func (c *child) scrape() metrics {
	c.t.Helper()
	if c.url == "" {
		c.url = c.address() + "/metrics"
	}
	response, err := http.Get(c.url)
	if err != nil {
		c.t.Fatalf("%v\n%s", err, c.logged)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		c.t.Fatalf("%s, %v\n%s\n%s", response.Status, err, body, c.logged)
	}
	return parseMetrics(c.t, string(body))
}

// address waits until the program listens, and returns where.
func (c *child) address() string {
	c.t.Helper()
	return waitForAddress(c.t, c.logged, c.done)
}

// within waits until the metrics are as they are to be, and fails the test if
// that takes longer than is promised.
func (c *child) within(what string, done func(metrics) bool) metrics {
	c.t.Helper()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	late := time.After(promised)
	for {
		m := c.scrape()
		if done(m) {
			return m
		}
		select {
		case <-late:
			c.t.Fatalf("within %s there was not %s; the program has %v and wrote\n%s", promised, what, m.log(), c.logged)
		case <-poll.C:
		}
	}
}

// waitUp waits until the program says that it reads the log, or that it cannot.
func (c *child) waitUp(up bool) metrics {
	c.t.Helper()
	value := 0.0
	if up {
		value = 1
	}
	began := time.Now()
	m := c.within("kernel_log_up "+strconv.FormatFloat(value, 'g', -1, 64), func(m metrics) bool {
		return m["kernel_log_up"] == value
	})
	c.t.Logf("kernel_log_up %v after %s", value, time.Since(began).Round(time.Millisecond))
	return m
}

// resources returns what the program uses: of goroutines and descriptors, which
// come and go with each scrape, the fewest of some scrapes.
func (c *child) resources() (r resources) {
	c.t.Helper()
	for i := range 20 {
		m := c.scrape()
		r.memory, r.cpu = m["process_resident_memory_bytes"], m["process_cpu_seconds_total"]
		if goroutines, descriptors := m["go_goroutines"], m["process_open_fds"]; i == 0 {
			r.goroutines, r.descriptors = goroutines, descriptors
		} else {
			r.goroutines, r.descriptors = min(r.goroutines, goroutines), min(r.descriptors, descriptors)
		}
	}
	return r
}

// resources are what a process uses of its machine.
type resources struct{ goroutines, descriptors, memory, cpu float64 }

// mayGrow is how much more memory the program may have resident after a flood
// or many reopenings: what the runtime's collector leaves to itself, and far
// less than the lines had. The goroutines and descriptors of one more
// connection may come beside.
const (
	mayGrow        = 16 << 20
	mayGrowByCount = 4
)

// notAbove fails the test if the program uses more than before.
func (r resources) notAbove(t testing.TB, before resources) {
	t.Helper()
	t.Logf("goroutines %v, were %v; descriptors %v, were %v; resident %.1f MB, were %.1f; %.2f s of CPU",
		r.goroutines, before.goroutines, r.descriptors, before.descriptors, r.memory/1e6, before.memory/1e6, r.cpu-before.cpu)
	if r.goroutines > before.goroutines+mayGrowByCount || r.descriptors > before.descriptors+mayGrowByCount || r.memory > before.memory+mayGrow {
		t.Errorf("the program uses %+v, and used %+v before", r, before)
	}
}

// metrics are samples by name and labels, as they stand in the text format.
type metrics map[string]float64

func parseMetrics(t testing.TB, body string) metrics {
	t.Helper()
	return metrics(testkit.ParseSamples(t, body))
}

// log returns the metrics of the kernel log that are not 0.
func (m metrics) log() metrics {
	l := metrics{}
	for series, value := range m {
		if strings.HasPrefix(series, "kernel_log_") && value != 0 {
			l[series] = value
		}
	}
	return l
}

// has says whether the metric is there, with any labels.
func (m metrics) has(name string) bool { return testkit.Samples(m).Has(name) }

func (m metrics) source() string {
	for _, s := range []string{kmsg.SourceKmsg, kmsg.SourceSyslog, kmsg.SourceNone} {
		if m[`kernel_log_source_info{source="`+s+`"}`] == 1 {
			return s
		}
	}
	return ""
}

func (m metrics) event(e event.Event) uint64 {
	return uint64(m[`kernel_log_events_total{event="`+string(e)+`"}`])
}

// logCounts are what was counted of a kernel log.
type logCounts struct {
	levels          [record.NumLevels]uint64
	untrusted       uint64
	before, overrun uint64 // lost
	reports         uint64 // that kernelLog.report made
	complete        bool
}

func (m metrics) counts() (c logCounts) {
	for level := range record.Level(record.NumLevels) {
		c.levels[level] = uint64(m[`kernel_log_records_total{level="`+level.String()+`"}`])
	}
	c.untrusted = uint64(m["kernel_log_untrusted_records_total"])
	c.before = uint64(m[`kernel_log_lost_records_total{reason="before_start"}`])
	c.overrun = uint64(m[`kernel_log_lost_records_total{reason="overrun"}`])
	c.reports = m.event(reported)
	c.complete = m["kernel_log_complete_since_boot"] == 1
	return c
}

func (c logCounts) kernel() (n uint64) {
	for _, l := range c.levels {
		n += l
	}
	return n
}

func (c logCounts) seen() uint64 { return c.kernel() + c.untrusted }

func (c logCounts) lost() uint64 { return c.before + c.overrun }

// sum is how many sequence numbers the counts stand for.
func (c logCounts) sum() uint64 { return c.seen() + c.lost() }
