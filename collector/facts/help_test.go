package facts_test

import (
	"testing"

	"kernel_exporter/collector/host"
	"kernel_exporter/collector/testkit"
)

// memoryDir is where version 1 of cgroups has the memory controller.
const memoryDir = "sys/fs/cgroup/memory"

// The mounts of a host's control groups.
var (
	mountV1     = host.Mounts{HasCgroup1: true, Cgroup1Memory: host.CgroupMount{Path: memoryDir, Root: "/"}}
	mountV2     = host.Mounts{Cgroup2: host.CgroupMount{Path: "sys/fs/cgroup", Root: "/"}}
	mountHybrid = host.Mounts{
		HasCgroup1: true, Cgroup1Memory: mountV1.Cgroup1Memory,
		Cgroup2: host.CgroupMount{Path: "sys/fs/cgroup/unified", Root: "/"},
	}
)

// A tree is the files of a root by their paths.
type tree = testkit.Tree

func rootOf(t testing.TB, files tree) *host.FS {
	t.Helper()
	f, err := host.New(testkit.Root(t, files))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func kernelOf(t testing.TB, release string, vendor host.Vendor) host.Kernel {
	t.Helper()
	k, err := host.Uname{Release: release}.Kernel()
	if err != nil {
		t.Fatal(err)
	}
	if k.Vendor != vendor {
		k.Vendor, k.Build = vendor, host.Build{}
	}
	return k
}
