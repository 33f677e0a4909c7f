package host

import (
	"errors"
	"io/fs"
	"path"

	"golang.org/x/sys/unix"
)

// Probes asks the kernel below the root what it can do for Kubernetes, where a
// file settles that. An answer is [Unknown] where the file could not be read or
// says nothing.
func (f *FS) Probes(m Mounts) map[string]Answer {
	return map[string]Answer{
		"cgroup_v2_freezer":       f.probeFreezer(m.Cgroup2),
		"cgroup_v2_root_cpu_stat": f.probeRootCPUStat(m.Cgroup2),
		"psi":                     f.probePSI(),
		"user_namespaces":         f.probeUserNamespaces(),
	}
}

// probeFreezer looks for cgroup.freeze in any cgroup except the root, which has none
// (CFTYPE_NOT_ON_ROOT, kernel/cgroup/cgroup.c).
func (f *FS) probeFreezer(mount CgroupMount) Answer {
	if !mount.Mounted() {
		return Unknown
	}
	const enough = 256 // files of the root, then the first cgroups
	entries, err := f.readDir(mount.Path, enough)
	if len(entries) == 0 && err != nil {
		return Unknown
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if has, err := f.exists(path.Join(mount.Path, e.Name(), "cgroup.freeze")); err == nil && has {
			return Yes
		} else if err == nil && f.live {
			return No
		}
	}
	return Unknown
}

// probeRootCPUStat looks for cpu.stat in the root cgroup.
func (f *FS) probeRootCPUStat(mount CgroupMount) Answer {
	root, err := f.seesRoot2(mount)
	if !mount.Mounted() || err != nil || !root {
		return Unknown
	}
	has, err := f.exists(path.Join(mount.Path, "cpu.stat"))
	if err != nil || !has && !f.live { // who recorded a root may have left it out
		return Unknown
	}
	return AnswerOf(has)
}

// probePSI reads a file of pressure stall information: where that is built out
// it is not there, and where it is switched off (psi=0) reading it fails
// (psi_show, kernel/sched/psi.c).
func (f *FS) probePSI() Answer {
	_, err := f.read("proc/pressure/memory")
	switch {
	case err == nil:
		return Yes
	case errors.Is(err, unix.EOPNOTSUPP):
		return No
	case errors.Is(err, fs.ErrNotExist) && f.live:
		return No
	default:
		return Unknown
	}
}

// probeUserNamespaces says No where none can be made. Where some can, pods need
// more than that.
func (f *FS) probeUserNamespaces() Answer {
	most, err := f.readUint("proc/sys/user/max_user_namespaces")
	if err == nil && most == 0 {
		return No
	}
	return Unknown
}
