package host

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Kmem is what the files of the memory controller say of a kernel's accounting of
// its own memory (slabs, stacks, page tables) to memory cgroups. It is not said
// here whether that is on.
type Kmem struct {
	// Controller says whether the memory controller is on.
	Controller Answer
	// Usage is how many bytes the root cgroup and all below it use, or nil where
	// that is not known.
	Usage *uint64
	// V2 says that the controller is in the version 2 hierarchy. What follows is
	// of version 1.
	V2 bool
	// Files says whether the controller has memory.kmem files.
	Files Answer
	// Counted is the memory.kmem.usage_in_bytes of the cgroup that is seen, be it
	// the root cgroup or not, or nil if unknown.
	Counted *uint64
	// MaxCounted is its memory.kmem.max_usage_in_bytes, read only where Counted is
	// 0; nil if unknown.
	MaxCounted *uint64
	// UseHierarchy says whether both are of the root cgroup and include what is
	// below it; read only where Counted is 0.
	UseHierarchy Answer
}

// Kmem reads them; m must have been read. An error is beside what could be read.
//
// No mount of the memory controller where version 1 is mounted means that it is
// off: systemd mounts all controllers there are, and without a mount there are no
// cgroups to account to. No mount of cgroups at all says nothing.
func (f *FS) Kmem(m Mounts) (Kmem, error) {
	switch {
	case m.Cgroup1Memory.Mounted():
		return f.kmem1(m.Cgroup1Memory)
	case m.Cgroup2.Mounted():
		return f.kmem2(m.Cgroup2)
	case m.HasCgroup1:
		return Kmem{Controller: No}, nil
	default:
		return Kmem{}, nil
	}
}

// kmem1 reads the files of a version 1 hierarchy.
func (f *FS) kmem1(mount CgroupMount) (Kmem, error) {
	k := Kmem{Controller: Yes} // a controller that is off cannot be mounted
	dir := mount.Path
	counted, err := f.optionalUint(path.Join(dir, "memory.kmem.usage_in_bytes"))
	if err != nil {
		return k, err
	}
	if counted == nil {
		// A kernel without kernel memory accounting, or the directory of a host
		// whose sys cannot be seen.
		seen, err := f.exists(path.Join(dir, "memory.usage_in_bytes"))
		if seen {
			k.Files = No
		}
		return k, err
	}
	k.Files, k.Counted = Yes, counted

	root, err := f.seesRoot1(mount)
	if err != nil || !root {
		return k, err
	}
	k.Usage = counted
	if *counted > 0 {
		return k, nil
	}
	k.MaxCounted, err = f.optionalUint(path.Join(dir, "memory.kmem.max_usage_in_bytes"))
	if k.MaxCounted == nil && err == nil {
		k.MaxCounted = counted // a recording may lack it, a kernel cannot
	}
	hierarchy, errHierarchy := f.optionalUint(path.Join(dir, "memory.use_hierarchy"))
	if hierarchy != nil {
		k.UseHierarchy = AnswerOf(*hierarchy != 0)
	}
	return k, errors.Join(err, errHierarchy)
}

// kmem2 does the same for version 2. There a controller that is not listed at the
// root is off; further down, its parent may just not hand it on.
func (f *FS) kmem2(mount CgroupMount) (Kmem, error) {
	k := Kmem{V2: true}
	controllers, err := f.readString(path.Join(mount.Path, "cgroup.controllers"))
	if err != nil {
		return k, optionalErr(err)
	}
	root, err := f.seesRoot2(mount)
	if slices.Contains(strings.Fields(controllers), "memory") {
		k.Controller = Yes
	} else if root {
		k.Controller = No
	}
	if !root || k.Controller != Yes {
		return k, err
	}
	file := path.Join(mount.Path, "memory.stat")
	err = f.content(file, maxFileSize, func(stat []byte) (err error) {
		if k.Usage, err = keyedNumber(stat, "kernel"); err != nil {
			return fmt.Errorf("%s: %w", f.Path(file), err)
		}
		return nil
	})
	return k, optionalErr(err)
}
