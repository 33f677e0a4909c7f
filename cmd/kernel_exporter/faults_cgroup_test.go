package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/testkit"
)

// mountedAt returns where a file system of this type is mounted that has the
// option, or nothing.
func mountedAt(t *testing.T, fstype, option string) string {
	t.Helper()
	b, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		mount, filesystem, _ := strings.Cut(line, " - ")
		fields, super := strings.Fields(mount), strings.Fields(filesystem)
		if super[0] == fstype && slices.Contains(strings.Split(super[2], ","), option) {
			return fields[4]
		}
	}
	return ""
}

// hierarchy returns where the cgroup v1 hierarchy with a controller is mounted,
// and mounts it until the test ends where it is not. It is empty, with the
// reason, where the kernel has none to give, as where cgroup v2 has the
// controller.
func hierarchy(t *testing.T, controller string) (dir string, err error) {
	t.Helper()
	if dir = mountedAt(t, "cgroup", controller); dir != "" {
		return dir, nil
	}
	dir = t.TempDir()
	if err = unix.Mount("none", dir, "cgroup", 0, controller); err != nil {
		return "", err
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return dir, nil
}

// pidsCgroup returns a cgroup in which processes can be limited.
func pidsCgroup(t *testing.T) string {
	t.Helper()
	dir, err := hierarchy(t, "pids")
	if err == nil {
		return dir
	}
	dir = mountedAt(t, "cgroup2", "rw")
	control, err2 := os.ReadFile(filepath.Join(dir, "cgroup.subtree_control"))
	if err2 != nil || !slices.Contains(strings.Fields(string(control)), "pids") {
		testkit.Missing(t, "needs the pids controller: %v", err)
	}
	return dir
}

// deviceRefused returns how to start the program where /dev/kmsg may not be
// opened, as in a pod that is not privileged: the devices controller refuses it
// the character device 1:11. A file that was open before stays open.
func deviceRefused(t *testing.T) launch {
	t.Helper()
	devices, err := hierarchy(t, "devices")
	if err != nil {
		testkit.Missing(t, "needs the devices controller of cgroup v1: %v", err)
	}
	dir, err := os.MkdirTemp(devices, "kernel_exporter-test-") //nolint:usetesting // a cgroup
	if err != nil {
		testkit.Missing(t, "needs a cgroup of its own: %v", err)
	}
	t.Cleanup(func() {
		if err := os.Remove(dir); err != nil {
			t.Error(err)
		}
	})
	set(t, filepath.Join(dir, "devices.deny"), "c 1:11 rwm")
	procs := filepath.Join(dir, "cgroup.procs")
	return launch{under: []string{"/bin/sh", "-c", `echo $$ >"$0" && exec "$@"`, procs}}
}
