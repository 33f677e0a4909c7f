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

// build is what a vendor says of its own builds of a bug.
type build struct {
	bug, stream              string
	from, below, fixed, line string
	clear                    bool // the whole of the range, or of the line
	later                    bool // later minors of the stream are clear
}

func findBuilds(from string, bugs []bug) ([]build, error) {
	el, err := readErrata(filepath.Join(from, "almalinux"))
	if err != nil {
		return nil, err
	}
	debian, err := readUploads(filepath.Join(from, "debian"))
	if err != nil {
		return nil, err
	}
	var out []build
	for _, b := range bugs {
		if !b.ubuntuOnly {
			out = append(out, el.builds(b)...)
			out = append(out, debian.builds(b)...)
		}
		ubuntu, err := ubuntuBuilds(filepath.Join(from, "ubuntu"), b)
		if err != nil {
			return nil, err
		}
		out = append(out, ubuntu...)
	}
	return out, nil
}

// errata are the kernels of AlmaLinux's advisories. Most are Red Hat's own, in build
// and in words. Those of AlmaLinux alone, as ALSA-2026:A001, speak of builds that
// Red Hat does not have.
type errata struct {
	fixed  map[string][]string // by CVE
	own    map[string][]string // by CVE, AlmaLinux's alone
	minors map[string]string   // the day of the first kernel of a minor, as el9_7
}

var (
	ownAdvisory = regexp.MustCompile(`:A\d`)
	elKernel    = regexp.MustCompile(`^(\d+\.\d+\.\d+-[\d.]+)\.(el\d+_\d+)$`)
)

func readErrata(folder string) (errata, error) {
	type advisory struct {
		ID        string   `json:"id"`
		Published string   `json:"published"`
		Related   []string `json:"related"`
		Affected  []struct {
			Package struct {
				Name string `json:"name"`
			} `json:"package"`
			Ranges []struct {
				Events []struct {
					Fixed string `json:"fixed"`
				} `json:"events"`
			} `json:"ranges"`
		} `json:"affected"`
	}
	out := errata{fixed: make(map[string][]string), own: make(map[string][]string), minors: make(map[string]string)}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var a advisory
		if err := json.Unmarshal(content, &a); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		day, _, _ := strings.Cut(a.Published, "T")
		fixes := out.fixed
		if ownAdvisory.MatchString(a.ID) {
			fixes = out.own
		}
		for _, affected := range a.Affected {
			if !strings.HasPrefix(affected.Package.Name, "kernel") {
				continue
			}
			for _, r := range affected.Ranges {
				for _, e := range r.Events {
					// kernel-rt counts in another way, and has no match.
					m := elKernel.FindStringSubmatch(e.Fixed)
					if m == nil {
						continue
					}
					if first, ok := out.minors[m[2]]; !ok || day < first {
						out.minors[m[2]] = day
					}
					for _, cve := range a.Related {
						if !slices.Contains(fixes[cve], e.Fixed) {
							fixes[cve] = append(fixes[cve], e.Fixed)
						}
					}
				}
			}
		}
		return nil
	})
	return out, err
}

// builds keeps the first fixed build of each minor release. What an advisory of a
// minor fixes is in the minors after it, too.
func (e errata) builds(b bug) []build {
	first := make(map[string]string)
	for _, fixed := range e.fixed[b.cve] {
		m := elKernel.FindStringSubmatch(fixed)
		if old, ok := first[m[2]]; !ok || compare(m[1], old) < 0 {
			first[m[2]] = m[1]
		}
	}
	var out, own []build
	for _, stream := range sortedBy(first) {
		base, _, _ := strings.Cut(first[stream], "-")
		out = append(out, build{bug: b.name, stream: stream, from: base + "-1", fixed: first[stream]})
	}
	for i, one := range out {
		major, _, _ := strings.Cut(one.stream, "_")
		out[i].later = i == len(out)-1 || !strings.HasPrefix(out[i+1].stream, major+"_")
	}
	for _, fixed := range e.own[b.cve] {
		m := elKernel.FindStringSubmatch(fixed)
		own = append(own, build{bug: b.name, stream: m[2], from: m[1], below: nextBuild(m[1]), clear: true})
	}
	slices.SortFunc(own, func(x, y build) int { return compare(x.stream, y.stream) })
	return append(own, out...) // the first that speaks of a build counts
}

// nextBuild raises the second last number: 611.49.2 is the second build of 611.49.
func nextBuild(build string) string {
	f := strings.Split(build, ".")
	n, _ := strconv.Atoi(f[len(f)-2])
	return strings.Join(append(f[:len(f)-2:len(f)-2], strconv.Itoa(n+1)), ".")
}

func sortedBy(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.SortFunc(out, compare)
	return out
}

// upload is an entry of a Debian changelog.
type upload struct{ version, text, flat string }

// uploads are those of each line, oldest first.
type uploads map[string][]upload

var (
	uploadHead = regexp.MustCompile(`^linux(?:-signed-\w+)? \((\d+\.\d+\.\d+-\d+)[^)]*\)`)
	abiBump    = regexp.MustCompile(`\* +Bump ABI to (\d+)`)
)

// readUploads reads the changelogs of Debian's linux. A changelog has the history
// of all lines; each line is taken from the changelog of its own release, which is
// named after it.
func readUploads(folder string) (uploads, error) {
	out := make(uploads)
	files, err := filepath.Glob(filepath.Join(folder, "*.changelog"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: no changelog", folder)
	}
	for _, name := range files {
		content, readErr := os.ReadFile(name)
		err = errors.Join(err, readErr)
		line := strings.TrimSuffix(filepath.Base(name), ".changelog")
		var current *upload
		var all []upload
		for text := range strings.Lines(string(content)) {
			if strings.HasPrefix(text, "linux") {
				current = nil
				if m := uploadHead.FindStringSubmatch(text); m != nil && lineOf(m[1]) == line {
					all = append(all, upload{version: m[1]})
					current = &all[len(all)-1]
				}
			}
			if current != nil {
				current.text += text
			}
		}
		slices.Reverse(all)
		for i := range all {
			// A title may be wrapped.
			all[i].flat = strings.Join(strings.Fields(all[i].text), " ")
		}
		out[line] = all
	}
	return out, err
}

// builds names the first upload of each line with the fix: the changelog names the
// CVE or the title of the fix, or the upload is made from a stable release with it.
// A line that had the fix from its first upload on needs no entry.
func (u uploads) builds(b bug) []build {
	lines := make([]string, 0, len(u))
	for line := range u {
		lines = append(lines, line)
	}
	slices.SortFunc(lines, compare)
	cve := regexp.MustCompile(regexp.QuoteMeta(b.cve) + `\D`)
	var out []build
	for _, line := range lines {
		if !b.mayBeIn(line) {
			continue
		}
		for i, one := range u[line] {
			if b.clearAt(upstream(one.version)) || cve.MatchString(one.text) || b.title != "" && strings.Contains(one.flat, b.title) {
				if i > 0 {
					out = append(out, build{bug: b.name, stream: "debian", fixed: one.version})
				}
				break
			}
		}
	}
	return out
}

// mayBeIn says whether a release of a line may have the bug.
func (b bug) mayBeIn(line string) bool {
	if b.fixed != "" && compare(line, b.fixed) >= 0 {
		return false
	}
	return b.introduced != "" && compare(line, b.introduced) >= 0 ||
		slices.ContainsFunc(b.introducedStable, func(v string) bool { return lineOf(v) == line })
}

// clearAt says whether a stable release is past a fix of its line.
func (b bug) clearAt(version string) bool {
	return slices.ContainsFunc(b.fixedStable, func(fixed string) bool {
		return sameLine(fixed, version) && compare(version, fixed) >= 0
	})
}

// abi is the version of the first and the last upload with an ABI number.
type abi struct{ release, version, last string }

// debianABIs tells what the releases that only have an ABI number, as 6.1.0-18,
// are versions of: the upload that raised the number, with further uploads of the
// same upstream release, and the packages that the archive has. Not every upload
// says that it raised the number, so no others can be told.
func debianABIs(from string) ([]abi, error) {
	folder := filepath.Join(from, "debian")
	all, err := readUploads(folder)
	if err != nil {
		return nil, err
	}
	var out []abi
	for _, line := range []string{"5.10", "6.1"} {
		for i, one := range all[line] {
			if m := abiBump.FindStringSubmatch(one.text); m != nil {
				out = append(out, abi{release: line + ".0-" + m[1], version: one.version})
			} else if i > 0 && len(out) > 0 && upstream(one.version) == upstream(all[line][i-1].version) &&
				upstream(one.version) == upstream(out[len(out)-1].version) {
				out[len(out)-1].last = one.version
			}
		}
	}
	err = eachLine(filepath.Join(folder, "packages.tsv"), func(line string) error {
		release, version, _ := strings.Cut(line, "\t")
		if !slices.ContainsFunc(out, func(a abi) bool { return a.release == release }) {
			out = append(out, abi{release: release, version: version})
		}
		return nil
	})
	return out, err
}

// upstream is the stable release that a Debian version is made from.
func upstream(version string) string {
	base, _, _ := strings.Cut(version, "-")
	return base
}

// oldestUbuntu is the oldest line of Ubuntu's that is worth its place.
const oldestUbuntu = "4.4"

// ubuntuBuilds reads Ubuntu's CVE tracker. The streams are Ubuntu's own packages,
// a line of which is built in the release whose first kernel it is.
func ubuntuBuilds(folder string, b bug) ([]build, error) {
	content, err := os.ReadFile(filepath.Join(folder, b.cve))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	form := regexp.MustCompile(`(?m)^[a-z/-]+_linux(-aws|-azure|-gcp)?(-hwe)?(-\d+\.\d+)?: (released|not-affected) \((\d+\.\d+\.\d+-\d+)\.`)
	type key struct{ stream, line string }
	first := make(map[key]build)
	own := make(map[key]bool)
	for _, m := range form.FindAllStringSubmatch(string(content), -1) {
		k := key{stream: "ubuntu" + m[1], line: lineOf(m[5])}
		if compare(k.line, oldestUbuntu) < 0 {
			continue
		}
		one := build{bug: b.name, stream: k.stream, fixed: m[5]}
		switch {
		case m[4] == "not-affected":
			one = build{bug: b.name, stream: k.stream, line: k.line, clear: true}
		case b.ubuntuOnly: // no mainline release says that its builds have the bug
			one.from = k.line + ".0-1"
		}
		isOwn := m[2] == "" && m[3] == ""
		old, ok := first[k]
		switch {
		case !ok, isOwn && !own[k], old.fixed == "" && one.fixed != "" && isOwn == own[k]:
			first[k], own[k] = one, isOwn
		case own[k] && !isOwn:
		case one.fixed != "" && old.fixed != "" && compare(one.fixed, old.fixed) < 0:
			first[k] = one
		}
	}
	var out []build
	for _, one := range first {
		if one.fixed != "" || !b.ubuntuOnly && !b.olderThanBug(one.line) {
			out = append(out, one)
		}
	}
	slices.SortFunc(out, func(x, y build) int {
		if c := strings.Compare(x.stream, y.stream); c != 0 {
			return c
		}
		return compare(x.fixed+x.line, y.fixed+y.line)
	})
	return out, nil
}

// olderThanBug says whether a line is from before the bug, which needs no entry.
func (b bug) olderThanBug(line string) bool {
	return b.introduced != "" && compare(line, b.introduced) < 0
}
