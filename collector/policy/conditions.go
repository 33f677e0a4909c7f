package policy

import (
	"fmt"
	"slices"
	"strings"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
)

// conditionKeys returns the keys that say what a rule asks for.
func conditionKeys() []string {
	return slices.Concat(whenKeys(),
		[]string{"minimum_build", "require", "forbid", "config", "config_v1", "config_v2", "supported", "without_bugs"})
}

// whenKeys returns the keys that may also say to which machines a rule applies.
func whenKeys() []string {
	return []string{"minimum_version", "below_version", "vendors", "hierarchy", "operating_systems"}
}

// conditions decodes what a rule, or its when, asks for: all of it.
func (p *Policy) conditions(m mapping) []condition {
	var out []condition
	if m.has("minimum_version") {
		out = append(out, minimumVersion(m.version("minimum_version")))
	}
	if m.has("below_version") {
		out = append(out, belowVersion(m.version("below_version")))
	}
	if m.has("vendors") {
		out = append(out, vendorIs(m.choices("vendors", vendors()...)))
	}
	if m.has("minimum_build") {
		out = append(out, m.minimumBuild())
	}
	if m.has("hierarchy") {
		out = append(out, hierarchyIs(m.choices("hierarchy", "v1", "v2", "hybrid")))
	}
	if m.has("operating_systems") {
		out = append(out, osIs(m.texts("operating_systems")))
	}
	for _, name := range m.choices("require", factNames()...) {
		out = append(out, factIs(name, true))
	}
	for _, name := range m.choices("forbid", factNames()...) {
		out = append(out, factIs(name, false))
	}
	if m.has("config") || m.has("config_v1") || m.has("config_v2") {
		out = append(out, configHas(m.options("config"), m.options("config_v1"), m.options("config_v2")))
	}
	if m.has("supported") {
		out = append(out, supported(m.choice("supported", "kernel", "os")))
	}
	for _, name := range m.texts("without_bugs") {
		i := slices.IndexFunc(p.Bugs, func(b Bug) bool { return b.Name == name })
		if i < 0 {
			m.failf(m.value["without_bugs"], "without_bugs: %q is not in %s", name, BugsFile)
			continue
		}
		out = append(out, withoutBug(p.Bugs[i]))
	}
	return out
}

// choices returns the texts of a sequence, each of which is one of some.
func (m mapping) choices(key string, choices ...string) []string {
	texts := m.texts(key)
	for i, s := range texts {
		if !slices.Contains(choices, s) {
			m.failf(m.value[key].Content[i], "%s: %q is not one of %s", key, s, strings.Join(choices, ", "))
		}
	}
	return texts
}

// hierarchyIs asks for one of some cgroup hierarchies.
func hierarchyIs(want []string) condition {
	return func(c circumstances) finding {
		have, ok := c.facts.Hierarchy.Get()
		switch {
		case !ok:
			return unknownFact(c.facts.Hierarchy, "the cgroup hierarchy")
		case slices.Contains(want, have):
			return kept("the cgroup hierarchy is " + have)
		default:
			return violated(fmt.Sprintf("the cgroup hierarchy is %s, not %s", have, strings.Join(want, " or ")))
		}
	}
}

// osIs asks for one of some operating systems, each an id of os-release, or an id
// and a version: "flatcar", "ubuntu 22.04", "rhel 9".
func osIs(want []string) condition {
	return func(c circumstances) finding {
		os, ok := c.facts.OS.Get()
		if !ok {
			return unknownFact(c.facts.OS, "the operating system")
		}
		for version := range versions(os.VersionID) {
			if slices.Contains(want, os.ID+" "+version) {
				return kept(c.lifecycle.describe(os) + " is one of those listed")
			}
		}
		if slices.Contains(want, os.ID) {
			return kept(c.lifecycle.describe(os) + " is one of those listed")
		}
		reason := c.lifecycle.describe(os) + " is not one of those listed"
		if _, r, ok := c.lifecycle.find(os); ok && len(r.kernels) > 0 {
			reason += "; it ships kernel " + strings.Join(r.kernels, ", ")
		}
		return violated(reason)
	}
}

// withoutBug asks for a kernel that is not known to have a bug.
func withoutBug(bug Bug) condition {
	return withKernel(func(_ circumstances, k host.Kernel) finding {
		switch state, reason := bug.judge(k); state {
		case Affected:
			return violated(reason)
		case Clear:
			return kept(reason)
		default:
			return unknowable(reason, "the vendor's changelog")
		}
	})
}

// factNames returns the facts of yes and no that a rule may ask for.
func factNames() []string {
	return []string{"overlayfs_tech_preview", "kmem_accounting", "overlayfs_d_type"}
}

// factIs asks for a fact to be true, or not.
func factIs(name string, want bool) condition {
	return func(c circumstances) finding {
		switch name {
		case "overlayfs_tech_preview":
			return isTrue(c.facts.OverlayTechPreview, want, "overlayfs being in use as a technology preview",
				"overlayfs is in use, and this kernel calls it a technology preview",
				"overlayfs is not in use as a technology preview")
		case "kmem_accounting":
			return isTrue(c.facts.KmemAccounting, want, "the state of kernel memory accounting",
				"kernel memory accounting is active", "kernel memory accounting is off")
		default:
			return storesHaveDType(c.facts.DType, want)
		}
	}
}

func isTrue(f facts.Fact[bool], want bool, what, yes, no string) finding {
	have, ok := f.Get()
	if !ok {
		return unknownFact(f, what)
	}
	reason := no
	if have {
		reason = yes
	}
	if have == want {
		return kept(reason)
	}
	return violated(reason)
}

// storesHaveDType asks for d_type, or its absence, on the file system of every
// container store.
func storesHaveDType(stores facts.Fact[map[string]facts.Fact[bool]], want bool) finding {
	byPath, ok := stores.Get()
	if !ok {
		return unknownFact(stores, "the file system of the container stores")
	}
	if len(byPath) == 0 {
		return kept("there is no container store")
	}
	var conditions []condition
	for _, path := range sortedKeys(byPath) {
		conditions = append(conditions, func(circumstances) finding {
			return isTrue(byPath[path], want, "the d_type of "+path,
				"the file system of "+path+" has d_type",
				"the file system of "+path+" has no d_type")
		})
	}
	return all(conditions, circumstances{})
}

// option is a configuration option by its names, of which one must be set.
type option []string

// options decodes a list of options; "A|B" is an option with two names.
func (m mapping) options(key string) []option {
	texts := m.texts(key)
	out := make([]option, 0, len(texts))
	for i, s := range texts {
		o := option(strings.Split(s, "|"))
		for _, name := range o {
			if name == "" || strings.HasPrefix(name, "CONFIG_") ||
				strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
				m.failf(m.value[key].Content[i], "%s: %q is not the name of an option without CONFIG_", key, s)
			}
		}
		out = append(out, o)
	}
	return out
}

// configHas asks for options to be built in or to be modules: some always, some
// where version 1 of cgroups is in use, some where only version 2 is.
func configHas(always, v1, v2 []option) condition {
	return func(c circumstances) finding {
		config, ok := c.facts.Config.Get()
		if !ok {
			return unknownFact(c.facts.Config, "the kernel's configuration")
		}
		wanted, hierarchy := always, ""
		if len(v1)+len(v2) > 0 {
			hierarchy, _ = c.facts.Hierarchy.Get()
		}
		switch hierarchy {
		case "v2":
			wanted = slices.Concat(always, v2)
		case "v1", "hybrid":
			wanted = slices.Concat(always, v1)
		}
		if lacking := wanting(config, wanted); len(lacking) > 0 {
			return violated(fmt.Sprintf("%s lacks %s", config.Source, strings.Join(lacking, ", ")))
		}
		if hierarchy == "" && len(v1)+len(v2) > 0 {
			return unknownFact(c.facts.Hierarchy, "the cgroup hierarchy, which decides what the configuration needs,")
		}
		return kept(fmt.Sprintf("%s has all %d options", config.Source, len(wanted)))
	}
}

// wanting returns the options that a configuration lacks, as it would spell them.
func wanting(config host.Config, options []option) []string {
	var out []string
	for _, o := range options {
		if !slices.ContainsFunc(o, config.Enabled) {
			out = append(out, "CONFIG_"+strings.Join(o, " or CONFIG_"))
		}
	}
	return out
}
