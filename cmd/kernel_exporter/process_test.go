package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/collectortest"
	"kernel_exporter/collector/testkit"
)

// nobody is a user without any rights of its own.
const nobody = 65534

// programDir holds the built program; every user may enter it.
var programDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "kernel_exporter-test-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	programDir = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// executable builds the program once and returns its path.
var executable = sync.OnceValues(func() (string, error) { return testkit.BuildIn(programDir, ".") })

// needRoot skips a test that has to become other users.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		testkit.Missing(t, "needs root, to run the program as other users")
	}
}

// process starts the program as a process of its own and returns its address,
// and a way to stop it that returns how it ended.
func process(t *testing.T, attr *syscall.SysProcAttr, args ...string) (url string, stop func() error) {
	t.Helper()
	c := start(t, launch{attr: attr}, args...)
	stop = func() error {
		_ = c.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		select {
		case <-c.done:
		case <-time.After(20 * time.Second):
			c.kill()
			t.Errorf("the program did not stop within 20 s of SIGTERM:\n%s", c.logged)
		}
		return c.p.Err()
	}
	t.Cleanup(func() { _ = stop() })
	return c.address(), stop
}

func as(uid uint32, capabilities ...uintptr) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Credential:  &syscall.Credential{Uid: uid, Gid: uid},
		AmbientCaps: capabilities,
	}
}

func TestStopsOnSIGTERM(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs(testdata + "/debian-12-6.1")
	if err != nil {
		t.Fatal(err)
	}
	url, stop := process(t, nil, "--path.rootfs="+root)
	get(t, url+"/-/healthy")
	if err := stop(); err != nil {
		t.Errorf("the program ended with %v, want exit code 0", err)
	}
}

// withoutPermission lists the files of the root "unreadable" that nobody may
// read; git keeps no such modes.
func withoutPermission(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile(testdata + "/unreadable/no-permission.txt")
	if err != nil {
		t.Fatal(err)
	}
	files := strings.Fields(string(b))
	if len(files) < 3 {
		t.Fatalf("%d files are to be without permission, want at least 3", len(files))
	}
	return files
}

// TestGoldenUnreadable runs the program, as a user without privileges, over a
// root in which nearly everything is missing, damaged or closed.
func TestGoldenUnreadable(t *testing.T) {
	t.Parallel()
	needRoot(t)
	root, err := os.MkdirTemp("", "unreadable-") //nolint:usetesting // nobody may not enter t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	if err := os.CopyFS(root, os.DirFS(testdata+"/unreadable")); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = os.Chmod(path, 0o755)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range withoutPermission(t) {
		if err := os.Chmod(filepath.Join(root, f), 0); err != nil {
			t.Fatal(err)
		}
	}

	url, _ := process(t, as(nobody), "--path.rootfs="+root)
	body, _ := get(t, url+"/metrics")
	// The process has the clock of this machine.
	body = regexp.MustCompile(`(?m)^kernel_time_seconds .*$`).ReplaceAllString(body, fmt.Sprintf("kernel_time_seconds %g", float64(collectortest.Today().Unix())))
	collectortest.Compare(t, testdata+"/unreadable/metrics.prom", collectortest.Stable([]byte(body)))
}

// TestUnprivileged runs the program on this machine's kernel as a user without
// any capability: it serves, and says what it could not read.
func TestUnprivileged(t *testing.T) {
	t.Parallel()
	needRoot(t)
	url, _ := process(t, as(nobody))
	body, _ := get(t, url+"/metrics")
	for _, want := range []string{
		`kernel_scrape_collector_success{collector="kernel"} 1`,
		`kernel_scrape_collector_success{collector="slab"} 0`,
		"kernel_slab_unreclaimable_bytes ",
		"kernel_version_major ",
	} {
		if !strings.Contains(body, "\n"+want) {
			t.Errorf("lacks %q", want)
		}
	}
	if strings.Contains(body, "kernel_slab_cache_bytes{") {
		t.Error("slab caches are there although /proc/slabinfo is closed to others")
	}
	if restricted(t) {
		for _, want := range []string{
			`kernel_scrape_collector_success{collector="log"} 0`, "kernel_log_up 0", `kernel_log_source_info{source="none"} 1`,
		} {
			if !strings.Contains(body, "\n"+want) {
				t.Errorf("lacks %q", want)
			}
		}
		if strings.Contains(body, "kernel_log_events_total{") {
			t.Error("events are counted although the log cannot be read")
		}
	}
}

// TestTwoCapabilitiesSuffice runs the program on this machine's kernel with
// CAP_SYSLOG and CAP_DAC_READ_SEARCH alone: it reads everything.
func TestTwoCapabilitiesSuffice(t *testing.T) {
	t.Parallel()
	needRoot(t)
	url, _ := process(t, as(nobody, unix.CAP_SYSLOG, unix.CAP_DAC_READ_SEARCH))
	body, _ := get(t, url+"/metrics")
	if !strings.Contains(body, "\nkernel_log_up 1\n") {
		t.Error("the kernel log is not read")
	}
	if !strings.Contains(body, "\nkernel_slab_cache_bytes{") {
		t.Error("slab caches are missing")
	}
	for l := range strings.Lines(body) {
		if strings.HasPrefix(l, "kernel_scrape_collector_success") && !strings.HasSuffix(l, " 1\n") {
			t.Errorf("not all could be read: %s", l)
		}
	}
}

// restricted says whether only CAP_SYSLOG may read the kernel log here.
func restricted(t *testing.T) bool {
	t.Helper()
	b, err := os.ReadFile("/proc/sys/kernel/dmesg_restrict")
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b)) == "1"
}
