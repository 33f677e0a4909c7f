package node_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kernel_exporter/collector/testkit"
)

// rejected is an event that the kernel itself reports when asked to, without harm: a
// process that may have no other beside it in its control group tries to start one.
const rejected = `kernel_log_events_total{event="pids_fork_rejected"}`

// report has the kernel report it some times.
func report(t *testing.T, times int) {
	t.Helper()
	top := "/sys/fs/cgroup/pids"
	if _, err := os.Stat(top + "/cgroup.procs"); err != nil {
		top = "/sys/fs/cgroup"
	}
	for range times {
		dir, err := os.MkdirTemp(top, "kernel_exporter-test-") //nolint:usetesting // a control group
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "pids.max"), []byte("1"), 0); err != nil {
			t.Fatal(err)
		}
		n := &node{}
		out, err := n.try("sh", "-c", `echo $$ >"$0" && exec timeout 10 true`, filepath.Join(dir, "cgroup.procs"))
		if err == nil {
			t.Fatalf("a process was started in spite of pids.max:\n%s", out)
		}
		if err := os.Remove(dir); err != nil {
			t.Fatal(err)
		}
	}
}

// counts holds the pod's counts, over all that ends a pod, to those of a process on the
// node that runs all the while. Whoever floods the log of this machine meanwhile spoils
// the comparison; then it is made again.
func counts(t *testing.T, n *node) {
	t.Helper()
	n.upgrade(t)
	reference := n.serve(t, "--kmsg.source=syslog")
	for range 5 {
		if n.undisturbed(t, reference) {
			return
		}
		t.Log("someone else has overwritten the log: once more")
	}
	t.Fatal("someone else has overwritten the log each time")
}

// undisturbed returns false if the log was overwritten before both had read it.
func (n *node) undisturbed(t *testing.T, reference string) bool {
	t.Helper()
	start, began := n.scrape(t, n.url(t, "http")), n.scrape(t, reference)
	reported := 0
	for _, step := range []struct {
		name string
		end  func()
	}{
		{"rollout restart", func() {
			n.kubectl(t, "rollout", "restart", "daemonset/kernel-exporter")
			report(t, 3)
		}},
		{"delete pod --force", func() {
			n.kubectl(t, "delete", "pods", "--all", "--force", "--grace-period=0")
			report(t, 3)
		}},
		{"kill -9", func() {
			n.run(t, "kill", "-9", n.pid(t))
			report(t, 3)
		}},
		{"helm upgrade", func() {
			n.helm(t, "upgrade", "--set", "extraArgs={--log.format=json}", "--wait")
			report(t, 3)
		}},
		{"no pod at all", func() {
			n.kubectl(t, "delete", "daemonset", "kernel-exporter")
			n.kubectl(t, "wait", "--for=delete", "pods", "--all", "--timeout="+patience.String())
			report(t, 3)
			n.upgrade(t)
		}},
	} {
		report(t, 2)
		step.end()
		reported += 5
		n.rolledOut(t)
		if !n.same(t, step.name, reference, start, began, reported) {
			return false
		}
	}
	return true
}

// same waits until the pod has counted since the start what the reference has. It returns
// false if one of the two has lost something.
func (n *node) same(t *testing.T, step, reference string, start, began testkit.Samples, reported int) bool {
	t.Helper()
	const lost = "kernel_log_lost_records_total"
	var last string
	disturbed := false
	testkit.Eventually(t, patience, func() string {
		pod, ref := n.scrape(t, n.url(t, "http")), n.scrape(t, reference)
		if disturbed = pod.Sum(lost) != start.Sum(lost) || ref.Sum(lost) != began.Sum(lost); disturbed {
			return ""
		}
		var wrong []string
		for _, name := range []string{"kernel_log_records_total", "kernel_log_untrusted_records_total", "kernel_log_events_total"} {
			if got, want := pod.Sum(name)-start.Sum(name), ref.Sum(name)-began.Sum(name); got != want {
				wrong = append(wrong, fmt.Sprintf("%s rose by %v in the pod, %v in the reference", name, got, want))
			}
		}
		if got := pod[rejected] - start[rejected]; got < float64(reported) {
			wrong = append(wrong, fmt.Sprintf("%v of %d reports", got, reported))
		}
		last = fmt.Sprintf("%v records, %v events", pod.Sum("kernel_log_records_total")-start.Sum("kernel_log_records_total"), pod.Sum("kernel_log_events_total")-start.Sum("kernel_log_events_total"))
		return strings.Join(wrong, "; ")
	})
	if !disturbed {
		t.Logf("after %s: %s since the start, as in the reference", step, last)
	}
	return !disturbed
}
