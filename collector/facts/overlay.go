package facts

import "kernel_exporter/collector/host"

// TaintTechPreview is the bit in the mask of taints by which RHEL kernels say that
// some technology preview has been used, not which (TAINT_TECH_PREVIEW, 29).
const TaintTechPreview uint64 = 1 << 29

// OverlayUse is what is known of overlayfs on a host; what is not is nil or
// [host.Unknown].
type OverlayUse struct {
	// Kernel is which kernel it is.
	Kernel *host.Kernel
	// Tainted is the kernel's mask of taints.
	Tainted *uint64
	// Mounts is the number of overlayfs mounts now.
	Mounts *int
	// ModuleTaint is what [host.FS.OverlayModuleTaint] says.
	ModuleTaint host.Answer
	// Logged says whether the kernel log has had "TECH PREVIEW: Overlay
	// filesystem" since boot: No only if the log is known from boot on.
	Logged host.Answer
}

// TechPreview says whether overlayfs is, or has been, used on a kernel that calls
// it a technology preview. Only RHEL 7's does: at the first mount it logs a line,
// and taints itself and the module (mark_tech_preview, kernel/rh_taint.c; RHEL 8
// dropped the call). A kernel below 4.0 of nobody known may be made from RHEL 7's;
// of it nothing but such a line or module says anything.
func TechPreview(u OverlayUse) host.Answer {
	if u.Kernel == nil {
		return host.Unknown
	}
	k := *u.Kernel
	derived := k.Vendor == "" && !k.Mainline()
	if k.Release.Version.Major >= 4 || (k.Vendor != host.VendorEL7 && !derived) {
		return host.No
	}
	switch {
	case u.Logged == host.Yes || u.ModuleTaint == host.Yes:
		return host.Yes
	case derived || u.Tainted == nil:
		return host.Unknown
	case *u.Tainted&TaintTechPreview == 0: // a taint stays for the life of a boot
		return host.No
	case u.Mounts != nil && *u.Mounts > 0:
		return host.Yes
	case u.Logged == host.No: // the taint is some other preview's
		return host.No
	default:
		return host.Unknown
	}
}
