package host

import (
	"regexp"
	"strings"
)

// A shape is the form of a vendor's releases.
type shape struct {
	vendor Vendor
	mark   string // what every such release holds
	form   string // an expression of the whole release; its groups are those of [shaped]
}

// shaped is what a release says by its form. What it does not say is empty.
type shaped struct {
	build   string // the build number
	stream  string // the stream within which builds are numbered
	flavour string
	base    string // kernel.org's stable release that this kernel is, with little put to it
}

// The parts that the forms of releases have in common.
const (
	reBase  = `\d+\.\d+\.\d+`
	reBuild = `\d+(?:\.\d+)*`
	reArch  = `(?:\.(?:x86_64(?:_v[23])?|i[36]86|aarch64|ppc64(?:le)?|s390x?|armv7hl|riscv64|loongarch64))?`
	reKind  = `(?:[.+](?:debug|rt|16k|64k|zfcpdump|kdump)(?:-(?:debug|rt|16k|64k))*)?`

	// reEL is all that may follow "-1160.24.1.el7": a minor release with the number
	// of a rebuilder's hot fix (Rocky's el9_7.0.1), CentOS Plus, an architecture, a
	// variant of the same source. A rebuilder's own mark (elrepo, tuxcare) may not:
	// that kernel is no longer Red Hat's. reRT is the number of the real-time patch
	// in its own kernels.
	reRT = `(?:\.rt\d+\.\d+)?`
	reEL = `(?:\.\d+)*(?:\.centos\.plus)?` + reArch + reKind

	// Ubuntu's base has no patch number since 3.0. Mainline builds that Ubuntu hosts
	// have an ABI with zeros before it, Pop!_OS one from 7000 on or of eight digits.
	reUbuntuBase    = `(?:2\.6\.\d+|\d+\.\d+\.0)`
	reUbuntuABI     = `(?:[1-9]\d{0,2}|[1-689]\d{3})`
	reUbuntuFlavour = `(?:generic|lowlatency|server|virtual|realtime|preempt|aws|azure|gcp|gke|gkeop|ibm|oracle|kvm|` +
		`oem|nvidia|fips|bluefield|raspi2?|snapdragon|intel|iot|xilinx|starfive|allwinner|riscv|laptop|hwe|qcom|mtk)` +
		`(?:-(?:64k|lpae|pae|nolpae|fips|fde|cvm|gt|hwe|edge|generic|lowlatency|realtime|rt|nvidia|tegra|igx|iotg|osp1|zynqmp))*`

	// 6.1.0-37, 5.10.0-0.deb10.16, 5.10.0-trunk, 6.7, 6.7-rc8. Newer ones name their
	// base: 6.12.107+deb13, 6.6.9.
	reDebianBase    = `\d+\.\d+(?:\.\d+)?(?:-rc\d+)?(?:-\d{1,3}|-0\.(?:deb\d+|bpo)\.\d+|-trunk)?`
	reDebianFlavour = `(?:(?:cloud|rt)-)?(?:amd64|arm64(?:-16k)?|armmp(?:-lpae)?|marvell|rpi|686(?:-pae)?|486|` +
		`powerpc64(?:le)?(?:-64k)?|s390x|riscv64|loong64|loongson-3|(?:4kc|5kc)-malta|octeon)`

	reSUSEFlavour = `(?:default|azure|rt|64kb|preempt|xen|pae|trace|ec2|kvmsmall|debug|coco|vanilla)`
)

// shapes returns the forms of all vendors' releases, in the order in which they are
// tried. They are compiled only when a kernel is identified, once a boot, and only
// where a release has the mark in it.
func shapes() []shape {
	const base, build = `(?P<base>` + reBase + `)`, `(?P<build>` + reBuild + `)`
	const kind = reArch + reKind
	return []shape{
		{VendorEL6, ".el6", `2\.6\.32-` + build + reRT + `\.(?P<stream>el6)` + reEL},
		{VendorEL7, ".el7", `3\.10\.0-` + build + reRT + `\.(?P<stream>el7)` + reEL},
		{VendorEL8, ".el8", `4\.18\.0-` + build + reRT + `\.(?P<stream>el8(?:_\d+)?)` + reEL},
		{VendorEL9, ".el9", `5\.14\.0-` + build + reRT + `\.(?P<stream>el9(?:_\d+)?)` + reEL},
		{VendorEL10, ".el10", `6\.12\.0-` + build + reRT + `\.(?P<stream>el10(?:_\d+)?)` + reEL},
		{VendorUEK, "uek", reBase + `-` + build + `\.el\d+(?:_\d+)?uek(?:next)?` + kind},
		{VendorUbuntu, "-", reUbuntuBase + `-(?P<build>` + reUbuntuABI + `)(?:-\d+)?-(?P<flavour>` + reUbuntuFlavour + `)`},
		{VendorDebian, "-", base + `(?:\+(?:deb\d+|bpo)[\d.+]*)?-(?P<flavour>` + reDebianFlavour + `)`},
		{VendorDebian, "-", reDebianBase + `-(?P<flavour>` + reDebianFlavour + `)`},
		{VendorAmazon1, ".amzn1", reBase + `-` + build + `\.amzn1` + reArch},
		{VendorAmazon2, ".amzn2", reBase + `-` + build + `\.amzn2` + reArch},
		{VendorAmazon2023, ".amzn2023", reBase + `-` + build + `\.amzn2023` + reArch},

		// SL Micro 6.0 and 6.1 have 6.4.0 with a number without a dot (6.4.0-28-default);
		// other such numbers are openSUSE's: 6.11.3-1-default is Tumbleweed's.
		{VendorSLES, "6.4.0-", `6\.4\.0-(?P<build>\d+)-(?P<flavour>` + reSUSEFlavour + `)`},
		{VendorSLES, "-", reBase + `(?:\.\d+)?-(?P<build>(?P<stream>\d+)(?:\.\d+)+)-(?P<flavour>` + reSUSEFlavour + `)`},
		{VendorOpenSUSE, "-", base + `-(?P<build>\d+)-(?P<flavour>default|vanilla|pae|64kb|kvmsmall)`},
		{VendorOpenSUSE, "-lp", reBase + `-(?P<stream>lp\d+)\.` + build + `-(?P<flavour>` + reSUSEFlavour + `)`},

		{VendorFlatcar, "-flatcar", base + `-flatcar(?:-r\d+)?`},
		{VendorTalos, "-talos", base + `-talos`},
		{VendorRancher, "-rancher", base + `-rancher\d*`},
		{VendorAzureLinux, ".", base + `(?:\.(?:mshv)?(?P<sub>\d+))?-` + build + `\.(?P<stream>cm\d|azl\d+)` + reArch},
		{VendorPhoton, ".ph", base + `-` + build + `\.(?P<stream>ph\d+)(?:-(?P<flavour>[a-z]+))?` + reArch},
		{VendorFedora, ".fc", base + `-(?P<build>\d+)\.(?P<stream>fc\d+)` + kind},
		{VendorFedora, ".fc", reBase + `-0\.rc\d+\.\w+(?:\.\w+)?\.(?P<stream>fc\d+)` + kind},
		// Alpine's 6.6.110-0-lts counts on from 1, which Arch's 6.12.58-1-lts begins
		// with; then only the version string says whose it is.
		{VendorAlpine, "-0-", base + `-(?P<build>0)-(?P<flavour>lts|virt|stable|edge|rpi\d?|vanilla|hardened)`},
		{VendorAlpine, "-v", base + `-(?P<build>\d+)-(?P<flavour>virt|vanilla)`},
		{VendorArch, "-", base + `[.-](?:arch|zen|hardened)\d+-(?P<build>\d+)(?:-(?P<flavour>zen|hardened))?`},
		{VendorProxmox, "-pve", reBase + `-(?P<build>\d+)-pve`},

		{VendorOpenEuler, ".oe", reBase + `-` + build + `\.(?P<stream>oe\d+(?:sp\d+)?)` + kind},
		{VendorAlinux, ".al", reBase + `-` + build + `\.(?P<stream>al(?:nx)?\d+)` + kind},
		{VendorAlinux, ".lifsea", reBase + `-` + build + `\.(?P<stream>lifsea\d+)` + kind},
		{VendorAnolis, ".an", reBase + `-` + build + `\.(?P<stream>an\d+)` + kind},
		{VendorTencentOS, ".tl", reBase + `-` + build + `\.(?P<stream>tl\d+)` + kind},
		{VendorTencentOS, "00", reBase + `-(?P<build>\d+[.-]00\d\d(?:\.\d+)*)`},
		{VendorTencentOS, "-tlinux", reBase + `-(?P<build>\d+)-(?P<stream>tlinux\d+)[\w.-]*`},
		{VendorKylin, ".ky", reBase + `-` + build + `(?:\.v\d+)?\.(?P<stream>ky\d+h?)` + kind},

		{VendorRPi, "+rpt-rpi-", reBase + `\+rpt-rpi-(?P<flavour>[a-z0-9-]+)`},
		{VendorRPi, "-rpi-", reBase + `-rpi\d+-rpi-(?P<flavour>[a-z0-9-]+)`},
		{VendorRPi, "-v", reBase + `-(?P<flavour>v7l?|v8|v8-16k)\+`},
		{VendorLinuxKit, "-linuxkit", base + `-linuxkit(?:-[0-9a-z]+)?`},
		{VendorWSL, "icrosoft", reBase + `(?:\.\d+)?(?:-microsoft-standard(?:-WSL2)?|-\d+-Microsoft)`},
	}
}

// versionShape returns the form that only a version string lets be believed.
func versionShape(version string) shape {
	switch {
	case ubuntuVersion.MatchString(version):
		return shape{VendorUbuntu, "-", reUbuntuBase + `-(?P<build>` + reUbuntuABI + `)(?:-\d+)?-(?P<flavour>[a-z][a-z0-9-]*)`}
	case alpineVersion.MatchString(version):
		return shape{VendorAlpine, "-", `(?P<base>` + reBase + `)-(?P<build>\d+)-(?P<flavour>[a-z]+)`}
	case version != "":
		return shape{VendorArch, "-lts", `(?P<base>` + reBase + `)-(?P<build>[1-9]\d*)-(?P<flavour>lts)`}
	default:
		return shape{}
	}
}

// lastBareDebian is the last release that Debian named 6.12.32-amd64; from 6.12.33
// on it writes +deb13 and so on after the numbers (debian/changelog of linux). A
// later one without it is made by somebody else from Debian's rules.
func lastBareDebian() Version { return Version{Major: 6, Minor: 12, Patch: 32} }

var bareDebian = regexp.MustCompile(`^` + reBase + `-[a-z]`)

// shapeOf returns the vendor that a release has the form of, and what it says. The
// version string widens what is believed, and may be empty.
func shapeOf(r Release, version string) (Vendor, shaped) {
	for _, one := range append(shapes(), versionShape(version)) {
		s, ok := one.match(r.Raw)
		switch {
		case !ok:
		case one.vendor == VendorDebian && version == "" && bareDebian.MatchString(r.Raw) && r.Version.Compare(lastBareDebian()) > 0:
			return "", shaped{}
		default:
			return one.vendor, s
		}
	}
	return "", shaped{}
}

func (s shape) match(raw string) (says shaped, ok bool) {
	if s.vendor == "" || !strings.Contains(raw, s.mark) {
		return shaped{}, false
	}
	form := regexp.MustCompile(`^(?:` + s.form + `)$`)
	at := form.FindStringSubmatch(raw)
	if at == nil {
		return shaped{}, false
	}
	group := func(name string) string {
		if i := form.SubexpIndex(name); i >= 0 {
			return at[i]
		}
		return ""
	}
	says = shaped{build: group("build"), stream: group("stream"), flavour: group("flavour"), base: group("base")}
	if sub := group("sub"); sub != "" {
		says.build = sub + "-" + says.build
	}
	return says, true
}

// ubuntuStream returns the source package whose builds a flavour is numbered with:
// the main one for generic, lowlatency and the like, else the flavour's own, of
// which 64k, fde and such are only variants.
func ubuntuStream(flavour string) string {
	words := strings.Split(flavour, "-")
	stream := words[:1]
	for _, w := range words[1:] {
		switch w {
		case "64k", "lpae", "pae", "nolpae", "fde", "cvm", "edge", "generic":
		default:
			stream = append(stream, w)
		}
	}
	switch stream[0] {
	case "lowlatency", "server", "virtual":
		stream[0] = "generic"
	}
	return strings.Join(stream, "-")
}
