package host

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Kmem is what is known of a kernel's accounting of its own memory (slabs, stacks,
// page tables) to memory cgroups.
type Kmem struct {
	// Accounting says whether kernel memory is accounted to cgroups.
	Accounting Answer
	// Usage is how many bytes of it the root cgroup and all below it use, or nil
	// where that is not known.
	Usage *uint64
}

// KmemFacts are the facts that [KmemAccounting] judges.
type KmemFacts struct {
	// Version is the kernel's, or zero if unknown.
	Version Version
	// NoKmem says whether accounting was switched off at boot: see [FS.NoKmem].
	NoKmem Answer
	// Controller says whether the memory controller is on.
	Controller Answer
	// V2 says that it is in the version 2 hierarchy. What follows is of version 1.
	V2 bool
	// Files says whether the controller has memory.kmem files.
	Files Answer
	// Usage and MaxUsage are memory.kmem.usage_in_bytes and max_usage_in_bytes,
	// or nil if unknown.
	Usage, MaxUsage *uint64
	// UseHierarchy says whether these are of the root cgroup and include what is
	// below it.
	UseHierarchy Answer
}

// alwaysKmem says whether a kernel accounts the kernel memory of every cgroup
// (b313aeee2509, "mm: memcontrol: enable kmem accounting for all cgroups in the
// legacy hierarchy"), and has version 2 and nokmem (04823c833b3e). Before 4.5,
// accounting of a cgroup began with the first limit that was written to its
// memory.kmem.limit_in_bytes.
func alwaysKmem(v Version) bool { return v.Compare(Version{Major: 4, Minor: 5}) >= 0 }

// firstEL7NoKmem is the first build of RHEL 7's kernel in which nokmem is known to
// work (RHSA-2019:3055).
const firstEL7NoKmem = "1062.4.1"

// KmemAccounting judges whether kernel memory is accounted to cgroups: not where
// the controller or the accounting is switched off or was not built, always from
// 4.5 on, and before that where any has been counted.
func KmemAccounting(k KmemFacts) Answer {
	switch {
	case k.Controller == No || k.NoKmem == Yes:
		return No
	case k.Controller == Unknown:
		return Unknown
	case k.V2:
		return unlessSwitchedOff(k.NoKmem)
	case k.Files != Yes:
		return k.Files
	case positive(k.Usage) || positive(k.MaxUsage):
		return Yes
	case k.Version == Version{}:
		return Unknown
	case alwaysKmem(k.Version):
		return unlessSwitchedOff(k.NoKmem)
	case k.UseHierarchy == Yes && k.Usage != nil && k.MaxUsage != nil:
		return No // both are 0: it is on in no cgroup
	default:
		return Unknown
	}
}

func unlessSwitchedOff(noKmem Answer) Answer {
	if noKmem == No {
		return Yes
	}
	return Unknown
}

func positive(n *uint64) bool { return n != nil && *n > 0 }

// NoKmem says whether the accounting of kernel memory was switched off at boot, by
// cgroup.memory=nokmem on the kernel's command line. Where that is there, but the
// kernel is not one of those that are known to have the option (4.5 and later, and
// RHEL 7's from 3.10.0-1062.4.1 on), the answer is [Unknown], as it is where the
// command line is not known.
func (f *FS) NoKmem(k Kernel) (Answer, error) {
	words, err := f.CommandLine()
	if err != nil {
		return Unknown, optionalErr(err)
	}
	switch {
	case !hasNoKmem(words):
		return No, nil
	case alwaysKmem(k.Release.Version),
		k.Vendor == VendorEL7 && CompareBuild(k.Build(), firstEL7NoKmem) >= 0:
		return Yes, nil
	default:
		return Unknown, nil
	}
}

// hasNoKmem looks for the word among the options of cgroup.memory, which is a list
// and may be there more than once (cgroup_memory, mm/memcontrol.c). The kernel
// drops quotes, and leaves what follows "--" to init (next_arg and parse_args,
// kernel/params.c).
func hasNoKmem(words []string) bool {
	for _, word := range words {
		word = strings.ReplaceAll(word, `"`, "")
		if word == "--" {
			return false
		}
		options, ok := strings.CutPrefix(word, "cgroup.memory=")
		if ok && slices.Contains(strings.Split(options, ","), "nokmem") {
			return true
		}
	}
	return false
}

// Kmem reads what the kernel tells of its accounting of kernel memory. The kernel
// is the zero value where it is not known; m must have been read; noKmem is the
// answer of [FS.NoKmem], which stays the same until the next boot. An error is
// beside an answer that holds without what could not be read.
//
// No mount of the memory controller where version 1 is mounted means that it is
// off: systemd mounts all controllers there are, and without a mount there are no
// cgroups to account to. No mount of cgroups at all says nothing.
func (f *FS) Kmem(k Kernel, m Mounts, noKmem Answer) (Kmem, error) {
	facts := KmemFacts{Version: k.Release.Version, NoKmem: noKmem}
	var usage *uint64
	var err error
	switch {
	case m.Cgroup1Memory.Mounted():
		usage, err = f.kmem1(m.Cgroup1Memory, &facts)
	case m.Cgroup2.Mounted():
		facts.V2 = true
		usage, err = f.kmem2(m.Cgroup2, &facts)
	case m.HasCgroup1:
		facts.Controller = No
	}
	return Kmem{Accounting: KmemAccounting(facts), Usage: usage}, err
}

// kmem1 gathers the facts of a version 1 hierarchy, and returns what is in use.
func (f *FS) kmem1(mount CgroupMount, facts *KmemFacts) (*uint64, error) {
	dir := mount.Path
	usage, err := f.optionalUint(path.Join(dir, "memory.kmem.usage_in_bytes"))
	if err != nil {
		return nil, err
	}
	if usage == nil {
		// A kernel without kernel memory accounting, or the directory of a host
		// whose sys cannot be seen.
		seen, err := f.exists(path.Join(dir, "memory.usage_in_bytes"))
		if seen {
			facts.Controller, facts.Files = Yes, No
		}
		return nil, err
	}
	facts.Controller, facts.Files, facts.Usage = Yes, Yes, usage

	root, err := f.seesRoot1(mount)
	if err != nil || !root {
		return nil, err
	}
	if alwaysKmem(facts.Version) {
		return usage, nil
	}
	facts.MaxUsage, err = f.optionalUint(path.Join(dir, "memory.kmem.max_usage_in_bytes"))
	if facts.MaxUsage == nil && err == nil {
		facts.MaxUsage = usage // a recording may lack it, a kernel cannot
	}
	hierarchy, errHierarchy := f.optionalUint(path.Join(dir, "memory.use_hierarchy"))
	if hierarchy != nil {
		facts.UseHierarchy = AnswerOf(*hierarchy != 0)
	}
	return usage, errors.Join(err, errHierarchy)
}

// kmem2 does the same for version 2. There a controller that is not listed at the
// root is off; further down, its parent may just not hand it on.
func (f *FS) kmem2(mount CgroupMount, facts *KmemFacts) (*uint64, error) {
	controllers, err := f.readString(path.Join(mount.Path, "cgroup.controllers"))
	if err != nil {
		return nil, optionalErr(err)
	}
	root, err := f.seesRoot2(mount)
	if slices.Contains(strings.Fields(controllers), "memory") {
		facts.Controller = Yes
	} else if root {
		facts.Controller = No
	}
	if !root || facts.Controller != Yes {
		return nil, err
	}
	file := path.Join(mount.Path, "memory.stat")
	stat, err := f.read(file)
	if err != nil {
		return nil, optionalErr(err)
	}
	usage, err := keyedNumber(stat, "kernel")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Path(file), err)
	}
	return usage, nil
}

// optionalUint is readUint, and nil where there is no such file.
func (f *FS) optionalUint(rel string) (*uint64, error) {
	n, err := f.readUint(rel)
	if err != nil {
		return nil, optionalErr(err)
	}
	return &n, nil
}
