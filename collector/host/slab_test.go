package host_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/procfs"

	"kernel_exporter/collector/host"
	"kernel_exporter/collector/testkit"
)

const slabHead = `slabinfo - version: 2.1
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>
`

// slabCentOS are lines of 3.10.0-1160.el7.x86_64.
const slabCentOS = slabHead +
	"fuse_request          38     38    416   19    2 : tunables    0    0    0 : slabdata      2      2      0\n" +
	"selinux_inode_security  10302  10302     40  102    1 : tunables    0    0    0 : slabdata    101    101      0\n" +
	"shmem_inode_cache   3691   3960    672   12    2 : tunables    0    0    0 : slabdata    330    330      0\n" +
	"dma-kmalloc-8192       0      0   8192    4    8 : tunables    0    0    0 : slabdata      0      0      0\n"

// slabStatistics is what a kernel with CONFIG_SLAB and CONFIG_DEBUG_SLAB shows.
const slabStatistics = `slabinfo - version: 2.1 (statistics)
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail> : globalstat <listallocs> <maxobjs> <grown> <reaped> <error> <maxfreeable> <nodeallocs> <remotefrees> <alienoverflow> : cpustat <allochit> <allocmiss> <freehit> <freemiss>
dentry             20410  20748    192   21    1 : tunables  120   60    8 : slabdata    980    988      3 : globalstat   52137  20748   988    0    0    0    0    0    0 : cpustat  43210   1234  23456     78
`

// slabCache is a host.SlabCache that can be compared.
type slabCache struct {
	name           string
	objects, bytes uint64
}

func comparableCaches(caches []host.SlabCache) []slabCache {
	var out []slabCache
	for _, c := range caches {
		out = append(out, slabCache{string(c.Name), c.Objects, c.Bytes})
	}
	return out
}

func slabLine(head, tail string) string {
	return head + " : tunables    0    0    0 : slabdata " + tail + "\n"
}

func TestParseSlabInfo(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		content string
		want    []slabCache
		bad     string // in the error
	}{
		"el7": {content: slabCentOS, want: []slabCache{
			{"fuse_request", 38, 2 * 2 * 4096},
			{"selinux_inode_security", 10302, 101 * 4096},
			{"shmem_inode_cache", 3691, 330 * 2 * 4096},
			{"dma-kmalloc-8192", 0, 0},
		}},
		"statistics": {content: slabStatistics, want: []slabCache{{"dentry", 20410, 988 * 4096}}},
		"names": {
			content: slabHead +
				slabLine("SCTP bind bucket 7     21     42     64   64    1", "1 3 0") +
				slabLine("  odd : name = é\xff    5      6     64   64    2", "1 1 0") +
				slabLine(" : tunables 1 1 1     8      9     64   64    1", "1 2 0") +
				slabLine("#comment               1      2     64   64    1", "1 1 0") +
				slabLine("twice                  1      2     64   64    1", "1 1 0") +
				slabLine("twice                  3      4     64   64    1", "1 2 0"),
			want: []slabCache{
				{"SCTP bind bucket 7", 21, 3 * 4096},
				{"  odd : name = é\xff", 5, 2 * 4096},
				{" : tunables 1 1 1", 8, 2 * 4096},
				{"#comment", 1, 4096},
				{"twice", 1, 4096},
				{"twice", 3, 2 * 4096},
			},
		},
		"active and all slabs": {
			content: slabHead + slabLine("a 1 2 3 4 5", "6 7 8"),
			want:    []slabCache{{"a", 1, 5 * 7 * 4096}},
		},
		"largest": {
			content: slabHead + slabLine("a 18446744073709551615 2 3 4 1", "6 4503599627370495 8"),
			want:    []slabCache{{"a", math.MaxUint64, math.MaxUint64 - 4095}},
		},
		"no caches":       {content: slabHead},
		"no line feed":    {content: strings.TrimSuffix(slabHead+slabLine("a 1 2 3 4 5", "6 7 8"), "\n"), want: []slabCache{{"a", 1, 5 * 7 * 4096}}},
		"empty":           {bad: `line 1: not slabinfo version 2: ""`},
		"version 1":       {content: "slabinfo - version: 1.1\n", bad: "line 1: not slabinfo version 2"},
		"version 21":      {content: "slabinfo - version: 21\n", bad: "line 1: not slabinfo version 2"},
		"no version":      {content: slabLine("a 1 2 3 4 5", "6 7 8"), bad: "line 1: not slabinfo version 2"},
		"bytes overflow":  {content: slabHead + slabLine("a 1 2 3 4 1", "6 4503599627370496 8"), bad: "line 3:"},
		"pages overflow":  {content: slabHead + slabLine("a 1 2 3 4 2", "6 9223372036854775808 8"), bad: "line 3:"},
		"number overflow": {content: slabHead + slabLine("a 18446744073709551616 2 3 4 1", "6 7 8"), bad: "line 3:"},
		"negative":        {content: slabHead + slabLine("a -1 2 3 4 5", "6 7 8"), bad: "line 3:"},
		"cut short":       {content: slabHead + slabLine("a 1 2 3 4 5", "6 7"), bad: "line 3:"},
		"four numbers":    {content: slabHead + slabLine("1 2 3 4", "6 7 8"), bad: "line 3:"},
		"no name":         {content: slabHead + slabLine(" 1 2 3 4 5", "6 7 8"), bad: "line 3:"},
		"no tunables":     {content: slabHead + "a 1 2 3 4 5 : slabdata 6 7 8\n", bad: "line 3:"},
		"no slabdata":     {content: slabHead + "a 1 2 3 4 5 : tunables 6 7 8\n", bad: "line 3:"},
		"blank line":      {content: slabHead + "\n", bad: "line 3:"},
		"the good lines": {
			content: slabHead + slabLine("a 1 2 3 4 5", "6 7 8") + "bad\nworse\n" + slabLine("b 1 2 3 4 1", "6 7 8"),
			want:    []slabCache{{"a", 1, 5 * 7 * 4096}, {"b", 1, 7 * 4096}},
			bad:     `line 4: not a slab cache: "bad"`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			caches, err := host.ParseSlabInfo([]byte(tt.content), 4096)
			if got := comparableCaches(caches); !slices.Equal(got, tt.want) {
				t.Errorf("caches %+v, want %+v", got, tt.want)
			}
			if tt.bad == "" && err != nil || tt.bad != "" && (err == nil || !strings.Contains(err.Error(), tt.bad)) {
				t.Errorf("error %v, want one with %q", err, tt.bad)
			}
		})
	}
}

func FuzzParseSlabInfo(f *testing.F) {
	f.Add([]byte(slabCentOS))
	f.Add([]byte(slabStatistics))
	f.Add([]byte(slabHead + slabLine(" : tunables 1 1 1  8 9 64 64 1", "1 18446744073709551615 0")))
	f.Fuzz(func(t *testing.T, data []byte) {
		caches, err := host.ParseSlabInfo(data, 4096)
		if lines := strings.Count(string(data), "\n") + 1; len(caches) > lines {
			t.Errorf("%d caches of %d lines", len(caches), lines)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "line ") {
			t.Errorf("error without a line: %v", err)
		}
		for _, c := range caches {
			if len(c.Name) == 0 || strings.Contains(string(c.Name), "\n") || c.Bytes%4096 != 0 {
				t.Errorf("%+v", c)
			}
		}
	})
}

func TestSlabReader(t *testing.T) {
	t.Parallel()
	f := rootOf(t, tree{"proc/slabinfo": slabCentOS})
	path := f.Path("proc/slabinfo")
	r := f.NewSlabReader()

	caches, err := r.Read()
	if err != nil || len(caches) != 4 {
		t.Fatalf("%d caches, %v", len(caches), err)
	}

	// Larger than the reader's first buffer, and another file of that name.
	var large strings.Builder
	large.WriteString(slabHead)
	for i := range 5000 {
		large.WriteString(slabLine(fmt.Sprintf("cache-%04d 1 2 64 64 1", i), "1 1 0"))
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(large.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	caches, err = r.Read()
	if err != nil || len(caches) != 5000 || string(caches[4999].Name) != "cache-4999" {
		t.Fatalf("%d caches, %v", len(caches), err)
	}

	if err := os.WriteFile(path, []byte("slabinfo - version: 9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if caches, err = r.Read(); err == nil || !strings.Contains(err.Error(), path+": line 1") || len(caches) != 0 {
		t.Errorf("%d caches, %v", len(caches), err)
	}

	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if caches, err = r.Read(); !errors.Is(err, fs.ErrNotExist) || caches != nil {
		t.Errorf("%d caches, %v", len(caches), err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestSlabReaderTooLarge(t *testing.T) {
	t.Parallel()
	f := rootOf(t, tree{"proc/slabinfo": slabHead})
	if err := os.Truncate(f.Path("proc/slabinfo"), 1<<30); err != nil {
		t.Fatal(err)
	}
	if caches, err := f.NewSlabReader().Read(); err == nil || !strings.Contains(err.Error(), "larger than") || caches != nil {
		t.Errorf("%d caches, %v", len(caches), err)
	}
}

// liveSlab returns a reader of this machine's slab caches.
func liveSlab(t testing.TB) *host.SlabReader {
	t.Helper()
	r := thisMachine(t).NewSlabReader()
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	switch _, err := r.Read(); {
	case errors.Is(err, fs.ErrPermission):
		testkit.Missing(t, "%v", err)
	case errors.Is(err, fs.ErrNotExist):
		t.Skip(err)
	}
	return r
}

// TestSlabReaderLive compares with procfs's reading of the same file. Caches
// change in between, so each has to agree once in many rounds.
func TestSlabReaderLive(t *testing.T) {
	t.Parallel()
	r := liveSlab(t)
	proc, err := procfs.NewDefaultFS()
	if err != nil {
		t.Fatal(err)
	}
	agreed := make(map[string]bool)
	var differ []string
	for range 200 {
		info, err := proc.SlabInfo()
		if err != nil {
			t.Fatal(err)
		}
		want := make(map[string]slabCache)
		for _, s := range info.Slabs {
			c := want[s.Name]
			c.name = s.Name
			c.objects += uint64(s.ObjActive)
			c.bytes += uint64(s.SlabNum * s.PagesPerSlab * int64(os.Getpagesize()))
			want[s.Name] = c
		}
		caches, err := r.Read()
		if err != nil {
			t.Fatal(err)
		}
		got := make(map[string]slabCache)
		for _, c := range caches {
			sum := got[string(c.Name)]
			sum.name = string(c.Name)
			sum.objects += c.Objects
			sum.bytes += c.Bytes
			got[sum.name] = sum
		}
		differ = differ[:0]
		for name := range want {
			agreed[name] = agreed[name] || got[name] == want[name]
			if !agreed[name] {
				differ = append(differ, fmt.Sprintf("%+v, want %+v", got[name], want[name]))
			}
		}
		if len(got) == len(want) && len(want) > 0 && len(differ) == 0 {
			return
		}
	}
	t.Errorf("these caches never agree: %q", differ)
}

func TestSlabReaderAllocates(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts what others allocate
	r := liveSlab(t)
	top := host.NewSlabTop(5)
	allocs := testing.AllocsPerRun(50, func() {
		caches, err := r.Read()
		if err != nil {
			t.Fatal(err)
		}
		top.Update(caches)
	})
	if allocs != 0 {
		t.Errorf("%v allocations a read, want none", allocs)
	}
}
