package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"kernel_exporter/collector/testkit"
)

// demo is a run of deploy/demo/run, in a session of its own.
type demo struct {
	cmd    *exec.Cmd
	output testkit.Output
	ports  [5]int
	temp   string // where it keeps its data
	ended  chan struct{}
	err    error
}

const demoNodes = 40

// startDemo builds the programs and starts the demo with the real servers, but
// without a Grafana, which not everyone has.
func startDemo(t *testing.T) *demo {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	path := []string{t.TempDir()}
	for _, server := range []string{"prometheus", "alertmanager"} {
		tool, err := filepath.Abs(testkit.Tool(t, server, "../../.tools/bin/"+server))
		if err != nil {
			t.Fatal(err)
		}
		path = append(path, filepath.Dir(tool))
	}
	if _, err := testkit.BuildIn(path[0], "../..."); err != nil {
		t.Fatal(err)
	}
	d := &demo{temp: t.TempDir(), ports: freePorts(t), ended: make(chan struct{})}
	d.cmd = exec.CommandContext(t.Context(), filepath.Join(root, "deploy/demo/run"))
	d.cmd.Dir = d.temp // it finds its files from anywhere
	d.cmd.Env = []string{
		"PATH=" + strings.Join(append(path, "/usr/bin", "/bin"), ":"), "HOME=" + d.temp, "TMPDIR=" + d.temp,
		fmt.Sprintf("PORT=%d", d.ports[0]), fmt.Sprintf("NODES=%d", demoNodes), "INTERVAL=1s",
	}
	d.cmd.Stdout, d.cmd.Stderr = &d.output, &d.output
	d.cmd.Cancel = func() error { return d.cmd.Process.Signal(os.Interrupt) } // a kill would leave the servers
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		d.err = d.cmd.Wait()
		close(d.ended)
	}()
	t.Cleanup(func() { <-d.ended }) // at the latest by Cancel
	return d
}

// freePorts returns five ports in a row that nobody listens on.
func freePorts(t *testing.T) (ports [5]int) {
	t.Helper()
	for first := 21000 + os.Getpid()%5000; first < 30000; first += len(ports) {
		free := true
		for i := range ports {
			ports[i] = first + i
			free = free && !answers(t.Context(), ports[i])
		}
		if free {
			return ports
		}
	}
	t.Fatal("there are no five free ports in a row")
	return ports
}

// answers says whether anyone listens on a port.
func answers(ctx context.Context, port int) bool {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// api fetches JSON from one of the demo's servers.
func (d *demo) api(server int, path string, into any) error {
	body, err := fetch(http.DefaultClient, fmt.Sprintf("http://127.0.0.1:%d%s", d.ports[server], path))
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(body), into)
}

// until waits until what holds, as long as the demo runs.
func (d *demo) until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	eventually(t, 2*time.Minute, what, func() bool {
		select {
		case <-d.ended:
			t.Fatalf("the demo ended (%v) before %s:\n%s", d.err, what, d.output.String())
		default:
		}
		return holds()
	})
}

// leftover lists the processes of the demo's session.
func (d *demo) leftover(t *testing.T) (processes []string) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile
		}
		// After the name: state, parent, group, session (proc_pid_stat(5)).
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if fields[3] == fmt.Sprint(d.cmd.Process.Pid) {
			processes = append(processes, string(stat))
		}
	}
	return processes
}

// TestDemo runs the demo as a person does: it comes up with every node scraped,
// every rule healthy and alerts on their way, and ^C leaves nothing of it.
func TestDemo(t *testing.T) {
	t.Parallel()
	const exporter, prometheus, alertmanager = 1, 2, 3
	d := startDemo(t)
	d.until(t, "it says where it serves", func() bool { return strings.Contains(d.output.String(), "^C stops everything") })
	for _, port := range d.ports[:4] {
		if !strings.Contains(d.output.String(), fmt.Sprintf("http://127.0.0.1:%d", port)) {
			t.Errorf("it does not tell of port %d:\n%s", port, d.output.String())
		}
	}

	d.until(t, "all nodes but the dark ones are up", func() bool { return d.up(prometheus) >= demoNodes-3 })
	var policy []string
	d.until(t, "an alert of the policy is pending", func() bool {
		policy = d.alerts(prometheus, "KernelTooOld")
		return len(policy) > 0
	})
	for _, fault := range d.unhealthy(t, prometheus) {
		t.Errorf("unhealthy rule: %s", fault)
	}

	// An alert leads to its runbook.
	runbook := regexp.MustCompile(`http://127\.0\.0\.1:\d+/runbooks/KernelTooOld`).FindString(strings.Join(policy, " "))
	if body, err := fetch(http.DefaultClient, runbook); err != nil || !strings.Contains(body, "Mitigation") || !strings.Contains(runbook, fmt.Sprint(d.ports[exporter])) {
		t.Errorf("the runbook %q of KernelTooOld: %v", runbook, err)
	}
	d.checkAlertmanager(t, alertmanager, prometheus)

	if err := d.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	select {
	case <-d.ended:
	case <-time.After(time.Minute):
		t.Fatalf("it has not ended a minute after ^C; left are\n%s", strings.Join(d.leftover(t), ""))
	}
	if d.err != nil {
		t.Errorf("after ^C it ended with %v, want exit code 0:\n%s", d.err, d.output.String())
	}
	if left := d.leftover(t); left != nil {
		t.Errorf("processes are left:\n%s", strings.Join(left, ""))
	}
	for _, port := range d.ports {
		if answers(t.Context(), port) {
			t.Errorf("someone still listens on port %d", port)
		}
	}
	if files, err := os.ReadDir(d.temp); err != nil || len(files) > 0 {
		t.Errorf("files are left: %v %v", files, err)
	}
}

// up counts the targets that Prometheus scrapes well.
func (d *demo) up(prometheus int) (n int) {
	var answer struct {
		Data struct {
			ActiveTargets []struct{ Health string }
		}
	}
	if d.api(prometheus, "/api/v1/targets?state=active", &answer) != nil {
		return 0
	}
	for _, target := range answer.Data.ActiveTargets {
		if target.Health == "up" {
			n++
		}
	}
	return n
}

// alerts returns the runbooks of the pending and firing alerts with a name.
func (d *demo) alerts(prometheus int, name string) (runbooks []string) {
	var answer struct {
		Data struct {
			Alerts []struct{ Labels, Annotations map[string]string }
		}
	}
	if d.api(prometheus, "/api/v1/alerts", &answer) != nil {
		return nil
	}
	for _, a := range answer.Data.Alerts {
		if a.Labels["alertname"] == name {
			runbooks = append(runbooks, a.Annotations["runbook_url"])
		}
	}
	return runbooks
}

// unhealthy lists the rules that failed. Those that are evaluated more seldom
// may not have run yet.
func (d *demo) unhealthy(t *testing.T, prometheus int) (faults []string) {
	t.Helper()
	var answer struct {
		Data struct {
			Groups []struct {
				Rules []struct {
					Name, Health, LastError string
					Duration                float64
				}
			}
		}
	}
	if err := d.api(prometheus, "/api/v1/rules", &answer); err != nil {
		t.Fatal(err)
	}
	rules := 0
	for _, g := range answer.Data.Groups {
		for _, r := range g.Rules {
			rules++
			if r.Duration == 3600 {
				faults = append(faults, r.Name+": waits for an hour, which is a minute in the demo")
			}
			if r.Health == "err" {
				faults = append(faults, r.Name+": "+r.LastError)
			}
		}
	}
	if rules < 30 {
		t.Errorf("Prometheus has %d rules, want those of alerts/kernel.yaml", rules)
	}
	return faults
}

// checkAlertmanager: it is known to Prometheus, has the routes of the example,
// and no receiver that would send anything anywhere.
func (d *demo) checkAlertmanager(t *testing.T, alertmanager, prometheus int) {
	t.Helper()
	var known struct {
		Data struct{ ActiveAlertmanagers []struct{ URL string } }
	}
	if err := d.api(prometheus, "/api/v1/alertmanagers", &known); err != nil || len(known.Data.ActiveAlertmanagers) != 1 {
		t.Errorf("Prometheus knows the Alertmanagers %v (%v), want one", known, err)
	}
	var status struct{ Config struct{ Original string } }
	if err := d.api(alertmanager, "/api/v2/status", &status); err != nil {
		t.Fatal(err)
	}
	if config := status.Config.Original; strings.Contains(config, "_configs:") || !strings.Contains(config, "- name: pager") || !strings.Contains(config, "inhibit_rules:") {
		t.Errorf("the configuration has a receiver that sends, or lacks the example's routes:\n%s", config)
	}
}

// TestDemoFailsInOneLine: what a person can mend is said in a line that says
// how, and nothing is started.
func TestDemoFailsInOneLine(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	_, taken, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	commands := t.TempDir() // that are there, and never started
	for _, name := range []string{"kernel_fleet", "kernel_exporter", "prometheus", "alertmanager"} {
		if err := os.WriteFile(filepath.Join(commands, name), []byte("#!/bin/sh\necho started; exit 1\n"), 0o755); err != nil { //nolint:gosec // to be run
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct{ path, setting, want string }{
		"port taken":     {commands, "PORT=" + taken, "port " + taken + " is taken; give the first of five free ones"},
		"no port":        {commands, "PORT=http", "PORT=http is not a port"},
		"port too high":  {commands, "PORT=65532", "PORT=65532 is not a port"},
		"no number":      {commands, "NODES=many", "NODES=many is not a number"},
		"no Grafana":     {commands, "GRAFANA_HOME=/no/such/dir", "GRAFANA_HOME: /no/such/dir has no"},
		"without a tool": {t.TempDir(), "NODES=1", "kernel_fleet is not on PATH: run it by make demo"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), "../../deploy/demo/run")
			cmd.Env = []string{"PATH=" + test.path + ":/usr/bin:/bin", fmt.Sprintf("PORT=%d", freePorts(t)[0]), test.setting}
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.HasPrefix(string(out), "demo: "+test.want) || strings.Count(string(out), "\n") != 1 {
				t.Errorf("%v: %q, want one line that begins with %q", err, out, "demo: "+test.want)
			}
		})
	}
}
