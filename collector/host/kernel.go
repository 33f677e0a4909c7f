package host

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"golang.org/x/sys/unix"
)

// A Kernel is which kernel a host runs.
type Kernel struct {
	Release Release
	// Version is what `uname -v` prints: "#1 SMP Debian 6.1.176-1 (2026-07-02)".
	Version string
	// Machine is what `uname -m` prints: "x86_64".
	Machine string
	Vendor  Vendor
	// Upstream is the kernel.org release that this kernel says it is based on,
	// "6.1.176", or empty where it does not say.
	Upstream string
	// Build is what the vendor calls this build.
	Build Build
}

// Known says whether this is a kernel at all.
func (k Kernel) Known() bool { return k.Release.Raw != "" }

// Mainline says whether the release is one of kernel.org, with nothing put to it:
// x.y.z, x.y-rcN or x.y.z-rcN, and nobody is known to have named his own kernel so.
func (k Kernel) Mainline() bool { return k.Vendor == "" && mainlineShape.MatchString(k.Release.Raw) }

// A Uname is what a kernel and its system say of the kernel. All but Release may be
// empty.
type Uname struct {
	Release   string // `uname -r`
	Version   string // `uname -v`
	Machine   string // `uname -m`
	Signature string // /proc/version_signature, which only Ubuntu's kernels have
	OSID      string // ID of os-release
}

// gVisor shows its guests the name of a kernel that it is not (pkg/sentry/syscalls/linux/linux64.go
// of google/gvisor): 4.4.0 with the build date of Linux 4.4, later 4.19.0-gvisor.
const (
	gVisorRelease = "4.4.0"
	gVisorVersion = "#1 SMP Sun Jan 10 15:06:54 PST 2016"
	gVisorSuffix  = "-gvisor"
)

var errGVisor = errors.New("not Linux but gVisor, which names a kernel that it is not")

// Kernel identifies the kernel. It reads no file. A release that is none, or one
// that is not Linux's, is an error.
func (u Uname) Kernel() (Kernel, error) {
	r, err := ParseRelease(u.Release)
	if err != nil {
		return Kernel{}, err
	}
	if r.Raw == gVisorRelease && u.Version == gVisorVersion || r.Suffix == gVisorSuffix {
		return Kernel{}, fmt.Errorf("%s: %w", r.Raw, errGVisor)
	}
	vendor, s := vendorOf(r, u.Version, u.OSID)
	k := Kernel{
		Release: r, Version: u.Version, Machine: u.Machine,
		Vendor: vendor, Upstream: s.base, Build: buildOf(r, u.Version, vendor, s),
	}
	if k.Machine == "" {
		k.Machine = machineOf(r)
	}
	if stated := k.statedUpstream(u.Signature); stated != "" {
		k.Upstream = stated
	}
	return k, nil
}

// statedUpstream returns the kernel.org release that a kernel names as its base.
func (k Kernel) statedUpstream(signature string) string {
	switch {
	case k.Vendor == VendorUbuntu:
		return ubuntuUpstream(k, signature)
	case k.Vendor == VendorDebian:
		if m := debianRevision(k.Release, k.Version); m != nil && !strings.Contains(m[0], "~rc") {
			return m[1]
		}
	case k.Mainline() && !strings.Contains(k.Release.Raw, "-rc"):
		return k.Release.Raw
	}
	return ""
}

const (
	osreleaseFile        = "proc/sys/kernel/osrelease"
	versionFile          = "proc/sys/kernel/version"
	bannerFile           = "proc/version"
	versionSignatureFile = "proc/version_signature"
	archFile             = "proc/sys/kernel/arch"
)

// Kernel identifies the kernel that the host runs. An unreadable release is an error and
// no kernel. Another file that is there and cannot be read is an error beside a
// kernel that holds the rest and is [Kernel.Known].
func (f *FS) Kernel() (Kernel, error) {
	raw, err := f.readLine(osreleaseFile, maxUname)
	if err != nil {
		return Kernel{}, fmt.Errorf("kernel release: %w", err)
	}
	release, err := ParseRelease(raw)
	if err != nil {
		return Kernel{}, fmt.Errorf("%s: %w", f.Path(osreleaseFile), err)
	}
	u := Uname{Release: raw}
	var errVersion, errMachine, errSignature, errOS error
	u.Version, errVersion = f.version()
	u.Machine, errMachine = f.machine()
	u.Signature, errSignature = f.optionalLine(versionSignatureFile, maxUname)
	u.OSID, errOS = f.osIDFor(release)
	k, err := u.Kernel()
	if err != nil {
		return Kernel{}, fmt.Errorf("%s: %w", f.Path(osreleaseFile), err)
	}
	return k, errors.Join(errVersion, errMachine, errSignature, errOS)
}

// version returns the version string. The banner ends with it and has it where
// the sysctl is missing: "Linux version RELEASE (BUILDER) (COMPILER) #1 SMP ..."
// (linux_proc_banner, init/version.c).
func (f *FS) version() (string, error) {
	version, err := f.optionalLine(versionFile, maxUname)
	if version != "" || err != nil {
		return version, err
	}
	banner, err := f.optionalLine(bannerFile, maxLineSize)
	i := strings.LastIndex(banner, " #")
	if err != nil || i < 0 || len(banner)-i > maxUname {
		return "", err
	}
	return banner[i+1:], nil
}

// machine returns the architecture, where it is known without the release. Kernels
// before 6.1 have no such file; then uname(2) is asked where it speaks of the same
// machine.
func (f *FS) machine() (string, error) {
	arch, err := f.optionalLine(archFile, maxUname)
	if arch != "" || err != nil || !f.live {
		return arch, err
	}
	var uts unix.Utsname
	if err := unix.Uname(&uts); err != nil { //nolint:forbidigo // the root is this machine's
		return "", fmt.Errorf("uname: %w", err)
	}
	return unix.ByteSliceToString(uts.Machine[:]), nil
}

// machineOf returns the architecture, from the ends of distributions' releases.
func machineOf(r Release) string {
	for _, m := range []struct{ mark, machine string }{
		{"x86_64", "x86_64"},
		{"amd64", "x86_64"},
		{"aarch64", "aarch64"},
		{"arm64", "aarch64"},
		{"ppc64le", "ppc64le"},
		{"s390x", "s390x"},
	} {
		if strings.Contains(r.Suffix, "."+m.mark) || strings.Contains(r.Suffix, "-"+m.mark) {
			return m.machine
		}
	}
	return ""
}

// osIDFor returns the ID of os-release where the vendor depends on it.
func (f *FS) osIDFor(r Release) (string, error) {
	if !saysNothing(r.Raw) {
		return "", nil
	}
	system, err := f.OS()
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return system.ID, err
}

// ubuntuUpstream returns the last word of Ubuntu's signature, "Ubuntu
// 4.4.0-21.37-generic 4.4.6", where it speaks of this kernel.
func ubuntuUpstream(k Kernel, signature string) string {
	abi, _, _ := strings.Cut(k.Build.Number, ".")
	words := strings.Fields(signature)
	if len(words) != 3 || words[0] != "Ubuntu" ||
		!strings.HasPrefix(words[1], k.Release.Version.String()+"-"+abi+".") {
		return ""
	}
	if up, err := ParseRelease(words[2]); err != nil || up.Suffix != "" {
		return ""
	}
	return words[2]
}
