package collector_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-kit/log"
	dto "github.com/prometheus/client_model/go"
	"golang.org/x/sys/unix"

	"kernel_exporter/collector"
	"kernel_exporter/collector/kmsg"
	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/testkit"
)

const (
	bootTime = 1_700_000_000 // of the roots below, in seconds since the epoch
	leakLine = "unregister_netdevice: waiting for eth0.100 to become free. Usage count = 1"
)

// logRoot returns a root whose log has these records. What has changed is
// written to it by the function.
func logRoot(t *testing.T, records ...string) (root string, write func(path, content string)) {
	t.Helper()
	root = t.TempDir()
	write = func(path, content string) {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("proc/sys/kernel/osrelease", "6.1.0\n")
	write("proc/sys/kernel/random/boot_id", "7b4ae3b0-6f7c-4a4c-9df4-2a2b3c4d5e6f\n")
	write("proc/stat", fmt.Sprintf("btime %d\n", bootTime))
	write("proc/uptime", "65.00 100.00\n")
	write("dev/kmsg", strings.Join(records, ""))
	return root, write
}

func stateFile(path string) func(*collector.Options) {
	return func(o *collector.Options) { o.StateFile = path }
}

// run scrapes once, and stops the exporter: its state is stored.
func run(t *testing.T, root string, change ...func(*collector.Options)) []*dto.MetricFamily {
	t.Helper()
	e, stop := startAndStop(t, root, change...)
	defer stop()
	return gather(t, e)
}

func TestLogStateGoesOn(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state")
	root, write := logRoot(t, "6,0,0,-;a\n", "0,1,50000000,-;"+leakLine+"\n", "12,2,51000000,-;user\n")
	check := func(families []*dto.MetricFamily, leaks, info, untrusted, before, overrun, complete float64) {
		t.Helper()
		for _, want := range []struct {
			value  float64
			name   string
			labels []string
		}{
			{leaks, "kernel_log_events_total", []string{"netdev_leak"}},
			{info, "kernel_log_records_total", []string{"info"}},
			{untrusted, "kernel_log_untrusted_records_total", nil},
			{before, "kernel_log_lost_records_total", []string{"before_start"}},
			{overrun, "kernel_log_lost_records_total", []string{"overrun"}},
			{complete, "kernel_log_complete_since_boot", nil},
		} {
			if got := value(t, families, want.name, want.labels...); got != want.value {
				t.Errorf("%s%v is %v, want %v", want.name, want.labels, got, want.value)
			}
		}
	}
	check(run(t, root, stateFile(state)), 1, 1, 1, 0, 0, 1)
	info, err := os.Stat(state)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Errorf("the state file has mode %s", info.Mode())
	}

	// The log goes on, and its beginning is overwritten.
	write("dev/kmsg", "12,2,51000000,-;user\n0,3,60000000,-;"+leakLine+"\n6,5,61000000,-;b\n")
	families := run(t, root, stateFile(state))
	check(families, 2, 2, 1, 0, 1, 0)
	if got := value(t, families, "kernel_log_event_last_seen_timestamp_seconds", "netdev_leak"); got != bootTime+60 {
		t.Errorf("last seen at %v, want %d", got, bootTime+60)
	}
	// The wait began a period before its first message, which the log has lost.
	if n, long := value(t, families, "kernel_netdev_leaks"), value(t, families, "kernel_netdev_leak_longest_seconds"); n != 1 || long != 25 {
		t.Errorf("%v devices wait, the longest for %v s; want 1 for 25 s", n, long)
	}

	// Without the state, what was overwritten is lost.
	check(run(t, root), 1, 1, 1, 2, 1, 0)

	// Another boot begins from zero.
	write("proc/sys/kernel/random/boot_id", "another\n")
	check(run(t, root, stateFile(state)), 1, 1, 1, 2, 1, 0)
}

// TestLogCountersSinceBoot holds that counters say since when they count.
func TestLogCountersSinceBoot(t *testing.T) {
	t.Parallel()
	root, _ := logRoot(t, "6,0,0,-;a\n")
	counters := 0
	for _, f := range gather(t, start(t, root)) {
		for _, m := range f.GetMetric() {
			if m.Counter == nil || !strings.HasPrefix(f.GetName(), "kernel_log_") {
				continue
			}
			counters++
			if created := m.GetCounter().GetCreatedTimestamp(); created.GetSeconds() != bootTime || created.GetNanos() != 0 {
				t.Errorf("%s is created at %v, want %d", f.GetName(), created, bootTime)
			}
		}
	}
	if want := len(event.All()) + record.NumLevels + 4; counters != want {
		t.Errorf("%d counters of the log, want %d", counters, want)
	}
}

// TestLogStateTroubleIsLoggedOnce holds that a state file that cannot be used is
// one warning, and the log is counted all the same.
func TestLogStateTroubleIsLoggedOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(path string) error
		want    string
	}{
		"damaged":      {func(path string) error { return os.WriteFile(path, []byte("{"), 0o600) }, "set aside as"},
		"a directory":  {func(path string) error { return os.Mkdir(path, 0o700) }, "not a regular file"},
		"no directory": {func(string) error { return nil }, "no such file or directory"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out testkit.Output
			root, _ := logRoot(t, "6,0,0,-;a\n")
			path := filepath.Join(t.TempDir(), "state")
			if name == "no directory" {
				path = filepath.Join(path, "state")
			}
			if err := test.prepare(path); err != nil {
				t.Fatal(err)
			}
			logger := func(o *collector.Options) { o.Logger = log.NewLogfmtLogger(&out) }
			families := run(t, root, stateFile(path), logger)
			if n := value(t, families, "kernel_log_records_total", "info"); n != 1 {
				t.Errorf("%v records, want 1", n)
			}
			if n := value(t, families, "kernel_scrape_collector_success", "log"); n != 1 {
				t.Errorf("success is %v, want 1: the log was read", n)
			}
			logged := out.String()
			if n := strings.Count(logged, "state file"); n != 1 || !strings.Contains(logged, test.want) || !strings.Contains(logged, path) {
				t.Errorf("warned %d times, want one warning with %q and %s:\n%s", n, test.want, path, logged)
			}
		})
	}
}

// TestLogMalformedIsLoggedOnce holds that records that cannot be read make the
// collector fail, with one line for all of them.
func TestLogMalformedIsLoggedOnce(t *testing.T) {
	t.Parallel()
	var out testkit.Output
	root, _ := logRoot(t)
	path := filepath.Join(root, "dev/kmsg")
	if err := errors.Join(os.Remove(path), unix.Mkfifo(path, 0o600)); err != nil {
		t.Fatal(err)
	}
	e := start(t, root, func(o *collector.Options) {
		o.Logger = log.NewLogfmtLogger(&out)
	})
	w, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for i := range 10 {
		if _, err := fmt.Fprintf(w, "garbage\n6,%d,0,-;a\n", i); err != nil {
			t.Fatal(err)
		}
		families := gather(t, e)
		for value(t, families, "kernel_log_records_total", "info") != float64(i+1) {
			families = gather(t, e)
		}
		if n := value(t, families, "kernel_scrape_collector_success", "log"); n != 0 {
			t.Errorf("success is %v behind a malformed record, want 0", n)
		}
	}
	if n := strings.Count(out.String(), "malformed"); n != 1 {
		t.Errorf("malformed records are logged %d times, want once:\n%s", n, out.String())
	}
}

// TestLogLeakPeriod holds that two waits of a minute apart are one only where the
// kernel may have been set to say so once a minute.
func TestLogLeakPeriod(t *testing.T) {
	t.Parallel()
	const leak = "0,%d,%d,-;unregister_netdevice: waiting for eth0 to become free. Usage count = 1\n"
	for _, test := range []struct {
		name, release, timeout string
		want                   float64
	}{
		{"before it could be set", "5.12.19\n", "", 13},
		{"read", "6.1.0\n", "10\n", 13},
		{"read as longer", "6.1.0\n", "60\n", 123},
		{"not read", "5.13.0\n", "", 73},
		{"of an unknown kernel", "", "", 73},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root, write := logRoot(t, fmt.Sprintf(leak, 0, 2_000_000), fmt.Sprintf(leak, 1, 62_000_000)) // up for 65 s
			write("proc/sys/kernel/osrelease", test.release)
			if test.timeout != "" {
				write("proc/sys/net/core/netdev_unregister_timeout_secs", test.timeout)
			}
			if got := value(t, run(t, root), "kernel_netdev_leak_longest_seconds"); got != test.want {
				t.Errorf("longest wait %v s, want %v", got, test.want)
			}
		})
	}
}

func source(by string) func(*collector.Options) {
	return func(o *collector.Options) { o.KmsgSource = by }
}

// TestLogSource holds which way the log of a recorded root, and of this machine,
// is read.
func TestLogSource(t *testing.T) {
	t.Parallel()
	recorded, _ := logRoot(t, "6,0,0,-;a\n")
	missing, _ := logRoot(t)
	if err := os.Remove(filepath.Join(missing, "dev/kmsg")); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, root, by, want string
	}{
		{"recorded", recorded, "", kmsg.SourceKmsg},
		{"recorded, by syslog(2)", recorded, kmsg.SourceSyslog, kmsg.SourceNone},
		{"recorded without a log", missing, kmsg.SourceAuto, kmsg.SourceNone},
		{"this machine", "/", kmsg.SourceAuto, kmsg.SourceKmsg},
		{"this machine, by syslog(2)", "/", kmsg.SourceSyslog, kmsg.SourceSyslog},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := start(t, test.root, source(test.by))
			if err := e.Judge(t.Context()).Log.Err; test.root == "/" && err != nil {
				testkit.Missing(t, "needs the kernel's log: %v", err)
			}
			families := gather(t, e)
			if got := value(t, families, "kernel_log_source_info", test.want); got != 1 {
				t.Errorf("the source %s is %v, want 1", test.want, got)
			}
			up := 1.0
			if test.want == kmsg.SourceNone {
				up = 0
			}
			if got := value(t, families, "kernel_log_up"); got != up {
				t.Errorf("up is %v, want %v", got, up)
			}
		})
	}
}
