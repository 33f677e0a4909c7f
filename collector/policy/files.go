package policy

import (
	"crypto/sha256"
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
)

// The names of the policy's files.
const (
	RulesFile     = "kernel-4.yaml"
	LifecycleFile = "lifecycle.yaml"
	BugsFile      = "bugs.yaml"
	FeaturesFile  = "features.yaml"
)

// Files returns the names of the files that make a policy. A built-in one may come
// in parts: bugs.yaml, then bugs-*.yaml in the order of their names.
func Files() []string { return []string{RulesFile, BugsFile, FeaturesFile, LifecycleFile} }

//go:embed *.yaml
var builtin embed.FS

// File is a file of the policy.
type File struct {
	Name string // below the directory of the policy: bugs.yaml, bugs.d/site.yaml
	Data []byte
}

// Builtin returns the built-in parts of a file of the policy, in the order in which
// they are merged.
func Builtin(name string) ([]File, error) {
	entries, err := builtin.ReadDir(".")
	if err != nil {
		return nil, err
	}
	var files []File
	for _, e := range entries {
		set, kind := setOf(e.Name())
		if set != name {
			continue
		}
		data, err := builtin.ReadFile(e.Name())
		if err != nil {
			return nil, err
		}
		if kind == base {
			files = slices.Insert(files, 0, File{e.Name(), data})
		} else {
			files = append(files, File{e.Name(), data})
		}
	}
	return files, nil
}

// Overlay returns the directory whose files are merged over a file of the policy:
// bugs.d for bugs.yaml.
func Overlay(name string) string { return strings.TrimSuffix(name, ".yaml") + ".d" }

// Sets returns, by the names of [Files], the files of which each part of the policy
// is merged, as [Load] does.
func Sets(own map[string][]byte) (map[string][]File, error) {
	sets := map[string][]File{}
	for _, name := range Files() {
		files, err := Builtin(name)
		if err != nil {
			return nil, err
		}
		if own[name] != nil {
			files = []File{{name, own[name]}}
		}
		sets[name] = files
	}
	for _, name := range sortedKeys(own) {
		set, kind := setOf(name)
		switch {
		case kind == base:
		case kind == part && own[set] == nil:
			return nil, fmt.Errorf("%s: a part of %s, which is not there; put it into %s to merge it over the built-in one",
				name, set, Overlay(set))
		case kind == part, kind == overlay:
			sets[set] = append(sets[set], File{name, own[name]})
		default:
			return nil, fmt.Errorf("%s: not a file of the policy, which are %s and what is merged over them, such as %s/site.yaml",
				name, strings.Join(Files(), ", "), Overlay(BugsFile))
		}
	}
	return sets, nil
}

// kind is how a file belongs to a set of files.
type kind int

const (
	foreign kind = iota
	base         // bugs.yaml
	part         // bugs-ubuntu.yaml
	overlay      // bugs.d/site.yaml
)

// setOf returns to which of Files a file belongs, and how.
func setOf(file string) (name string, k kind) {
	dir, last := path.Split(file)
	for _, name := range Files() {
		stem := strings.TrimSuffix(name, ".yaml")
		switch {
		case path.Ext(last) != ".yaml":
		case file == name:
			return name, base
		case dir == "" && strings.HasPrefix(last, stem+"-"):
			return name, part
		case dir == Overlay(name)+"/":
			return name, overlay
		}
	}
	return "", foreign
}

// digest returns the hash of what sha256sum prints of the files in order.
func digest(sets map[string][]File) string {
	var sums strings.Builder
	for _, name := range sortedKeys(sets) {
		for _, file := range sets[name] {
			fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(file.Data), file.Name)
		}
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(sums.String())))
}
