package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// runtimes are what kube_node_info names, for the alerts.
func runtimes() []product {
	return []product{
		{page: "kubernetes", name: "kubernetes"},
		{page: "containerd", name: "containerd"},
		{page: "kubernetes", name: "crio"}, // a minor of CRI-O ends with that of Kubernetes
		{page: "docker-engine", name: "docker"},
	}
}

// ownRelease is what a person knows of a release.
type ownRelease struct {
	Released string `yaml:"released"`
	Ends     string `yaml:"ends"`
	Kernel   string `yaml:"kernel"`
	Cgroup   string `yaml:"cgroup"`
}

// makeRuntimes is runtimes.yaml of the alerts.
func makeRuntimes(from, tools string, all sources) (string, error) {
	name := filepath.Join(tools, "runtimes.yaml")
	content, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	var own map[string]map[string]ownRelease
	if err := yaml.Unmarshal(content, &own); err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	var b strings.Builder
	b.WriteString(generated)
	fmt.Fprintf(&b, `# What a person adds to the dates is in tools/policydata/runtimes.yaml.
#
# ends: the last day with patches, or open. kernel: the oldest line that the kubelet
# of this minor asks for. cgroup: v2 where it refuses cgroup v1 by default.

updated: %s
`, all.of("endoflife").date)
	for _, p := range runtimes() {
		releases, err := readPage(from, p.page)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "\n%s:\n  source: https://endoflife.date/%s\n  releases:\n", p.name, p.page)
		if p.name == "crio" {
			b.WriteString("    # A minor ends with that of Kubernetes: https://github.com/cri-o/cri-o#compatibility-matrix-cri-o--kubernetes\n")
		}
		writeRuntime(&b, releases, own[p.name])
	}
	return b.String(), nil
}

// writeRuntime writes the releases, newest first. A floor holds for all releases
// from its own on, until a higher one takes its place.
func writeRuntime(b *strings.Builder, releases []pageRelease, own map[string]ownRelease) {
	for version, o := range own {
		if !slices.ContainsFunc(releases, func(r pageRelease) bool { return r.Cycle == version }) {
			releases = append(releases, pageRelease{Cycle: version, Released: o.Released, Ends: yaml.Node{Value: o.Ends}})
		}
	}
	slices.SortFunc(releases, func(x, y pageRelease) int { return compare(x.Cycle, y.Cycle) })
	var lines []string
	var kernel, cgroup string
	for _, r := range releases {
		o := own[r.Cycle]
		if o.Kernel != "" {
			kernel = o.Kernel
		}
		if o.Cgroup != "" {
			cgroup = o.Cgroup
		}
		if r.Released == "" || r.last() < forgotten {
			continue
		}
		line := fmt.Sprintf("    - {version: %q, released: %s, ends: %s", r.Cycle, r.Released, r.end())
		if kernel != "" {
			line += fmt.Sprintf(", kernel: %q", kernel)
		}
		if cgroup != "" {
			line += ", cgroup: " + cgroup
		}
		lines = append(lines, line+"}\n")
	}
	slices.Reverse(lines)
	b.WriteString(strings.Join(lines, ""))
}
