package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"kernel_exporter/alerts"
	"kernel_exporter/collector/policy"
	"kernel_exporter/collector/testkit"
)

// printed returns what print writes, and how the program ends.
func printed(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs testkit.Output
	p := program{stdout: &out, stderr: &errs}
	err := p.run(t.Context(), append([]string{"print"}, args...))
	code = p.exitCode(err)
	return out.String(), errs.String(), code
}

func mustPrint(t *testing.T, args ...string) string {
	t.Helper()
	stdout, stderr, code := printed(t, args...)
	if code != 0 || stderr != "" || stdout == "" {
		t.Fatalf("print %q: exit code %d, %d bytes, stderr %q", args, code, len(stdout), stderr)
	}
	return stdout
}

func file(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestPrintPrintsTheFilesOfTheRepository(t *testing.T) {
	t.Parallel()
	for what, path := range map[string]string{
		"alerts":          "../../alerts/kernel.yaml",
		"dashboard.fleet": "../../dashboards/fleet.json",
		"dashboard.node":  "../../dashboards/node.json",
	} {
		if got := mustPrint(t, what); got != file(t, path) {
			t.Errorf("print %s is not %s", what, path)
		}
	}
	if !json.Valid([]byte(mustPrint(t, "dashboard.fleet"))) {
		t.Error("print dashboard.fleet is not JSON")
	}
	if got := mustPrint(t, "prometheusrule"); !strings.HasPrefix(got, "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\n") || !strings.Contains(got, "\n  groups:\n    - name: ") {
		t.Errorf("print prometheusrule begins\n%.300s", got)
	}
}

// TestPrintDashboards: the list and the ConfigMaps hold the files as they are.
func TestPrintDashboards(t *testing.T) {
	t.Parallel()
	var list []json.RawMessage
	if err := json.Unmarshal([]byte(mustPrint(t, "dashboards")), &list); err != nil || len(list) != 2 {
		t.Errorf("print dashboards: %d dashboards, %v", len(list), err)
	}
	documents := yaml.NewDecoder(strings.NewReader(mustPrint(t, "dashboards", "--configmap", "--namespace=monitoring", "--label=team=kernel")))
	for _, name := range []string{"fleet", "node"} {
		var m struct {
			APIVersion string `yaml:"apiVersion"`
			Kind       string
			Metadata   struct {
				Name, Namespace string
				Labels          map[string]string
			}
			Data map[string]string
		}
		if err := documents.Decode(&m); err != nil {
			t.Fatal(err)
		}
		if m.APIVersion != "v1" || m.Kind != "ConfigMap" || m.Metadata.Name != "kernel-exporter-dashboard-"+name || m.Metadata.Namespace != "monitoring" ||
			m.Metadata.Labels["grafana_dashboard"] != "1" || m.Metadata.Labels["team"] != "kernel" {
			t.Errorf("the ConfigMap of %s is %s %s %+v", name, m.APIVersion, m.Kind, m.Metadata)
		}
		if m.Data["kernel-exporter-"+name+".json"] != file(t, "../../dashboards/"+name+".json") {
			t.Errorf("the ConfigMap of %s does not hold %[1]s.json", name)
		}
	}
	for _, args := range [][]string{{"alerts", "--configmap"}, {"dashboards", "--configmap", "--name=No_Name"}} {
		if stdout, stderr, code := printed(t, args...); code != exitUsage || stdout != "" || strings.Count(stderr, "\n") != 1 {
			t.Errorf("print %q: exit code %d, stdout %.40q, stderr %q", args, code, stdout, stderr)
		}
	}
}

func TestPrintRunbookBase(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"alerts", "prometheusrule"} {
		got := mustPrint(t, what, "--runbook-base=https://wiki.example/kernel/")
		if strings.Contains(got, alerts.RunbookBase) || !strings.Contains(got, "runbook_url: https://wiki.example/kernel/KernelOops\n") {
			t.Errorf("print %s does not take the base of the runbooks", what)
		}
		stdout, stderr, code := printed(t, what, "--runbook-base=wiki")
		if want := `kernel_exporter: --runbook-base: "wiki" is not an absolute http or https URL without a query or a fragment` + "\n"; code != exitUsage || stdout != "" || stderr != want {
			t.Errorf("print %s with a base that is none: exit code %d, stderr %q, want %q", what, code, stderr, want)
		}
	}
}

func TestPrintRunbooksPrintsThemAll(t *testing.T) {
	t.Parallel()
	got := mustPrint(t, "runbooks")
	for _, name := range alerts.Names() {
		if page := file(t, "../../alerts/runbooks/"+name+".md"); !strings.Contains(got, page) || !strings.HasPrefix(page, "# "+name+"\n") {
			t.Errorf("print runbooks lacks %s, or that does not begin with its name", name)
		}
	}
}

// TestPrintPolicy: what is printed, cut into files again, is the same policy.
func TestPrintPolicy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	changed := strings.Replace(file(t, "../../collector/policy/kernel-4.yaml"), "policy: kernel-4", "policy: ours", 1)
	if err := os.WriteFile(filepath.Join(dir, policy.RulesFile), []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{"kernel-4": {"policy"}, "ours": {"policy", "--policy.dir=" + dir}} {
		files := map[string][]byte{}
		for document := range strings.SplitSeq(strings.TrimPrefix(mustPrint(t, args...), "---\n# Source: "), "\n---\n# Source: ") {
			path, content, _ := strings.Cut(document, "\n")
			files[path] = []byte(content + "\n")
		}
		got, err := policy.Load(files)
		if err != nil {
			t.Fatal(err)
		}
		if len(files) < len(policy.Files()) || got.Name != name {
			t.Errorf("print %q prints %d files of the policy %s", args, len(files), got.Name)
		}
	}
	if _, stderr, code := printed(t, "policy", "--policy.dir=/nonexistent"); code != exitUsage || strings.Count(stderr, "\n") != 1 {
		t.Errorf("print policy of no directory: exit code %d, stderr %q", code, stderr)
	}
}

func TestPrintRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"dashboard"}, {"alerts", "policy"}} {
		if stdout, stderr, code := printed(t, args...); code != exitUsage || stdout != "" || strings.Count(stderr, "\n") != 1 {
			t.Errorf("print %q: exit code %d, stdout %q, stderr %q", args, code, stdout, stderr)
		}
	}
}
