package host_test

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/host"
	"kernel_exporter/collector/testkit"
)

// A pod has of the host no more than its mount table: the rest of proc and sys is read
// from the pod's own.
func TestRootWithTheMountTableAlone(t *testing.T) {
	t.Parallel()
	root := testkit.Root(t, tree{"proc/1/mountinfo": "", "etc/os-release": "ID=flatcar\n"})
	table := filepath.Join(root, "proc/1/mountinfo")
	if f, err := host.New(root); err != nil || f.Live() {
		t.Fatalf("a file for a mount table: live, %v", err)
	}
	if err := unix.Mount("/proc/1/mountinfo", table, "", unix.MS_BIND, ""); err != nil {
		testkit.Missing(t, "needs root, to mount: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(table, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	f, err := host.New(root)
	if err != nil || !f.Live() {
		t.Fatalf("live %v, %v", f.Live(), err)
	}
	here := thisMachine(t)
	want, err := here.Kernel()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := f.Kernel(); err != nil || got != want {
		t.Errorf("kernel %+v, %v, want %+v", got, err, want)
	}
	if os, err := f.OS(); err != nil || os.ID != "flatcar" {
		t.Errorf("operating system %+v, %v", os, err)
	}
	for rel, path := range map[string]string{
		"proc/slabinfo":             "/proc/slabinfo",
		"proc/1/mountinfo":          table,
		"proc/1":                    root + "/proc/1",
		"proc":                      "/proc",
		"sys/kernel/oops_count":     "/sys/kernel/oops_count",
		"sys/kernelx":               root + "/sys/kernelx",
		"sys/fs/cgroup/cgroup.stat": root + "/sys/fs/cgroup/cgroup.stat",
		"boot":                      root + "/boot",
	} {
		if got := f.Path(rel); got != path {
			t.Errorf("%s is at %s, want %s", rel, got, path)
		}
	}
	// What the kernel has is seen, and what only the host has is not.
	if _, err := os.Stat("/sys/kernel/oops_count"); err == nil {
		if _, err := f.Oopses(); err != nil {
			t.Errorf("oopses: %v", err)
		}
	}
	if _, err := f.Open("proc/1/environ"); err == nil {
		t.Error("the environment of process 1 is open")
	}
	// A root that has proc of its own borrows nothing of it.
	if got := here.Path("proc/slabinfo"); got != "/proc/slabinfo" {
		t.Errorf("here: %s", got)
	}
}
