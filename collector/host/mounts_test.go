package host_test

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"kernel_exporter/collector/host"
)

const (
	mountRoot    = "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard\n"
	mountOverlay = "30 23 0:28 / /var/lib/docker/overlay2/5b1e/merged rw,relatime shared:7 master:1 - overlay overlay rw,lowerdir=/a:/b,upperdir=/c,workdir=/d\n"
	mountMemory  = "25 24 0:23 / /sys/fs/cgroup/memory rw,nosuid,nodev,noexec,relatime - cgroup cgroup rw,memory\n"
	mountCPU     = "26 24 0:24 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid,nodev,noexec,relatime - cgroup cgroup rw,cpuacct,cpu\n"
	mountSystemd = "40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd\n"
	mountUnified = "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate\n"
	mountCgroup2 = "28 23 0:25 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime - cgroup2 cgroup2 rw\n"
	mountCilium  = "90 1 0:50 / /run/cilium/cgroupv2 rw,relatime - cgroup2 none rw\n"
)

func TestMounts(t *testing.T) {
	t.Parallel()
	memory := host.CgroupMount{Path: "sys/fs/cgroup/memory", Root: "/"}
	unified := host.CgroupMount{Path: "sys/fs/cgroup/unified", Root: "/"}
	cgroup2 := host.CgroupMount{Path: "sys/fs/cgroup", Root: "/"}
	tests := map[string]struct {
		table string
		want  host.Mounts
		tree  host.Hierarchy
	}{
		"none": {mountRoot, host.Mounts{}, ""},
		"v1":   {mountRoot + mountCPU + mountMemory, host.Mounts{HasCgroup1: true, Cgroup1Memory: memory}, host.HierarchyV1},
		"v1, memory disabled": {
			mountRoot + mountCPU + mountSystemd, host.Mounts{HasCgroup1: true}, host.HierarchyV1,
		},
		"ubuntu 16.04": {
			strings.ReplaceAll(mountRoot+mountMemory, "rw,memory", "rw,memory,nsroot=/"),
			host.Mounts{HasCgroup1: true, Cgroup1Memory: memory},
			host.HierarchyV1,
		},
		"v2": {mountRoot + mountCgroup2 + mountOverlay, host.Mounts{Overlays: 1, Cgroup2: cgroup2}, host.HierarchyV2},
		"v2 with a named hierarchy": {
			mountRoot + mountCgroup2 + mountSystemd, host.Mounts{HasCgroup1: true, Cgroup2: cgroup2}, host.HierarchyV2,
		},
		"v2 without a tmpfs below it": {mountRoot + mountUnified, host.Mounts{Cgroup2: unified}, host.HierarchyV2},
		"hybrid": {
			mountRoot + mountMemory + mountSystemd + mountUnified,
			host.Mounts{HasCgroup1: true, Cgroup1Memory: memory, Cgroup2: unified},
			host.HierarchyHybrid,
		},
		"hybrid, memory disabled": {
			mountRoot + mountCPU + mountUnified, host.Mounts{HasCgroup1: true, Cgroup2: unified}, host.HierarchyHybrid,
		},
		"the first of two": {
			mountRoot + mountCgroup2 + mountCilium, host.Mounts{Cgroup2: cgroup2}, host.HierarchyV2,
		},
		"the root before a container's": {
			mountRoot + strings.Replace(mountMemory, " / /sys", " /docker/1 /mnt/sys", 1) + mountMemory + strings.Replace(mountMemory, "/sys", "/late", 1),
			host.Mounts{HasCgroup1: true, Cgroup1Memory: memory},
			host.HierarchyV1,
		},
		"a container's alone": {
			mountRoot + strings.Replace(mountMemory, " / ", " /docker/1 ", 1),
			host.Mounts{HasCgroup1: true, Cgroup1Memory: host.CgroupMount{Path: memory.Path, Root: "/docker/1"}},
			host.HierarchyV1,
		},
		"controllers together": {
			mountRoot + strings.NewReplacer("cgroup/memory", "cgroup/cpu,memory", "rw,memory", "rw,cpu,memory").Replace(mountMemory),
			host.Mounts{HasCgroup1: true, Cgroup1Memory: host.CgroupMount{Path: "sys/fs/cgroup/cpu,memory", Root: "/"}},
			host.HierarchyV1,
		},
		"not the memory controller": {
			mountRoot + strings.Replace(mountMemory, "rw,memory", "rw,memory2,notmemory,name=memory", 1),
			host.Mounts{HasCgroup1: true},
			host.HierarchyV1,
		},
		"escapes": {
			mountRoot + strings.Replace(mountMemory, "/sys/fs", `/a\040b\011c\012d\134e\043f\9\04`, 1),
			host.Mounts{HasCgroup1: true, Cgroup1Memory: host.CgroupMount{Path: "a b\tc\nd\\e#f\\9\\04/cgroup/memory", Root: "/"}},
			host.HierarchyV1,
		},
		"out of the root": {
			mountRoot + strings.Replace(mountMemory, "/sys/fs", "/../../sys/./fs", 1),
			host.Mounts{HasCgroup1: true, Cgroup1Memory: memory},
			host.HierarchyV1,
		},
		"overlays": {
			mountOverlay + mountRoot + mountOverlay + strings.ReplaceAll(mountOverlay, "overlay overlay", "overlayfs overlayfs") +
				strings.Replace(mountOverlay, "overlay overlay", "overlay ", 1) + strings.Replace(mountOverlay, "- overlay overlay", "- fuse.fuse-overlayfs overlay", 1),
			host.Mounts{Overlays: 4},
			"",
		},
		"a source of several words, a mount point of a dash": {
			"1 2 0:1 / /- rw - overlay - - - rw\n" + mountRoot, host.Mounts{Overlays: 1}, "",
		},
		"bad lines between": {
			"\n \n-\ngarbage\n1 2 3 4 5 6 7 8 9\n1 2 0:1 / relative rw - overlay o rw\n1 2 0:1 / /x rw -\n1 2 0:1 / /x rw - \n" +
				"1 2 0:1 / /x rw -  o rw\n1 2 0:1 / /x rw overlay o rw\n\xff\xfe\x00\n" + mountOverlay + "\x00" + mountMemory + strings.TrimSuffix(mountOverlay, "\n"),
			host.Mounts{Overlays: 2, HasCgroup1: true, Cgroup1Memory: memory},
			host.HierarchyV1,
		},
		"cut short": {mountMemory + mountOverlay[:60], host.Mounts{HasCgroup1: true, Cgroup1Memory: memory}, host.HierarchyV1},
		"a line of a megabyte": {
			strings.Replace(mountOverlay, "/a:", strings.Repeat("/layer:", 150_000), 1) + mountMemory,
			host.Mounts{Overlays: 1, HasCgroup1: true, Cgroup1Memory: memory},
			host.HierarchyV1,
		},
	}
	for name, tt := range tests {
		got, err := rootOf(t, tree{"proc/1/mountinfo": tt.table}).Mounts()
		if err != nil || got != tt.want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, tt.want)
		}
		if h := got.Hierarchy(); h != tt.tree {
			t.Errorf("%s: hierarchy %q, want %q", name, h, tt.tree)
		}
		// It is the same in whatever pieces the kernel hands it out.
		if again, err := host.ParseMounts(iotest.OneByteReader(strings.NewReader(tt.table))); err != nil || again != tt.want {
			t.Errorf("%s, byte by byte: %+v, %v", name, again, err)
		}
	}
}

func TestMountsFail(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]tree{
		"empty":         {"proc/1/mountinfo": ""},
		"garbage":       {"proc/1/mountinfo": "\x00\x01\x02 - overlay\n"},
		"one long line": {"proc/1/mountinfo": strings.Repeat("x", 1<<20)},
		"directory":     {"proc/1/mountinfo/x": ""},
	} {
		f := rootOf(t, files)
		got, err := f.Mounts()
		if err == nil || got != (host.Mounts{}) || !strings.Contains(err.Error(), f.Path("proc/1/mountinfo")) {
			t.Errorf("%s: %+v, %v; want an error that names the file", name, got, err)
		}
	}
	// Another process's table is not taken for the host's.
	_, err := rootOf(t, tree{"proc/self/mountinfo": mountRoot, "proc/mounts": ""}).Mounts()
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without that of the first process: %v", err)
	}
	got, err := host.ParseMounts(iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(mountOverlay))))
	if !errors.Is(err, iotest.ErrTimeout) || got != (host.Mounts{}) {
		t.Errorf("a read that fails: %+v, %v", got, err)
	}
}

func TestMountsOfThisMachine(t *testing.T) {
	t.Parallel()
	got, err := thisMachine(t).Mounts()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []host.CgroupMount{got.Cgroup1Memory, got.Cgroup2} {
		if !m.Mounted() {
			continue
		}
		if _, err := os.Stat("/" + m.Path + "/cgroup.procs"); err != nil {
			t.Errorf("%+v is no cgroup: %v", m, err)
		}
	}
	if h := got.Hierarchy(); h == "" {
		t.Logf("no control groups here: %+v", got)
	}
}

func FuzzParseMounts(f *testing.F) {
	f.Add([]byte(mountRoot + mountMemory + mountUnified + mountOverlay))
	f.Add([]byte("1 2 0:1 / /a\\040b rw shared:1 - cgroup  rw,memory"))
	f.Add([]byte("- - - - - - -\n1 2 3 / /../.. rw - cgroup2 x y\n"))
	f.Fuzz(func(t *testing.T, table []byte) {
		got, err := host.ParseMounts(strings.NewReader(string(table)))
		if err != nil {
			if got != (host.Mounts{}) {
				t.Fatalf("%q: %+v with the error %v", table, got, err)
			}
			return
		}
		if lines := strings.Count(string(table), "\n") + 1; got.Overlays > lines {
			t.Fatalf("%q: %d overlays in %d lines", table, got.Overlays, lines)
		}
		for _, m := range []host.CgroupMount{got.Cgroup1Memory, got.Cgroup2} {
			if m.Mounted() && !fs.ValidPath(strings.ToValidUTF8(m.Path, "?")) {
				t.Fatalf("%q: mounted at %q", table, m.Path)
			}
		}
		if got.Cgroup1Memory.Mounted() && !got.HasCgroup1 {
			t.Fatalf("%q: %+v", table, got)
		}
		// A line that is no mount changes nothing.
		more, err := host.ParseMounts(strings.NewReader("x\n" + string(table) + "\n\n- - -\n"))
		if err != nil || more != got {
			t.Fatalf("%q: %+v; with bad lines around it %+v, %v", table, got, more, err)
		}
	})
}

// BenchmarkParseMounts is of a node with a thousand containers.
func BenchmarkParseMounts(b *testing.B) {
	layers := strings.Repeat(":/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/1/fs", 12)
	table := mountRoot + mountMemory + strings.Repeat(strings.Replace(mountOverlay, "/a", layers[1:], 1), 1000)
	b.SetBytes(int64(len(table)))
	b.ReportAllocs()
	for b.Loop() {
		m, err := host.ParseMounts(bufio.NewReader(strings.NewReader(table)))
		if err != nil || m.Overlays != 1000 {
			b.Fatal(m, err)
		}
	}
}
