package host_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/host"
)

// kernels are recorded from running kernels.
func kernels() map[string]struct {
	files tree
	want  host.Kernel
} {
	release := func(raw, suffix string, major, minor, patch int) host.Release {
		return host.Release{Raw: raw, Version: host.Version{Major: major, Minor: minor, Patch: patch}, Suffix: suffix}
	}
	return map[string]struct {
		files tree
		want  host.Kernel
	}{
		"centos 7.9": {
			tree{
				"proc/sys/kernel/osrelease": "3.10.0-1160.el7.x86_64\n",
				"proc/sys/kernel/version":   "#3 SMP Mon Nov 23 07:50:36 UTC 2026\n",
				"proc/version":              "Linux version 3.10.0-1160.el7.x86_64 (root@vm) (gcc version 4.8.5 (Ubuntu 4.8.5-4ubuntu2) ) #3 SMP Mon Nov 23 07:50:36 UTC 2026\n",
			},
			host.Kernel{
				Release: release("3.10.0-1160.el7.x86_64", "-1160.el7.x86_64", 3, 10, 0),
				Version: "#3 SMP Mon Nov 23 07:50:36 UTC 2026",
				Machine: "x86_64",
				Vendor:  host.VendorEL7,
				Build:   host.Build{Number: "1160", Stream: "el7"},
			},
		},
		"ubuntu 16.04, version in the banner alone": {
			tree{
				"proc/sys/kernel/osrelease": "4.4.0-21-generic\n",
				"proc/version":              "Linux version 4.4.0-21-generic (buildd@lgw01-21) (gcc version 5.3.1 20160413 (Ubuntu 5.3.1-14ubuntu2) ) #37-Ubuntu SMP Mon Apr 18 18:33:37 UTC 2016\n",
				"proc/version_signature":    "Ubuntu 4.4.0-21.37-generic 4.4.6\n",
			},
			host.Kernel{
				Release:  release("4.4.0-21-generic", "-21-generic", 4, 4, 0),
				Version:  "#37-Ubuntu SMP Mon Apr 18 18:33:37 UTC 2016",
				Vendor:   host.VendorUbuntu,
				Upstream: "4.4.6",
				Build:    host.Build{Number: "21.37", Stream: "generic", Flavour: "generic"},
			},
		},
		"debian sid": {
			tree{
				"proc/sys/kernel/osrelease": "7.2.13+deb14-cloud-amd64\n",
				"proc/version":              "Linux version 7.2.13+deb14-cloud-amd64 (debian-kernel@lists.debian.org) (x86_64-linux-gnu-gcc-16 (Debian 16.2.0-4) 16.2.0, GNU ld (GNU Binutils for Debian) 2.47.50.20261021) #1 SMP PREEMPT_DYNAMIC Debian 7.2.13-1 (2026-10-28)\n",
				"proc/sys/kernel/arch":      "x86_64\n",
			},
			host.Kernel{
				Release:  release("7.2.13+deb14-cloud-amd64", "+deb14-cloud-amd64", 7, 2, 13),
				Version:  "#1 SMP PREEMPT_DYNAMIC Debian 7.2.13-1 (2026-10-28)",
				Machine:  "x86_64",
				Vendor:   host.VendorDebian,
				Upstream: "7.2.13",
				Build:    host.Build{Number: "1", Flavour: "cloud-amd64"},
			},
		},
		"release alone": {
			tree{"proc/sys/kernel/osrelease": "6.18.44-fc-v669\n"},
			host.Kernel{Release: release("6.18.44-fc-v669", "-fc-v669", 6, 18, 44)},
		},
		"banner without a version": {
			tree{"proc/sys/kernel/osrelease": "6.18.44\n", "proc/version": "Linux version 6.18.44 (root@vm)\n"},
			host.Kernel{Release: release("6.18.44", "", 6, 18, 44), Upstream: "6.18.44"},
		},
	}
}

func TestKernel(t *testing.T) {
	t.Parallel()
	for name, tt := range kernels() {
		got, err := rootOf(t, tt.files).Kernel()
		if err != nil || got != tt.want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, tt.want)
		}
	}
}

func TestKernelWithoutRelease(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]tree{
		"missing":    {"proc/version": "Linux version 4.4.0 () () #1 SMP\n"},
		"empty":      {"proc/sys/kernel/osrelease": ""},
		"blank":      {"proc/sys/kernel/osrelease": "\n"},
		"garbage":    {"proc/sys/kernel/osrelease": "\x00\xff\x01"},
		"two lines":  {"proc/sys/kernel/osrelease": "4.4.0\n5.5.0\n"},
		"directory":  {"proc/sys/kernel/osrelease/x": ""},
		"no numbers": {"proc/sys/kernel/osrelease": "Linux\n"},
	} {
		f := rootOf(t, files)
		k, err := f.Kernel()
		if err == nil || k != (host.Kernel{}) {
			t.Errorf("%s: %+v, %v; want an error and no kernel", name, k, err)
		} else if !strings.Contains(err.Error(), f.Path("proc/sys/kernel/osrelease")) {
			t.Errorf("%s: the error does not name the file: %v", name, err)
		}
	}
}

// What cannot be read beside the release is an error, and the rest is known.
func TestKernelInParts(t *testing.T) {
	t.Parallel()
	k, err := rootOf(t, tree{
		"proc/sys/kernel/osrelease": "4.4.0-21-generic\n",
		"proc/sys/kernel/version/x": "",
		"proc/sys/kernel/arch/x":    "",
		"proc/version_signature/x":  "",
	}).Kernel()
	if k.Release.Raw != "4.4.0-21-generic" || k.Vendor != host.VendorUbuntu {
		t.Errorf("%+v", k)
	}
	for _, file := range []string{"kernel/version", "kernel/arch", "version_signature"} {
		if err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("the error does not name %s: %v", file, err)
		}
	}
	_, err = rootOf(t, tree{"proc/sys/kernel/osrelease": "5.15.133+\n", "etc/os-release/x": ""}).Kernel()
	if err == nil || !strings.Contains(err.Error(), "os-release") {
		t.Errorf("an unreadable os-release, by which COS is told: %v", err)
	}
}

func TestMachineOfRelease(t *testing.T) {
	t.Parallel()
	for release, want := range map[string]string{
		"3.10.0-1160.el7.x86_64":            "x86_64",
		"5.10.0-8-cloud-amd64":              "x86_64",
		"5.14.0-503.11.1.el9_5.aarch64+64k": "aarch64",
		"6.1.0-26-arm64":                    "aarch64",
		"3.10.0-1160.el7.ppc64le":           "ppc64le",
		"4.18.0-553.el8_10.s390x":           "s390x",
		"4.4.0-21-generic":                  "",
		"6.18.44":                           "",
		"6.18.44-myamd64":                   "",
	} {
		k, err := rootOf(t, tree{"proc/sys/kernel/osrelease": release}).Kernel()
		if err != nil || k.Machine != want {
			t.Errorf("%s: %q, %v; want %q", release, k.Machine, err, want)
		}
	}
}

func TestKernelOfThisMachine(t *testing.T) {
	t.Parallel()
	var uts unix.Utsname
	if err := unix.Uname(&uts); err != nil {
		t.Fatal(err)
	}
	want := [3]string{unix.ByteSliceToString(uts.Release[:]), unix.ByteSliceToString(uts.Version[:]), unix.ByteSliceToString(uts.Machine[:])}
	k, err := thisMachine(t).Kernel()
	if err != nil {
		t.Fatal(err)
	}
	if got := [3]string{k.Release.Raw, k.Version, k.Machine}; got != want {
		t.Errorf("%q, uname(2) says %q", got, want)
	}
}

// A root that shows this machine's kernel without its arch is asked by uname(2).
func TestMachineOfOldKernel(t *testing.T) {
	t.Parallel()
	want, err := thisMachine(t).Kernel()
	if err != nil {
		t.Fatal(err)
	}
	got, err := liveRootOf(t, tree{"proc/sys/kernel/osrelease": "3.10.0\n"}).Kernel()
	if err != nil || got.Machine != want.Machine {
		t.Errorf("machine %q, %v; want %q", got.Machine, err, want.Machine)
	}
}

func TestBootTime(t *testing.T) {
	t.Parallel()
	const stat = "cpu  1 2 3 4 5 6 7 8 9 0\ncpu0 1 2 3 4 5 6 7 8 9 0\nintr 12345 0 0\nctxt 987\nbtime 1795422190\nprocesses 12\n"
	got, err := rootOf(t, tree{"proc/stat": stat}).BootTime()
	if want := time.Unix(1795422190, 0); err != nil || !got.Equal(want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	for name, stat := range map[string]string{
		"empty":     "",
		"truncated": stat[:len(stat)-40],
		"no number": "btime soon\n",
		"nothing":   "btime \n",
		"zero":      "btime 0\n",
		"negative":  "btime -5\n",
		"too large": "btime 99999999999999999999\n",
		"other":     "xbtime 1795422190\n",
	} {
		if got, err := rootOf(t, tree{"proc/stat": stat}).BootTime(); err == nil || !got.IsZero() {
			t.Errorf("%s: %v, %v; want an error", name, got, err)
		}
	}
	if _, err := rootOf(t, nil).BootTime(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
}

func TestUptime(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"34.97 65.57\n":        34970 * time.Millisecond,
		"0.00 0.00\n":          0,
		"31536000.01 1.00\n":   31536000*time.Second + 10*time.Millisecond,
		"9000000000.00 1.00\n": 9000000000 * time.Second,
	} {
		got, err := rootOf(t, tree{"proc/uptime": text}).Uptime()
		if diff := (got - want).Abs(); err != nil || diff > time.Microsecond {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "\n", "up", "-1.00 1.00", "NaN 1", "Inf 1", "1e300 1", "9300000000.00 1"} {
		if got, err := rootOf(t, tree{"proc/uptime": text}).Uptime(); err == nil || got != 0 {
			t.Errorf("%q: %v, %v; want an error", text, got, err)
		}
	}
}

func TestCounters(t *testing.T) {
	t.Parallel()
	for rel, read := range map[string]func(*host.FS) (uint64, error){
		"proc/sys/kernel/tainted":                (*host.FS).Tainted,
		"proc/sys/kernel/hung_task_detect_count": (*host.FS).HungTasks,
		"sys/kernel/oops_count":                  (*host.FS).Oopses,
		"sys/kernel/warn_count":                  (*host.FS).Warnings,
	} {
		got, err := read(rootOf(t, tree{rel: "536875008\n"}))
		if err != nil || got != 536875008 {
			t.Errorf("%s: %d, %v", rel, got, err)
		}
		for name, content := range map[string]string{"empty": "", "garbage": "x\n", "negative": "-1\n", "two": "1 2\n", "too large": "18446744073709551616\n"} {
			f := rootOf(t, tree{rel: content})
			if got, err := read(f); err == nil || got != 0 || !strings.Contains(err.Error(), f.Path(rel)) {
				t.Errorf("%s, %s: %d, %v; want an error that names the file", rel, name, got, err)
			}
		}
		for name, files := range map[string]tree{"file": {"proc/x": "", "sys/x": ""}, "directory": nil} {
			if _, err := read(rootOf(t, files)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s, no %s: %v", rel, name, err)
			}
		}
	}
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	got, err := rootOf(t, tree{"proc/cmdline": "console=ttyS0 panic=-1  quiet cgroup.memory=nokmem\n"}).CommandLine()
	if want := []string{"console=ttyS0", "panic=-1", "quiet", "cgroup.memory=nokmem"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	if got, err := rootOf(t, tree{"proc/cmdline": "\n"}).CommandLine(); err != nil || len(got) != 0 {
		t.Errorf("empty: %q, %v", got, err)
	}
	for name, files := range map[string]tree{"file": {"proc/x": ""}, "directory": nil} {
		if _, err := rootOf(t, files).CommandLine(); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("no %s: %v", name, err)
		}
	}
}

func TestNetdevUnregisterTimeout(t *testing.T) {
	t.Parallel()
	const rel = "proc/sys/net/core/netdev_unregister_timeout_secs"
	for content, want := range map[string]time.Duration{
		"30\n": 30 * time.Second, "1\n": time.Second, "10\n": 10 * time.Second, "3600\n": time.Hour,
		"0\n": 0, "3601\n": 0, "-1\n": 0, "": 0, "x": 0, // not read
	} {
		got, read := rootOf(t, tree{rel: content}).NetdevUnregisterTimeout()
		if read != (want > 0) || read && got != want || !read && got != 10*time.Second {
			t.Errorf("%q: %v, read %t, want %v", content, got, read, want)
		}
	}
	if got, read := rootOf(t, nil).NetdevUnregisterTimeout(); got != 10*time.Second || read {
		t.Errorf("missing: %v, read %t", got, read)
	}
}

// The files of this machine, against other ways to the same facts.
func TestThisMachine(t *testing.T) {
	t.Parallel()
	f := thisMachine(t)
	var before, after unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &before); err != nil {
		t.Fatal(err)
	}
	uptime, err := f.Uptime()
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &after); err != nil {
		t.Fatal(err)
	}
	// The file is cut to hundredths of a second.
	const cut = 10 * time.Millisecond
	if low, high := time.Duration(before.Nano())-cut, time.Duration(after.Nano()); uptime < low || uptime > high {
		t.Errorf("uptime %v, the clock says %v to %v", uptime, low, high)
	}
	boot, err := f.BootTime()
	if err != nil {
		t.Fatal(err)
	}
	if drift := time.Since(boot.Add(uptime)).Abs(); drift > time.Minute {
		t.Errorf("booted at %v and up for %v, which is %v from now", boot, uptime, drift)
	}
	for name, read := range map[string]func() (uint64, error){
		"tainted": f.Tainted, "hung tasks": f.HungTasks, "oopses": f.Oopses, "warnings": f.Warnings,
	} {
		if _, err := read(); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	words, err := f.CommandLine()
	if err != nil || len(words) == 0 {
		t.Errorf("command line %q, %v", words, err)
	}
}
