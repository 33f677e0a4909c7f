package facts_test

import (
	"fmt"
	"strings"
	"testing"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/testkit"
)

func TestKmemAccounting(t *testing.T) {
	t.Parallel()
	var (
		none, some = new(uint64(0)), new(uint64(4096))
		old        = host.Version{Major: 4, Minor: 4, Patch: 302}
		always     = host.Version{Major: 4, Minor: 5}
	)
	// v1 is an old kernel that counts nothing, v2 a new one that was left alone.
	v1 := facts.KmemUse{Version: old, NoKmem: host.No, Files: host.Kmem{
		Controller: host.Yes, Files: host.Yes, Counted: none, MaxCounted: none, UseHierarchy: host.Yes,
	}}
	v2 := facts.KmemUse{Version: always, NoKmem: host.No, Files: host.Kmem{Controller: host.Yes, V2: true}}
	tests := map[string]struct {
		use  facts.KmemUse
		but  func(*facts.KmemUse)
		want host.Answer
	}{
		"nothing known":         {},
		"old, none":             {use: v1, want: host.No},
		"old, in use":           {v1, func(k *facts.KmemUse) { k.Files.Counted = some }, host.Yes},
		"old, was in use":       {v1, func(k *facts.KmemUse) { k.Files.MaxCounted = some }, host.Yes},
		"old, in use somewhere": {v1, func(k *facts.KmemUse) { k.Files.Counted, k.Files.UseHierarchy = some, host.No }, host.Yes},
		"old, root only":        {v1, func(k *facts.KmemUse) { k.Files.UseHierarchy = host.No }, host.Unknown},
		"old, hierarchy?":       {v1, func(k *facts.KmemUse) { k.Files.UseHierarchy = host.Unknown }, host.Unknown},
		"old, usage?":           {v1, func(k *facts.KmemUse) { k.Files.Counted = nil }, host.Unknown},
		"old, max usage?":       {v1, func(k *facts.KmemUse) { k.Files.MaxCounted = nil }, host.Unknown},
		"old, usage? but max":   {v1, func(k *facts.KmemUse) { k.Files.Counted, k.Files.MaxCounted = nil, some }, host.Yes},
		"old, files?":           {v1, func(k *facts.KmemUse) { k.Files.Files = host.Unknown }, host.Unknown},
		"old, no files":         {v1, func(k *facts.KmemUse) { k.Files.Files = host.No }, host.No},
		"old, nokmem":           {v1, func(k *facts.KmemUse) { k.Files.Counted, k.NoKmem = some, host.Yes }, host.No},
		"old, nokmem?, none":    {v1, func(k *facts.KmemUse) { k.NoKmem = host.Unknown }, host.No},
		"old, nokmem?, in use":  {v1, func(k *facts.KmemUse) { k.Files.Counted, k.NoKmem = some, host.Unknown }, host.Yes},
		"off":                   {v1, func(k *facts.KmemUse) { k.Files.Counted, k.Files.Controller = some, host.No }, host.No},
		"controller?":           {v1, func(k *facts.KmemUse) { k.Files.Controller = host.Unknown }, host.Unknown},
		"version?, none":        {v1, func(k *facts.KmemUse) { k.Version = host.Version{} }, host.Unknown},
		"version?, in use":      {v1, func(k *facts.KmemUse) { k.Version, k.Files.Counted = host.Version{}, some }, host.Yes},
		"4.5":                   {v1, func(k *facts.KmemUse) { k.Version = always }, host.Yes},
		"4.5, nokmem":           {v1, func(k *facts.KmemUse) { k.Version, k.NoKmem = always, host.Yes }, host.No},
		"4.5, nokmem?":          {v1, func(k *facts.KmemUse) { k.Version, k.NoKmem = always, host.Unknown }, host.Unknown},
		"4.5, no files":         {v1, func(k *facts.KmemUse) { k.Version, k.Files.Files = always, host.No }, host.No},
		"v2":                    {use: v2, want: host.Yes},
		"v2, nokmem":            {v2, func(k *facts.KmemUse) { k.NoKmem = host.Yes }, host.No},
		"v2, nokmem?":           {v2, func(k *facts.KmemUse) { k.NoKmem = host.Unknown }, host.Unknown},
		"v2, version?":          {v2, func(k *facts.KmemUse) { k.Version = host.Version{} }, host.Yes},
		"v2, off":               {v2, func(k *facts.KmemUse) { k.Files.Controller = host.No }, host.No},
		"v2, controller?":       {v2, func(k *facts.KmemUse) { k.Files.Controller = host.Unknown }, host.Unknown},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.but != nil {
				tt.but(&tt.use)
			}
			if got := facts.KmemAccounting(tt.use); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

func TestNoKmem(t *testing.T) {
	t.Parallel()
	const set = "console=ttyS0 panic=-1 quiet cgroup.memory=nokmem\n"
	el7 := func(build string) host.Kernel {
		return kernelOf(t, "3.10.0-"+build+".el7.x86_64", host.VendorEL7)
	}
	new45 := kernelOf(t, "4.5.0", "")
	tests := map[string]struct {
		kernel  host.Kernel
		cmdline string
		want    host.Answer
	}{
		"not set":                   {new45, "quiet\n", host.No},
		"nothing set":               {new45, "", host.No},
		"4.5":                       {new45, set, host.Yes},
		"4.4":                       {kernelOf(t, "4.4.302", ""), set, host.Unknown},
		"4.4 not set":               {kernelOf(t, "4.4.302", ""), "quiet\n", host.No},
		"unknown release":           {host.Kernel{}, set, host.Unknown},
		"unknown release, not set":  {host.Kernel{}, "quiet\n", host.No},
		"el7, 7.9":                  {el7("1160"), set, host.Yes},
		"el7, the first":            {el7("1062.4.1"), set, host.Yes},
		"el7, the one before":       {el7("1062.1.2"), set, host.Unknown},
		"el7, 7.7":                  {el7("1062"), set, host.Unknown},
		"el7, compared as numbers":  {el7("957.27.2"), set, host.Unknown},
		"el7, not set":              {el7("1160"), "quiet\n", host.No},
		"looks like el7":            {kernelOf(t, "3.10.0-1160.el7.x86_64", ""), set, host.Unknown},
		"mainline 3.10":             {kernelOf(t, "3.10.108", ""), set, host.Unknown},
		"el8":                       {kernelOf(t, "4.18.0-553.el8_10.x86_64", host.VendorEL8), set, host.Yes},
		"uek":                       {kernelOf(t, "4.1.12-124.el7uek.x86_64", host.VendorUEK), set, host.Unknown},
		"in a list":                 {new45, "cgroup.memory=nosocket,nokmem,nobpf", host.Yes},
		"the second time":           {new45, "cgroup.memory=nosocket cgroup.memory=nokmem", host.Yes},
		"in quotes":                 {new45, `"cgroup.memory=nokmem" quiet`, host.Yes},
		"value in quotes":           {new45, `cgroup.memory="nokmem" quiet`, host.Yes},
		"another value":             {new45, "cgroup.memory=nosocket", host.No},
		"a longer value":            {new45, "cgroup.memory=nokmemx", host.No},
		"another option":            {new45, "xcgroup.memory=nokmem cgroup.memoryx=nokmem nokmem", host.No},
		"for init":                  {new45, "quiet -- cgroup.memory=nokmem", host.No},
		"before what is for init":   {new45, "cgroup.memory=nokmem -- quiet", host.Yes},
		"case matters":              {new45, "cgroup.memory=NOKMEM", host.No},
		"empty list":                {new45, "cgroup.memory=", host.No},
		"no value":                  {new45, "cgroup.memory", host.No},
		"empty members of the list": {new45, "cgroup.memory=,,nokmem,", host.Yes},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := facts.NoKmem(tt.kernel, strings.Fields(tt.cmdline)); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

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
		"el7, never limited":  {el7, mountV1, host.No, el7No.With(tree{kmemMaxUsage: "0\n"}), "no 0", ""},
		"el7, no max usage":   {el7, mountV1, host.No, el7No, "no 0", ""},
		"el7, was in use":     {el7, mountV1, host.No, el7No.With(tree{kmemMaxUsage: "4096\n"}), "yes 0", ""},
		"el7, no hierarchy":   {el7, mountV1, host.No, el7No.With(tree{useHierarchy: "0\n"}), "unknown 0", ""},
		"el7, bad hierarchy":  {el7, mountV1, host.No, el7No.With(tree{useHierarchy: "x\n"}), "unknown 0", "memory.use_hierarchy: "},
		"el7, bad max usage":  {el7, mountV1, host.No, el7No.With(tree{kmemMaxUsage: "x\n"}), "unknown 0", "memory.kmem.max_usage_in_bytes: "},
		"el7, bad usage":      {el7, mountV1, host.No, el7No.With(tree{kmemUsage: "-1\n"}), "unknown unknown", "memory.kmem.usage_in_bytes: "},
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
		"v2, 5.10":            {k510, mountV2, host.No, v2.With(tree{memoryStat: memoryStat510}), "yes unknown", ""},
		"v2, no memory.stat":  {k510, mountV2, host.No, tree{controllers: "memory\n"}, "yes unknown", ""},
		"v2, bad memory.stat": {k61, mountV2, host.No, v2.With(tree{memoryStat: "kernel x\n"}), "yes unknown", "memory.stat: "},
		"v2, nokmem":          {k61, mountV2, host.Yes, v2, "no 1507328", ""},
		"v2, off":             {k61, mountV2, host.No, tree{controllers: "cpuset cpu io pids\n"}, "no unknown", ""},
		"v2, all off":         {k61, mountV2, host.No, tree{controllers: "\n"}, "no unknown", ""},
		"v2, like memory":     {k61, mountV2, host.No, tree{controllers: "memoryx xmemory\n"}, "no unknown", ""},
		"v2, out of sight":    {k61, mountV2, host.No, tree{}, "unknown unknown", ""},
		"v2 of a container":   {k61, mountV2, host.No, v2.With(tree{"sys/fs/cgroup/cgroup.events": ""}), "yes unknown", ""},
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
			k, err := rootOf(t, tt.files).Kmem(tt.mounts)
			accounting := facts.KmemAccounting(facts.KmemUse{Version: tt.kernel.Release.Version, NoKmem: tt.noKmem, Files: k})
			if got := fmt.Sprint(accounting, " ", testkit.Show(k.Usage)); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			testkit.CheckError(t, err, tt.bad)
		})
	}
}
