package host

import (
	"errors"
	"io/fs"
	"strings"
)

// OverlaySupported says whether the kernel has overlayfs now. A kernel that has it
// as a module has it from the first mount on, or when the module is loaded.
// procfs has no reader for the file.
func (f *FS) OverlaySupported() (bool, error) {
	text, err := f.readString("proc/filesystems")
	if err != nil {
		return false, err
	}
	for line := range strings.Lines(text) {
		// "nodev\toverlay": the name is behind the tab.
		if _, name, _ := strings.Cut(strings.TrimSpace(line), "\t"); name == "overlay" {
			return true, nil
		}
	}
	return false, nil
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
