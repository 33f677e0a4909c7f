package main

import (
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg"
	"kernel_exporter/collector/testkit"
)

// Where the devices controller refuses /dev/kmsg, syslog(2) takes over, and
// gives it back where it is allowed. Nothing is lost or counts twice on the way,
// as long as the log holds it. With printk.time off that cannot be known, and is
// not claimed: the log counts as incomplete from then on.
//
//nolint:paralleltest // the machine's own log
func TestDeviceRefused(t *testing.T) {
	l := newKernelLog(t)
	refused := deviceRefused(t)
	for value, timed := range map[string]bool{"Y": true, "N": false} {
		setting(t, "/sys/module/printk/parameters/time", value)
		for range long(1, 10) {
			l.undisturbed(func(l *kernelLog) { handover(l, refused, timed) })
		}
	}
}

func handover(l *kernelLog, refused launch, timed bool) {
	t := l.t
	t.Helper()
	state := "--state.file=" + filepath.Join(t.TempDir(), "state")
	tape := l.tape(unix.SEEK_END)
	c := start(t, launch{}, state)
	before := l.counted(c)
	c.stop() // so that there is a state
	c = start(t, launch{}, state)
	l.lines(20)
	l.report()
	l.counted(c)
	c.kill()
	before.complete = before.complete && timed

	// By syslog(2), first what was written while the program was down, and then
	// what comes while it runs; with times all over, as it was killed.
	reports := before.reports + 1
	rounds := 1
	if timed {
		rounds = 2
	}
	for range rounds {
		l.lines(20)
		l.report()
		c = start(t, refused, state)
		bySyslog(t, l, tape, before, wantReports(c, reports+1))
		l.lines(20)
		l.report()
		bySyslog(t, l, tape, before, wantReports(c, reports+2))
		c.kill()
		reports += 2
	}

	l.lines(20)
	l.report()
	c = start(t, launch{}, state)
	n := l.counted(c)
	if got := c.scrape().source(); got != kmsg.SourceKmsg {
		t.Errorf("where the device is not refused the log is read by %s", got)
	}
	c.kill()
	tape.read()
	want := tape.count(before.sum(), n.sum(), false).plus(before)
	want.before, want.overrun, want.complete = before.before, before.overrun, before.complete
	if n != want || n.reports != reports+1 {
		t.Errorf("by the device again the program counts\n%+v, want\n%+v", n, want)
	}
	t.Logf("%d records and %d reports, each counted once", n.seen()-before.seen(), n.reports-before.reports)
}

// wantReports waits for a number of the kernel's reports, and fails the test if
// there are ever more.
func wantReports(c *child, reports uint64) metrics {
	c.t.Helper()
	m := c.within("the kernel's report", func(m metrics) bool { return m.counts().reports >= reports })
	if got := m.counts().reports; got != reports {
		c.t.Errorf("%d reports are counted, of %d", got, reports)
	}
	if got := m.source(); got != kmsg.SourceSyslog {
		c.t.Errorf("where the device is refused the log is read by %s", got)
	}
	if m["kernel_log_up"] != 1 || m[`kernel_scrape_collector_success{collector="log"}`] != 1 {
		c.t.Errorf("syslog(2) is read, and yet the program has %v", m.log())
	}
	return m
}

// bySyslog compares what was counted by syslog(2) with a plain reader's count:
// what there was up to the last report at least, and what there is now at most.
func bySyslog(t testing.TB, l *kernelLog, tape *tape, before logCounts, m metrics) {
	t.Helper()
	end := l.mark()
	tape.read()
	n := m.counts()
	last, reports := uint64(0), before.reports
	for _, r := range tape.records {
		if r.seq >= before.sum() && isReport(r) && reports < n.reports {
			last = r.seq
			reports++
		}
	}
	least := tape.count(before.sum(), last+1, true).plus(before)
	most := tape.count(before.sum(), end, true).plus(before)
	if n.untrusted < least.untrusted || n.untrusted > most.untrusted || n.kernel() < least.kernel() || n.kernel() > most.kernel() {
		t.Errorf("by syslog(2) the program counts\n%+v, want from\n%+v to\n%+v", n, least, most)
	}
	if n.lost() != before.lost() || n.complete != before.complete {
		t.Errorf("nothing was lost, and the program counts %+v, before %+v", n, before)
	}
}

// What was overwritten before syslog(2) took over counts as lost there, at least
// as one, and is numbered where the device is allowed again.
//
//nolint:paralleltest // the machine's own log
func TestDeviceRefusedAndLogOverwritten(t *testing.T) {
	l := newKernelLog(t)
	setting(t, "/sys/module/printk/parameters/time", "Y")
	refused := deviceRefused(t)
	for range long(1, 20) {
		l.undisturbed(func(l *kernelLog) { handoverWithLoss(l, refused) })
	}
}

func handoverWithLoss(l *kernelLog, refused launch) {
	t := l.t
	t.Helper()
	state := "--state.file=" + filepath.Join(t.TempDir(), "state")
	c := start(t, launch{}, state)
	before := l.counted(c)
	c.stop() // so that there is a state
	for range long(1, 3) {
		l.overwrite()
		l.hold()
		l.report()
		c = start(t, refused, state)
		n := wantReports(c, before.reports+1).counts()
		if n.lost() <= before.lost() || n.complete {
			t.Errorf("the log was overwritten, and by syslog(2) the program counts %+v, before %+v", n, before)
		}
		l.lines(20_000) // overwritten before it is read, in part
		l.hold()
		l.report()
		n = wantReports(c, before.reports+2).counts()
		if n.sum() > l.mark() {
			t.Errorf("by syslog(2) the program counts more than there are: %+v", n)
		}
		c.stop() // and not killed: what follows overwrites all that is not yet in the state

		l.overwrite()
		l.hold()
		l.report()
		c = start(t, launch{}, state)
		before = l.counted(c)
		if before.lost() <= n.lost() || before.complete || before.reports != n.reports+1 {
			t.Errorf("the log was overwritten, and by the device the program counts %+v, before %+v", before, n)
		}
		c.stop()
	}
}

// A program that has the device open keeps it where opening it is refused from
// then on; one that may use no other way says that it has none.
//
//nolint:paralleltest // the machine's own log
func TestDeviceRefusedLater(t *testing.T) {
	l := newKernelLog(t)
	refused := deviceRefused(t)
	l.undisturbed(func(l *kernelLog) {
		t := l.t
		c := start(t, launch{})
		before := l.counted(c)
		set(t, refused.under[len(refused.under)-1], strconv.Itoa(c.cmd.Process.Pid))
		l.lines(20)
		l.report()
		if n := l.counted(c); n.reports != before.reports+1 || n.lost() != before.lost() {
			t.Errorf("with the device open: %+v, before %+v", n, before)
		}
	})
	c := start(t, refused, "--kmsg.source=kmsg")
	if m := c.waitUp(false); m.has("kernel_log_records_total") || m.source() != kmsg.SourceNone {
		t.Errorf("with the device refused and no other way: %v", m.log())
	}
}

// With kernel.printk_devkmsg off, the kernel lets nobody open the device
// (devkmsg_open() of kernel/printk/printk.c). It takes nothing from user space
// either, so that only its own reports tell what is counted.
//
//nolint:paralleltest // the machine's own log and settings
func TestDeviceSwitchedOff(t *testing.T) {
	l := newKernelLog(t)
	l.undisturbed(func(l *kernelLog) {
		t := l.t
		const devkmsg = "/proc/sys/kernel/printk_devkmsg"
		t.Cleanup(func() { set(t, devkmsg, "on") })
		state := "--state.file=" + filepath.Join(t.TempDir(), "state")
		c := start(t, launch{}, state)
		before := l.counted(c)
		c.stop()
		set(t, devkmsg, "off")
		l.report()
		c = start(t, launch{}, state)
		if n := wantReports(c, before.reports+1).counts(); n.lost() != before.lost() {
			t.Errorf("nothing was lost, and by syslog(2) the program counts %+v, before %+v", n, before)
		}
		c.kill()
		set(t, devkmsg, "on")
		l.report()
		c = start(t, launch{}, state)
		if n := l.counted(c); n.reports != before.reports+2 || n.lost() != before.lost() {
			t.Errorf("nothing was lost, and by the device the program counts %+v, before %+v", n, before)
		}
		if got := c.scrape().source(); got != kmsg.SourceKmsg {
			t.Errorf("the log is read by %s", got)
		}
	})
}

// Without CAP_SYSLOG, where kernel.dmesg_restrict asks for it, the log cannot
// be read by any way: that is said, and no count is there. When it is allowed
// again, the log is read within seconds.
//
//nolint:paralleltest // the machine's own log and settings
func TestRestricted(t *testing.T) {
	l := newKernelLog(t)
	const restrict = "/proc/sys/kernel/dmesg_restrict"
	setting(t, restrict, "1")
	setpriv := testkit.Tool(t, "setpriv")
	for name, how := range map[string]launch{
		"nobody":                  {attr: as(nobody)},
		"root without capability": {under: []string{setpriv, "--bounding-set=-syslog,-sys_admin", "--inh-caps=-syslog,-sys_admin"}},
	} {
		for _, source := range []string{kmsg.SourceAuto, kmsg.SourceKmsg, kmsg.SourceSyslog} {
			m := start(t, how, "--kmsg.source="+source).waitUp(false)
			if m.source() != kmsg.SourceNone || m[`kernel_scrape_collector_success{collector="log"}`] != 0 {
				t.Errorf("%s, source %s: %v", name, source, m.log())
			}
			for _, absent := range logCounters() {
				if m.has(absent) {
					t.Errorf("%s, source %s: %s is there", name, source, absent)
				}
			}
			if !m.has("kernel_version_major") {
				t.Errorf("%s, source %s: there are no other metrics", name, source)
			}
		}
	}

	l.undisturbed(func(l *kernelLog) { allowAndRestrict(l, restrict) })
}

// The device asks for the capability when it is opened, syslog(2) each time.
func allowAndRestrict(l *kernelLog, restrict string) {
	t := l.t
	t.Helper()
	set(t, restrict, "1")
	device := start(t, launch{attr: as(ordinary)}, "--kmsg.source=auto")
	lines := start(t, launch{attr: as(ordinary)}, "--kmsg.source=syslog")
	device.waitUp(false)
	lines.waitUp(false)
	set(t, restrict, "0")
	device.waitUp(true)
	l.counted(device)
	lines.waitUp(true)
	reports := lines.scrape().counts().reports
	used := lines.resources()
	for range long(1, 30) {
		set(t, restrict, "1")
		if m := lines.waitUp(false); !m.has("kernel_log_records_total") {
			t.Error("what was counted before is gone")
		}
		l.report()
		reports++
		set(t, restrict, "0")
		lines.waitUp(true)
		wantReports(lines, reports)
		l.counted(device)
	}
	if n := device.scrape().counts(); n.lost() != n.before {
		t.Errorf("the program that has the device open lost %d", n.overrun)
	}
	lines.resources().notAbove(t, used)
}

// ordinary is a user that is not in any list of special ones.
const ordinary = 1000

// logCounters are the metrics that an unreadable log does not have.
func logCounters() []string {
	return []string{
		"kernel_log_events_total", "kernel_log_event_last_seen_timestamp_seconds", "kernel_log_records_total",
		"kernel_log_untrusted_records_total", "kernel_log_lost_records_total", "kernel_log_suppressed_total",
		"kernel_log_complete_since_boot", "kernel_netdev_leaks", "kernel_netdev_leak_longest_seconds",
	}
}
