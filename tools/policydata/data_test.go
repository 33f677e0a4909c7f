package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// bugsOf are the entries of a file of the policy's bugs, as text.
func bugsOf(t *testing.T, name string) map[string]map[string]any {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("../../collector/policy", name))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Bugs []map[string]any `yaml:"bugs"`
	}
	if err := yaml.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	out := make(map[string]map[string]any)
	for _, b := range file.Bugs {
		out[text(b["name"])] = b
	}
	return out
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// What is committed was made from what is committed: a bug that is added to
// bugs.txt needs make data, and a person's words.
func TestCommittedDataIsWhole(t *testing.T) {
	t.Parallel()
	wanted, err := readWanted("bugs.txt")
	if err != nil {
		t.Fatal(err)
	}
	made, own := bugsOf(t, "bugs.yaml"), bugsOf(t, "bugs-own.yaml")
	if len(made) != len(wanted) {
		t.Errorf("bugs.yaml has %d bugs and bugs.txt %d: make data", len(made), len(wanted))
	}
	for _, b := range wanted {
		if made[b.name] == nil || !strings.HasSuffix(text(made[b.name]["source"]), b.cve) {
			t.Errorf("%s: not in bugs.yaml from %s: make data", b.name, b.cve)
		}
		if own[b.name] == nil {
			t.Errorf("%s: not in bugs-own.yaml, which has to say what it is", b.name)
		}
	}
	for name, b := range own {
		if b["escape"] == true && b["severity"] != "critical" {
			t.Errorf("%s: a way out of a container that is not critical", name)
		}
		entry := made[name]
		if entry == nil {
			entry = b
		}
		if entry["source"] == nil {
			t.Errorf("%s: no source", name)
		}
		if entry["fixed"] == nil && entry["fixed_by"] == nil && entry["fixed_stable"] == nil && b["only_vendors"] == nil {
			t.Errorf("%s: where it is fixed is not said", name)
		}
	}
	for _, name := range []string{"bugs-builds.yaml", "bugs-vendors.yaml"} {
		for bug := range bugsOf(t, name) {
			if own[bug] == nil {
				t.Errorf("%s: %s is no bug", name, bug)
			}
		}
	}
}

// The lock file names every source that the tool reads.
func TestLockFileNamesEverySource(t *testing.T) {
	t.Parallel()
	var names []string
	err := eachLine("lock.tsv", func(line string) error {
		fields := strings.Split(line, "\t")
		if len(fields) != 5 || len(fields[3]) != 64 {
			t.Errorf("%q is not source, version, date, SHA-256 and address", line)
		}
		names = append(names, fields[0])
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	want := []string{"almalinux", "debian", "distro-info", "endoflife", "linux_kernel_cves", "ubuntu", "vulns"}
	if !slices.Equal(names, want) {
		t.Errorf("lock.tsv has %q, want %q", names, want)
	}
}
