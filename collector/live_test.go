package collector_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"golang.org/x/sys/unix"

	"kernel_exporter/collector/collectortest"
)

// value returns the sample with these label values, in the order of the label
// names; the test fails if there is none.
func value(t *testing.T, families []*dto.MetricFamily, name string, labels ...string) float64 {
	t.Helper()
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			if labelsAre(m, labels) {
				return m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	t.Errorf("%s%v is missing", name, labels)
	return -1
}

func labelsAre(m *dto.Metric, values []string) bool {
	if len(m.GetLabel()) != len(values) {
		return false
	}
	for i, l := range m.GetLabel() {
		if l.GetValue() != values[i] {
			return false
		}
	}
	return true
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

// TestAgreesWithThisMachine compares what is exported with what the running
// kernel says by other ways: system calls, and files read naively.
func TestAgreesWithThisMachine(t *testing.T) {
	t.Parallel()
	families := gather(t, start(t, "/"))

	var uts unix.Utsname
	if err := unix.Uname(&uts); err != nil {
		t.Fatal(err)
	}
	release := unix.ByteSliceToString(uts.Release[:])
	var major, minor, patch int
	if n, _ := fmt.Sscanf(release, "%d.%d.%d", &major, &minor, &patch); n < 2 {
		t.Fatalf("release %q of this machine has no numbers", release)
	}
	var info *dto.Metric
	for _, f := range families {
		if f.GetName() == "kernel_info" {
			info = f.GetMetric()[0]
		}
	}
	if info == nil {
		t.Fatal("kernel_info is missing")
	}
	for _, l := range info.GetLabel() {
		want := map[string]string{
			"release": release,
			"version": unix.ByteSliceToString(uts.Version[:]),
			"machine": unix.ByteSliceToString(uts.Machine[:]),
		}
		if w, ok := want[l.GetName()]; ok && l.GetValue() != w {
			t.Errorf("kernel_info has %s %q, uname(2) says %q", l.GetName(), l.GetValue(), w)
		}
	}

	var sysinfo unix.Sysinfo_t
	if err := unix.Sysinfo(&sysinfo); err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{
		"kernel_version_major":      float64(major),
		"kernel_version_minor":      float64(minor),
		"kernel_version_patch":      float64(patch),
		"kernel_version_code":       float64(major<<16 + minor<<8 + min(patch, 255)),
		"kernel_memory_total_bytes": float64(sysinfo.Totalram) * float64(sysinfo.Unit),
	}
	tainted, err := strconv.ParseFloat(readFile(t, "/proc/sys/kernel/tainted"), 64)
	if err != nil {
		t.Fatal(err)
	}
	want["kernel_tainted"] = tainted
	for line := range strings.Lines(readFile(t, "/proc/stat")) {
		if s, ok := strings.CutPrefix(line, "btime "); ok {
			want["kernel_boot_time_seconds"], _ = strconv.ParseFloat(strings.TrimSpace(s), 64)
		}
	}
	for name, v := range want {
		if got := value(t, families, name); got != v {
			t.Errorf("%s is %v, the machine says %v", name, got, v)
		}
	}

	overlays := 0
	for line := range strings.Lines(readFile(t, "/proc/1/mountinfo")) {
		if strings.Contains(line, " - overlay ") {
			overlays++
		}
	}
	if got := value(t, families, "kernel_overlayfs_mounts"); got != float64(overlays) {
		t.Errorf("kernel_overlayfs_mounts is %v, mountinfo has %d", got, overlays)
	}
}

// TestSlabSumIsTheWhole compares the sum of the exported slab caches with that
// of all lines of a recorded file, whose content does not move.
func TestSlabSumIsTheWhole(t *testing.T) {
	t.Parallel()
	for node, root := range collectortest.Nodes(t, "testdata") {
		f, err := os.Open(filepath.Join(root, "proc/slabinfo"))
		if err != nil || node == collectortest.Unreadable {
			continue
		}
		bytes, objects := 0.0, 0.0
		for in := bufio.NewScanner(f); in.Scan(); {
			fields := strings.Fields(in.Text())
			if len(fields) != 16 {
				continue // the two lines of the header
			}
			number := func(i int) float64 {
				n, err := strconv.ParseFloat(fields[i], 64)
				if err != nil {
					t.Fatalf("%s: %v", f.Name(), err)
				}
				return n
			}
			objects += number(1)
			bytes += number(14) * number(5) * 4096
		}
		f.Close()

		sums := map[string]float64{}
		for _, family := range gather(t, start(t, root)) {
			for _, m := range family.GetMetric() {
				sums[family.GetName()] += m.GetGauge().GetValue()
			}
		}
		if sums["kernel_slab_cache_bytes"] != bytes || sums["kernel_slab_cache_objects"] != objects {
			t.Errorf("%s: the caches sum up to %v bytes and %v objects, slabinfo to %v and %v",
				node, sums["kernel_slab_cache_bytes"], sums["kernel_slab_cache_objects"], bytes, objects)
		}
	}
}
