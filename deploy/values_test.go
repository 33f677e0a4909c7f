package deploy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// switches are the values that switch something on or off: what is then in the manifests,
// what is not, and what the notes say of it.
var switches = map[string]struct{ on, off, note string }{
	"hostPaths.osRelease=false":                      {off: "/host/etc/os-release", note: "kernel_os_info"},
	"hostPaths.boot=false":                           {off: "/host/boot", note: "kernel_config"},
	"hostPaths.modules=false":                        {off: "/host/lib/modules", note: "kernel_reboot_pending"},
	"hostPaths.network=false":                        {off: "/host/sys/devices", note: "kernel_netdev_tx_timeouts_total"},
	"hostPaths.cgroup=none":                          {off: "/host/sys/fs/cgroup", note: "with cgroup v2 kernel_memory_cgroups"},
	"hostPaths.cgroup=v1":                            {on: "mountPath: /host/sys/fs/cgroup/memory", off: "mountPath: /host/sys/fs/cgroup,"},
	"hostPaths.cgroup=auto":                          {on: "mountPath: /host/sys/fs/cgroup,", note: "with cgroup v1 alone"},
	"hostPaths.stores={/var/lib/containerd}":         {on: "--collector.dtype-paths=/var/lib/containerd"},
	"hostPaths.stores=null":                          {off: "--collector.dtype-paths", note: "overlayfs_d_type"},
	"state.enabled=false":                            {off: "--state.file", note: "counts of the kernel log begin"},
	"log.device=true":                                {on: "privileged: true", off: "--kmsg.source=syslog", note: "PRIVILEGED"},
	"service.enabled=false":                          {off: "kind: Service\n"},
	"serviceAccount.create=false":                    {on: "serviceAccountName: default", off: "kind: ServiceAccount\n"},
	"priorityClassName=":                             {off: "priorityClassName"},
	"networkPolicy.enabled=true":                     {on: "kind: NetworkPolicy\n"},
	"podMonitor.enabled=true":                        {on: "kind: PodMonitor\n"},
	"podMonitor.enabled=false":                       {off: "kind: PodMonitor\n", note: "Nothing scrapes the pods yet"},
	"prometheusRule.enabled=true":                    {on: "kind: PrometheusRule\n"},
	"dashboards.enabled=true":                        {on: "kernel-exporter-fleet.json"},
	"openshift.securityContextConstraints=true":      {on: "kind: SecurityContextConstraints\n"},
	"web.existingSecret=x":                           {on: "--web.config.file=/etc/kernel_exporter/web/web.yml"},
	"web.tls=true,podMonitor.enabled=true":           {on: "scheme: https"},
	"policy.kernel-4\\.d\\.ours\\.yaml=rules: []":    {on: "path: \"kernel-4.d/ours.yaml\""},
	"hostPaths.cgroupV1NodeSelector.pool=old":        {on: "kernel-exporter-cgroup-v1"},
	"seLinuxOptions.type=spc_t":                      {on: "type: spc_t"},
	"image.digest=sha256:" + strings.Repeat("0", 64): {on: "kernel-exporter@sha256:0000"},
}

func TestSwitches(t *testing.T) {
	t.Parallel()
	plain := render(t, "--set", "hostPaths.stores={/var/lib/docker}")
	notes := chartWithNotes(t)
	for set, want := range switches {
		t.Run(set, func(t *testing.T) {
			t.Parallel()
			got := renderChart(t, notes, "--set", set)
			if want.on != "" && !strings.Contains(got, want.on) {
				t.Errorf("no %q in\n%s", want.on, got)
			}
			if want.off != "" && strings.Contains(got, want.off) {
				t.Errorf("%q is in\n%s", want.off, got)
			}
			if want.off != "" && !strings.HasPrefix(set, "podMonitor") && !strings.Contains(plain, want.off) {
				t.Errorf("%q is not there without it either", want.off)
			}
			if !strings.Contains(got, want.note) {
				t.Errorf("the notes do not say %q:\n%s", want.note, got)
			}
		})
	}
}

// Every value that is true or false has its test.
func TestEverySwitchIsTested(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(chart + "/values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var values map[string]any
	if err := yaml.Unmarshal(content, &values); err != nil {
		t.Fatal(err)
	}
	delete(values, "alerts") // those that the binary's printer is held to
	for _, path := range booleans(values, "") {
		tested := false
		for set := range switches {
			tested = tested || slices.ContainsFunc(strings.Split(set, ","), func(s string) bool { return strings.HasPrefix(s, path+"=") })
		}
		if !tested {
			t.Errorf("%s has no test", path)
		}
	}
}

func booleans(m map[string]any, at string) []string {
	var all []string
	for name, value := range m {
		path := strings.TrimPrefix(at+"."+name, ".")
		switch v := value.(type) {
		case bool:
			all = append(all, path)
		case map[string]any:
			all = append(all, booleans(v, path)...)
		}
	}
	return all
}

// chartWithNotes returns a copy of the chart that has its notes as a manifest: helm
// template does not print them.
func chartWithNotes(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(chart)); err != nil {
		t.Fatal(err)
	}
	notes, err := os.ReadFile(filepath.Join(dir, "templates/NOTES.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"_notes.tpl": fmt.Sprintf("{{- define \"notes\" -}}\n%s\n{{- end -}}\n", notes),
		"notes.yaml": "kind: Notes\ntext: |\n{{ include \"notes\" . | indent 2 }}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, "templates", name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
