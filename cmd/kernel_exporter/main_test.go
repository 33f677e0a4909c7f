package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kernel_exporter/collector/collectortest"
	"kernel_exporter/collector/testkit"
)

const testdata = "../../collector/testdata"

// waitForAddress returns where the program listens, from its log.
func waitForAddress(t testing.TB, log *testkit.Output, ended <-chan struct{}) string {
	t.Helper()
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	late := time.After(30 * time.Second)
	for {
		if url := log.Address(); url != "" {
			return url
		}
		select {
		case <-ended:
			t.Fatalf("the program ended early:\n%s", log)
		case <-late:
			t.Fatalf("the program does not listen after 30 s:\n%s", log)
		case <-poll.C:
		}
	}
}

// serve runs the program in this process until the test ends, and returns its
// address.
func serve(t *testing.T, args ...string) string {
	t.Helper()
	url, _ := serveAndStop(t, args...)
	return url
}

// serveAndStop is serve for a test that has to stop the program before its end.
func serveAndStop(t *testing.T, args ...string) (url string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var stdout, stderr testkit.Output
	ended := make(chan struct{})
	var err error
	go func() {
		defer close(ended)
		p := program{stdout: &stdout, stderr: &stderr, now: collectortest.Today}
		err = p.run(ctx, append([]string{"--web.listen-address=127.0.0.1:0"}, args...))
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		<-ended
		if err != nil {
			t.Errorf("run returned %v after it was stopped, want nothing", err)
		}
	})
	t.Cleanup(stop)
	return waitForAddress(t, &stderr, ended), stop
}

// get fetches a page; every status but 200 fails the test.
func get(t *testing.T, url string, header ...string) (string, http.Header) {
	t.Helper()
	status, answered, body := fetch(t, url, header...)
	if status != http.StatusOK {
		t.Fatalf("GET %s: status %d\n%s", url, status, body)
	}
	return body, answered
}

// fetch fetches a page with whatever status.
func fetch(t *testing.T, url string, header ...string) (status int, answered http.Header, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(content)
}

func TestServesEveryRecordedNode(t *testing.T) {
	t.Parallel()
	for node, root := range collectortest.Nodes(t, testdata) {
		if node == collectortest.Unreadable {
			continue // needs a user without privileges: TestGoldenUnreadable
		}
		t.Run(node, func(t *testing.T) {
			t.Parallel()
			body, _ := get(t, serve(t, "--path.rootfs="+root)+"/metrics")
			collectortest.Compare(t, filepath.Join(root, "metrics.prom"), collectortest.Stable([]byte(body)))
		})
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	url := serve(t, "--path.rootfs="+filepath.Join(testdata, "debian-12-6.1"), "--web.telemetry-path=/kernel")
	for path, want := range map[string]string{
		"/":          `<a href="./kernel">`,
		"/-/healthy": "Healthy.\n",
		"/-/ready":   "Ready.\n",
		"/kernel":    `kernel_info{machine="x86_64",release="6.1.0-50-cloud-amd64"`,
	} {
		if body, _ := get(t, url+path); !strings.Contains(body, want) {
			t.Errorf("GET %s lacks %q:\n%s", path, want, body)
		}
	}
	response, err := http.Get(url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusNotFound {
		t.Errorf("GET /metrics with another telemetry path: %s, want 404", response.Status)
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	url := serve(t, "--path.rootfs="+filepath.Join(testdata, "debian-sid-7.2")) + "/metrics"
	for accept, want := range map[string]string{
		"": "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
		"application/openmetrics-text; version=1.0.0":                                                  "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
		"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited": "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores",
	} {
		body, header := get(t, url, "Accept", accept)
		if got := header.Get("Content-Type"); got != want {
			t.Errorf("Accept %q is answered with %q, want %q", accept, got, want)
		}
		if strings.Contains(body, "_created") {
			t.Errorf("Accept %q: created timestamps stand as samples of their own", accept)
		}
	}
}

func TestExporterMetricsCanBeLeftOut(t *testing.T) {
	t.Parallel()
	root := "--path.rootfs=" + filepath.Join(testdata, "debian-12-6.1")
	with, _ := get(t, serve(t, root)+"/metrics")
	without, _ := get(t, serve(t, root, "--web.disable-exporter-metrics")+"/metrics")
	for _, name := range []string{"go_goroutines", "process_open_fds", "promhttp_metric_handler_requests_total"} {
		if !strings.Contains(with, "\n"+name) {
			t.Errorf("%s is missing", name)
		}
		if strings.Contains(without, name) {
			t.Errorf("%s is there although it was switched off", name)
		}
	}
	if !strings.Contains(without, "\nkernel_exporter_build_info{") {
		t.Error("kernel_exporter_build_info is missing")
	}
}

func TestCollectorFlags(t *testing.T) {
	t.Parallel()
	root := "--path.rootfs=" + filepath.Join(testdata, "debian-12-6.1")
	for name, test := range map[string]struct {
		args       []string
		has, lacks string
	}{
		"one off":         {[]string{"--no-collector.slab"}, `{collector="kernel"} 1`, `{collector="slab"}`},
		"only one":        {[]string{"--collector.disable-defaults", "--collector.slab"}, `{collector="slab"} 1`, `{collector="kernel"}`},
		"top":             {[]string{"--collector.slab.top=0"}, `kernel_slab_cache_bytes{cache="other"}`, `cache="kmalloc`},
		"without the log": {[]string{"--no-collector.log"}, `{collector="overlayfs"} 1`, "kernel_log_up"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, _ := get(t, serve(t, append(test.args, root)...)+"/metrics")
			if !strings.Contains(body, test.has) || strings.Contains(body, test.lacks) {
				t.Errorf("%v: want %q and not %q:\n%s", test.args, test.has, test.lacks, body)
			}
		})
	}
}

// A container store in a place of one's own is looked at too.
func TestStoresOfOnesOwn(t *testing.T) {
	t.Parallel()
	store := t.TempDir()
	if err := os.WriteFile(filepath.Join(store, "layer"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	body, _ := get(t, serve(t, "--collector.dtype-paths="+store)+"/metrics")
	if want := `kernel_overlayfs_dtype_supported{path="` + store + `"} 1`; !strings.Contains(body, want) {
		t.Errorf("no %s in:\n%s", want, body)
	}
}

// TestStateFile holds that serve keeps what it counted, and that check, which
// leaves nothing behind, has no such flag.
func TestStateFile(t *testing.T) {
	t.Parallel()
	root := "--path.rootfs=" + filepath.Join(testdata, "centos-7.9-3.10-leaking")
	state := filepath.Join(t.TempDir(), "state")
	var kept, before []byte
	for range 2 { // the second goes on with what the first has left
		url, stop := serveAndStop(t, root, "--state.file="+state, "--kmsg.source=kmsg")
		body, _ := get(t, url+"/metrics")
		collectortest.Compare(t, filepath.Join(testdata, "centos-7.9-3.10-leaking", "metrics.prom"), collectortest.Stable([]byte(body)))
		stop()
		var err error
		if kept, err = os.ReadFile(state); err != nil {
			t.Fatal(err)
		}
		if before != nil && !bytes.Equal(kept, before) {
			t.Errorf("the state has changed though the log has not:\n%s\nbefore:\n%s", kept, before)
		}
		before = kept
	}
	if !bytes.Contains(kept, []byte("netdev_leak")) {
		t.Errorf("the state lacks the events of the log:\n%s", kept)
	}
	hosts := filepath.Join(t.TempDir(), "hosts")
	if err := os.WriteFile(hosts, []byte("127.0.0.1 localhost\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var exit exitError
	err := (program{stdout: io.Discard, stderr: io.Discard, now: collectortest.Today}).run(t.Context(), []string{root, "--state.file=" + hosts, "--web.listen-address=127.0.0.1:0"})
	if !errors.As(err, &exit) || exit.code != exitUsage || !strings.Contains(err.Error(), hosts) {
		t.Errorf("with somebody's file for the state serve ends with %v", err)
	}
	if b, err := os.ReadFile(hosts); err != nil || string(b) != "127.0.0.1 localhost\n" {
		t.Errorf("somebody's file is %q now, %v", b, err)
	}
	if out, code := check(t, root, "--state.file="+state); code != exitUsage {
		t.Errorf("check --state.file ends with %d, want %d:\n%s", code, exitUsage, out)
	}
	if out, code := check(t, root, "--kmsg.source=kmsg"); code == exitUsage {
		t.Errorf("check --kmsg.source is bad usage:\n%s", out)
	}
}

func TestVersionAndHelp(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{"--version": "kernel_exporter ", "--help": "--path.rootfs"} {
		var stdout, stderr testkit.Output
		if err := (program{stdout: &stdout, stderr: &stderr, now: collectortest.Today}).run(t.Context(), []string{arg}); err != nil {
			t.Errorf("%s: %v", arg, err)
		}
		if all := stdout.String() + stderr.String(); !strings.Contains(all, want) {
			t.Errorf("%s prints no %q:\n%s", arg, want, all)
		}
	}
}

// TestBadUsage holds what a person sees who mistyped: one line that names the
// flag, and exit code 2.
func TestBadUsage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"unknown flag":     {[]string{"--no-such-flag"}, "--no-such-flag"},
		"unknown command":  {[]string{"dance"}, "dance"},
		"root missing":     {[]string{"--path.rootfs=/no/such/dir"}, "--path.rootfs: stat /no/such/dir: no such file or directory"},
		"root is a file":   {[]string{"--path.rootfs=main.go"}, "main.go: not a directory"},
		"negative top":     {[]string{"--collector.slab.top=-1"}, "--collector.slab.top: -1 is not between 0 and"},
		"huge top":         {[]string{"--collector.slab.top=100000"}, "--collector.slab.top"},
		"relative store":   {[]string{"--collector.dtype-paths=data"}, `--collector.dtype-paths: "data" is not a directory's absolute path`},
		"no time":          {[]string{"--collector.timeout=0s"}, "--collector.timeout: 0s is not above 0"},
		"no number":        {[]string{"--collector.slab.top=x"}, `--collector.slab.top: "x": `},
		"no unit":          {[]string{"--collector.timeout=5"}, `--collector.timeout: "5": `},
		"web config":       {[]string{"--web.config.file=/nonexistent"}, "--web.config.file: open /nonexistent: "},
		"runbooks' path":   {[]string{"--web.telemetry-path=/runbooks/metrics"}, "conflicts with a built-in page"},
		"taken path":       {[]string{"--web.telemetry-path=/-/healthy"}, "conflicts with a built-in page"},
		"negative scrapes": {[]string{"--web.max-requests=-1"}, "--web.max-requests: -1 is below 0"},
		"unknown source":   {[]string{"--kmsg.source=journal"}, "auto, kmsg, syslog"},
		"bad level":        {[]string{"--log.level=loud"}, "loud"},
		"telemetry path":   {[]string{"--web.telemetry-path=metrics"}, "--web.telemetry-path"},
		"no port":          {[]string{"--web.listen-address=localhost"}, `--web.listen-address: "localhost": missing port in address; write it as :10044`},
		"port too large":   {[]string{"--web.listen-address=:99999"}, `--web.listen-address: ":99999": "99999" is no port`},
		"mistyped flag":    {[]string{"--web.listen-addr=:1"}, "unknown flag --web.listen-addr, did you mean --web.listen-address?; see kernel_exporter --help"},
		"of another":       {[]string{"check", "--fail-onn=x"}, "unknown flag --fail-onn, did you mean --fail-on?; see kernel_exporter check --help"},
		"no collector":     {[]string{"--collector.disable-defaults"}, "--collector.disable-defaults: no collector is left"},
		"root empty":       {[]string{"--path.rootfs="}, "--path.rootfs: empty"},
		"command too late": {[]string{"--log.level=debug", "check"}, "check is a command and has to be the first argument"},
		"version":          {[]string{"version"}, `"version" is no command`},
		"print nothing":    {[]string{"print", "nope"}, `WHAT: "nope": not one of alerts`},
		"release empty":    {[]string{"check", "--kernel-release="}, "--kernel-release: empty"},
		"another release":  {[]string{"check", "--path.rootfs=" + testdata + "/debian-12-6.1", "--kernel-release=6.8.0-60-generic"}, `--kernel-release: "6.8.0-60-generic" contradicts the root: the kernel below`},
		"root path":        {[]string{"--web.telemetry-path=/"}, "--web.telemetry-path"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr testkit.Output
			err := (program{stdout: &stdout, stderr: &stderr, now: collectortest.Today}).run(t.Context(), test.args)
			var exit exitError
			if !errors.As(err, &exit) || exit.code != exitUsage {
				t.Fatalf("run returned %v, want a usage error", err)
			}
			if !strings.Contains(err.Error(), test.want) || strings.Contains(oneLine(err.Error()), "\n") {
				t.Errorf("error is %q, want one line with %q", err, test.want)
			}
		})
	}
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	root := "--path.rootfs=" + filepath.Join(testdata, "debian-12-6.1")
	taken := strings.TrimPrefix(serve(t, root), "http://")
	var stdout, stderr testkit.Output
	err := (program{stdout: &stdout, stderr: &stderr, now: collectortest.Today}).run(t.Context(), []string{root, "--web.listen-address=" + taken})
	if err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("run returned %v, want an error that says that the address is in use", err)
	}
}
