package host

import (
	"errors"
	"io/fs"
	"strings"
)

// FileSystems are those file systems of a kernel that matter here. A kernel that has
// one as a module has it from the first mount on, or when the module is loaded.
type FileSystems struct {
	// Overlay is overlayfs.
	Overlay bool
	// Cgroup2 is version 2 of cgroups.
	Cgroup2 bool
	// Empty says that none at all is listed, as in a recording of nothing.
	Empty bool
}

// FileSystems reads which file systems the kernel has now. procfs has no reader for
// the file.
func (f *FS) FileSystems() (FileSystems, error) {
	text, err := f.readString("proc/filesystems")
	if err != nil {
		return FileSystems{}, err
	}
	have := FileSystems{Empty: text == ""}
	for line := range strings.Lines(text) {
		// "nodev\toverlay": the name comes after the tab.
		switch _, name, _ := strings.Cut(strings.TrimSpace(line), "\t"); name {
		case "overlay":
			have.Overlay = true
		case "cgroup2":
			have.Cgroup2 = true
		}
	}
	return have, nil
}

// ProbeCgroup2 says [No] where version 2 of cgroups is not there. Where it is, whether
// it can control devices is not settled.
func (s FileSystems) ProbeCgroup2() Answer {
	if s.Empty || s.Cgroup2 {
		return Unknown
	}
	return No
}

// OverlayModuleTaint says whether the overlay module has tainted a RHEL 7 kernel
// as a technology preview: the letter T in its taints (module_flags_taint,
// kernel/module.c). On other kernels T means something else. It is [Unknown] where
// the module is not loaded or is built in, for then there is no such file.
func (f *FS) OverlayModuleTaint() (Answer, error) {
	taints, err := f.readString("sys/module/overlay/taint")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Unknown, nil
	case err != nil:
		return Unknown, err
	default:
		return AnswerOf(strings.Contains(taints, "T")), nil
	}
}
