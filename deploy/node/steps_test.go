package node_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kernel_exporter/collector/testkit"
)

// plainFile applies the manifests without Helm as docs/install.md says, and removes them.
func plainFile(t *testing.T, n *node) {
	t.Helper()
	path, err := filepath.Abs(plain)
	if err != nil {
		t.Fatal(err)
	}
	n.run(t, "kubectl", "apply", "-f", path)
	n.rolledOut(t)
	n.scrape(t, n.url(t, "http"))
	n.run(t, "kubectl", "apply", "-f", path) // changes nothing
	n.run(t, "kubectl", "delete", "-f", path)
	n.makeNamespace(t)
}

// dryRun has the API server check all that the chart can make, for each system's values.
func dryRun(t *testing.T, n *node) {
	t.Helper()
	if *crds == "" {
		t.Fatal("no definitions of PodMonitor and PrometheusRule: see -crds")
	}
	for _, name := range []string{"podmonitors", "prometheusrules"} {
		n.run(t, "kubectl", "apply", "--server-side", "-f", filepath.Join(*crds, "monitoring.coreos.com_"+name+".yaml"))
		n.run(t, "kubectl", "wait", "--for=condition=established", "--timeout=30s", "crd/"+name+".monitoring.coreos.com")
	}
	files, err := filepath.Glob(chart + "/values-*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files of values, %v", len(files), err)
	}
	all := testkit.File(t, "all.yaml", `
podMonitor: {enabled: true, cluster: prod, labels: {release: kube-prometheus-stack}}
prometheusRule: {enabled: true, labels: {release: kube-prometheus-stack}}
dashboards: {enabled: true}
networkPolicy: {enabled: true, from: [{namespaceSelector: {}}]}
policy: {kernel-4.d.ours.yaml: "rules: []\n"}
web: {existingSecret: web, tls: true}
openshift: {securityContextConstraints: false} # its definition is OpenShift's
`)
	for _, file := range append(files, n.values) {
		rendered := n.helm(t, "template", "--values", file, "--values", all)
		got := n.run(t, "kubectl", "apply", "--dry-run=server", "--validate=strict", "-f", testkit.File(t, "rendered.yaml", rendered))
		kinds := []string{"daemonset", "service", "serviceaccount", "configmap", "networkpolicy", "podmonitor", "prometheusrule"}
		for _, kind := range kinds {
			if !strings.Contains(got, kind) {
				t.Errorf("%s: no %s in\n%s", filepath.Base(file), kind, got)
			}
		}
	}
	// Nothing in it is newer than the field validation of old API servers.
	for line := range strings.Lines(n.helm(t, "template")) {
		for _, field := range []string{"recursiveReadOnly", "appArmorProfile", "hostUsers"} {
			if strings.Contains(line, field) {
				t.Errorf("clusters before 1.30 refuse %s", strings.TrimSpace(line))
			}
		}
	}
}

// privileges looks at the pod's process from the node.
func privileges(t *testing.T, n *node) {
	t.Helper()
	n.upgrade(t)
	pid := n.pid(t)
	status := n.run(t, "cat", "/proc/"+pid+"/status")
	for _, want := range []string{
		"Uid:\t0\t0\t0\t0", "Groups:\t0", "NoNewPrivs:\t1", "Seccomp:\t2",
		"CapInh:\t0000000000000000", "CapPrm:\t0000000400000000", "CapEff:\t0000000400000000", // CAP_SYSLOG is number 34
		"CapBnd:\t0000000400000000", "CapAmb:\t0000000000000000",
	} {
		if !strings.Contains(status, want) {
			t.Errorf("the pod's process has no %q:\n%s", want, status)
		}
	}
	n.writesNothing(t, pid)
	root := "/proc/" + pid + "/root"
	if got := n.run(t, "find", root+"/host/proc", "-type", "f"); strings.TrimSpace(got) != root+"/host/proc/1/mountinfo" {
		t.Errorf("of the host's /proc the pod sees %s", got)
	}
	if _, err := n.try("ls", root+"/var/run/secrets"); err == nil {
		t.Error("the pod has a token of its service account")
	}
	if got := n.run(t, "sh", "-c", "ls -ln "+root+"/state"); !strings.Contains(got, "-rw------- 1 0 0 ") || strings.Count(got, "\n") != 2 {
		t.Errorf("the state directory has\n%s", got)
	}
}

// writesNothing looks for what even a root with all capabilities could write to through
// the pod's mounts: of the host, of sysfs and of the image. access(2), which find calls,
// tells a read-only mount.
func (n *node) writesNothing(t *testing.T, pid string) {
	t.Helper()
	root := "/proc/" + pid + "/root"
	find := func(args ...string) []string {
		out, _ := n.try(append([]string{"find"}, args...)...) // a device that goes away meanwhile is an error
		return strings.Fields(out)
	}
	writable := []string{"-not", "-type", "l", "-writable"}
	if got := find(append([]string{root + "/host"}, writable...)...); len(got) > 0 {
		t.Errorf("of the host the pod can write to %.2000s", got)
	}
	kernels := []string{"(", "-fstype", "sysfs", "-o", "-fstype", "cgroup", "-o", "-fstype", "cgroup2", ")"}
	if got := find(append(append([]string{root + "/sys"}, kernels...), writable...)...); len(got) > 0 {
		t.Errorf("of its own /sys the pod can write to %.2000s", got)
	}
	// What is mounted into the image by the runtime, and nothing of the image.
	mounts := []string{"/proc", "/dev", "/state", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf"}
	for _, path := range find(append([]string{root + "/", "-xdev"}, writable...)...) {
		if !slices.Contains(mounts, strings.TrimPrefix(path, root)) {
			t.Errorf("of its image the pod can write to %s", path)
		}
	}
	if got := n.run(t, "find", root+"/state", "-writable"); got == "" {
		t.Error("not even the state is writable: the search is wrong")
	}
}

// verdict reads it as the notes of the chart say.
func verdict(t *testing.T, n *node) {
	t.Helper()
	name := strings.TrimSpace(n.kubectl(t, "get", "pods", "--output", "jsonpath={.items[0].spec.nodeName}"))
	out, _ := n.try("kubectl", "--namespace", namespace, "exec", "daemonset/kernel-exporter", "--", "/kernel_exporter", "check", "--path.rootfs=/host")
	here := strings.TrimSpace(n.run(t, "uname", "-r"))
	if !strings.HasPrefix(out, name+"\n") || !strings.Contains(out, here) {
		t.Errorf("not the verdict of %s with %s:\n%s", name, here, out)
	}
	if page := n.run(t, "curl", "-fsS", n.url(t, "http")+"/"); !strings.Contains(page, name) {
		t.Errorf("the landing page does not name %s", name)
	}
}

// stable are the metrics of which every series has the same value in the pod and on the
// host at the same moment.
var stable = []string{
	"kernel_info", "kernel_version_", "kernel_boot_time_seconds", "kernel_build_timestamp_seconds", "kernel_tainted", "kernel_oops_total",
	"kernel_warnings_total", "kernel_os_", "kernel_overlayfs_", "kernel_kmem_accounting_enabled", "kernel_cgroup_info", "kernel_memory_total_bytes",
	"kernel_memory_cgroups_limit", "kernel_feature", "kernel_policy_", "kernel_known_bugs", "kernel_livepatch_info", "kernel_reboot_pending",
	"kernel_scrape_collector_success", "kernel_support_end_timestamp_seconds", "kernel_hung_tasks_total", "kernel_netdev_tx_timeouts_total",
}

// asOnHost compares the pod with the same program as root on the node.
func asOnHost(t *testing.T, n *node) {
	t.Helper()
	host := n.scrape(t, n.serve(t, "--kmsg.source=syslog"))
	pod := n.scrape(t, n.url(t, "http"))
	// The kernel wakes it when it logs something: docs/kernel-log.md.
	if open := n.run(t, "ls", "-l", "/proc/"+n.pid(t)+"/fd"); !strings.Contains(open, "/kmsg\n") {
		t.Errorf("the pod has not opened /proc/kmsg:\n%s", open)
	}
	// With version 1 the pod sees no control groups unless told: docs/install.md.
	var lost []string
	if host[`kernel_cgroup_info{hierarchy="v2"}`] != 1 {
		lost = []string{"kernel_kmem_usage_bytes", "kernel_kmem_accounting_enabled", "kernel_memory_cgroups_dying"}
	}
	compare(t, pod, host, lost)
}

func compare(t *testing.T, pod, host testkit.Samples, lost []string) {
	t.Helper()
	names := func(s testkit.Samples) map[string]bool {
		all := map[string]bool{}
		for series := range s {
			name, _, _ := strings.Cut(series, "{")
			all[name] = true
		}
		return all
	}
	here, there := names(pod), names(host)
	for name := range there {
		if missing := !here[name]; missing != slices.Contains(lost, name) {
			t.Errorf("%s: missing in the pod: %v", name, missing)
		}
	}
	for name := range here {
		// The pod's state may know of events that the log no longer holds.
		if !there[name] && name != "kernel_log_event_last_seen_timestamp_seconds" {
			t.Errorf("%s is in the pod alone", name)
		}
	}
	isStable := func(series string) bool {
		name, _, _ := strings.Cut(series, "{")
		return !slices.Contains(lost, name) && slices.ContainsFunc(stable, func(p string) bool { return strings.HasPrefix(series, p) })
	}
	compared := 0
	for series, value := range host {
		if !isStable(series) {
			continue
		}
		compared++
		if got, ok := pod[series]; !ok || got != value {
			t.Errorf("%s is %v in the pod, %v on the host", series, got, value)
		}
	}
	for series := range pod {
		if _, ok := host[series]; !ok && isStable(series) {
			t.Errorf("%s is in the pod alone", series)
		}
	}
	t.Logf("%d metrics, %d of the series with their values", len(there), compared)
}

// cgroupV1 has the pod see version 1's control groups, and still write to none.
func cgroupV1(t *testing.T, n *node) {
	t.Helper()
	if _, err := n.try("test", "-e", "/sys/fs/cgroup/memory/release_agent"); err != nil {
		t.Skip("SKIPPED: the node has no cgroup v1")
	}
	n.upgrade(t, "--set", "hostPaths.cgroup=v1")
	n.writesNothing(t, n.pid(t))
	testkit.Eventually(t, patience, func() string { // dying ones are counted off the scrape path
		for _, name := range []string{"kernel_kmem_usage_bytes", "kernel_memory_cgroups_dying"} {
			if !n.scrape(t, n.url(t, "http")).Has(name) {
				return "no " + name
			}
		}
		return ""
	})
	compare(t, n.scrape(t, n.url(t, "http")), n.scrape(t, n.serve(t, "--kmsg.source=syslog")), nil)
	n.upgrade(t)
	// Two DaemonSets for both hierarchies; this node has the label of old ones.
	n.run(t, "kubectl", "label", "nodes", "--all", "--overwrite", "kernel-exporter-test=old")
	t.Cleanup(func() { n.run(t, "kubectl", "label", "nodes", "--all", "kernel-exporter-test-") })
	n.helm(t, "upgrade", "--set", "hostPaths.cgroupV1NodeSelector.kernel-exporter-test=old", "--wait")
	testkit.Eventually(t, patience, func() string {
		out := n.kubectl(t, "get", "daemonsets", "--output", `jsonpath={range .items[*]}{.metadata.name}={.status.numberReady} {end}`)
		if want := "kernel-exporter=0 kernel-exporter-cgroup-v1=1 "; out != want {
			return fmt.Sprintf("%q, not %q", out, want)
		}
		return ""
	})
	n.upgrade(t)
}

// dockersLayout mounts something below a container store, as Docker does for each
// container, before and after the pod starts: the pod must neither see nor keep it.
func dockersLayout(t *testing.T, n *node) {
	t.Helper()
	const store = "/var/lib/kernel-exporter-test"
	before, after := store+"/overlay2/before/merged", store+"/overlay2/after/merged"
	n.run(t, "mkdir", "-p", before, after)
	t.Cleanup(func() {
		n.run(t, "sh", "-c", "umount "+before+" "+after+" 2>/dev/null; rm -rf --one-file-system "+store)
	})
	n.run(t, "mount", "-t", "tmpfs", "none", before)
	n.upgrade(t, "--set", "hostPaths.stores={"+store+"}")
	n.run(t, "mount", "-t", "tmpfs", "none", after)
	pid := n.pid(t)
	mounts := n.run(t, "cat", "/proc/"+pid+"/mountinfo")
	if !strings.Contains(mounts, " /host"+store+" ro") {
		t.Errorf("the store is not mounted read-only:\n%s", mounts)
	}
	for line := range strings.Lines(mounts) {
		if strings.Contains(line, "/host"+store+"/") {
			t.Errorf("the pod holds what is mounted below the store: %s", line)
		}
	}
	n.run(t, "umount", before, after)
	n.run(t, "rmdir", before, after)
	if s := n.scrape(t, n.url(t, "http")); !s.Has("kernel_overlayfs_dtype_supported") {
		t.Error("nothing is said of d_type")
	}
	n.upgrade(t)
}

// webConfig checks probes and scrapes with TLS and a password.
func webConfig(t *testing.T, n *node) {
	t.Helper()
	dir := t.TempDir()
	n.run(t, "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=kernel-exporter",
		"-keyout", dir+"/tls.key", "-out", dir+"/tls.crt")
	// The password is "wonderland".
	const config = `tls_server_config: {cert_file: tls.crt, key_file: tls.key}
basic_auth_users: {alice: $2b$05$4BF.j4sFk6I8XoyxdpCF7.Bc.DZkRoX03K0Wq0VvedLI6T7m5kOee}
`
	if err := os.WriteFile(dir+"/web.yml", []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	n.kubectl(t, "create", "secret", "generic", "web", "--from-file="+dir)
	n.upgrade(t, "--set", "web.existingSecret=web,web.tls=true")
	url := n.url(t, "https")
	if _, err := n.try("curl", "-fsS", "-m", "10", "-k", url+"/metrics"); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("without a password: %v", err)
	}
	if got := n.run(t, "curl", "-fsS", "-m", "10", "-k", "-u", "alice:wonderland", url+"/metrics"); !strings.Contains(got, "\nkernel_info{") {
		t.Errorf("with a password:\n%.500s", got)
	}
	if log := n.kubectl(t, "logs", "daemonset/kernel-exporter"); strings.Contains(log, "handshake") {
		t.Errorf("the kubelet's probes leave lines in the log:\n%s", log)
	}
}
