package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// product is a page of endoflife.date, and what its releases are called here.
type product struct {
	page, name, trim string
	minors           bool // a minor release ends when the next one comes
}

// products are those whose dates endoflife.date has; those of Ubuntu and Debian
// come from distro-info-data, which is Canonical's and Debian's own.
func products() []product {
	return []product{
		{page: "rhel", name: "Red Hat Enterprise Linux", minors: true},
		{page: "red-hat-openshift", name: "OpenShift"},
		{page: "red-hat-openshift", name: "OpenShift 4.19"},
		{page: "centos-stream", name: "CentOS Stream"},
		{page: "centos", name: "CentOS Linux"},
		{page: "rocky-linux", name: "Rocky Linux", minors: true},
		{page: "almalinux", name: "AlmaLinux", minors: true},
		{page: "oracle-linux", name: "Oracle Linux"},
		{page: "amazon-linux", name: "Amazon Linux"},
		{page: "sles", name: "SUSE Linux Enterprise Server"},
		{page: "suse-linux-micro", name: "SUSE Linux Micro"},
		{page: "opensuse", name: "openSUSE Leap"},
		{page: "fedora", name: "Fedora Linux"},
		{page: "cos", name: "Container-Optimized OS", trim: "cos-"},
		{page: "vmware-photon", name: "Photon OS"},
		{page: "alpine-linux", name: "Alpine Linux"},
		{page: "nixos", name: "NixOS"},
		{page: "xcp-ng", name: "XCP-ng"},
	}
}

// forgotten is the day before which an end is too old to be of use.
const forgotten = "2017-01-01"

// makeLifecycle is lifecycle.yaml: dates alone, and what they are dates of. All
// else stands in files written by hand.
func makeLifecycle(from string, all sources) (string, error) {
	var b strings.Builder
	pages := all.of("endoflife")
	b.WriteString(generated)
	fmt.Fprintf(&b, "# \"endoflife.date\" is https://github.com/endoflife-date/endoflife.date (%s).\n\nupdated: %s\n\n", pages.date, pages.date)

	lines, err := readPage(from, "linux-kernel")
	if err != nil {
		return "", err
	}
	b.WriteString("kernels:\n  source: https://endoflife.date/linux (it cites the announcement of each end)\n  lines:\n")
	for _, r := range lines {
		fmt.Fprintf(&b, "    - {line: %s, released: %s, ends: %s", r.Cycle, r.Released, r.end())
		if r.isLTS() {
			b.WriteString(", longterm: true")
		}
		b.WriteString("}\n")
	}

	b.WriteString("\ndistributions:\n")
	info := all.of("distro-info")
	for _, own := range []struct{ file, name string }{{"ubuntu", "Ubuntu"}, {"debian", "Debian"}} {
		fmt.Fprintf(&b, "  - name: %s\n    source: distro-info-data %s (%s)\n    releases:\n", own.name, info.version, own.file+".csv")
		rows, err := distroInfo(filepath.Join(from, "distro-info", own.file+".csv"))
		if err != nil {
			return "", err
		}
		b.WriteString(rows)
	}
	el, err := readErrata(filepath.Join(from, "almalinux"))
	if err != nil {
		return "", err
	}
	for _, p := range products() {
		fmt.Fprintf(&b, "  - name: %s\n    source: https://endoflife.date/%s\n    releases:\n", p.name, p.page)
		if err := writeReleases(&b, from, p); err != nil {
			return "", err
		}
		if p.minors {
			b.WriteString(el.ends())
		}
	}
	return b.String(), nil
}

// ends are those of minor releases: the day before the first kernel of the next one
// that the errata know. The newest one has no entry; its major release serves it.
func (e errata) ends() string {
	var b strings.Builder
	streams := sortedBy(e.minors)
	slices.Reverse(streams)
	for i, stream := range streams {
		day, err := time.Parse(time.DateOnly, e.minors[stream])
		n := numbers(stream)
		if err != nil || len(n) != 2 {
			continue
		}
		oldest := 0
		if i+1 < len(streams) && numbers(streams[i+1])[0] == n[0] {
			oldest = numbers(streams[i+1])[1]
		}
		for minor := n[1] - 1; minor >= oldest; minor-- {
			fmt.Fprintf(&b, "      - {version: \"%d.%d\", ends: %s}\n", n[0], minor, day.AddDate(0, 0, -1).Format(time.DateOnly))
		}
	}
	return b.String()
}

func writeReleases(b *strings.Builder, from string, p product) error {
	releases, err := readPage(from, p.page)
	if err != nil {
		return err
	}
	for _, r := range releases {
		if r.last() < forgotten {
			continue
		}
		fmt.Fprintf(b, "      - {version: %q, ends: %s", strings.TrimPrefix(r.Cycle, p.trim), r.end())
		if extended := r.extended(); extended != "" {
			fmt.Fprintf(b, ", extended: %s", extended)
		}
		b.WriteString("}\n")
	}
	return nil
}

// pageRelease is a release as a page of endoflife.date has it. A date may be a
// date, or a truth value where the day is not known.
type pageRelease struct {
	Cycle    string    `yaml:"releaseCycle"`
	Released string    `yaml:"releaseDate"`
	Ends     yaml.Node `yaml:"eol"`
	Extended yaml.Node `yaml:"eoes"`
	LTS      yaml.Node `yaml:"lts"`
}

func (r pageRelease) isLTS() bool { return r.LTS.Value != "" && r.LTS.Value != "false" }

func (r pageRelease) end() string {
	if r.Ends.Value == "false" {
		return "open"
	}
	return r.Ends.Value
}

func (r pageRelease) extended() string {
	if strings.HasPrefix(r.Extended.Value, "20") && r.Extended.Value > r.Ends.Value {
		return r.Extended.Value
	}
	return ""
}

func (r pageRelease) last() string { return max(r.end(), r.extended()) }

func readPage(from, page string) ([]pageRelease, error) {
	name := filepath.Join(from, "endoflife", page+".md")
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	_, rest, _ := bytes.Cut(content, []byte("---\n"))
	front, _, ok := bytes.Cut(rest, []byte("\n---\n"))
	if !ok {
		return nil, fmt.Errorf("%s: no front matter", name)
	}
	var data struct {
		Releases []pageRelease `yaml:"releases"`
	}
	if err := yaml.Unmarshal(front, &data); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(data.Releases) == 0 {
		return nil, fmt.Errorf("%s: no releases", name)
	}
	return data.Releases, nil
}

// distroInfo writes the releases of a table of distro-info-data. Ubuntu's extended
// support is eol-esm, Debian's eol-lts.
func distroInfo(name string) (string, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	reader := csv.NewReader(bytes.NewReader(content))
	reader.FieldsPerRecord = -1
	rows, err := reader.ReadAll()
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	column := make(map[string]int)
	for i, title := range rows[0] {
		column[title] = i
	}
	for _, title := range []string{"version", "eol"} {
		if _, ok := column[title]; !ok {
			return "", errors.New(name + ": no column " + title)
		}
	}
	var b strings.Builder
	for i := len(rows) - 1; i > 0; i-- {
		field := func(title string) string {
			if n, ok := column[title]; ok && n < len(rows[i]) {
				return rows[i][n]
			}
			return ""
		}
		version, _, _ := strings.Cut(field("version"), " ")
		ends, extended := field("eol"), cmp.Or(field("eol-esm"), field("eol-lts"))
		if ends == "" || max(ends, extended) < forgotten {
			continue
		}
		fmt.Fprintf(&b, "      - {version: %q, ends: %s", version, ends)
		if extended > ends {
			fmt.Fprintf(&b, ", extended: %s", extended)
		}
		b.WriteString("}\n")
	}
	return b.String(), nil
}
