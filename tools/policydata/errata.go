package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

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

// advisory is a record of the OSV form.
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

func readErrata(folder string) (errata, error) {
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
		out.add(a)
		return nil
	})
	return out, err
}

func (e errata) add(a advisory) {
	published, _, _ := strings.Cut(a.Published, "T")
	fixes := e.fixed
	if ownAdvisory.MatchString(a.ID) {
		fixes = e.own
	}
	for _, kernel := range a.kernels() {
		minor := elKernel.FindStringSubmatch(kernel)[2]
		if first, ok := e.minors[minor]; !ok || published < first {
			e.minors[minor] = published
		}
		for _, cve := range a.Related {
			fixes[cve] = append(fixes[cve], kernel)
		}
	}
}

// kernels are the builds that an advisory brings, each once. kernel-rt counts in
// another way, and has no match.
func (a advisory) kernels() []string {
	var out []string
	for _, affected := range a.Affected {
		for _, r := range affected.Ranges {
			for _, e := range r.Events {
				if strings.HasPrefix(affected.Package.Name, "kernel") && elKernel.MatchString(e.Fixed) {
					out = append(out, e.Fixed)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// builds keeps the first fixed build of each minor release. What an advisory of a
// minor fixes is in the minors after it, too.
func (e errata) builds(b *bug) []build {
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
