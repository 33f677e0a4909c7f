package host_test

import (
	"fmt"
	"testing"

	"kernel_exporter/collector/host"
)

// Files of the memory controller's root as recorded kernels have them.
const (
	kmemUsage    = memoryDir + "/memory.kmem.usage_in_bytes"
	kmemMaxUsage = memoryDir + "/memory.kmem.max_usage_in_bytes"
	useHierarchy = memoryDir + "/memory.use_hierarchy"
	memoryUsage  = memoryDir + "/memory.usage_in_bytes"

	controllers = "sys/fs/cgroup/cgroup.controllers"
	memoryStat  = "sys/fs/cgroup/memory.stat"

	memoryStat510 = "anon 2297856\nfile 11083776\nkernel_stack 98304\npercpu 86592\nsock 0\nslab 1105408\n"
	memoryStat61  = "anon 2297856\nfile 11083776\nkernel 1507328\nkernel_stack 98304\npagetables 135168\nslab 1204008\n"
)

func TestKmem(t *testing.T) {
	t.Parallel()
	var (
		el7   = kernelOf(t, "3.10.0-1160.el7.x86_64", host.VendorEL7)
		k44   = kernelOf(t, "4.4.0-21-generic", host.VendorUbuntu)
		k510  = kernelOf(t, "5.10.0-32-cloud-amd64", host.VendorDebian)
		k61   = kernelOf(t, "6.1.0-50-cloud-amd64", host.VendorDebian)
		el7In = tree{kmemUsage: "2531328\n", useHierarchy: "1\n", memoryUsage: "1\n"}
		el7No = tree{kmemUsage: "0\n", useHierarchy: "1\n", memoryUsage: "1\n"}
		v2    = tree{controllers: "cpuset cpu io memory pids\n", memoryStat: memoryStat61}
	)
	below := mountV1
	below.Cgroup1Memory.Root = "/docker/1f"
	onlyV2Beside := host.Mounts{HasCgroup1: true, Cgroup2: mountV2.Cgroup2}
	tests := map[string]struct {
		kernel host.Kernel
		mounts host.Mounts
		noKmem host.Answer
		files  tree
		want   string // accounting and usage
		bad    string // in the error
	}{
		"el7, leaking":        {el7, mountV1, host.No, el7In, "yes 2531328", ""},
		"el7, nokmem":         {el7, mountV1, host.Yes, el7No, "no 0", ""},
		"el7, nokmem too old": {el7, mountV1, host.Unknown, el7In, "yes 2531328", ""},
		"el7, never limited":  {el7, mountV1, host.No, el7No.with(tree{kmemMaxUsage: "0\n"}), "no 0", ""},
		"el7, no max usage":   {el7, mountV1, host.No, el7No, "no 0", ""},
		"el7, was in use":     {el7, mountV1, host.No, el7No.with(tree{kmemMaxUsage: "4096\n"}), "yes 0", ""},
		"el7, no hierarchy":   {el7, mountV1, host.No, el7No.with(tree{useHierarchy: "0\n"}), "unknown 0", ""},
		"el7, bad hierarchy":  {el7, mountV1, host.No, el7No.with(tree{useHierarchy: "x\n"}), "unknown 0", "memory.use_hierarchy: "},
		"el7, bad max usage":  {el7, mountV1, host.No, el7No.with(tree{kmemMaxUsage: "x\n"}), "unknown 0", "memory.kmem.max_usage_in_bytes: "},
		"el7, bad usage":      {el7, mountV1, host.No, el7No.with(tree{kmemUsage: "-1\n"}), "unknown unknown", "memory.kmem.usage_in_bytes: "},
		"el7, below the root": {el7, below, host.No, el7No, "unknown unknown", ""},
		"el7, used below":     {el7, below, host.No, el7In, "yes unknown", ""},
		"4.4, in use":         {k44, mountV1, host.No, tree{kmemUsage: "2760704\n", useHierarchy: "1\n"}, "yes 2760704", ""},
		"no kmem files":       {k44, mountV1, host.No, tree{memoryUsage: "1\n"}, "no unknown", ""},
		"sys out of sight":    {k44, mountV1, host.No, tree{}, "unknown unknown", ""},
		"5.10 with v1":        {k510, mountV1, host.No, tree{kmemUsage: "2752512\n", useHierarchy: "x"}, "yes 2752512", ""},
		"hybrid":              {k510, mountHybrid, host.No, tree{kmemUsage: "0\n"}, "yes 0", ""},
		"hybrid, nokmem":      {k510, mountHybrid, host.Yes, tree{kmemUsage: "0\n"}, "no 0", ""},
		"hybrid, nokmem?":     {k510, mountHybrid, host.Unknown, tree{kmemUsage: "0\n"}, "unknown 0", ""},
		"unknown release":     {host.Kernel{}, mountV1, host.No, el7No, "unknown 0", ""},

		"v2, 6.1":             {k61, mountV2, host.No, v2, "yes 1507328", ""},
		"v2, 5.10":            {k510, mountV2, host.No, v2.with(tree{memoryStat: memoryStat510}), "yes unknown", ""},
		"v2, no memory.stat":  {k510, mountV2, host.No, tree{controllers: "memory\n"}, "yes unknown", ""},
		"v2, bad memory.stat": {k61, mountV2, host.No, v2.with(tree{memoryStat: "kernel x\n"}), "yes unknown", "memory.stat: "},
		"v2, nokmem":          {k61, mountV2, host.Yes, v2, "no 1507328", ""},
		"v2, off":             {k61, mountV2, host.No, tree{controllers: "cpuset cpu io pids\n"}, "no unknown", ""},
		"v2, all off":         {k61, mountV2, host.No, tree{controllers: "\n"}, "no unknown", ""},
		"v2, like memory":     {k61, mountV2, host.No, tree{controllers: "memoryx xmemory\n"}, "no unknown", ""},
		"v2, out of sight":    {k61, mountV2, host.No, tree{}, "unknown unknown", ""},
		"v2 of a container":   {k61, mountV2, host.No, v2.with(tree{"sys/fs/cgroup/cgroup.events": ""}), "yes unknown", ""},
		"v2 not handed on": {
			k61, mountV2, host.No, tree{controllers: "cpu\n", "sys/fs/cgroup/cgroup.events": ""}, "unknown unknown", "",
		},
		"v2 unreadable": {
			k61, mountV2, host.No, tree{controllers + "/x": ""}, "unknown unknown", "cgroup.controllers: ",
		},
		"no memory controller beside v1": {k61, onlyV2Beside, host.No, tree{controllers: "hugetlb\n"}, "no unknown", ""},
		"no memory controller in v1":     {el7, host.Mounts{HasCgroup1: true}, host.No, el7In, "no unknown", ""},
		"nothing mounted":                {el7, host.Mounts{}, host.No, el7In, "unknown unknown", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k, err := rootOf(t, tt.files).Kmem(tt.kernel, tt.mounts, tt.noKmem)
			if got := fmt.Sprint(k.Accounting, " ", show(k.Usage)); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			checkError(t, err, tt.bad)
		})
	}
}

func FuzzMemoryStat(f *testing.F) {
	f.Add([]byte(memoryStat61))
	f.Add([]byte(memoryStat510))
	f.Add([]byte("kernel 18446744073709551615"))
	f.Fuzz(func(t *testing.T, stat []byte) {
		n, err := host.KeyedNumber(stat, "kernel")
		if err != nil && n != nil {
			t.Errorf("%d, %v", *n, err)
		}
		if n == nil {
			return
		}
		line := fmt.Sprintf("kernel %d\n", *n)
		if again, err := host.KeyedNumber([]byte("kernel_stack 1\n"+line+string(stat)), "kernel"); err != nil || again == nil || *again != *n {
			t.Errorf("%v, %v, want %d", show(again), err, *n)
		}
	})
}
