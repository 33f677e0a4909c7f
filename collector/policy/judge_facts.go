package policy

import (
	"fmt"
	"slices"
	"strings"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
)

// hierarchyIs asks for one of some cgroup hierarchies.
func hierarchyIs(want []string) condition {
	return func(c *circumstances) finding {
		have, ok := c.facts.Hierarchy.Get()
		switch {
		case !ok:
			return notKnown(c.facts.Hierarchy, "the cgroup hierarchy")
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
	return func(c *circumstances) finding {
		os, ok := c.facts.OS.Get()
		if !ok {
			return notKnown(c.facts.OS, "the operating system")
		}
		if os.ID == "" {
			return unknowable("os-release does not name the operating system", "ID in os-release")
		}
		name := c.lifecycle.describe(os)
		if slices.Contains(want, os.ID) {
			return kept(name + " is one of those listed")
		}
		for _, version := range versions(os.VersionID) {
			if slices.Contains(want, os.ID+" "+version) {
				return kept(name + " is one of those listed")
			}
		}
		return violated(name + " is not one of those listed")
	}
}

// question is a fact of yes or no that a rule may ask for.
type question struct {
	ask     func(*facts.Facts) facts.Fact[bool]
	what    string // what is not known where there is no answer
	from    string // what would answer, where the fact does not say
	yes, no string // what is so, as a clause
}

// questions returns the facts of yes and no that a rule may ask for, by name.
func questions() map[string]question {
	return map[string]question{
		"overlayfs_tech_preview": {
			ask:  func(f *facts.Facts) facts.Fact[bool] { return f.OverlayTechPreview },
			what: "whether overlayfs is in use as a technology preview",
			from: "proc/1/mountinfo, proc/sys/kernel/tainted and the kernel log",
			yes:  "overlayfs is in use, and this kernel calls it a technology preview",
			no:   "overlayfs is not in use as a technology preview",
		},
		"kmem_accounting": {
			ask:  func(f *facts.Facts) facts.Fact[bool] { return f.KmemAccounting },
			what: "the state of kernel memory accounting",
			from: "proc/cmdline and memory.kmem.usage_in_bytes of the root cgroup",
			yes:  "kernel memory accounting is active",
			no:   "kernel memory accounting is off",
		},
		"memory_controller": {
			ask:  func(f *facts.Facts) facts.Fact[bool] { return f.MemoryController },
			what: "whether the memory controller of cgroups is on",
			from: "proc/cgroups, or cgroup.controllers of the root cgroup",
			yes:  "the memory controller of cgroups is on",
			no:   "the memory controller of cgroups is off",
		},
	}
}

// storesFact is the name of the one fact that is asked of every container store.
const storesFact = "overlayfs_d_type"

// factNames returns the names of the facts that a rule may ask for.
func factNames() []string { return append(sortedKeys(questions()), storesFact) }

// factIs asks for a fact to be true, or not.
func factIs(name string, want bool) condition {
	if name == storesFact {
		return storesHaveDType(want)
	}
	q := questions()[name]
	return func(c *circumstances) finding { return q.judge(q.ask(c.facts), want) }
}

func (q question) judge(f facts.Fact[bool], want bool) finding {
	have, ok := f.Get()
	reason := q.no
	if have {
		reason = q.yes
	}
	switch {
	case !ok:
		u := notKnown(f, q.what)
		if u.missing == "" {
			u.missing = q.from
		}
		return u
	case have == want:
		return kept(reason)
	default:
		return violated(reason)
	}
}

// storesHaveDType asks for d_type, or its absence, on the file system of every
// container store.
func storesHaveDType(want bool) condition {
	return func(c *circumstances) finding {
		byPath, ok := c.facts.DType.Get()
		switch {
		case !ok:
			return notKnown(c.facts.DType, "the file system of the container stores")
		case len(byPath) == 0:
			return kept("there is no container store")
		}
		var conditions []condition
		for _, path := range sortedKeys(byPath) {
			q := question{
				what: "the d_type of " + path,
				yes:  "the file system of " + path + " has d_type",
				no:   "the file system of " + path + " has no d_type",
			}
			conditions = append(conditions, func(*circumstances) finding { return q.judge(byPath[path], want) })
		}
		return all(conditions, c)
	}
}

// option is a configuration option by its names, of which one must be set.
type option []string

// configHas asks for options to be built in or to be modules: some always, some
// where version 1 of cgroups is in use, some where only version 2 is.
func configHas(always, v1, v2 []option) condition {
	return func(c *circumstances) finding {
		config, ok := c.facts.Config.Get()
		if !ok {
			return notKnown(c.facts.Config, "the kernel's configuration")
		}
		lacks := func(options ...option) []string { return wanting(config, options) }
		judge := func(lacking []string, asked int, of string) finding {
			if len(lacking) > 0 {
				return violated(fmt.Sprintf("%s lacks %s", config.Source, strings.Join(lacking, ", ")))
			}
			return kept(fmt.Sprintf("%s has all %d options%s", config.Source, asked, of))
		}
		lacking, lacking1, lacking2 := lacks(always...), lacks(v1...), lacks(v2...)
		hierarchy, known := c.facts.Hierarchy.Get()
		switch {
		case hierarchy == string(host.HierarchyV2):
			return judge(append(lacking, lacking2...), len(always)+len(v2), "")
		case known:
			return judge(append(lacking, lacking1...), len(always)+len(v1), "")
		case len(lacking) > 0 || len(lacking1) > 0 && len(lacking2) > 0:
			return judge(slices.Concat(lacking, lacking1, lacking2), 0, "")
		case len(lacking1)+len(lacking2) == 0:
			return judge(nil, len(always)+len(v1)+len(v2), ", for either version of cgroups")
		default:
			f := notKnown(c.facts.Hierarchy, "the cgroup hierarchy")
			f.reason += fmt.Sprintf(", and %s lacks %s, which one version of cgroups needs",
				config.Source, strings.Join(slices.Concat(lacking1, lacking2), ", "))
			return f
		}
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
