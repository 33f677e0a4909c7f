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

// TaintTechPreview is the bit in the mask of taints by which RHEL kernels say that
// some technology preview has been used, not which (TAINT_TECH_PREVIEW, 29).
const TaintTechPreview uint64 = 1 << 29

// OverlayUse is what is known of overlayfs on a host; what is not is nil or
// [Unknown].
type OverlayUse struct {
	// Kernel is which kernel it is.
	Kernel *Kernel
	// Tainted is the kernel's mask of taints.
	Tainted *uint64
	// Mounts is the number of overlayfs mounts now.
	Mounts *int
	// ModuleTaint is what [FS.OverlayModuleTaint] says.
	ModuleTaint Answer
	// Logged says whether the kernel log has had "TECH PREVIEW: Overlay
	// filesystem" since boot: No only if the log is known from boot on.
	Logged Answer
}

// TechPreview says whether overlayfs is, or has been, used on a kernel that calls
// it a technology preview. Only RHEL 7's does: at the first mount it logs a line,
// and taints itself and the module (mark_tech_preview, kernel/rh_taint.c; RHEL 8
// dropped the call). A kernel below 4.0 of nobody known may be made from RHEL 7's;
// of it nothing but such a line or module says anything.
func TechPreview(u OverlayUse) Answer {
	if u.Kernel == nil {
		return Unknown
	}
	k := *u.Kernel
	derived := k.Vendor == "" && !k.Mainline()
	if k.Release.Version.Major >= 4 || (k.Vendor != VendorEL7 && !derived) {
		return No
	}
	switch {
	case u.Logged == Yes || u.ModuleTaint == Yes:
		return Yes
	case derived || u.Tainted == nil:
		return Unknown
	case *u.Tainted&TaintTechPreview == 0: // a taint stays for the life of a boot
		return No
	case u.Mounts != nil && *u.Mounts > 0:
		return Yes
	case u.Logged == No: // the taint is some other preview's
		return No
	default:
		return Unknown
	}
}
