package host_test

import (
	"strings"
	"testing"

	"kernel_exporter/collector/host"
)

// The releases and version strings are of real kernels, as `uname -rv` prints them.
func TestVendor(t *testing.T) {
	t.Parallel()
	type uname struct{ release, version string }
	plain := func(releases ...string) (all []uname) {
		for _, r := range releases {
			all = append(all, uname{r, ""}, uname{r, "#1 SMP Tue Aug 25 17:23:54 UTC 2020"})
		}
		return all
	}
	tests := map[host.Vendor][]uname{
		host.VendorEL6: plain(
			"2.6.32-754.el6.x86_64", "2.6.32-754.35.1.el6.x86_64", "2.6.32-642.6.2.el6.i686",
			"2.6.32-696.el6.centos.plus.x86_64", "2.6.32-754.el6.x86_64.debug", "2.6.32-573.26.1.rt56.184.el6.x86_64",
		),
		host.VendorEL7: plain(
			"3.10.0-1160.el7.x86_64", "3.10.0-957.10.1.el7.x86_64", "3.10.0-1160.119.1.el7.x86_64", "3.10.0-123.el7",
			"3.10.0-1160.el7.ppc64le", "3.10.0-1160.el7.s390x", "3.10.0-1160.102.1.el7.centos.plus.x86_64",
			"3.10.0-1160.el7.x86_64.debug", "3.10.0-693.2.2.rt56.623.el7.x86_64", "3.10.0-1160.119.1.0.5.el7.x86_64",
		),
		host.VendorEL8: plain(
			"4.18.0-553.el8_10.x86_64", "4.18.0-80.el8.x86_64", "4.18.0-348.20.1.el8_5.aarch64", "4.18.0-553.16.1.el8_10.x86_64+debug",
			"4.18.0-553.rt7.342.el8_10.x86_64", "4.18.0-500.el8.x86_64", "4.18.0-348.2.1.el8_5.centos.plus.x86_64",
		),
		host.VendorEL9: plain(
			"5.14.0-570.el9", "5.14.0-427.13.1.el9_4.x86_64", "5.14.0-503.11.1.el9_5.aarch64+64k", "5.14.0-503.11.1.el9_5.aarch64+64k-debug",
			"5.14.0-427.13.1.el9_4.x86_64+rt", "5.14.0-427.13.1.el9_4.x86_64+rt-debug", "5.14.0-284.11.1.rt14.296.el9_2.x86_64",
			"5.14.0-611.54.1.el9_7.0.1.x86_64", "5.14.0-570.12.1.0.1.el9_6.x86_64", "5.14.0-570.45.1.el9_6.x86_64",
		),
		host.VendorEL10: plain("6.12.0-55.el10", "6.12.0-55.9.1.el10_0.x86_64", "6.12.0-124.8.1.el10_1.x86_64_v2", "6.12.0-124.el10.aarch64+64k"),
		host.VendorUEK: plain(
			"5.4.17-2136.el7uek", "5.4.17-2136.338.4.2.el8uek.x86_64", "4.14.35-2047.518.4.el7uek.x86_64", "4.1.12-124.48.6.el6uek.x86_64",
			"3.8.13-118.el7uek.x86_64", "5.15.0-300.163.18.el9uek.aarch64", "6.12.0-100.28.2.el10uek.x86_64", "6.10.0-2.el9ueknext.x86_64",
			"5.4.17-2136.el7uek.x86_64.debug",
		),
		host.VendorUbuntu: {
			{"4.4.0-21-generic", "#37-Ubuntu SMP Mon Apr 18 18:33:37 UTC 2016"},
			{"4.4.0-118-generic", ""},
			{"4.4.0-142-generic", "#168~14.04.1-Ubuntu SMP Sat Jan 19 11:26:28 UTC 2019"},
			{"3.13.0-170-generic", "#220-Ubuntu SMP Thu May 9 12:40:49 UTC 2019"},
			{"5.4.0-216-lowlatency", ""},
			{"5.4.0-1049-aws", "#51~18.04.1-Ubuntu SMP Fri May 14 18:38:46 UTC 2021"},
			{"5.15.0-1064-azure", ""},
			{"5.15.0-1064-azure-fde", ""},
			{"5.15.0-1048-gcp", ""},
			{"5.15.0-1048-gke", ""},
			{"5.15.0-1040-gkeop", ""},
			{"6.8.0-1013-oracle", ""},
			{"5.4.0-1105-kvm", ""},
			{"6.8.0-1047-raspi", ""},
			{"6.11.0-1020-oem", "#20-Ubuntu SMP PREEMPT_DYNAMIC"},
			{"6.8.0-1013-nvidia-64k", "#14-Ubuntu SMP PREEMPT_DYNAMIC Tue Aug 20 21:56:18 UTC 2024"},
			{"4.15.0-2026-azure-fips", "#29-Ubuntu SMP Thu Apr 22 22:36:02 UTC 2021"},
			{"5.15.0-1052-realtime", "#58-Ubuntu SMP PREEMPT_RT Wed Nov 15 20:57:45 UTC 2023"},
			{"6.8.0-2049-raspi-realtime", "#50-Ubuntu SMP PREEMPT_RT"},
			{"7.0.0-30-realtime", "#30.1-Ubuntu SMP PREEMPT_RT Fri Aug 7 13:54:26 UTC 2026"},
			{"6.8.0-60-generic-64k", ""},
			{"6.14.0-1007-azure-nvidia", ""},
			{"5.15.0-144-fips", ""},
			{"6.17.0-1003-unheard-of", "#3-Ubuntu SMP"},
			{"2.6.32-24-server", "#39-Ubuntu SMP Wed Jul 28 06:21:40 UTC 2010"},
		},
		host.VendorDebian: {
			{"6.1.0-37-amd64", ""},
			{"6.1.0-50-cloud-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-07-02)"},
			{"5.10.0-8-cloud-amd64", "#1 SMP Debian 5.10.46-4 (2021-08-03)"},
			{"7.2.13+deb14-cloud-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 7.2.13-1 (2026-10-28)"},
			{"6.12.57+deb13-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.12.57-1 (2025-11-05)"},
			{"6.12.57+deb13-rt-amd64", "#1 SMP PREEMPT_RT Debian 6.12.57-1 (2025-11-05)"},
			{"6.12.12+bpo-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.12.12-1~bpo12+1 (2025-02-23)"},
			{"5.10.0-0.deb10.16-amd64", "#1 SMP Debian 5.10.127-2~bpo10+1 (2022-07-28)"},
			{"6.1.0-0.deb11.13-amd64", ""},
			{"4.19.0-0.bpo.5-amd64", "#1 SMP Debian 4.19.37-4~bpo9+1 (2019-06-19)"},
			{"6.6.9-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.6.9-1 (2024-01-01)"},
			{"6.7-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.7-1~exp1 (2024-01-08)"},
			{"6.7-rc8-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.7~rc8-1~exp1 (2024-01-01)"},
			{"5.10.0-trunk-amd64", "#1 SMP Debian 5.10.2-1~exp1 (2020-12-22)"},
			{"3.16.0-4-amd64", "#1 SMP Debian 3.16.36-1+deb8u1 (2016-09-03)"},
			{"3.2.0-4-686-pae", "#1 SMP Debian 3.2.57-3+deb7u2"},
			{"6.1.0-26-arm64", "#1 SMP Debian 6.1.112-1 (2024-09-30)"},
			{"6.1.0-26-armmp-lpae", "#1 SMP Debian 6.1.112-1 (2024-09-30)"},
			{"6.1.0-26-powerpc64le", "#1 SMP Debian 6.1.112-1 (2024-09-30)"},
		},
		host.VendorAmazon2: plain("4.14.77-81.59.amzn2.x86_64", "5.10.178-162.673.amzn2.x86_64", "4.14.336-257.566.amzn2.aarch64"),
		host.VendorAmazon2023: plain(
			"6.1.134-150.224.amzn2023.aarch64", "6.1.161-183.298.amzn2023.x86_64", "6.12.22-27.96.amzn2023.x86_64",
		),
		host.VendorSLES: plain(
			"4.12.14-122.37-default", "5.3.18-150300.59.106-default", "5.14.21-150500.55.7-azure", "6.4.0-150600.23.73-default",
			"6.4.0-28-default", "6.4.0-30-rt", "6.4.0-150600.23.60-default", "6.12.0-160000.7-default", "4.4.180-94.100-default", "3.0.101-108.71-default", "2.6.32.12-0.7-default", "6.12.0-160000.5-default", "5.14.21-150400.15.11-rt",
		),
		host.VendorFlatcar:    plain("6.6.139-flatcar", "5.15.133-flatcar"),
		host.VendorTalos:      plain("6.18.41-talos", "5.15.102-talos"),
		host.VendorRancher:    plain("4.14.85-rancher", "4.14.138-rancher", "4.9.78-rancher2"),
		host.VendorAzureLinux: plain("5.15.131.1-1.cm2", "6.6.92.2-2.azl3", "6.6.137.mshv1-1.azl3", "6.18.38.1-1.azl3", "6.18.20-1.azl4.x86_64"),
		host.VendorWSL: plain(
			"5.15.153.1-microsoft-standard-WSL2", "4.19.128-microsoft-standard", "4.4.0-19041-Microsoft", "6.6.87.2-microsoft-standard-WSL2",
		),
		host.VendorAmazon1:  plain("4.14.355-195.598.amzn1.x86_64"),
		host.VendorOpenSUSE: plain("6.11.3-1-default", "7.2.10-1-default", "4.12.14-lp151.28.91-default"),
		host.VendorPhoton:   plain("6.1.10-11.ph5", "5.10.61-1.ph4", "6.1.10-11.ph5-esx", "4.19.290-3.ph3-aws", "6.1.112-1.ph5-rt"),
		host.VendorFedora: plain(
			"6.11.6-300.fc41.x86_64", "5.15.6-200.fc35.x86_64", "6.7.7-200.fc39.aarch64", "6.14.4-300.fc42.aarch64+16k",
			"6.18.0-0.rc5.44.fc44.x86_64", "6.17.8-300.fc43.x86_64+debug",
		),
		host.VendorAlpine: {
			{"6.6.110-0-virt", ""},
			{"6.12.50-0-lts", ""},
			{"6.6.63-0-virt", "#1-Alpine SMP PREEMPT_DYNAMIC 2024-11-25"},
			{"6.6.31-1-lts", "#2-Alpine SMP PREEMPT_DYNAMIC Fri, 24 May 2024 08:23:37 +0000"},
			{"6.12.50-0-edge", "#1-Alpine SMP PREEMPT_DYNAMIC"},
		},
		host.VendorArch: append(
			plain("6.2.1-arch1-1", "7.2.8-arch1-1", "6.12.3.arch1-1", "6.17.8-zen1-1-zen", "6.16.12-hardened1-1-hardened"),
			uname{"6.12.58-1-lts", "#1 SMP PREEMPT_DYNAMIC Thu, 13 Nov 2025 20:35:09 +0000"},
		),
		host.VendorProxmox: append(plain("6.8.12-4-pve", "5.4.203-1-pve"), uname{"5.15.108-1-pve", "#1 SMP PVE 5.15.108-2 (2023-07-20T10:06Z)"}),
		host.VendorOpenEuler: plain(
			"4.19.90-2112.8.0.0131.oe1.x86_64", "5.10.0-216.0.0.115.oe2203sp4.aarch64", "6.6.0-72.0.0.76.oe2403sp1.x86_64",
		),
		host.VendorAlinux: plain(
			"4.19.91-27.7.al7.x86_64", "5.10.134-16.1.al8.x86_64", "5.10.134-18.lifsea8.x86_64", "6.6.71-3.alnx4.x86_64",
		),
		host.VendorAnolis: plain("4.19.91-26.4.an8.x86_64", "3.10.0-1160.24.1.an7.x86_64", "5.10.134-13.an8.aarch64", "6.6.25-2.an23.x86_64"),
		host.VendorTencentOS: plain(
			"5.4.119-19.0009.44", "5.4.119-19-0009.11", "6.6.98-40.2.tl4.x86_64", "4.14.105-19-0024", "5.4.241-1-tlinux4-0017.1",
		),
		host.VendorKylin: plain("4.19.90-24.4.v2101.ky10.x86_64", "4.19.90-52.22.v2207.ky10.aarch64", "4.19.90-17.ky10.aarch64"),
		host.VendorRPi: {
			{"6.12.47+rpt-rpi-v8", "#1 SMP PREEMPT Debian 1:6.12.47-1+rpt1 (2025-09-16)"},
			{"6.12.47+rpt-rpi-2712", ""},
			{"6.1.0-rpi8-rpi-v8", "#1 SMP PREEMPT Debian 1:6.1.73-1+rpt1 (2024-01-25)"},
			{"5.10.17-v7l+", "#1421 SMP Thu May 27 14:00:13 BST 2021"},
			{"6.1.21-v8+", ""},
		},
		host.VendorLinuxKit: plain("6.10.14-linuxkit", "5.15.49-linuxkit-pr", "6.12.54-linuxkit"),
		"": {
			// Nobody's.
			{"6.18.44", "#1 SMP PREEMPT_DYNAMIC Wed Aug 12 10:00:00 UTC 2026"},
			{"7.0-rc1", ""},
			{"6.18.44-fc-v669", "#1 SMP PREEMPT_DYNAMIC @0"},
			{"5.15.133+", "#1 SMP Sat Dec 30 13:01:34 UTC 2023"},
			{"4.19.128-coreos", ""},
			// Made from Red Hat's, but not Red Hat's any more.
			{"5.4.278-1.el7.elrepo.x86_64", ""},
			{"6.1.0-1.el8.elrepo.x86_64", ""},
			{"3.10.0-1160.119.1.el7.tuxcare.els5.x86_64", ""},
			{"3.10.0-962.3.2.lve1.5.79.el7.x86_64", ""},
			{"4.18.0-553.5.1.lve.el8.x86_64", ""},
			{"3.10.0-1160.105.1.vz7.220.3", ""},
			{"2.6.32-042stab145.3", ""},
			{"4.14.0-115.el7a.aarch64", ""},
			{"3.10.0-1160.el7.x86_64.custom", ""},
			{"3.10.0-el7.x86_64", ""},
			// A number that the vendor never gave to that distribution.
			{"4.18.0-553.el7.x86_64", ""},
			{"3.10.0-1160.el8.x86_64", ""},
			{"5.14.0-570.el10.x86_64", ""},
			{"2.6.18-419.el5", ""},
			// Look like Ubuntu's, are from its mainline archive, System76, Lambda.
			{"5.18.1-051801-generic", "#202205301132 SMP PREEMPT_DYNAMIC Mon May 30 11:39:36 UTC 2022"},
			{"5.18.1-051801-generic", ""},
			{"6.9.3-76060903-generic", "#202405300957~1738770968~22.04~d5f7c84 SMP PREEMPT_DYNAMIC"},
			{"6.9.3-76060903-generic", ""},
			{"6.8.0-1013-nvidia-64k", "#14lambdaguest1 SMP PREEMPT_DYNAMIC Sat Sep 14 00:46:47 UTC 2024"},
			{"6.8.0-60-generic", "#1 SMP Tue Aug 25 17:23:54 UTC 2020"},
			{"6.8.0-60-unheard", ""},
			// Look like Debian's, are Kali's, Garden Linux's, Raspberry Pi's, Proxmox's.
			{"6.6.9-amd64", "#1 SMP PREEMPT_DYNAMIC Kali 6.6.9-1kali1 (2024-01-08)"},
			{"6.1.0-kali9-amd64", ""},
			{"6.12.32-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.12.32-1parrot1 (2025-06-27)"},
			{"6.6.54-cloud-amd64", "#1 SMP PREEMPT_DYNAMIC Garden Linux 6.6.54-0gardenlinux1 (2024-10-07)"},
			{"6.1.0-37-arm64", "#1 SMP PREEMPT Debian 6.1.73-1+rpt1 (2024-01-25)"},
			{"6.1.0-37-amd64", "#1 SMP Tue Aug 25 17:23:54 UTC 2020"},
			{"6.1.0-37-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 5.10.223-1 (2024-08-10)"},
			// openSUSE's daily builds.
			{"6.14.0-rc3-1.gb6b4102-default", ""},
			{"6.0.15-default", ""},
			{"4.14.203-116.332.amzn2int.x86_64", ""},
			{"5.10.75-82.359.amzn2022.x86_64", ""},
			// Bare numbers of Debian's form, after Debian began to add +deb13.
			{"6.12.53-cloud-amd64", ""},
			{"6.6.84-amd64-desktop-hwe", ""},
			{"6.12.20-amd64-desktop-rolling", ""},
			// Pop!_OS, whose version strings name Ubuntu; Kylin's desktop.
			{"5.11.0-7633-generic", ""},
			{"5.11.0-7633-generic", "#35~1630100930~21.04~ae2753e-Ubuntu SMP Mon Aug 30 17:11:18 UTC 2021"},
			{"5.4.18-85-generic", ""},
			// Alpine's or Arch's: only the version string would say.
			{"6.12.58-1-lts", ""},
			{"6.12.50-0-generic", ""},
			{"5.14.0-427.42.1.el9_4.92ciq_lts.8.1.x86_64", ""},
			{"4.18.0-147.5.1.6.h1152.eulerosv2r9.x86_64", ""},
			{"5.10.0-182.0.0.95.r2220_156.hce2.x86_64", ""},
			{"4.19.0-91.82.42.uelc20.x86_64", ""},
			{"6.12.33-production+truenas", ""},
			{"6.14.10-orbstack-00291-g1b252bd3edea", ""},
			{"4.19.0+1", ""},
			{"5.10.60-qnap", ""},
			{"6.12.24-Unraid", ""},
			{"6.12.58-gentoo-dist", ""},
			{"6.12.59_1", ""},
			{"6.17.8-x64v3-xanmod1", ""},
			{"6.17.8-1-liquorix-amd64", ""},
			{"6.6.65-1-MANJARO", ""},
			{"6.17.8-200.fsync.fc43.x86_64", ""},
			// The two strings are of different vendors.
			{"6.1.0-37-amd64", "#37-Ubuntu SMP Mon Apr 18 18:33:37 UTC 2016"},
			{"4.4.0-118-generic", "#1 SMP Debian 4.4.6-1 (2016-03-17)"},
			{"3.10.0-1160.el7.x86_64", "#1 SMP Debian 3.10.11-1 (2013-09-10)"},
			{"3.10.0-1160.el7.x86_64", "#1 SMP Debian 6.1.176-1 (2026-07-02)"},
			{"4.18.0-553.el8_10.x86_64", "#1~18.04-Ubuntu SMP"},
			{"6.6.139-flatcar", "#139-Ubuntu SMP"},
			{"6.18.44", "#44-Ubuntu SMP"},
			// Built by others on top.
			{"5.15.153.1-microsoft-standard-WSL2+", ""},
			{"6.18.41-talos-custom", ""},
			{"5.15.131.1-1.cm2.custom", ""},
		},
	}
	for want, unames := range tests {
		for _, u := range unames {
			t.Run(u.release, func(t *testing.T) {
				t.Parallel()
				k, err := host.Uname{Release: u.release, Version: u.version, OSID: "debian"}.Kernel()
				if err != nil || k.Vendor != want {
					t.Errorf("version %q: vendor %q, %v; want %q", u.version, k.Vendor, err, want)
				}
			})
		}
	}
}

// Kernels whose releases say nothing are known by os-release.
func TestVendorByOSRelease(t *testing.T) {
	t.Parallel()
	tests := []struct {
		release, osRelease string
		want               host.Vendor
	}{
		{"5.15.133+", "ID=cos\n", host.VendorCOS},
		{"6.6.56+", "NAME=\"Container-Optimized OS\"\nID=cos\n", host.VendorCOS},
		{"5.15.133+", "ID=ubuntu\n", ""},
		{"5.15.133+", "ID_LIKE=cos\nID=other\n", ""},
		{"5.15.133", "ID=cos\n", ""},
		{"5.15.133-gke+", "ID=cos\n", ""},
		{"6.1.0-37-amd64", "ID=cos\n", host.VendorDebian},
		{"6.12.53", "ID=bottlerocket\nVERSION_ID=1.49.0\n", host.VendorBottlerocket},
		{"6.12.53+", "ID=bottlerocket\n", ""},
		{"6.6.95", "ID=buildroot\n", ""},
	}
	for _, tt := range tests {
		k, err := rootOf(t, tree{"proc/sys/kernel/osrelease": tt.release, "etc/os-release": tt.osRelease}).Kernel()
		if err != nil || k.Vendor != tt.want {
			t.Errorf("%s with %q: vendor %q, %v; want %q", tt.release, tt.osRelease, k.Vendor, err, tt.want)
		}
	}
	// Without an os-release it is nobody's, and no fault.
	k, err := rootOf(t, tree{"proc/sys/kernel/osrelease": "5.15.133+"}).Kernel()
	if err != nil || k.Vendor != "" {
		t.Errorf("without os-release: vendor %q, %v", k.Vendor, err)
	}
}

func TestMainlineAndUpstream(t *testing.T) {
	t.Parallel()
	tests := []struct {
		release, version, signature string
		mainline                    bool
		upstream                    string
	}{
		{"6.18.44", "#1 SMP", "", true, "6.18.44"},
		{"4.4.302", "", "", true, "4.4.302"},
		{"7.0-rc1", "", "", true, ""},
		{"7.0.0-rc1", "", "", true, ""},
		{"6.1", "", "", false, ""},
		{"6.18.44+", "", "", false, ""},
		{"6.18.44-fc-v669", "", "", false, ""},
		{"6.18.44-rc1-foo", "", "", false, ""},
		{"2.6.32.71", "", "", false, ""},
		{"6.6.139-flatcar", "", "", false, "6.6.139"},
		{"6.12.6-talos", "", "", false, "6.12.6"},
		{"4.14.138-rancher", "", "", false, "4.14.138"},
		{"6.6.137.mshv1-1.azl3", "", "", false, "6.6.137"},
		{"6.1.10-11.ph5", "", "", false, "6.1.10"},
		{"6.17.8-300.fc43.x86_64", "", "", false, "6.17.8"},
		{"6.18.0-0.rc5.44.fc44.x86_64", "", "", false, ""},
		{"6.6.110-0-virt", "", "", false, "6.6.110"},
		{"7.2.8-arch1-1", "", "", false, "7.2.8"},
		{"7.2.10-1-default", "", "", false, "7.2.10"},
		{"6.12.54-linuxkit", "", "", false, "6.12.54"},
		{"6.8.12-4-pve", "", "", false, ""},
		{"6.1.141-165.249.amzn2023.x86_64", "", "", false, ""},
		{"5.14.21-150500.55.7-azure", "", "", false, ""},
		{"3.10.0-1160.el7.x86_64", "", "Ubuntu 3.10.0-1160.1-generic 3.10.108", false, ""},
		{"6.1.0-50-amd64", "#1 SMP Debian 6.1.176-1 (2026-07-02)", "", false, "6.1.176"},
		{"6.7-amd64", "#1 SMP Debian 6.7-1~exp1 (2024-01-08)", "", false, "6.7"},
		{"6.7-rc8-amd64", "#1 SMP Debian 6.7~rc8-1~exp1 (2024-01-01)", "", false, ""},
		{"6.1.0-50-amd64", "", "", false, ""},
		{"6.12.118+deb13-amd64", "", "", false, "6.12.118"},
		{"6.12.12+bpo-cloud-amd64", "", "", false, "6.12.12"},
		{"6.6.9-amd64", "", "", false, "6.6.9"},
		{"6.12.32-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.12.32-1parrot1 (2025-06-27)", "", false, ""},
		{"6.12.47+rpt-rpi-v8", "#1 SMP Debian 1:6.12.47-1+rpt1 (2025-09-16)", "", false, ""},
		{"4.4.0-21-generic", "#37-Ubuntu SMP", "Ubuntu 4.4.0-21.37-generic 4.4.6\n", false, "4.4.6"},
		{"5.15.0-91-generic", "#101~20.04.1-Ubuntu SMP", "Ubuntu 5.15.0-91.101~20.04.1-generic 5.15.131", false, "5.15.131"},
		{"4.4.0-21-generic", "#37-Ubuntu SMP", "", false, ""},
		{"4.4.0-21-generic", "#37-Ubuntu SMP", "Ubuntu 4.15.0-20.21-generic 4.15.17", false, ""},
		{"4.4.0-21-generic", "#37-Ubuntu SMP", "Ubuntu 4.4.0-22.40-generic 4.4.8", false, ""},
		{"4.4.0-21-generic", "#37-Ubuntu SMP", "Ubuntu 4.4.0-21.37-generic", false, ""},
		{"4.4.0-21-generic", "#37-Ubuntu SMP", "Ubuntu 4.4.0-21.37-generic 4.4.x", false, ""},
		{"4.4.0-21-generic", "#37-Ubuntu SMP", "Ubuntu 4.4.0-21.37-generic 4.4.6-rc1", false, ""},
		{"4.4.0-21-generic", "#1 SMP by someone", "Ubuntu 4.4.0-21.37-generic 4.4.6", false, ""},
	}
	for _, tt := range tests {
		files := tree{"proc/sys/kernel/osrelease": tt.release}
		if tt.version != "" {
			files["proc/sys/kernel/version"] = tt.version
		}
		if tt.signature != "" {
			files["proc/version_signature"] = tt.signature
		}
		k, err := rootOf(t, files).Kernel()
		if err != nil {
			t.Errorf("%+v: %v", tt, err)
		}
		if k.Mainline() != tt.mainline || k.Upstream != tt.upstream {
			t.Errorf("%+v: mainline %v, upstream %q", tt, k.Mainline(), k.Upstream)
		}
	}
}

// A bare release that os-release explains is not kernel.org's.
func TestExplainedReleaseIsNotMainline(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ release, osID, upstream string }{
		{"6.12.53", "bottlerocket", ""},
		{"5.15.133+", "cos", "5.15.133"},
	} {
		t.Run(tt.osID, func(t *testing.T) {
			t.Parallel()
			k, err := host.Uname{Release: tt.release, OSID: tt.osID}.Kernel()
			if err != nil || k.Mainline() || k.Upstream != tt.upstream {
				t.Errorf("mainline %v, upstream %q, %v; want %q", k.Mainline(), k.Upstream, err, tt.upstream)
			}
		})
	}
}

func TestGVisorIsNoLinux(t *testing.T) {
	t.Parallel()
	for name, u := range map[string]host.Uname{
		"the date of Linux 4.4": {Release: "4.4.0", Version: "#1 SMP Sun Jan 10 15:06:54 PST 2016", Machine: "x86_64"},
		"by its name":           {Release: "4.19.0-gvisor", Version: "#1 SMP Sun Jan 10 15:06:54 PST 2016"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k, err := u.Kernel()
			if k.Known() || err == nil || !strings.Contains(err.Error(), "gVisor") {
				t.Errorf("%+v, %v; want no kernel and an error that names gVisor", k, err)
			}
		})
	}
	if k, err := (host.Uname{Release: "4.4.0", Version: "#1 SMP Mon Jan 11 09:00:00 UTC 2016"}).Kernel(); err != nil || !k.Mainline() {
		t.Errorf("a real 4.4.0: %+v, %v", k, err)
	}
}
