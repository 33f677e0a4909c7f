package host_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kernel_exporter/collector/host"
	"kernel_exporter/collector/testkit"
)

const memoryDir = "sys/fs/cgroup/memory"

// recorded44 is a root with 3 live memory cgroups, of 5.
func recorded44() tree {
	return tree{
		"proc/cgroups":                           "memory\t1\t5\t1\n",
		memoryDir + "/kubepods/memory.stat":      "",
		memoryDir + "/kubepods/pod1/memory.stat": "",
		memoryDir + "/memory.stat":               "",
	}
}

func TestCountCgroups(t *testing.T) {
	t.Parallel()
	below := host.Mounts{HasCgroup1: true, Cgroup1Memory: host.CgroupMount{Path: memoryDir, Root: "/docker/1f"}}
	tests := map[string]struct {
		mounts host.Mounts
		files  tree // over those of recorded44
		ok     bool
		dying  uint64
		bad    string
		live   bool
	}{
		"v1":                {mounts: mountV1, ok: true, dying: 2},
		"none dying":        {mounts: mountV1, files: tree{"proc/cgroups": "memory\t1\t3\t1\n"}, ok: true},
		"fewer than live":   {mounts: mountV1, files: tree{"proc/cgroups": "memory\t1\t2\t1\n"}},
		"hybrid":            {mounts: mountHybrid, ok: true, dying: 2},
		"v2":                {mounts: mountV2},
		"nothing mounted":   {},
		"below the root":    {mounts: below},
		"not in the table":  {mounts: mountV1, files: tree{"proc/cgroups": "cpu\t1\t5\t1\n"}},
		"a bad table":       {mounts: mountV1, files: tree{"proc/cgroups": "memory\n"}, bad: "proc/cgroups: "},
		"a live container":  {mounts: mountV1, live: true},
		"a live root":       {mounts: mountV1, live: true, files: tree{memoryDir + "/release_agent": ""}, ok: true, dying: 2},
		"a live root, seen": {mounts: below, live: true, files: tree{memoryDir + "/release_agent": ""}, ok: true, dying: 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := rootOf(t, recorded44().With(tt.files))
			if tt.live {
				f.SetLive()
			}
			got, err := f.CountCgroups(t.Context(), tt.mounts.Cgroup1Memory)
			testkit.CheckError(t, err, tt.bad)
			if got.At.IsZero() == tt.ok || got.Dying != tt.dying || tt.ok && (got.Live != 3 || time.Since(got.At) > time.Hour) {
				t.Errorf("%+v, want %v with %d dying", got, tt.ok, tt.dying)
			}
		})
	}
}

func TestCountCgroupsWithoutSys(t *testing.T) {
	t.Parallel()
	got, err := rootOf(t, tree{"proc/cgroups": cgroups44}).CountCgroups(t.Context(), mountV1.Cgroup1Memory)
	if err != nil || !got.At.IsZero() {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestCountCgroupsStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got, err := rootOf(t, recorded44()).CountCgroups(ctx, mountV1.Cgroup1Memory)
	if !errors.Is(err, context.Canceled) || !got.At.IsZero() {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestCountDirectories(t *testing.T) {
	t.Parallel()
	f := rootOf(t, tree{
		"a/b/c/d/e/f/file": "",
		"a/b/file":         "",
		"a/ space\n/file":  "",
		"x/file":           "",
		"file":             "",
		"link@":            "a",
		"a/self@":          "..",
		"dead@":            "nothing",
	})
	const want = 9
	if n, err := host.CountDirectories(t.Context(), f.Path("")); n != want || err != nil {
		t.Errorf("%d, %v, want %d", n, err, want)
	}
	if n, err := host.CountDirectories(t.Context(), f.Path("nothing")); n != 0 || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := host.CountDirectories(t.Context(), f.Path("file")); n != 0 || err == nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := host.CountDirectories(t.Context(), f.Path("link")); n != 0 || err == nil {
		t.Errorf("%d, %v", n, err)
	}
}

// TestCountDirectoriesMany has more entries than a buffer.
func TestCountDirectoriesMany(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	for i := range 2000 {
		if err := os.Mkdir(filepath.Join(top, fmt.Sprintf("%060d", i)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := host.CountDirectories(t.Context(), top); n != 2001 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

// TestCountCgroupsUnrest has cgroups that come and go while they are counted.
func TestCountCgroupsUnrest(t *testing.T) {
	t.Parallel()
	f := rootOf(t, recorded44())
	for _, step := range []struct {
		numbers []uint64 // before and after each try
		dying   uint64
		ok      bool
	}{
		{[]uint64{5, 6, 6, 5, 7, 8, 8, 9, 9, 8}, 0, false},
		{[]uint64{5, 6, 2, 2, 8, 8}, 5, true},
		{[]uint64{4, 5, 5, 6, 6, 7, 7, 8, 8, 9}, 0, false},
		{[]uint64{4, 4}, 1, true},
	} {
		got, left, err := f.CountCgroupsOf(t.Context(), mountV1.Cgroup1Memory, step.numbers)
		if left != 0 {
			t.Errorf("%v: %d not asked for", step.numbers, left)
		}
		if got.At.IsZero() == step.ok || got.Dying != step.dying || err != nil {
			t.Errorf("%v: %+v, %v, want %v with %d dying", step.numbers, got, err, step.ok, step.dying)
		}
	}
}
