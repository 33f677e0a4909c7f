package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

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
func (u uploads) builds(b *bug) []build {
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
func (b *bug) mayBeIn(line string) bool {
	if b.fixedBefore(line) {
		return false
	}
	return b.introduced != "" && compare(line, b.introduced) >= 0 ||
		slices.ContainsFunc(b.introducedStable, func(v string) bool { return lineOf(v) == line })
}

// fixedBefore says whether a line had the fix from its first release on.
func (b *bug) fixedBefore(line string) bool {
	return b.fixed != "" && compare(line, b.fixed) >= 0
}

// clearAt says whether a stable release is past a fix of its line.
func (b *bug) clearAt(version string) bool {
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
