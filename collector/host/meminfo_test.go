package host_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"testing"

	"kernel_exporter/collector/host"
	"kernel_exporter/collector/testkit"
)

func TestMeminfo(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ content, want, bad string }{
		"el7":         {content: "MemTotal:         500256 kB\nMemFree:          1 kB\nSlab:              13944 kB\nSReclaimable:       5820 kB\nSUnreclaim:         8124 kB\nHugePages_Total:       0\n", want: "512262144 5959680 8318976"},
		"no slab":     {content: "MemTotal:         500256 kB\n", want: "512262144 unknown unknown"},
		"empty":       {want: "unknown unknown unknown"},
		"no number":   {content: "MemTotal:         x kB\n", want: "unknown unknown unknown", bad: "proc/meminfo: "},
		"other units": {content: "MemTotal:         1 MB\n", want: "unknown unknown unknown", bad: "proc/meminfo: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := rootOf(t, tree{"proc/meminfo": tt.content}).Meminfo()
			if got := fmt.Sprint(testkit.Show(m.Total), " ", testkit.Show(m.SlabReclaimable), " ", testkit.Show(m.SlabUnreclaimable)); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			testkit.CheckError(t, err, tt.bad)
		})
	}
}

func TestMeminfoAbsent(t *testing.T) {
	t.Parallel()
	for _, files := range []tree{nil, {"proc/stat": ""}} {
		m, err := rootOf(t, files).Meminfo()
		if !errors.Is(err, fs.ErrNotExist) || m != (host.Meminfo{}) {
			t.Errorf("%+v, %v", m, err)
		}
	}
}

func BenchmarkMeminfo(b *testing.B) {
	f := thisMachine(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Meminfo(); err != nil {
			b.Fatal(err)
		}
	}
}

// TestMeminfoLive compares the one number of this machine that stays the same.
func TestMeminfoLive(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		t.Skip(err)
	}
	var kB uint64
	if _, err := fmt.Sscanf(string(content), "MemTotal: %d kB", &kB); err != nil {
		t.Fatal(err)
	}
	m, err := thisMachine(t).Meminfo()
	if err != nil || m.Total == nil || *m.Total != kB<<10 || m.SlabReclaimable == nil || m.SlabUnreclaimable == nil {
		t.Errorf("%v, %v, %v, %v, want %d bytes", testkit.Show(m.Total), testkit.Show(m.SlabReclaimable), testkit.Show(m.SlabUnreclaimable), err, kB<<10)
	}
}
