package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// write makes a file below a folder.
func write(t *testing.T, folder, name, content string) {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// gathered is a small folder as collect fills one.
func gathered(t *testing.T) (from string, to folders) {
	t.Helper()
	from = t.TempDir()
	for name, content := range map[string]string{
		"sources.tsv": "vulns\tabc\t2026-08-21\thttps://example.org/vulns\n" +
			"linux_kernel_cves\tabc\t2024-04-09\thttps://example.org/cves\n" +
			"endoflife\tabc\t2026-08-22\thttps://example.org/eol\n" +
			"distro-info\t2026.10.12-1\t2026-10-12\thttps://example.org/distro\n",
		"vulns/CVE-2026-1.dyad": "# dyad version: 1.2.0\n" +
			"5.15:aa:5.15.205:bb\n5.15:aa:5.15.206:cc\n5.15:aa:6.1.9:dd\n5.15:aa:6.5:ee\n5.10.65:ff:0:0\n6.6:aa:6.6:aa\n",
		"vulns/CVE-2026-2.dyad":               "6.1.175:aa:6.1.177:bb\n7.1:cc:7.1:dd\n6.6.140:aa:0:0\n",
		"vulns/titles.tsv":                    "CVE-2026-1\tnet: do not  leak\nCVE-2026-2\txfrm: other\n",
		"linux_kernel_cves/CVEs.txt":          "CVE-2022-1: aa - bb (v5.8-rc1 to v5.17-rc6)\n",
		"linux_kernel_cves/stream_fixes.json": `{"CVE-2022-1": {"5.10": {"fixed_version": "5.10.102"}, "5.17": {"fixed_version": "5.17.1"}}}`,
		"almalinux/a.json": `{"id": "ALSA-2026:1", "published": "2026-05-04T00:00:00Z", "related": ["CVE-2026-1"], "affected": [
			{"package": {"name": "kernel"}, "ranges": [{"events": [{"introduced": "0"}, {"fixed": "5.14.0-611.54.1.el9_7"}]}]},
			{"package": {"name": "kernel-rt"}, "ranges": [{"events": [{"fixed": "5.14.0-611.54.1.rt1.el9_7"}]}]}]}`,
		"almalinux/b.json": `{"id": "ALSA-2026:2", "published": "2026-05-19T00:00:00Z", "related": ["CVE-2026-1"], "affected": [
			{"package": {"name": "kernel"}, "ranges": [{"events": [{"fixed": "5.14.0-687.5.3.el9_8"}]}]}]}`,
		"almalinux/own.json": `{"id": "ALSA-2026:A002", "published": "2026-05-01T00:00:00Z", "related": ["CVE-2026-1"], "affected": [
			{"package": {"name": "kernel"}, "ranges": [{"events": [{"fixed": "5.14.0-611.49.2.el9_7"}]}]}]}`,
		"debian/5.15.changelog": "linux (6.1.8-1) x\n\n  * (CVE-2026-1)\n\n -- x\n" +
			"linux (5.15.100-3) x\n\n  * later\n\n -- x\n" +
			"linux (5.15.100-2) x\n\n  * net: do not\n    leak\n\n -- x\nlinux (5.15.100-1) x\n\n  * first\n\n -- x\n",
		"debian/6.1.changelog": "linux (6.1.9-1) x\n\n  * y\n\n -- x\nlinux (6.1.8-2) x\n\n  * z\n\n -- x\nlinux (6.1.8-1) x\n\n  * Bump ABI to 7\n\n -- x\n",
		"debian/packages.tsv":  "6.1.0-9\t6.1.9-1\n",
		"ubuntu/CVE-2022-1": "upstream_linux: released (5.17~rc6)\nfocal_linux: not-affected (5.4.0-9.12)\nimpish_linux: released (5.13.0-35.40)\n" +
			"focal_linux-hwe-5.13: released (5.13.0-30.40~20.04.1)\njammy_linux: not-affected (5.15.0-23.23)\njammy_linux-aws: released (5.15.0-1003.5)\n",
		"endoflife/linux-kernel.md": "---\ntitle: x\nreleases:\n  - releaseCycle: \"6.18\"\n    lts: true\n    releaseDate: 2025-11-30\n    eol: 2028-12-31\n" +
			"  - releaseCycle: \"7.2\"\n    releaseDate: 2026-08-16\n    eol: false\n\n---\ntext\n",
		"distro-info/ubuntu.csv": "version,codename,series,created,release,eol,eol-server,eol-esm\n" +
			"22.04 LTS,Jammy Jellyfish,jammy,2021-10-14,2022-04-21,2027-06-01,2027-06-01,2032-04-21\n5.04,Hoary,hoary,2004-10-20,2005-04-08,2006-10-31\n",
		"distro-info/debian.csv": "version,codename,series,created,release,eol,eol-lts\n12,Bookworm,bookworm,2021-08-14,2023-06-10,2026-07-11,2028-06-30\n14,Forky,forky,2025-08-09\n",
	} {
		write(t, from, name, content)
	}
	for _, p := range append(products(), runtimes()...) {
		write(t, from, "endoflife/"+p.page+".md",
			"---\nreleases:\n  - releaseCycle: \"1.34\"\n    releaseDate: 2025-08-27\n    eol: 2026-10-27\n    eoes: 2027-10-27\n\n---\n")
	}
	to = folders{tools: t.TempDir(), policy: t.TempDir(), alerts: t.TempDir()}
	write(t, to.tools, "bugs.txt", "# a comment\none CVE-2026-1\ntwo CVE-2026-2\ncve_2022_1\n")
	write(t, to.tools, "runtimes.yaml", "kubernetes:\n  \"1.37\": {released: 2026-08-26, ends: open}\n  \"1.34\": {kernel: \"5.4\"}\n")
	return from, to
}

func TestMakeData(t *testing.T) {
	t.Parallel()
	from, to := gathered(t)
	if err := run([]string{"make", "--from=" + from, "--tools=" + to.tools, "--policy=" + to.policy, "--alerts=" + to.alerts}, io.Discard, time.Now()); err != nil {
		t.Fatal(err)
	}
	for file, wants := range map[string][]string{
		filepath.Join(to.policy, "bugs.yaml"): {
			"updated: 2026-08-21\n",
			// Of two steps of a line the second counts; a bug that no release had is left out.
			`{name: one, introduced: 5.15, introduced_stable: [5.10.65], fixed: 6.5, fixed_stable: [5.15.206, 6.1.9], complete: true, source: "kernel CNA, CVE-2026-1"}`,
			// Mainline never had it.
			`{name: two, introduced_stable: [6.1.175, 6.6.140], fixed_stable: [6.1.177], complete: true, source: "kernel CNA, CVE-2026-2"}`,
			`{name: cve_2022_1, introduced: 5.8, fixed: 5.17, fixed_stable: [5.10.102], source: "linux_kernel_cves, CVE-2022-1"}`,
		},
		filepath.Join(to.policy, "bugs-builds.yaml"): {
			// AlmaLinux's own build first; the last minor speaks of later ones.
			"  - name: one\n    builds:\n" +
				"      - {stream: el9_7, from: 5.14.0-611.49.2, below: 5.14.0-611.50, state: clear}\n" +
				"      - {stream: el9_7, from: 5.14.0-1, fixed: 5.14.0-611.54.1}\n" +
				"      - {stream: el9_8, from: 5.14.0-1, fixed: 5.14.0-687.5.3, later: true}\n" +
				// By the title, though it is wrapped; and by the stable release.
				"      - {stream: debian, fixed: 5.15.100-2}\n" +
				"      - {stream: debian, fixed: 6.1.9-1}\n",
			// The package of a line counts, not the one that offers it elsewhere; 5.4 is older than the bug.
			"  - name: cve_2022_1\n    builds:\n" +
				"      - {stream: ubuntu, fixed: 5.13.0-35}\n" +
				"      - {stream: ubuntu, line: 5.15, state: clear}\n" +
				"      - {stream: ubuntu-aws, fixed: 5.15.0-1003}\n",
			"  - {stream: debian, release: 6.1.0-7, version: 6.1.8-1, last: 6.1.8-2}\n  - {stream: debian, release: 6.1.0-9, version: 6.1.9-1}\n",
		},
		filepath.Join(to.policy, "lifecycle.yaml"): {
			"updated: 2026-08-22\n",
			"{line: 6.18, released: 2025-11-30, ends: 2028-12-31, longterm: true}\n",
			"{line: 7.2, released: 2026-08-16, ends: open}\n",
			"- {version: \"22.04\", ends: 2027-06-01, extended: 2032-04-21}\n  - name: Debian\n",
			"- {version: \"12\", ends: 2026-07-11, extended: 2028-06-30}\n  - name: Red Hat",
			// A minor release ends on the day before the next one's first kernel.
			"- {version: \"9.7\", ends: 2026-05-18}\n",
		},
		filepath.Join(to.alerts, "runtimes.yaml"): {
			"- {version: \"1.37\", released: 2026-08-26, ends: open, kernel: \"5.4\"}\n" +
				"    - {version: \"1.34\", released: 2025-08-27, ends: 2026-10-27, kernel: \"5.4\"}\n",
		},
		filepath.Join(to.tools, "lock.tsv"): {"endoflife\tabc\t2026-08-22\t"},
	} {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(content), want) {
				t.Errorf("%s lacks:\n%s\nIt has:\n%s", filepath.Base(file), want, content)
			}
		}
	}
}

func TestMakeDataFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, content, want string }{
		"a CVE without a record":   {"bugs.txt", "cve_1999_1\n", "no record of CVE-1999-1"},
		"a dyad of another form":   {"vulns/CVE-2026-1.dyad", "5.15 6.5\n", "is no pair"},
		"a bug that nothing had":   {"vulns/CVE-2026-2.dyad", "7.1:aa:7.1:bb\n", "no release has the bug"},
		"an advisory of no form":   {"almalinux/a.json", "{", "a.json"},
		"a page without a table":   {"endoflife/linux-kernel.md", "---\ntitle: x\n\n---\n", "no releases"},
		"a source without a date":  {"sources.tsv", "vulns\tabc\tyesterday\thttps://example.org\n", "yesterday"},
		"a table without its head": {"distro-info/debian.csv", "a,b\n", "no column"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to := gathered(t)
			folder := from
			if test.file == "bugs.txt" {
				folder = to.tools
			}
			write(t, folder, test.file, test.content)
			if err := makeData(from, to); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct{ bugs, lifecycle, want string }{
		"young":           {"updated: 2026-11-01\n", "updated: 2026-10-13\n", ""},
		"one is too old":  {"updated: 2026-11-01\n", "updated: 2026-10-11\n", "lifecycle.yaml: older than 45 days"},
		"both":            {"updated: 2026-08-21\n", "updated: 2026-08-22\n", "bugs.yaml, lifecycle.yaml: older than 45 days"},
		"without its day": {"bugs: []\n", "updated: 2026-11-01\n", "bugs.yaml has no line"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			policy := t.TempDir()
			write(t, policy, "bugs.yaml", test.bugs)
			write(t, policy, "lifecycle.yaml", test.lifecycle)
			var out strings.Builder
			err := run([]string{"check", "--policy=" + policy}, &out, now)
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}
