package facts

import (
	"slices"
	"strings"

	"kernel_exporter/collector/host"
)

// KmemUse is what says whether a kernel accounts its own memory (slabs, stacks,
// page tables) to memory cgroups.
type KmemUse struct {
	// Version is the kernel's, or zero if unknown.
	Version host.Version
	// NoKmem says whether accounting was switched off at boot: see [NoKmem].
	NoKmem host.Answer
	// Files is what the memory controller's files say.
	Files host.Kmem
}

// alwaysKmem says whether a kernel accounts the kernel memory of every cgroup
// (b313aeee2509, "mm: memcontrol: enable kmem accounting for all cgroups in the
// legacy hierarchy"), and has version 2 and nokmem (04823c833b3e). Before 4.5,
// accounting of a cgroup began with the first limit that was written to its
// memory.kmem.limit_in_bytes.
func alwaysKmem(v host.Version) bool { return v.Compare(host.Version{Major: 4, Minor: 5}) >= 0 }

// firstEL7NoKmem is the first build of RHEL 7's kernel in which nokmem is known to
// work (RHSA-2019:3055).
const firstEL7NoKmem = "1062.4.1"

// KmemAccounting says whether kernel memory is accounted to cgroups: not where the
// controller or the accounting is switched off or was not built, always from 4.5
// on, and before that where any has been counted.
func KmemAccounting(k KmemUse) host.Answer {
	f := k.Files
	switch {
	case f.Controller == host.No || k.NoKmem == host.Yes:
		return host.No
	case f.Controller == host.Unknown:
		return host.Unknown
	case f.V2:
		return unlessSwitchedOff(k.NoKmem)
	case f.Files != host.Yes:
		return f.Files
	case positive(f.Counted) || positive(f.MaxCounted):
		return host.Yes
	case k.Version == host.Version{}:
		return host.Unknown
	case alwaysKmem(k.Version):
		return unlessSwitchedOff(k.NoKmem)
	case f.UseHierarchy == host.Yes && f.Counted != nil && f.MaxCounted != nil:
		return host.No // both are 0: it is on in no cgroup
	default:
		return host.Unknown
	}
}

func unlessSwitchedOff(noKmem host.Answer) host.Answer {
	if noKmem == host.No {
		return host.Yes
	}
	return host.Unknown
}

func positive(n *uint64) bool { return n != nil && *n > 0 }

// NoKmem says whether the accounting of kernel memory was switched off at boot, by
// cgroup.memory=nokmem among the words of the kernel's command line. Where the
// word is there, but the kernel is not one of those that are known to have the
// option (4.5 and later, and RHEL 7's from 3.10.0-1062.4.1 on), the answer is
// [host.Unknown].
func NoKmem(k host.Kernel, commandLine []string) host.Answer {
	switch {
	case !hasNoKmem(commandLine):
		return host.No
	case alwaysKmem(k.Release.Version),
		k.Vendor == host.VendorEL7 && host.CompareBuild(k.Build.Number, firstEL7NoKmem) >= 0:
		return host.Yes
	default:
		return host.Unknown
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
