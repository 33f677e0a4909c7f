package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"kernel_exporter/collector/collectortest"
	"kernel_exporter/collector/testkit"
)

// eventually waits until what holds, and fails the test after a time.
func eventually(t *testing.T, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	testkit.Eventually(t, limit, testkit.Unless(what, holds))
}

// TestServesAndStopsOnSignals builds the program, starts it, scrapes it and
// stops it as systemd and as a terminal would.
func TestServesAndStopsOnSignals(t *testing.T) {
	t.Parallel()
	path := testkit.Build(t, ".")
	for _, signal := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		p := testkit.Start(t, exec.Command(path, "--web.listen-address=127.0.0.1:0", "--path.roots="+testdata, "--nodes=3"))
		if body, err := fetch(http.DefaultClient, p.MustURL()+"/sd"); err != nil || !strings.Contains(body, "node-00003") {
			t.Errorf("/sd: %v: %s", err, body)
		}
		if err := p.Stop(signal); err != nil {
			t.Errorf("after %s the program ended with %v, want exit code 0:\n%s", signal, err, p.Said)
		}
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var stdout, stderr testkit.Output
	if err := run(t.Context(), []string{"--help"}, &stdout, &stderr); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"--nodes=200", "--seed", "--speed", "--begin", "http_sd_configs"} {
		if strings.Count(stdout.String(), want) == 0 {
			t.Errorf("--help does not tell of %s:\n%s", want, stdout.String())
		}
	}
	if strings.Count(stdout.String(), "usage:") != 1 || stderr.String() != "" {
		t.Errorf("--help prints its text not once:\n%s%s", stdout.String(), stderr.String())
	}
}

// TestBadUsage holds what a person sees who mistyped: one line that names the
// flag, and exit code 2.
func TestBadUsage(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"--no-such-flag":            "unknown long flag '--no-such-flag'; see kernel_fleet --help",
		"dance":                     "unexpected dance",
		"--nodes=0":                 "--nodes: 0 is not between 1 and 20000",
		"--nodes=20001":             "--nodes: 20001 is not between",
		"--nodes=many":              "many",
		"--clusters=0":              "--clusters: 0 is not between 1 and 100",
		"--speed=0":                 "--speed: 0 is not above 0",
		"--speed=NaN":               "--speed: NaN is not above 0",
		"--speed=1e9":               "--speed: 1e+09 is not above 0 and at most 1e+06",
		"--start=-1h":               "--start: -1h0m0s is not between",
		"--begin=yesterday":         `--begin: "yesterday" is not a time like`,
		"--path.roots=/no/such/dir": "--path.roots: stat /no/such/dir/",
		"--web.listen-address=here": "--web.listen-address: address here: missing port",
		"--path.roots=. --web.listen-address=127.0.0.1:0": "--path.roots: stat ",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr testkit.Output
			err := run(t.Context(), strings.Fields(args), &stdout, &stderr)
			if code := exitCode(err, &stderr); code != 2 {
				t.Errorf("exit code %d of %v, want 2", code, err)
			}
			if got := stderr.String(); !strings.HasPrefix(got, "kernel_fleet: "+want) && !strings.Contains(got, want) || strings.Count(got, "\n") != 1 {
				t.Errorf("stderr is %q, want one line with %q", got, want)
			}
		})
	}
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	var stdout, stderr testkit.Output
	err = run(t.Context(), []string{"--path.roots=" + testdata, "--web.listen-address=" + listener.Addr().String()}, &stdout, &stderr)
	if code := exitCode(err, &stderr); code != 1 || !strings.Contains(stderr.String(), "address already in use") {
		t.Errorf("exit code %d, %q; want 1 and that the address is in use", code, stderr.String())
	}
}

// TestStoppedBeforeItBegan: a signal while the roots are read is no error.
func TestStoppedBeforeItBegan(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr testkit.Output
	if err := run(ctx, []string{"--path.roots=" + testdata, "--web.listen-address=127.0.0.1:0"}, &stdout, &stderr); err != nil {
		t.Errorf("run returned %v after it was stopped, want nothing", err)
	}
}

// TestBeginMakesAFleetAgain: what the log says at the start is what has to be
// given for the same fleet.
func TestBeginMakesAFleetAgain(t *testing.T) {
	t.Parallel()
	var stdout, stderr testkit.Output
	begin := collectortest.Today().Format(time.RFC3339)
	given, _, err := parse([]string{"--begin=" + begin}, &stdout, &stderr)
	if err != nil || !given.plan.Begin.Equal(collectortest.Today()) {
		t.Errorf("--begin=%s is %v, %v", begin, given.plan.Begin, err)
	}
	now, _, err := parse(nil, &stdout, &stderr)
	if err != nil {
		t.Fatal(err)
	}
	again, err := time.Parse(time.RFC3339, now.plan.Begin.Format(time.RFC3339))
	if err != nil || !again.Equal(now.plan.Begin) {
		t.Errorf("the begin %v becomes %v when it is written and read", now.plan.Begin, fmt.Sprint(again, err))
	}
}
