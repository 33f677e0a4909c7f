package host

import (
	"regexp"
	"strings"
)

// Vendor is who maintains a kernel, and so decides what its build numbers mean
// and which fixes it carries. The empty one is nobody known: mainline, or a
// stranger's build. It is a statement about the kernel, not about the
// distribution that runs on it.
type Vendor string

// The vendors.
const (
	VendorEL6          Vendor = "el6"          // RHEL 6 and its rebuilds, 2.6.32
	VendorEL7          Vendor = "el7"          // RHEL 7 and its rebuilds, 3.10.0
	VendorEL8          Vendor = "el8"          // RHEL 8 and its rebuilds, 4.18.0
	VendorEL9          Vendor = "el9"          // RHEL 9 and its rebuilds, RHEL CoreOS too, 5.14.0
	VendorEL10         Vendor = "el10"         // RHEL 10 and its rebuilds, 6.12.0
	VendorUEK          Vendor = "uek"          // Oracle's Unbreakable Enterprise Kernel
	VendorUbuntu       Vendor = "ubuntu"       // Canonical, its cloud kernels included
	VendorDebian       Vendor = "debian"       // Debian, its backports included
	VendorAmazon1      Vendor = "amzn1"        // Amazon Linux 1
	VendorAmazon2      Vendor = "amzn2"        // Amazon Linux 2
	VendorAmazon2023   Vendor = "amzn2023"     // Amazon Linux 2023
	VendorSLES         Vendor = "sles"         // SUSE Linux Enterprise and SL Micro, and Leap where it takes their kernel
	VendorOpenSUSE     Vendor = "opensuse"     // openSUSE's own: Tumbleweed, MicroOS, Leap 15.1 and 15.2
	VendorCOS          Vendor = "cos"          // Google's Container-Optimized OS
	VendorFlatcar      Vendor = "flatcar"      // Flatcar Container Linux
	VendorTalos        Vendor = "talos"        // Talos Linux
	VendorRancher      Vendor = "rancher"      // RancherOS
	VendorBottlerocket Vendor = "bottlerocket" // Bottlerocket, made from Amazon Linux's kernels
	VendorAzureLinux   Vendor = "azurelinux"   // Azure Linux and CBL-Mariner
	VendorPhoton       Vendor = "photon"       // VMware's Photon OS
	VendorFedora       Vendor = "fedora"       // Fedora, Fedora CoreOS too
	VendorAlpine       Vendor = "alpine"       // Alpine Linux
	VendorArch         Vendor = "arch"         // Arch Linux
	VendorProxmox      Vendor = "proxmox"      // Proxmox VE, made from Ubuntu's kernels
	VendorOpenEuler    Vendor = "openeuler"    // openEuler
	VendorAlinux       Vendor = "alinux"       // Alibaba Cloud Linux, ContainerOS (LifseaOS) too
	VendorAnolis       Vendor = "anolis"       // Anolis OS
	VendorTencentOS    Vendor = "tencentos"    // TencentOS Server
	VendorKylin        Vendor = "kylin"        // Kylin Linux Advanced Server
	VendorRPi          Vendor = "rpi"          // Raspberry Pi OS
	VendorLinuxKit     Vendor = "linuxkit"     // LinuxKit: Docker Desktop
	VendorWSL          Vendor = "wsl"          // Windows Subsystem for Linux
)

var (
	// mainlineShape is a release to which nobody has put a name.
	mainlineShape = regexp.MustCompile(`^\d+\.\d+(?:\.\d+|(?:\.\d+)?-rc\d+)$`)
	// plusShape says only that the source was changed after its tag
	// (scripts/setlocalversion), as many a home-made kernel says too.
	plusShape = regexp.MustCompile(`^` + reBase + `\+$`)

	// ubuntuVersion has the upload in a group: "#142~16.04.1-Ubuntu SMP ...".
	ubuntuVersion = regexp.MustCompile(`^#(\d+(?:\.\d+)*)\S*-Ubuntu(?: |$)`)
	// alpineVersion is "#1-Alpine SMP ...".
	alpineVersion = regexp.MustCompile(`^#\d+-Alpine(?: |$)`)
	// debianVersion has the upstream version, the revision and what follows it in
	// groups: "#1 SMP Debian 6.1.176-1 (2026-07-02)", "6.12.12-1~bpo12+1". Raspberry
	// Pi OS writes an epoch before it and "+rpt" after it, Parrot OS "parrot".
	debianVersion = regexp.MustCompile(` Debian (\d+\.\d+(?:\.\d+)?)(?:~rc\d+)?-(\d+)([^ ]*)`)
	debianSuffix  = regexp.MustCompile(`^(?:[a-z]?~|\+deb|\+b|\.)`)
)

// The IDs of os-release by which kernels are known whose releases say nothing.
const (
	osCOS          = "cos"
	osBottlerocket = "bottlerocket"
)

// saysNothing says whether a release is one that os-release has to explain: a bare
// number, which Bottlerocket has too, or COS's bare "+".
func saysNothing(raw string) bool {
	return mainlineShape.MatchString(raw) || plusShape.MatchString(raw)
}

// vendorOf returns who maintains a kernel, by its release and its version string,
// which may be empty where it could not be read, and what its release says of the
// build. Both must agree: a release that looks like Ubuntu's with another's version
// string (the mainline builds that Ubuntu hosts, Pop!_OS) is not Ubuntu's. osID is
// the ID of os-release, which counts only where the release says nothing.
func vendorOf(r Release, version, osID string) (Vendor, shaped) {
	switch {
	case osID == osCOS && plusShape.MatchString(r.Raw):
		return VendorCOS, shaped{base: strings.TrimSuffix(r.Raw, "+")}
	case osID == osBottlerocket && mainlineShape.MatchString(r.Raw):
		return VendorBottlerocket, shaped{}
	}
	vendor, s := shapeOf(r, version)
	named, names := versionVendor(r, version)
	signs := vendor == VendorUbuntu || vendor == VendorDebian // its name is in each of its version strings
	if names && named != vendor || !names && signs && version != "" {
		return "", shaped{}
	}
	return vendor, s
}

// versionVendor returns the vendor that a version string names, if it names one.
// Debian's names nobody known where it speaks of another line than the release.
func versionVendor(r Release, version string) (v Vendor, names bool) {
	switch {
	case ubuntuVersion.MatchString(version):
		return VendorUbuntu, true
	case alpineVersion.MatchString(version):
		return VendorAlpine, true
	case strings.Contains(version, "+rpt"):
		return VendorRPi, true
	case debianRevision(r, version) != nil:
		return VendorDebian, true
	default:
		return "", debianVersion.MatchString(version)
	}
}

// debianRevision returns the match of debianVersion, or nil where the version
// string is not Debian's or speaks of another line than the release does.
func debianRevision(r Release, version string) []string {
	m := debianVersion.FindStringSubmatch(version)
	if m == nil || m[3] != "" && !debianSuffix.MatchString(m[3]) {
		return nil
	}
	v, err := ParseRelease(m[1])
	if err != nil || v.Version.Major != r.Version.Major || v.Version.Minor != r.Version.Minor {
		return nil
	}
	return m
}
