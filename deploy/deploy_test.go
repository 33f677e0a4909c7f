// Package deploy_test checks what is deployed: the chart, and the plain manifests
// that are rendered from it.
package deploy_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"kernel_exporter/collector/collectortest"
	"kernel_exporter/collector/testkit"
	"kernel_exporter/dashboards"
)

const chart = "helm/kernel-exporter"

// render returns what the chart makes of values.
func render(t *testing.T, args ...string) string {
	t.Helper()
	return renderChart(t, chart, args...)
}

func renderChart(t *testing.T, chart string, args ...string) string {
	t.Helper()
	out, err := tryRender(t, chart, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

type renderError struct{ text string }

func (e renderError) Error() string { return e.text }

func tryRender(t *testing.T, chart string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(testkit.Tool(t, "helm"), append([]string{"template", "kernel-exporter", chart, "--namespace", "kernel-exporter"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", renderError{stderr.String()}
	}
	return string(out), nil
}

// The plain manifests are the chart with its defaults: UPDATE_GOLDEN=1 makes them anew.
func TestGoldenPlainManifests(t *testing.T) {
	t.Parallel()
	const head = `# kernel_exporter without Helm: the chart deploy/helm/kernel-exporter with its defaults, made by "make golden".
# Put your image in place of kernel-exporter:VERSION.
apiVersion: v1
kind: Namespace
metadata:
  name: kernel-exporter
  labels:
    # The pod mounts directories of the host, which the standards baseline and restricted forbid.
    pod-security.kubernetes.io/enforce: privileged
`
	collectortest.Compare(t, "kubernetes/kernel-exporter.yaml", head+render(t))
}

// The chart carries the dashboards that are printed.
func TestGoldenChartDashboards(t *testing.T) {
	t.Parallel()
	for name, content := range map[string][]byte{"fleet": dashboards.Fleet(), "node": dashboards.Node()} {
		collectortest.Compare(t, filepath.Join(chart, "files", name+".json"), string(content))
	}
}

type volume struct {
	Name     string
	HostPath *struct{ Path, Type string } `yaml:"hostPath"`
}

type mount struct {
	Name        string
	MountPath   string `yaml:"mountPath"`
	SubPath     string `yaml:"subPath"`
	ReadOnly    bool   `yaml:"readOnly"`
	Propagation string `yaml:"mountPropagation"`
}

type object struct {
	Kind string
	Spec struct {
		Template struct {
			Spec struct {
				AutomountServiceAccountToken, HostNetwork, HostPID, HostIPC *bool
				Volumes                                                     []volume
				Containers                                                  []struct {
					Args            []string
					SecurityContext struct {
						Privileged               bool `yaml:"privileged"`
						AllowPrivilegeEscalation bool `yaml:"allowPrivilegeEscalation"`
						ReadOnlyRootFilesystem   bool `yaml:"readOnlyRootFilesystem"`
						Capabilities             struct{ Drop, Add []string }
					} `yaml:"securityContext"`
					VolumeMounts []mount `yaml:"volumeMounts"`
				}
			}
		}
	}
}

func daemonSets(t *testing.T, manifests string) []object {
	t.Helper()
	var all []object
	for doc := range strings.SplitSeq(manifests, "\n---\n") {
		var o object
		if err := yaml.Unmarshal([]byte(doc), &o); err != nil {
			t.Fatal(err)
		}
		if o.Kind == "DaemonSet" {
			all = append(all, o)
		}
	}
	if len(all) == 0 {
		t.Fatal("no DaemonSet")
	}
	return all
}

// valueFiles returns the arguments for the defaults and for each system's values.
func valueFiles(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob(chart + "/values-*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files of values, %v", len(files), err)
	}
	all := map[string][]string{
		"defaults":         nil,
		"both hierarchies": {"--set", "hostPaths.cgroupV1NodeSelector.pool=old,hostPaths.stores={/var/lib/docker}"},
	}
	for _, f := range files {
		all[filepath.Base(f)] = []string{"--values", f}
	}
	return all
}

// Whatever the system, the pod has one capability, and can write to nothing of the host
// but its state.
func TestPodHasFewPrivileges(t *testing.T) {
	t.Parallel()
	for name, args := range valueFiles(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, d := range daemonSets(t, render(t, args...)) {
				spec := d.Spec.Template.Spec
				c := spec.Containers[0]
				s := c.SecurityContext
				if s.Privileged || s.AllowPrivilegeEscalation || !s.ReadOnlyRootFilesystem ||
					!slices.Equal(s.Capabilities.Drop, []string{"ALL"}) || !slices.Equal(s.Capabilities.Add, []string{"SYSLOG"}) {
					t.Errorf("security context %+v", s)
				}
				directories := map[string]bool{}
				for _, v := range spec.Volumes {
					if v.HostPath == nil {
						continue
					}
					if v.HostPath.Type == "" {
						t.Errorf("volume %s has no type: a runtime makes a directory where there is none", v.Name)
					}
					if strings.HasPrefix(v.HostPath.Path, "/sys") && v.HostPath.Type != "Directory" {
						t.Errorf("volume %s of type %s: a directory below /sys/fs/cgroup is a control group", v.Name, v.HostPath.Type)
					}
					if forbidden[v.HostPath.Path] {
						t.Errorf("%s is mounted", v.HostPath.Path)
					}
					directories[v.Name] = strings.HasPrefix(v.HostPath.Type, "Directory")
				}
				for _, m := range c.VolumeMounts {
					if m.Name == "state" {
						continue
					}
					if !m.ReadOnly {
						t.Errorf("%s is writable", m.MountPath)
					}
					if directories[m.Name] && (m.SubPath != "." || m.Propagation != "") {
						t.Errorf("%s comes with what is mounted below it, which may be writable", m.MountPath)
					}
				}
			}
		})
	}
}

// forbidden is what a pod must not see, read-only or not: more than it reads, secrets of
// the node or, in /proc, of other pods.
var forbidden = map[string]bool{
	"/": true, "/proc": true, "/sys": true, "/sys/fs": true, "/sys/kernel": true, "/etc": true, "/run": true, "/var": true,
	"/var/lib": true, "/var/lib/kubelet": true, "/dev": true,
}

// A value that is not known is an error, not silence.
func TestUnknownValuesAreErrors(t *testing.T) {
	t.Parallel()
	for _, set := range []string{
		"foo=1", "hostPaths.cgroup=v2", "hostPaths.sysKernel=true", "log.devise=true", "port=0", "alerts.jobb=x", "policy.rules\\.yaml=x",
		"hostPaths.cgroup=v1,hostPaths.cgroupV1NodeSelector.pool=old", "image.digest=latest",
	} {
		t.Run(set, func(t *testing.T) {
			t.Parallel()
			if _, err := tryRender(t, chart, "--set", set); err == nil {
				t.Errorf("%s is taken", set)
			}
		})
	}
}

// An upgrade must not change what Kubernetes does not let change: the selector.
func TestSelectorDoesNotDependOnValues(t *testing.T) {
	t.Parallel()
	selector := func(args ...string) string {
		_, after, _ := strings.Cut(render(t, append(args, "--show-only", "templates/daemonset.yaml")...), "\n  selector:\n")
		before, _, _ := strings.Cut(after, "\n  updateStrategy:")
		return before
	}
	want := selector()
	if want == "" {
		t.Fatal("no selector")
	}
	for name, args := range valueFiles(t) {
		if got := selector(args...); got != want {
			t.Errorf("%s: selector is %s, not %s", name, got, want)
		}
	}
}

// A rollout must start no new series: what names a pod is dropped, and the instance is
// the node.
func TestPodMonitorNamesTheNode(t *testing.T) {
	t.Parallel()
	got := render(t, "--set", "podMonitor.enabled=true", "--show-only", "templates/podmonitor.yaml")
	for _, want := range []string{
		"{targetLabel: job, replacement: kernel_exporter}",
		"{sourceLabels: [__meta_kubernetes_pod_node_name], targetLabel: instance}",
		"{regex: pod|container|endpoint, action: labeldrop}",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

// systemd 219 passes over the groups in a list of system calls (syscall_filter_parse_one,
// src/core/load-fragment.c): what is left of the unit's list must not hold there.
func TestDropInForOldSystemd(t *testing.T) {
	t.Parallel()
	unit, err := os.ReadFile("systemd/kernel_exporter.service")
	if err != nil {
		t.Fatal(err)
	}
	dropIn, err := os.ReadFile("systemd/el7.conf")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(unit), "\nSystemCallFilter=@") && !strings.Contains(string(dropIn), "\nSystemCallFilter=\n") {
		t.Error("the drop-in does not reset the list")
	}
}
