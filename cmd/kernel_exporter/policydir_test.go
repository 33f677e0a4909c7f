package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"

	"kernel_exporter/collector"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/testkit"
)

const (
	ownPolicy   = "policy: ours\nrules:\n- {name: ours, severity: warning, reason: r, remedy: m, source: s, minimum_version: \"9.0\"}\n"
	otherPolicy = "policy: theirs\nrules:\n- {name: theirs, severity: warning, reason: r, remedy: m, source: s, minimum_version: \"9.0\"}\n"
)

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestPolicyIsReadAgain changes a policy while it is in force.
func TestPolicyIsReadAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "kernel-4.yaml")
	writeFile(t, file, ownPolicy)
	own := policyDir{dir}
	p, files, err := own.load()
	if err != nil {
		t.Fatal(err)
	}
	root, err := host.New(testdata + "/debian-12-6.1")
	if err != nil {
		t.Fatal(err)
	}
	exporter := collector.NewExporter(collector.Options{Host: root, Policy: p, Logger: log.NewNopLogger(), Timeout: time.Second})
	var logged testkit.Output
	watch := policyWatch{dir: own, exporter: exporter, logger: log.NewLogfmtLogger(&logged), seen: files}
	want := func(name string, lines int) {
		t.Helper()
		watch.look()
		if got := exporter.Policy().Name; got != name {
			t.Errorf("the policy is %q, want %q", got, name)
		}
		if got := strings.Count(logged.String(), "\n"); got != lines {
			t.Errorf("%d lines are logged, want %d:\n%s", got, lines, &logged)
		}
	}
	want("ours", 0)
	writeFile(t, file, "policy: broken\nrules: 1\n")
	want("ours", 1)
	want("ours", 1)
	if !strings.Contains(logged.String(), "kernel-4.yaml:2") {
		t.Errorf("the line does not name the file and the line: %s", &logged)
	}
	writeFile(t, file, otherPolicy)
	want("theirs", 2)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	want("theirs", 3)
	writeFile(t, file, otherPolicy)
	want("theirs", 3)
	writeFile(t, filepath.Join(dir, "kernel-4.d", "site.yaml"), "rules:\n- {name: site, severity: info, reason: r, remedy: m, source: s, minimum_version: \"9.0\"}\n")
	want("theirs", 4)
	if n := len(exporter.Policy().Rules); n != 2 {
		t.Errorf("%d rules, want that of the file and that of the overlay:\n%s", n, &logged)
	}
}

// TestPolicyDirOfAConfigMap lays a directory out as the kubelet does: the files
// are links into a hidden directory.
func TestPolicyDirOfAConfigMap(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "..2026_11_26", "kernel-4.yaml"), ownPolicy)
	for link, target := range map[string]string{"..data": "..2026_11_26", "kernel-4.yaml": "..data/kernel-4.yaml"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	p, files, err := policyDir{dir}.load()
	if err != nil || p.Name != "ours" || len(files) != 1 {
		t.Errorf("policy %+v of %d files, %v", p, len(files), err)
	}
}

func TestPolicyDirRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, want string }{
		"another ending":  {"kernel-4.yml", "has none of kernel-4.yaml"},
		"another overlay": {"kernel-5.d/x.yaml", "no such overlay"},
		"empty overlay":   {"kernel-4.d/README", "and no *.yaml file in kernel-4.d"},
		"another file":    {"rules.yaml", "rules.yaml"},
		"a large file":    {"bugs.yaml", "larger than"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, content := t.TempDir(), ownPolicy
			if name == "a large file" {
				content = strings.Repeat("#", maxUserFile+1)
			}
			writeFile(t, filepath.Join(dir, test.file), content)
			if _, _, err := (policyDir{dir}).load(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want an error with %q", err, test.want)
			}
		})
	}
}
