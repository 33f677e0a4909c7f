package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// bug is an entry of bugs.txt with the kernel.org releases that have the bug.
type bug struct {
	name, cve  string
	title      string // of the commit with the fix
	ubuntuOnly bool
	source     string

	introduced, fixed             string // mainline lines; "never" or empty
	introducedStable, fixedStable []string
	complete                      bool // every stable release is listed
}

func readWanted(name string) ([]bug, error) {
	var bugs []bug
	err := eachLine(name, func(line string) error {
		fields := strings.Fields(line)
		b := bug{name: fields[0]}
		if strings.HasPrefix(b.name, "cve_") {
			b.cve = strings.ToUpper(strings.ReplaceAll(b.name, "_", "-"))
		}
		for _, f := range fields[1:] {
			if f == "ubuntu" {
				b.ubuntuOnly = true
			} else {
				b.cve = f
			}
		}
		bugs = append(bugs, b)
		return nil
	})
	return bugs, err
}

// findRanges fills in the ranges: from the kernel CNA's record, else from the
// older table of CVEs, which ended in 2024.
func findRanges(from string, wanted []bug) ([]bug, error) {
	older, err := readOlder(filepath.Join(from, "linux_kernel_cves"))
	if err != nil {
		return nil, err
	}
	titles := make(map[string]string)
	err = eachLine(filepath.Join(from, "vulns", "titles.tsv"), func(line string) error {
		cve, title, _ := strings.Cut(line, "\t")
		titles[cve] = strings.Join(strings.Fields(title), " ")
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range wanted {
		b := &wanted[i]
		b.title = titles[b.cve]
		if b.ubuntuOnly {
			b.source = "Ubuntu's CVE tracker, " + b.cve
			continue
		}
		name := filepath.Join(from, "vulns", b.cve+".dyad")
		switch content, err := os.ReadFile(name); {
		case err == nil:
			err = b.fromDyad(string(content))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		default:
			if err := older.fill(b); err != nil {
				return nil, err
			}
		}
	}
	return wanted, nil
}

// fromDyad reads pairs "introduced version:commit:fixed version:commit". A version
// of 0 is none; a pair of one version twice is a bug that no release had.
func (b *bug) fromDyad(content string) error {
	b.source, b.complete = "kernel CNA, "+b.cve, true
	for line := range strings.Lines(content) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, ":")
		if len(f) != 4 {
			return fmt.Errorf("%q is no pair", line)
		}
		if f[0] == f[2] {
			continue
		}
		b.add(f[0], f[2])
	}
	if b.introduced == "" {
		b.fixed = ""
	}
	// A stable release whose line already had the bug from its first release on
	// brought nothing new.
	b.introducedStable = slices.DeleteFunc(b.introducedStable, func(v string) bool {
		return b.introduced != "" && compare(lineOf(v), b.introduced) >= 0
	})
	slices.SortFunc(b.introducedStable, compare)
	b.introducedStable = slices.CompactFunc(b.introducedStable, sameLine)
	// Where a line took the fix in two steps, the second one counts.
	slices.SortFunc(b.fixedStable, func(x, y string) int { return compare(y, x) })
	b.fixedStable = slices.CompactFunc(b.fixedStable, sameLine)
	slices.Reverse(b.fixedStable)
	if b.introduced == "" && len(b.introducedStable) == 0 {
		return errors.New("no release has the bug")
	}
	return nil
}

func (b *bug) add(introduced, fixed string) {
	switch {
	case introduced == "0" || introduced == "":
		b.introduced = "2.6"
	case isMainline(introduced):
		if line := lineOf(introduced); b.introduced == "" || compare(line, b.introduced) < 0 {
			b.introduced = line
		}
	case !slices.Contains(b.introducedStable, introduced):
		b.introducedStable = append(b.introducedStable, introduced)
	}
	switch {
	case fixed == "0":
	case isMainline(fixed):
		b.fixed = lineOf(fixed)
	case !slices.Contains(b.fixedStable, fixed):
		b.fixedStable = append(b.fixedStable, fixed)
	}
}

// isMainline says whether a version is a release of mainline, as 6.1 or 2.6.39.
func isMainline(version string) bool {
	n := strings.Count(version, ".")
	return n == 1 || n == 2 && strings.HasPrefix(version, "2.6.")
}

// lineOf returns the first two numbers of a version.
func lineOf(version string) string {
	f := strings.SplitN(version, ".", 3)
	return strings.Join(f[:min(2, len(f))], ".")
}

func sameLine(a, b string) bool { return lineOf(a) == lineOf(b) }

// compare orders versions and builds number by number.
func compare(a, b string) int {
	as, bs := numbers(a), numbers(b)
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			return as[i] - bs[i]
		}
	}
	return len(as) - len(bs)
}

func numbers(s string) []int {
	var out []int
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		n, _ := strconv.Atoi(f)
		out = append(out, n)
	}
	return out
}

// olderTable is the table of kernel CVEs that ended in April 2024.
type olderTable struct {
	mainline map[string][2]string // introduced, fixed
	stable   map[string]map[string]struct {
		FixedVersion string `json:"fixed_version"`
	}
}

func readOlder(folder string) (olderTable, error) {
	t := olderTable{mainline: make(map[string][2]string)}
	form := regexp.MustCompile(`^(CVE-\d+-\d+): .*\(v?([^ ]+) to v?([^ ]+)\)`)
	err := eachLine(filepath.Join(folder, "CVEs.txt"), func(line string) error {
		if m := form.FindStringSubmatch(line); m != nil {
			t.mainline[m[1]] = [2]string{m[2], m[3]}
		}
		return nil
	})
	if err != nil {
		return t, err
	}
	content, err := os.ReadFile(filepath.Join(folder, "stream_fixes.json"))
	if err != nil {
		return t, err
	}
	return t, json.Unmarshal(content, &t.stable)
}

func (t olderTable) fill(b *bug) error {
	m, ok := t.mainline[b.cve]
	if !ok {
		return fmt.Errorf("%s: no record of %s", b.name, b.cve)
	}
	b.source = "linux_kernel_cves, " + b.cve
	if m[0] != "unk" {
		b.introduced = lineOf(strings.Split(m[0], "-")[0])
	}
	if m[1] == "unk" {
		return fmt.Errorf("%s: the fix of %s is unknown", b.name, b.cve)
	}
	b.fixed = lineOf(strings.Split(m[1], "-")[0])
	for _, fix := range t.stable[b.cve] {
		if v := fix.FixedVersion; strings.Count(v, ".") == 2 && compare(lineOf(v), b.fixed) < 0 {
			b.fixedStable = append(b.fixedStable, v)
		}
	}
	slices.SortFunc(b.fixedStable, compare)
	return nil
}
