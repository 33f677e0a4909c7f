package host_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"kernel_exporter/collector/host"
)

func TestKmemAccounting(t *testing.T) {
	t.Parallel()
	var (
		none, some = new(uint64(0)), new(uint64(4096))
		old        = host.Version{Major: 4, Minor: 4, Patch: 302}
		always     = host.Version{Major: 4, Minor: 5}
	)
	// v1 is an old kernel that counts nothing, v2 a new one that was left alone.
	v1 := host.KmemFacts{
		Version: old, NoKmem: host.No, Controller: host.Yes, Files: host.Yes,
		Usage: none, MaxUsage: none, UseHierarchy: host.Yes,
	}
	v2 := host.KmemFacts{Version: always, NoKmem: host.No, Controller: host.Yes, V2: true}
	tests := map[string]struct {
		facts host.KmemFacts
		but   func(*host.KmemFacts)
		want  host.Answer
	}{
		"nothing known":         {},
		"old, none":             {facts: v1, want: host.No},
		"old, in use":           {v1, func(k *host.KmemFacts) { k.Usage = some }, host.Yes},
		"old, was in use":       {v1, func(k *host.KmemFacts) { k.MaxUsage = some }, host.Yes},
		"old, in use somewhere": {v1, func(k *host.KmemFacts) { k.Usage, k.UseHierarchy = some, host.No }, host.Yes},
		"old, root only":        {v1, func(k *host.KmemFacts) { k.UseHierarchy = host.No }, host.Unknown},
		"old, hierarchy?":       {v1, func(k *host.KmemFacts) { k.UseHierarchy = host.Unknown }, host.Unknown},
		"old, usage?":           {v1, func(k *host.KmemFacts) { k.Usage = nil }, host.Unknown},
		"old, max usage?":       {v1, func(k *host.KmemFacts) { k.MaxUsage = nil }, host.Unknown},
		"old, usage? but max":   {v1, func(k *host.KmemFacts) { k.Usage, k.MaxUsage = nil, some }, host.Yes},
		"old, files?":           {v1, func(k *host.KmemFacts) { k.Files = host.Unknown }, host.Unknown},
		"old, no files":         {v1, func(k *host.KmemFacts) { k.Files = host.No }, host.No},
		"old, nokmem":           {v1, func(k *host.KmemFacts) { k.Usage, k.NoKmem = some, host.Yes }, host.No},
		"old, nokmem?, none":    {v1, func(k *host.KmemFacts) { k.NoKmem = host.Unknown }, host.No},
		"old, nokmem?, in use":  {v1, func(k *host.KmemFacts) { k.Usage, k.NoKmem = some, host.Unknown }, host.Yes},
		"off":                   {v1, func(k *host.KmemFacts) { k.Usage, k.Controller = some, host.No }, host.No},
		"controller?":           {v1, func(k *host.KmemFacts) { k.Controller = host.Unknown }, host.Unknown},
		"version?, none":        {v1, func(k *host.KmemFacts) { k.Version = host.Version{} }, host.Unknown},
		"version?, in use":      {v1, func(k *host.KmemFacts) { k.Version, k.Usage = host.Version{}, some }, host.Yes},
		"4.5":                   {v1, func(k *host.KmemFacts) { k.Version = always }, host.Yes},
		"4.5, nokmem":           {v1, func(k *host.KmemFacts) { k.Version, k.NoKmem = always, host.Yes }, host.No},
		"4.5, nokmem?":          {v1, func(k *host.KmemFacts) { k.Version, k.NoKmem = always, host.Unknown }, host.Unknown},
		"4.5, no files":         {v1, func(k *host.KmemFacts) { k.Version, k.Files = always, host.No }, host.No},
		"v2":                    {facts: v2, want: host.Yes},
		"v2, nokmem":            {v2, func(k *host.KmemFacts) { k.NoKmem = host.Yes }, host.No},
		"v2, nokmem?":           {v2, func(k *host.KmemFacts) { k.NoKmem = host.Unknown }, host.Unknown},
		"v2, version?":          {v2, func(k *host.KmemFacts) { k.Version = host.Version{} }, host.Yes},
		"v2, off":               {v2, func(k *host.KmemFacts) { k.Controller = host.No }, host.No},
		"v2, controller?":       {v2, func(k *host.KmemFacts) { k.Controller = host.Unknown }, host.Unknown},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.but != nil {
				tt.but(&tt.facts)
			}
			if got := host.KmemAccounting(tt.facts); got != tt.want {
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
			got, err := rootOf(t, tree{"proc/cmdline": tt.cmdline}).NoKmem(tt.kernel)
			if got != tt.want || err != nil {
				t.Errorf("%v, %v, want %v", got, err, tt.want)
			}
		})
	}
}

func TestNoKmemWithoutCommandLine(t *testing.T) {
	t.Parallel()
	kernel := kernelOf(t, "6.1.0", "")
	for _, files := range []tree{nil, {"proc/stat": ""}} {
		if got, err := rootOf(t, files).NoKmem(kernel); got != host.Unknown || err != nil {
			t.Errorf("%v, %v, want unknown and no error", got, err)
		}
	}
	// A directory cannot be read, not even by root.
	if got, err := rootOf(t, tree{"proc/cmdline/x": ""}).NoKmem(kernel); got != host.Unknown || err == nil {
		t.Errorf("%v, %v, want unknown and an error", got, err)
	}
}

// TestKmemLive says of this machine what a look at its files says.
func TestKmemLive(t *testing.T) {
	t.Parallel()
	f, mounts, _ := liveCgroups(t)
	kernel, err := f.Kernel()
	if err != nil {
		t.Fatal(err)
	}
	noKmem, err := f.NoKmem(kernel)
	if err != nil {
		t.Fatal(err)
	}
	usage := f.Path(mounts.Cgroup1Memory.Path + "/memory.kmem.usage_in_bytes")
	read := func() uint64 {
		content, err := os.ReadFile(usage)
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.ParseUint(string(content[:len(content)-1]), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if read() == 0 {
		t.Skip("no kernel memory is accounted here")
	}
	var got string
	agreed := eventually(func() bool {
		before := read()
		k, err := f.Kmem(kernel, mounts, noKmem)
		after := read()
		got = fmt.Sprint(k.Accounting, " ", show(k.Usage), " ", err)
		low, high := min(before, after), max(before, after)
		return err == nil && k.Accounting == host.Yes && k.Usage != nil && low <= *k.Usage && *k.Usage <= high
	})
	if !agreed {
		t.Errorf("%s, and the file says %d", got, read())
	}
}
