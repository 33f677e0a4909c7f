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

// The vendors that are told apart.
const (
	VendorEL6        Vendor = "el6"        // RHEL 6 and its rebuilds, 2.6.32
	VendorEL7        Vendor = "el7"        // RHEL 7 and its rebuilds, 3.10.0
	VendorEL8        Vendor = "el8"        // RHEL 8 and its rebuilds, 4.18.0
	VendorEL9        Vendor = "el9"        // RHEL 9 and its rebuilds, 5.14.0
	VendorEL10       Vendor = "el10"       // RHEL 10 and its rebuilds, 6.12.0
	VendorUEK        Vendor = "uek"        // Oracle's Unbreakable Enterprise Kernel
	VendorUbuntu     Vendor = "ubuntu"     // Canonical, its cloud kernels included
	VendorDebian     Vendor = "debian"     // Debian, its backports included
	VendorAmazon2    Vendor = "amzn2"      // Amazon Linux 2
	VendorAmazon2023 Vendor = "amzn2023"   // Amazon Linux 2023
	VendorSLES       Vendor = "sles"       // SUSE Linux Enterprise, and Leap where it takes its kernel
	VendorCOS        Vendor = "cos"        // Google's Container-Optimized OS
	VendorFlatcar    Vendor = "flatcar"    // Flatcar Container Linux
	VendorTalos      Vendor = "talos"      // Talos Linux
	VendorRancher    Vendor = "rancher"    // RancherOS
	VendorAzureLinux Vendor = "azurelinux" // Azure Linux and CBL-Mariner 2
	VendorWSL        Vendor = "wsl"        // Windows Subsystem for Linux
)

// The parts that the shapes of releases have in common.
const (
	reBase  = `\d+\.\d+\.\d+`
	reBuild = `\d+(?:\.\d+)*`
	reArch  = `(?:\.(?:x86_64(?:_v[23])?|i[36]86|aarch64|ppc64(?:le)?|s390x?|armv7hl|riscv64))?`

	// reEL is all that may follow "-1160.24.1.el7": a minor release, CentOS Plus, an
	// architecture, a variant of the same source. A rebuilder's own mark (elrepo,
	// tuxcare) may not: that kernel is no longer Red Hat's. reRT is the number of
	// the real-time patch in its own kernels.
	reRT = `(?:\.rt\d+\.\d+)?`
	reEL = `(?:_\d+)?(?:\.centos\.plus)?` + reArch + `(?:[.+](?:debug|rt|64k|zfcpdump|kdump)(?:-(?:debug|rt|64k))*)?`

	// Mainline builds that Ubuntu hosts have an ABI with zeros before it, Pop!_OS
	// one of eight digits.
	reUbuntuABI     = `[1-9]\d{0,3}`
	reUbuntuFlavour = `(?:generic|lowlatency|server|virtual|realtime|preempt|aws|azure|gcp|gke|gkeop|ibm|oracle|kvm|` +
		`oem|nvidia|fips|bluefield|raspi2?|snapdragon|intel|iot|xilinx|starfive|allwinner|riscv|laptop|hwe)` +
		`(?:-(?:64k|lpae|pae|nolpae|fips|fde|cvm|gt|hwe|edge|generic|lowlatency|realtime|rt|tegra|igx|iotg|osp1|zynqmp))*`

	// 6.1.0-37, 5.10.0-0.deb10.16, 6.12.107+deb13, 6.6.9, 5.10.0-trunk, 6.7-rc8.
	reDebianBase    = `\d+\.\d+(?:\.\d+)?(?:-rc\d+)?(?:-\d{1,3}|-0\.(?:deb\d+|bpo)\.\d+|\+(?:deb\d+|bpo)[\d.+]*|-trunk)?`
	reDebianFlavour = `(?:(?:cloud|rt)-)?(?:amd64|arm64(?:-16k)?|armmp(?:-lpae)?|marvell|rpi|686(?:-pae)?|486|` +
		`powerpc64(?:le)?(?:-64k)?|s390x|riscv64|loong64|loongson-3|(?:4kc|5kc)-malta|octeon)`

	reSLESFlavour = `(?:default|azure|rt|64kb|preempt|xen|pae|trace|ec2|kvmsmall|debug|coco)`
)

// vendorShape is what the releases of each vendor look like, with the base version
// where the vendor never leaves it. The alternatives exclude each other. The one
// named group that takes part in a match has the vendor as its name and the
// vendor's build number, if there is one, as its text.
var vendorShape = regexp.MustCompile(`^(?:` +
	`2\.6\.32-(?P<el6>` + reBuild + `)` + reRT + `\.el6` + reEL + `|` +
	`3\.10\.0-(?P<el7>` + reBuild + `)` + reRT + `\.el7` + reEL + `|` +
	`4\.18\.0-(?P<el8>` + reBuild + `)` + reRT + `\.el8` + reEL + `|` +
	`5\.14\.0-(?P<el9>` + reBuild + `)` + reRT + `\.el9` + reEL + `|` +
	`6\.12\.0-(?P<el10>` + reBuild + `)` + reRT + `\.el10` + reEL + `|` +
	reBase + `-(?P<uek>` + reBuild + `)\.el\d+(?:_\d+)?uek(?:next)?` + reArch + `(?:[.+](?:debug|64k))?|` +
	reBase + `-(?P<ubuntu>` + reUbuntuABI + `)(?:-\d+)?-` + reUbuntuFlavour + `|` +
	reDebianBase + `(?P<debian>)-` + reDebianFlavour + `|` +
	reBase + `-(?P<amzn2>` + reBuild + `)\.amzn2` + reArch + `|` +
	reBase + `-(?P<amzn2023>` + reBuild + `)\.amzn2023` + reArch + `|` +
	// A number without a dot is openSUSE's: 6.11.3-1-default is Tumbleweed's.
	reBase + `(?:\.\d+)?-(?P<sles>\d+(?:\.\d+)+)-` + reSLESFlavour + `|` +
	reBase + `(?P<flatcar>)-flatcar(?:-r\d+)?|` +
	reBase + `(?P<talos>)-talos|` +
	reBase + `(?P<rancher>)-rancher\d*|` +
	reBase + `\.(?:mshv)?(?P<azurelinux>\d+-\d+)\.(?:cm2|azl\d+)|` +
	reBase + `(?:\.\d+)?(?P<wsl>)(?:-microsoft-standard(?:-WSL2)?|-\d+-Microsoft)` +
	`)$`)

var (
	// mainlineShape is a release to which nobody has put a name.
	mainlineShape = regexp.MustCompile(`^\d+\.\d+(?:\.\d+|(?:\.\d+)?-rc\d+)$`)
	// cosShape says only that the source was changed after its tag
	// (scripts/setlocalversion), which many a home-made kernel says too.
	cosShape = regexp.MustCompile(`^` + reBase + `\+$`)
	// ubuntuShape is any flavour, for when the version string names Ubuntu.
	ubuntuShape = regexp.MustCompile(`^` + reBase + `-(` + reUbuntuABI + `)(?:-\d+)?-[a-z][a-z0-9-]*$`)

	// ubuntuVersion has the upload in a group: "#142~16.04.1-Ubuntu SMP ...".
	ubuntuVersion = regexp.MustCompile(`^#(\d+(?:\.\d+)*)\S*-Ubuntu(?: |$)`)
	// debianVersion has the upstream version and the revision in groups: "#1 SMP
	// Debian 6.1.176-1 (2026-07-02)". Raspberry Pi OS writes an epoch before it
	// and "+rpt" behind it.
	debianVersion = regexp.MustCompile(` Debian (\d+\.\d+(?:\.\d+)?)(?:~rc\d+)?-(\d+)[^ ]*`)
)

// osCOS is what Container-Optimized OS writes as ID into os-release.
const osCOS = "cos"

// vendorOf tells who maintains a kernel from its release and its version string,
// which may be empty where it could not be read. Both must agree: a release that
// looks like Ubuntu's with another's version string (the mainline builds that
// Ubuntu hosts, Pop!_OS) is not Ubuntu's. osID is the ID of os-release, which
// counts only for COS's bare "+".
func vendorOf(r Release, version, osID string) Vendor {
	vendor, _ := shapeOf(r.Raw)
	switch {
	case ubuntuVersion.MatchString(version):
		if vendor == "" && ubuntuShape.MatchString(r.Raw) {
			return VendorUbuntu
		}
		return only(vendor, VendorUbuntu)
	case debianVersion.MatchString(version):
		if debianRevision(r, version) == nil {
			return ""
		}
		return only(vendor, VendorDebian)
	case version != "" && (vendor == VendorUbuntu || vendor == VendorDebian):
		return ""
	case vendor == "" && osID == osCOS && cosShape.MatchString(r.Raw):
		return VendorCOS
	}
	return vendor
}

// shapeOf tells the vendor, and its build number, from the release alone.
func shapeOf(raw string) (v Vendor, build string) {
	at := vendorShape.FindStringSubmatchIndex(raw)
	if at == nil {
		return "", ""
	}
	for i, name := range vendorShape.SubexpNames() {
		if name != "" && at[2*i] >= 0 {
			return Vendor(name), raw[at[2*i]:at[2*i+1]]
		}
	}
	return "", ""
}

func only(v, want Vendor) Vendor {
	if v != want {
		return ""
	}
	return v
}

// debianRevision returns the match of debianVersion, or nil where the version
// string is not Debian's or speaks of another line than the release does.
func debianRevision(r Release, version string) []string {
	m := debianVersion.FindStringSubmatch(version)
	if m == nil || strings.Contains(m[0], "rpt") {
		return nil
	}
	v, err := ParseRelease(m[1])
	if err != nil || v.Version.Major != r.Version.Major || v.Version.Minor != r.Version.Minor {
		return nil
	}
	return m
}
