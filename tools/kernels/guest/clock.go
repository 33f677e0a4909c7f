package main

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/tools/kernels/wire"
)

// seconds is what a clock of the kernel shows.
func seconds(clock int32) float64 {
	var t unix.Timespec
	if err := unix.ClockGettime(clock, &t); err != nil {
		return math.NaN()
	}
	return float64(t.Nano()) / 1e9
}

func wall() float64   { return seconds(unix.CLOCK_REALTIME) }
func uptime() float64 { return seconds(unix.CLOCK_BOOTTIME) }

// A history is what was made before and between the changes of the clocks.
type history struct {
	early float64 // uptime at the report that is made once, at the start
	leak  float64 // uptime at which a device began to wait
	forks int     // reports of forks, one before and one after each change
}

// clock changes the clocks one after another, has a report made after each change, and
// compares what the exporter says.
func (g *guest) clock() error {
	e, err := startExporter(10044, "--state.file=/run/state")
	if err != nil {
		return err
	}
	var h history
	if err := fileMax(g); err != nil {
		return err
	}
	h.early = uptime()
	for _, step := range []struct {
		how string
		do  func() error
	}{
		{"nothing", func() error { return nil }},
		// Before the device is waited for: what waits for it cannot be frozen.
		{"the machine is suspended to memory for 40 s", func() error { return g.suspend(40) }},
		{"a network device begins to leak", func() error { return g.waitForDevice(&h) }},
		{"the clock is set forward by 2 h", func() error { return g.setClock(2 * 3600) }},
		{"the clock is set back by 3 h", func() error { return g.setClock(-3 * 3600) }},
		{"the clock is set forward by 1 h, to what it was", func() error { return g.setClock(3600) }},
		{"qemu stops the machine for 40 s", func() error { return g.standStill(40) }},
	} {
		g.say("%s", step.how)
		if err := step.do(); err != nil {
			g.say("%s: %v", step.how, err)
			continue
		}
		if err := g.afterChange(e, step.how, &h, bootEvery); err != nil {
			return err
		}
	}
	cmd := as("elsewhen", "10046")
	if err := cmd.Start(); err != nil {
		return err
	}
	other := &exporter{cmd: cmd, url: "http://127.0.0.1:10046/metrics"}
	for range 60 {
		if _, err = other.scrape(); err == nil {
			break
		}
		pause(time.Second)
	}
	if err != nil {
		return err
	}
	return g.afterChange(other, "the exporter runs in a time namespace that is a day ahead", &h, 0)
}

func (g *guest) waitForDevice(h *history) error {
	if err := leak(g); err != nil {
		return err
	}
	h.leak = uptime()
	if !g.log.await(0, regexp.MustCompile(`unregister_netdevice: waiting for d0`), time.Minute) {
		return errors.New("the device is not waited for")
	}
	return nil
}

func (g *guest) setClock(by float64) error {
	to := wall() + by
	t := unix.NsecToTimespec(int64(to * 1e9))
	return unix.ClockSettime(unix.CLOCK_REALTIME, &t)
}

// suspend suspends to memory; the machine outside wakes it.
func (g *guest) suspend(long int) error {
	if _, err := g.ask(wire.Ask{Monitor: "system_wakeup", Seconds: long}); err != nil {
		return err
	}
	before := uptime()
	if err := os.WriteFile("/sys/power/state", []byte("mem"), 0); err != nil {
		return err
	}
	if slept := uptime() - before; slept < float64(long)/2 {
		return fmt.Errorf("it slept for %.0f s", slept)
	}
	return nil
}

func (g *guest) standStill(long int) error {
	if _, err := g.ask(wire.Ask{Monitor: "cont", Seconds: long}); err != nil {
		return err
	}
	_, err := g.ask(wire.Ask{Monitor: "stop"})
	return err
}

// elsewhen runs an exporter in a time namespace (time_namespaces(7)).
func elsewhen(port string) error {
	if err := unix.Unshare(unix.CLONE_NEWTIME); err != nil {
		return err
	}
	if err := os.WriteFile("/proc/self/timens_offsets", []byte("boottime 86400 0\nmonotonic 86400 0\n"), 0); err != nil {
		return err
	}
	return exec.Command(program, "--web.listen-address=127.0.0.1:"+port).Run()
}

// afterChange has a report made and compares what the exporter says with the kernel's clocks.
// It waits for the time of the boot for so long.
func (g *guest) afterChange(e *exporter, how string, h *history, patience time.Duration) error {
	from := g.log.length()
	made := wall()
	h.forks++
	if err := g.forkIn(fmt.Sprint("fork", h.forks)); err != nil {
		return err
	}
	if !g.log.await(from, regexp.MustCompile(`cgroup: fork rejected by pids controller`), time.Minute) {
		return errors.New("the kernel did not report a fork")
	}
	pause(settle)
	done, since := wall(), uptime()
	start, m, err := e.settled(patience)
	if err != nil {
		return err
	}
	end, up := wall(), uptime()
	found, _, err := symptoms()
	if err != nil {
		return err
	}
	const last = `kernel_log_event_last_seen_timestamp_seconds{event="%s"}`
	const count = `kernel_log_events_total{event="%s"}`
	early, recent := m[fmt.Sprintf(last, "file_table_full")], m[fmt.Sprintf(last, "pids_fork_rejected")]
	c := wire.Clock{How: how}
	compare := func(name, got string, right bool) {
		if right {
			got = ""
		}
		c.Cells = append(c.Cells, wire.Cell{Name: name, Fault: got})
	}
	near := func(got, want, within float64) bool { return math.Abs(got-want) <= within }
	age, was := m["kernel_time_seconds"]-early, up-h.early
	off := m["kernel_boot_time_seconds"] - (end - up)
	boot := fmt.Sprintf("%.0f s off", off)
	if near(off, 0, 1.5) {
		boot = fmt.Sprintf("right after %.0f s", up-since)
	}
	compare("`kernel_boot_time_seconds`", boot, near(off, 0, 1.5) && up-since < 20)
	compare("`kernel_time_seconds`", fmt.Sprintf("%.0f s off", m["kernel_time_seconds"]-start), m["kernel_time_seconds"] >= start && m["kernel_time_seconds"] <= end)
	compare("last seen of a report before", fmt.Sprintf("%.0f s ago, was %.0f s ago", age, was), near(age, was, 5))
	compare("last seen of a report after", fmt.Sprintf("%.0f s off", recent-made), recent >= made-2 && recent <= done+1)
	counted := fmt.Sprint(m[fmt.Sprintf(count, "file_table_full")], m[fmt.Sprintf(count, "pids_fork_rejected")], m[`kernel_log_lost_records_total{reason="overrun"}`])
	compare("counts", counted, counted == fmt.Sprint(1, h.forks, 0))
	longest, waits, waited := m["kernel_netdev_leak_longest_seconds"], 0.0, ""
	if h.leak > 0 {
		waits, waited = up-h.leak, found["netdev_wait"]
	}
	compare("`kernel_netdev_leak_longest_seconds`", fmt.Sprintf("%.0f, waits for %.0f", longest, waits), near(longest, waits, 15))
	sick := slices.Sorted(maps.Keys(found))
	compare("`check` names the report and the wait", strings.Join(sick, ", "), found["file_table_full"] != "" && (waited != "") == (h.leak > 0))
	return g.send(wire.Message{Clock: &c})
}

// bootEvery is longer than the exporter goes on with the time of the boot that it has read.
const bootEvery = 5*time.Minute + 30*time.Second

// settled scrapes until the time of the boot is what the clocks say, or the time is over. start is when the last scrape began.
func (e *exporter) settled(patience time.Duration) (start float64, m map[string]float64, err error) {
	for end := time.Now().Add(patience); ; pause(2 * time.Second) {
		start = wall()
		text, err := e.scrape()
		if err != nil {
			return 0, nil, err
		}
		m = sampleValues(text)
		if math.Abs(m["kernel_boot_time_seconds"]-(wall()-uptime())) <= 1.5 || time.Now().After(end) {
			return start, m, nil
		}
	}
}

// sampleValues are the samples of a scrape by name and labels.
func sampleValues(text string) map[string]float64 {
	values := make(map[string]float64)
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "} ")
		if ok {
			name += "}"
		} else if name, value, ok = strings.Cut(strings.TrimSpace(line), " "); !ok {
			continue
		}
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			values[name] = v
		}
	}
	return values
}
