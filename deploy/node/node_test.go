// Package node_test installs the chart on a real Kubernetes node, and looks whether the
// pod is what docs/install.md says of it: what it may do, what it reports, and that a
// rollout loses and doubles nothing.
//
// It needs root, a cluster whose node is this machine, and its kubectl; make node says
// how to name them. Without the flag -node nothing runs: the cluster is changed, and
// the kernel's log is written to.
package node_test

import (
	"bytes"
	"flag"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"kernel_exporter/collector/testkit"
)

var (
	enabled    = flag.Bool("node", false, "change the cluster that kubectl is set to")
	onNode     = flag.String("on-node", "", "a command that runs another on the node, which sees this machine's files; nothing where this machine is the node")
	load       = flag.String("load", "", "a command that takes the path of an image archive and imports it; nothing where the node has the image")
	crds       = flag.String("crds", "", "a directory with the definitions of PodMonitor and PrometheusRule, to be applied")
	prometheus = flag.String("prometheus", "", "a Prometheus that was built with the discovery of Kubernetes")
)

const (
	namespace = "kernel-exporter"
	chart     = "../helm/kernel-exporter"
	plain     = "../kubernetes/kernel-exporter.yaml"
	port      = "10044"
	patience  = 90 * time.Second
)

// A node is a cluster of one, with the program as a pod and as a process of root.
type node struct {
	program string // the built exporter
	values  string // a file of values that every installation has
}

// run runs a command on the node and returns its stdout; it fails the test with stderr.
func (n *node) run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := n.try(args...)
	if err != nil {
		t.Fatalf("%s: %v", strings.Join(args, " "), err)
	}
	return out
}

func (n *node) try(args ...string) (string, error) {
	args = append(strings.Fields(*onNode), args...)
	cmd := exec.Command(args[0], args[1:]...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%w\n%s%s", err, out, stderr.String())
	}
	return string(out), err
}

func (n *node) kubectl(t *testing.T, args ...string) string {
	t.Helper()
	return n.run(t, append([]string{"kubectl", "--namespace", namespace}, args...)...)
}

// makeNamespace makes the namespace as docs/install.md says.
func (n *node) makeNamespace(t *testing.T) {
	t.Helper()
	n.run(t, "kubectl", "create", "namespace", namespace)
	n.run(t, "kubectl", "label", "namespace", namespace, "pod-security.kubernetes.io/enforce=privileged")
}

// helm renders, installs or upgrades the chart.
func (n *node) helm(t *testing.T, verb string, args ...string) string {
	t.Helper()
	return n.run(t, append([]string{"helm", verb, namespace, chart, "--namespace", namespace, "--values", n.values}, args...)...)
}

// upgrade sets the values of the release, and waits until its pods run.
func (n *node) upgrade(t *testing.T, args ...string) {
	t.Helper()
	n.helm(t, "upgrade", append([]string{"--install", "--wait", "--timeout", patience.String()}, args...)...)
	n.rolledOut(t)
}

func (n *node) rolledOut(t *testing.T) {
	t.Helper()
	n.kubectl(t, "rollout", "status", "daemonset/kernel-exporter", "--timeout", patience.String())
	testkit.Eventually(t, patience, func() string {
		pods := strings.Fields(n.kubectl(t, "get", "pods", "--output", "name"))
		if len(pods) != 1 {
			return fmt.Sprintf("%d pods, not one", len(pods))
		}
		return ""
	})
}

// url returns the address of the pod.
func (n *node) url(t *testing.T, scheme string) string {
	t.Helper()
	return scheme + "://" + n.kubectl(t, "get", "pods", "--output", "jsonpath={.items[0].status.podIP}") + ":" + port
}

// scrape returns the samples of a page, once the kernel log has been read.
func (n *node) scrape(t *testing.T, url string) testkit.Samples {
	t.Helper()
	var s testkit.Samples
	testkit.Eventually(t, patience, func() string {
		body, err := n.try("curl", "-fsS", "-m", "10", url+"/metrics")
		if err != nil {
			return err.Error()
		}
		if s = testkit.ParseSamples(t, body); s["kernel_log_up"] != 1 || !s.Has("kernel_log_records_total") {
			return "the kernel log has not been read:\n" + body
		}
		return ""
	})
	return s
}

// pid returns the number of the pod's process, as the node counts.
func (n *node) pid(t *testing.T) string {
	t.Helper()
	var pids []string
	testkit.Eventually(t, patience, func() string {
		out, _ := n.try("sh", "-c", `grep -lsF -e --path.rootfs=/host /proc/[0-9]*/cmdline; true`)
		pids = nil
		for file := range strings.FieldsSeq(out) {
			name := n.run(t, "sh", "-c", "cat "+filepath.Dir(file)+"/comm 2>/dev/null || true")
			if strings.TrimSpace(name) == "kernel_exporter" {
				pids = append(pids, filepath.Base(filepath.Dir(file)))
			}
		}
		if len(pids) != 1 {
			return fmt.Sprintf("the processes %v, not one", pids)
		}
		return ""
	})
	return pids[0]
}

// serve starts the program as root of the node, and returns its address.
func (n *node) serve(t *testing.T, args ...string) string {
	t.Helper()
	return n.start(t, append([]string{n.program, "serve", "--web.listen-address=127.0.0.1:0"}, args...)...)
}

// start starts a server on the node, until the test ends, and returns its address.
func (n *node) start(t *testing.T, args ...string) string {
	t.Helper()
	args = append(strings.Fields(*onNode), args...)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second
	p := testkit.Start(t, cmd)
	// The command that enters the node does not hand a signal on.
	t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) })
	return p.MustURL()
}

// TestNode goes through the life of an installation, one step after the other.
//
//nolint:paralleltest // there is one node
func TestNode(t *testing.T) {
	if !*enabled {
		t.Skip("it changes a cluster: make node runs it")
	}
	n := &node{program: testkit.Build(t, "../../cmd/kernel_exporter"), values: testkit.File(t, "values.yaml", "hostPaths: {stores: [/var/lib/containerd]}\n")}
	if *load != "" {
		archives, err := filepath.Glob("../../dist/kernel-exporter-*.linux-" + runtime.GOARCH + ".oci.tar")
		if err != nil || len(archives) == 0 {
			t.Fatalf("no image in dist: %v", err)
		}
		for _, archive := range archives {
			loadImage(t, archive)
		}
	}
	_, _ = n.try("kubectl", "delete", "namespace", namespace, "--ignore-not-found") // of a run that was killed
	n.makeNamespace(t)
	t.Cleanup(func() { n.run(t, "kubectl", "delete", "namespace", namespace, "--ignore-not-found") })
	for _, step := range []struct {
		name string
		run  func(*testing.T, *node)
	}{
		{"kubectl apply of the plain file", plainFile},
		{"dry run of every object", dryRun},
		{"what the pod may do", privileges},
		{"the first verdict", verdict},
		{"pod and host report the same", asOnHost},
		{"a cgroup v1 node", cgroupV1},
		{"Docker's layout of a store", dockersLayout},
		{"Prometheus finds it", discovered},
		{"nothing lost, nothing doubled", counts},
		{"TLS and a password", webConfig},
	} {
		if !t.Run(step.name, func(t *testing.T) { step.run(t, n) }) {
			t.Log(n.try("kubectl", "--namespace", namespace, "get", "events", "--field-selector", "type=Warning"))
			t.Log(n.try("kubectl", "--namespace", namespace, "logs", "daemonset/kernel-exporter"))
		}
	}
}

func loadImage(t *testing.T, archive string) {
	t.Helper()
	abs, err := filepath.Abs(archive)
	if err != nil {
		t.Fatal(err)
	}
	args := append(strings.Fields(*load), abs)
	if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
