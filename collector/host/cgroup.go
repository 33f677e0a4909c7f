package host

import (
	"bytes"
	"errors"
	"fmt"
	"path"
)

// MemoryCgroupLimit is how many memory cgroups a kernel can have at one time, the
// root included: their ids have 16 bits and 0 is none (MEM_CGROUP_ID_MAX,
// mm/memcontrol.c and include/linux/memcontrol.h). A dying cgroup keeps its id to
// its end on kernels without 73f576c04b94 ("mm: memcontrol: fix cgroup creation
// failure after many small jobs", 2016), and on others while something of it is
// swapped out.
const MemoryCgroupLimit = 65535

// MemoryCgroups is how many memory cgroups a kernel has. What is not known is
// nil.
type MemoryCgroups struct {
	// Total counts the live and the dying ones and the root.
	Total *uint64
	// Dying counts those that were removed and that the kernel cannot free yet,
	// because something is still charged to them. Only version 2 reports it; for
	// version 1 see [FS.CountCgroups].
	Dying *uint64
}

// MemoryCgroups counts the memory cgroups without looking at each. With version 1
// it is num_cgroups in /proc/cgroups. With version 2 it is from the root's
// cgroup.stat: exact from 6.12 on; before that all cgroups count, those too in
// which the memory controller is not enabled. Where the root cgroup is out of
// sight or the kernel has no such file (version 2 before 4.14), nothing is known,
// and that is no error.
func (f *FS) MemoryCgroups(m Mounts) (MemoryCgroups, error) {
	switch {
	case m.Cgroup1Memory.Mounted():
		total, err := f.numCgroups()
		return MemoryCgroups{Total: total}, err
	case m.Cgroup2.Mounted():
		return f.memoryCgroups2(m.Cgroup2)
	default:
		return MemoryCgroups{}, nil
	}
}

// ControllerEnabled says whether the memory controller is on, as /proc/cgroups has it:
// a kernel that was told to leave it out (cgroup_disable=memory) lists it as not
// enabled. Where the controller is not listed, it is [Unknown]: newer kernels list only
// those of version 1. About reading the file see memoryController.
func (f *FS) ControllerEnabled() (Answer, error) {
	m, err := f.memoryController()
	if err != nil || !m.listed {
		return Unknown, err
	}
	return AnswerOf(m.enabled), nil
}

// numCgroups returns num_cgroups of the memory controller, nil where the kernel
// does not list it. About reading the file see memoryController.
func (f *FS) numCgroups() (*uint64, error) {
	m, err := f.memoryController()
	if err != nil || !m.listed {
		return nil, err
	}
	return &m.cgroups, nil
}

// controller is a line of /proc/cgroups.
type controller struct {
	listed  bool
	cgroups uint64
	enabled bool
}

// memoryController returns the memory controller's line of /proc/cgroups, which need
// not be there. It must not be called on a newer kernel unless a hierarchy of version 1
// is mounted: that logs a complaint otherwise (a0ab1453226d8, "cgroup: Print message
// when /proc/cgroups is read on v2-only system").
func (f *FS) memoryController() (memory controller, err error) {
	const rel = "proc/cgroups"
	err = f.content(rel, maxFileSize, func(b []byte) error {
		for line := range bytes.Lines(b) {
			if bytes.HasPrefix(line, []byte("#")) {
				continue
			}
			// The name, the hierarchy, the number of cgroups, and whether it is enabled.
			var fields [4][]byte
			rest := bytes.TrimSpace(line)
			for i := range fields {
				fields[i], rest, _ = bytes.Cut(rest, []byte("\t"))
			}
			n, ok := parseDecimal(fields[2])
			if !ok || len(fields[3]) == 0 {
				return fmt.Errorf("%s: %.80q is not a line of cgroup controllers", f.Path(rel), bytes.TrimSpace(line))
			}
			if string(fields[0]) == "memory" {
				memory = controller{listed: true, cgroups: n, enabled: string(fields[3]) != "0"}
			}
		}
		return nil
	})
	return memory, optionalErr(err)
}

func (f *FS) memoryCgroups2(mount CgroupMount) (MemoryCgroups, error) {
	root, err := f.seesRoot2(mount)
	if err != nil || !root {
		return MemoryCgroups{}, err
	}
	file := path.Join(mount.Path, "cgroup.stat")
	var m MemoryCgroups
	err = f.content(file, maxFileSize, func(stat []byte) (err error) {
		if m, err = parseMemoryCgroups2(stat); err != nil {
			return fmt.Errorf("%s: %w", f.Path(file), err)
		}
		return nil
	})
	return m, optionalErr(err)
}

// parseMemoryCgroups2 parses a cgroup.stat (cgroup_stat_show,
// kernel/cgroup/cgroup.c). The numbers of a controller, from 6.12 on, include the
// cgroup itself; those of descendants do not.
func parseMemoryCgroups2(stat []byte) (MemoryCgroups, error) {
	live, err := keyedNumber(stat, "nr_subsys_memory")
	dying, errDying := keyedNumber(stat, "nr_dying_subsys_memory")
	if err = errors.Join(err, errDying); err != nil {
		return MemoryCgroups{}, err
	}
	var self uint64
	if live == nil || dying == nil {
		self = 1
		live, err = keyedNumber(stat, "nr_descendants")
		dying, errDying = keyedNumber(stat, "nr_dying_descendants")
		if err = errors.Join(err, errDying); err != nil {
			return MemoryCgroups{}, err
		}
	}
	if live == nil || dying == nil {
		return MemoryCgroups{}, errors.New("no numbers of cgroups")
	}
	total := addSaturated(addSaturated(*live, self), *dying)
	return MemoryCgroups{Total: &total, Dying: dying}, nil
}

// seesRoot1 says whether the root cgroup of a version 1 hierarchy is at the mount.
// The root field of mountinfo does not show it: it is written for the cgroup namespace
// of whoever reads it, so that a container that has its own reads "/" of its own
// cgroup and "/../.." of the host's. But only the root cgroup has a release_agent
// (CFTYPE_ONLY_ON_ROOT, kernel/cgroup/cgroup-v1.c). Recorded roots may not have
// recorded it; there the field has to do.
func (f *FS) seesRoot1(mount CgroupMount) (bool, error) {
	if !f.live {
		return mount.Root == "/", nil
	}
	return f.exists(path.Join(mount.Path, "release_agent"))
}

// seesRoot2 is seesRoot1 for version 2: all cgroups but the root one have
// cgroup.events (CFTYPE_NOT_ON_ROOT, kernel/cgroup/cgroup.c), and every one has
// cgroup.controllers: what has neither is a hierarchy that a pod does not see.
func (f *FS) seesRoot2(mount CgroupMount) (bool, error) {
	if !f.live && mount.Root != "/" {
		return false, nil
	}
	if f.live {
		if seen, err := f.exists(path.Join(mount.Path, "cgroup.controllers")); err != nil || !seen {
			return false, err
		}
	}
	below, err := f.exists(path.Join(mount.Path, "cgroup.events"))
	return err == nil && !below, err
}
