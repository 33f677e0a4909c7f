package e2e_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/testkit"
)

const (
	recorded = "../../collector/testdata/debian-12-6.1"
	policies = "../../collector/policy"
)

// build builds the program as it is shipped and returns its path.
func build(t *testing.T) string {
	t.Helper()
	return testkit.Build(t, "../../cmd/kernel_exporter")
}

// currentPolicy returns a copy of the policy that is of today: an alert of its
// age would say after three days what the real one says after half a year.
func currentPolicy(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files, err := filepath.Glob(policies + "/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has %d files of the policy (%v)", policies, len(files), err)
	}
	updated := regexp.MustCompile(`(?m)^updated: .*$`)
	for _, f := range files {
		content := updated.ReplaceAllString(read(t, f), "updated: "+time.Now().UTC().Format(time.DateOnly))
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(f)), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A node is a recorded healthy node with a real exporter on it. Its kernel log
// is a FIFO, to which the test writes what a kernel would.
type node struct {
	name, cluster string // no cluster: the label is not there
	root          string
	fleet         *fleet
	log           *os.File

	mu       sync.Mutex
	exporter *process
	starts   int // the exporter's, which in Kubernetes are as many pods

	writing sync.Mutex // apart, as a write waits for an exporter
	seq     int        // of the next record
}

// fleet is all nodes, and how Prometheus finds them.
type fleet struct {
	processes *processes
	program   string // kernel_exporter
	policy    string
	targets   string // file of the discovery
	nodes     []*node
	began     time.Time

	mu sync.Mutex // over the file
}

func (f *fleet) add(t *testing.T, name, cluster string) {
	t.Helper()
	n := &node{name: name, cluster: cluster, root: t.TempDir(), fleet: f}
	if err := os.CopyFS(n.root, os.DirFS(recorded)); err != nil {
		t.Fatal(err)
	}
	// The operating system is supported for ever, and the kernel with it.
	n.edit(t, "etc/os-release", `\z`, "SUPPORT_END=9999-12-31\n")
	// The kernel repeats a message each 10 s, and is believed to have stopped
	// after three times that. Here it repeats it each second, and 2 leave room.
	n.edit(t, "proc/sys/net/core/netdev_unregister_timeout_secs", `10`, "2")
	n.makeLog(t)
	n.start(t)
	f.nodes = append(f.nodes, n)
}

// edit changes a file of the node.
func (n *node) edit(t *testing.T, name, pattern, replacement string) {
	t.Helper()
	path, re := filepath.Join(n.root, name), regexp.MustCompile(pattern)
	content := read(t, path)
	if !re.MatchString(content) {
		t.Fatalf("%s has nothing like %s", path, pattern)
	}
	// Not in place: a reader finds the old file or the new one.
	if err := os.WriteFile(path+".new", []byte(re.ReplaceAllString(content, replacement)), 0o644); err != nil { //nolint:gosec // as it is on a node
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// makeLog puts a FIFO in the place of the kernel log. The test keeps both ends
// open, so that neither a write fails nor a record is lost without an exporter.
func (n *node) makeLog(t *testing.T) {
	t.Helper()
	path := filepath.Join(n.root, "dev/kmsg")
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	n.fleet.processes.t.Cleanup(func() { log.Close() })
	n.log = log
}

// start starts the exporter where it was before, if it was.
func (n *node) start(t *testing.T) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	address := "127.0.0.1:0"
	if n.exporter != nil {
		address = strings.TrimPrefix(n.exporter.url, "http://")
	}
	eventually(t, "the exporter of "+n.name+" starts", func() string { // another program may have the port for a moment
		s, err := n.fleet.processes.start(n.fleet.program, "--web.listen-address="+address, "--path.rootfs="+n.root, "--policy.dir="+n.fleet.policy)
		if err != nil {
			return err.Error()
		}
		n.exporter = s
		n.starts++
		return ""
	})
}

// kill ends the exporter as the kernel would for want of memory.
func (n *node) kill() { n.exporter.stop(syscall.SIGKILL) }

// reboots takes the node down for some time, and starts it with a new boot and an empty
// log.
func (n *node) reboots(t *testing.T, down time.Duration) {
	t.Helper()
	n.exporter.stop(syscall.SIGTERM)
	<-time.After(down)
	n.edit(t, "proc/stat", `btime \d+`, fmt.Sprintf("btime %d", time.Now().Unix()))
	n.edit(t, "proc/uptime", `\A\S+`, "1.00")
	n.edit(t, "proc/sys/kernel/random/boot_id", `.*`, fmt.Sprintf("00000000-0000-4000-8000-%012d", n.starts))
	n.writing.Lock()
	n.seq = 0
	n.writing.Unlock()
	n.makeLog(t)
	n.start(t)
	n.fleet.discover(t)
}

// restart replaces the exporter's pod by a new one.
func (n *node) restart(t *testing.T) {
	t.Helper()
	n.exporter.stop(syscall.SIGTERM)
	n.start(t)
	n.fleet.discover(t)
}

// labels returns those of an alert of the node.
func (n *node) labels(alertname, severity string, more ...string) map[string]string {
	all := clusterLabels(n.cluster, alertname, severity, more...)
	all["instance"] = n.name
	return all
}

// clusterLabels returns the labels of an alert of a cluster.
func clusterLabels(cluster, alertname, severity string, more ...string) map[string]string {
	kind := "symptom"
	if strings.HasPrefix(alertname, "KernelExporter") || strings.HasPrefix(alertname, "KernelLog") || alertname == "KernelAlertsWatchdog" {
		kind = "trust"
	}
	all := map[string]string{"alertname": alertname, "severity": severity, "kind": kind, "job": "kernel_exporter"}
	if cluster != "" {
		all["cluster"] = cluster
	}
	maps.Copy(all, labels(strings.Join(more, " ")))
	return all
}

// says writes records to the node's kernel log. Each begins with its level, as
// in the kernel's source: "<3>text"; level and facility are one number.
func (n *node) says(lines ...string) error {
	n.writing.Lock()
	defer n.writing.Unlock()
	var b strings.Builder
	for _, l := range lines {
		priority, text, ok := strings.Cut(strings.TrimPrefix(l, "<"), ">")
		if !ok {
			return fmt.Errorf("no level in %q", l)
		}
		fmt.Fprintf(&b, "%s,%d,%d,-;%s\n", priority, n.seq, time.Since(n.fleet.began).Microseconds()+int64(time.Hour/time.Microsecond), text)
		n.seq++
	}
	if err := n.log.SetWriteDeadline(time.Now().Add(deadline)); err != nil {
		return err
	}
	_, err := n.log.WriteString(b.String())
	return err
}

// loses leaves records out, as the kernel overwrites them.
func (n *node) loses(records int) {
	n.writing.Lock()
	defer n.writing.Unlock()
	n.seq += records
}

// must fails the test for an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// discover tells Prometheus where the exporters are. The label pod changes with
// every start, as it does in Kubernetes.
func (f *fleet) discover(t *testing.T) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	type group struct {
		Targets []string          `json:"targets"`
		Labels  map[string]string `json:"labels"`
	}
	groups := []group{}
	for _, n := range f.nodes {
		n.mu.Lock()
		labels := map[string]string{"instance": n.name, "pod": fmt.Sprintf("kernel-exporter-%s-%d", n.name, n.starts)}
		if n.cluster != "" {
			labels["cluster"] = n.cluster
		}
		groups = append(groups, group{[]string{strings.TrimPrefix(n.exporter.url, "http://")}, labels})
		n.mu.Unlock()
	}
	b, err := json.Marshal(groups)
	must(t, err)
	must(t, os.WriteFile(f.targets+".new", b, 0o600))
	must(t, os.Rename(f.targets+".new", f.targets))
}
