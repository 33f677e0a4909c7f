package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kernel_exporter/collector/testkit"
)

// privileges are the rows of the table in docs/install.md: what is taken away from a
// recorded node, and the series that are then gone, or there.
var privileges = map[string]struct {
	node       string
	taken      []string
	gone, come string
}{
	"user 0, no capability":            {"debian-12-6.1", []string{"proc/slabinfo"}, "kernel_slab_cache_bytes{", ""},
	"`CAP_SYSLOG`":                     {"debian-12-6.1", []string{"dev/kmsg"}, "kernel_log_records_total{", "kernel_log_up 0"},
	"`/proc/1/mountinfo`":              {"debian-12-6.1", []string{"proc/1/mountinfo"}, "kernel_overlayfs_mounts ", ""},
	"`/etc/os-release`":                {"debian-12-6.1", []string{"etc/os-release"}, "kernel_os_info{", `kernel_policy_rule_unknown{cause="unreadable",rule="os_supported"`},
	"`/boot`":                          {"debian-12-6.1", []string{"boot"}, `kernel_policy_rule_violated{rule="kernel_config"`, `kernel_policy_rule_unknown{cause="unreadable",rule="kernel_config"`},
	"`/lib/modules`":                   {"rhel-9-5.14", []string{"lib/modules"}, "kernel_reboot_pending ", ""},
	"`/sys/class/net`, `/sys/devices`": {"rhel-9-5.14", []string{"sys/class/net", "sys/devices"}, "kernel_netdev_tx_timeouts_total ", ""},
	"`/sys/fs/cgroup`, or `/sys/fs/cgroup/memory` with version 1": {"debian-12-6.1", []string{"sys/fs/cgroup"}, "kernel_kmem_usage_bytes ", ""},
}

// elsewhere are the rows that need a live node: the tests that hold them.
var elsewhere = map[string]string{
	"a container store":                    "TestStoreDType",
	"`/var/lib/kernel_exporter`, writable": "TestStateFile",
}

func TestPrivileges(t *testing.T) {
	t.Parallel()
	for row, p := range privileges {
		t.Run(row, func(t *testing.T) {
			t.Parallel()
			whole := samplesOf(t, testroot(t, p.node))
			root := t.TempDir()
			if err := os.CopyFS(root, os.DirFS(testroot(t, p.node))); err != nil {
				t.Fatal(err)
			}
			for _, path := range p.taken {
				if err := os.RemoveAll(filepath.Join(root, path)); err != nil {
					t.Fatal(err)
				}
			}
			without := samplesOf(t, root)
			if !strings.Contains(whole, "\n"+p.gone) || strings.Contains(without, "\n"+p.gone) {
				t.Errorf("%s is there with it: %v, without it: %v", p.gone, strings.Contains(whole, "\n"+p.gone), strings.Contains(without, "\n"+p.gone))
			}
			if p.come != "" && (strings.Contains(whole, "\n"+p.come) || !strings.Contains(without, "\n"+p.come)) {
				t.Errorf("%s is there with it: %v, without it: %v", p.come, strings.Contains(whole, "\n"+p.come), strings.Contains(without, "\n"+p.come))
			}
		})
	}
}

// samplesOf returns the metrics of a root once its log has been tried.
func samplesOf(t *testing.T, root string) string {
	t.Helper()
	url := serve(t, "--path.rootfs="+root)
	var body string
	testkit.Eventually(t, promised, testkit.Unless("an answer about the log", func() bool {
		_, _, body = fetch(t, url+"/metrics")
		return strings.Contains(body, "\nkernel_log_records_total{") || strings.Contains(body, "\nkernel_log_up 0")
	}))
	return body
}

// Every row of the table has its test, and every test its row.
func TestPrivilegesAreThoseOfTheTable(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/install.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| of the host | for | without it |\n|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	var rows []string
	for line := range strings.Lines(table) {
		row, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		rows = append(rows, row)
		_, here := privileges[row]
		if test := elsewhere[row]; !here && (test == "" || !hasTest(t, test)) {
			t.Errorf("%s has no test", row)
		}
	}
	if len(rows) != len(privileges)+len(elsewhere) {
		t.Errorf("the table has %d rows, there are tests of %d: %s", len(rows), len(privileges)+len(elsewhere), strings.Join(rows, "; "))
	}
}

// hasTest says whether the repository has a test whose name begins with name.
func hasTest(t *testing.T, name string) bool {
	t.Helper()
	found := false
	declares := regexp.MustCompile(`(?m)^func ` + name)
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".git", ".tools", "testdata", "dist"}, d.Name()):
			return fs.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		content, err := os.ReadFile(path)
		found = found || declares.Match(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
