package host_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/host"
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

func TestCgroupCounter(t *testing.T) {
	t.Parallel()
	k44 := kernelOf(t, "4.4.0-21-generic", host.VendorUbuntu)
	below := host.Mounts{HasCgroup1: true, Cgroup1Memory: host.CgroupMount{Path: memoryDir, Root: "/docker/1f"}}
	tests := map[string]struct {
		kernel host.Kernel
		mounts host.Mounts
		files  tree // over those of recorded44
		ok     bool
		dying  uint64
		bad    string
	}{
		"4.4":               {kernel: k44, mounts: mountV1, ok: true, dying: 2},
		"none dying":        {kernel: k44, mounts: mountV1, files: tree{"proc/cgroups": "memory\t1\t3\t1\n"}, ok: true},
		"fewer than live":   {kernel: k44, mounts: mountV1, files: tree{"proc/cgroups": "memory\t1\t2\t1\n"}},
		"hybrid, mainline":  {kernel: kernelOf(t, "6.18.1", ""), mounts: mountHybrid, ok: true, dying: 2},
		"3.10":              {kernel: kernelOf(t, "3.10.0-1160.el7.x86_64", host.VendorEL7), mounts: mountV1},
		"4.3":               {kernel: kernelOf(t, "4.3.6", ""), mounts: mountV1},
		"unknown release":   {mounts: mountV1},
		"v2":                {kernel: k44, mounts: mountV2},
		"nothing mounted":   {kernel: k44},
		"below the root":    {kernel: k44, mounts: below},
		"not in the table":  {kernel: k44, mounts: mountV1, files: tree{"proc/cgroups": "cpu\t1\t5\t1\n"}},
		"a bad table":       {kernel: k44, mounts: mountV1, files: tree{"proc/cgroups": "memory\n"}, bad: "cgroup controllers: "},
		"a live container":  {kernel: k44, mounts: mountV1, files: tree{bootID: thisBoot(t)}},
		"a live root":       {kernel: k44, mounts: mountV1, files: tree{bootID: thisBoot(t), memoryDir + "/release_agent": ""}, ok: true, dying: 2},
		"a live root, seen": {kernel: k44, mounts: below, files: tree{bootID: thisBoot(t), memoryDir + "/release_agent": ""}, ok: true, dying: 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := rootOf(t, recorded44().with(tt.files)).NewCgroupCounter(tt.kernel, tt.mounts)
			if got, ok, err := c.Snapshot(); ok || err != nil || got != (host.CgroupCount{}) {
				t.Errorf("before the first count: %+v, %v, %v", got, ok, err)
			}
			checkError(t, c.Count(t.Context()), tt.bad)
			got, ok, err := c.Snapshot()
			checkError(t, err, tt.bad)
			if ok != tt.ok || got.Dying != tt.dying || ok && (got.Live != 3 || time.Since(got.At) > time.Hour) {
				t.Errorf("%+v, %v, want %v with %d dying", got, ok, tt.ok, tt.dying)
			}
		})
	}
}

func TestCgroupCounterWithoutSys(t *testing.T) {
	t.Parallel()
	f := rootOf(t, tree{"proc/cgroups": cgroups44})
	c := f.NewCgroupCounter(kernelOf(t, "4.4.0", ""), mountV1)
	if err := c.Count(t.Context()); err != nil {
		t.Error(err)
	}
	if got, ok, err := c.Snapshot(); ok || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestCgroupCounterStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := rootOf(t, recorded44()).NewCgroupCounter(kernelOf(t, "4.4.0", ""), mountV1)
	if err := c.Count(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if got, ok, err := c.Snapshot(); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestCgroupCounterRun lets minutes pass in no time.
func TestCgroupCounterRun(t *testing.T) {
	t.Parallel()
	f := rootOf(t, recorded44())
	k := kernelOf(t, "4.4.0", "")
	synctest.Test(t, func(t *testing.T) {
		c := f.NewCgroupCounter(k, mountV1)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			c.Run(ctx)
		}()
		check := func(when string, dying uint64, known bool, bad string) {
			t.Helper()
			synctest.Wait()
			got, ok, err := c.Snapshot()
			if ok != known || got.Dying != dying {
				t.Errorf("%s: %+v, %v, want %v with %d dying", when, got, ok, known, dying)
			}
			checkError(t, err, bad)
		}
		check("at start", 2, true, "")

		putCgroups(t, f, "memory\t1\t9\t1\n")
		<-time.After(59 * time.Second)
		check("before a minute", 2, true, "")
		<-time.After(2 * time.Second)
		check("after a minute", 6, true, "")

		putCgroups(t, f, "memory\n")
		<-time.After(time.Minute)
		check("a failure", 6, true, "cgroup controllers")
		<-time.After(2*time.Minute - 2*time.Second)
		check("three minutes old", 6, true, "cgroup controllers")
		<-time.After(2 * time.Second)
		check("older", 0, false, "cgroup controllers")

		putCgroups(t, f, "memory\t1\t3\t1\n")
		<-time.After(time.Minute)
		check("after the failure", 0, true, "")

		cancel()
		<-ended
	})
}

func TestCgroupCounterRunWithoutNeed(t *testing.T) {
	t.Parallel()
	rootOf(t, nil).NewCgroupCounter(host.Kernel{}, mountV1).Run(t.Context())
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
	if n, err := host.CountDirectories(t.Context(), f.Root()); n != want || err != nil {
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

// serve lets /proc/cgroups show another number of memory cgroups each time it is
// opened, and the last one from then on. What is returned is closed when it comes
// to that.
func serve(t *testing.T, f *host.FS, numbers ...int) <-chan struct{} {
	t.Helper()
	path := f.Path("proc/cgroups")
	fifo := func() string {
		name := filepath.Join(t.TempDir(), "fifo")
		if err := unix.Mkfifo(name, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	replace := func(with string) {
		if err := os.Rename(with, path); err != nil {
			t.Error(err)
		}
	}
	queue := make([]string, len(numbers))
	for i := range queue {
		queue[i] = fifo()
	}
	last := filepath.Join(t.TempDir(), "last")
	row := func(n int) string { return fmt.Sprintf("memory\t1\t%d\t1\n", n) }
	if err := os.WriteFile(last, []byte(row(numbers[len(numbers)-1])), 0o600); err != nil {
		t.Fatal(err)
	}
	replace(queue[0])
	served := make(chan struct{})
	go func() {
		defer close(served)
		for i, n := range numbers {
			reader, err := os.OpenFile(path, os.O_WRONLY, 0) // waits for the reader
			if err != nil {
				t.Error(err)
				return
			}
			if i+1 < len(queue) {
				replace(queue[i+1])
			} else {
				replace(last)
			}
			if _, err := reader.WriteString(row(n)); err != nil {
				t.Error(err)
			}
			if err := reader.Close(); err != nil {
				t.Error(err)
			}
		}
	}()
	return served
}

// TestCgroupCounterUnrest has cgroups that come and go while they are counted.
func TestCgroupCounterUnrest(t *testing.T) {
	t.Parallel()
	f := rootOf(t, recorded44())
	c := f.NewCgroupCounter(kernelOf(t, "4.4.0", ""), mountV1)
	for _, step := range []struct {
		numbers []int // before and after each try
		dying   uint64
		ok      bool
	}{
		{[]int{5, 6, 6, 5, 7, 8, 8, 9, 9, 8}, 0, false},
		{[]int{5, 6, 2, 2, 8, 8}, 5, true},
		{[]int{4, 5, 5, 6, 6, 7, 7, 8, 8, 9}, 5, true},
		{[]int{4, 4}, 1, true},
	} {
		served := serve(t, f, step.numbers...)
		if err := c.Count(t.Context()); err != nil {
			t.Error(err)
		}
		select {
		case <-served:
		case <-time.After(10 * time.Second):
			t.Fatalf("%v: not all asked for", step.numbers)
		}
		if got, ok, err := c.Snapshot(); ok != step.ok || got.Dying != step.dying || err != nil {
			t.Errorf("%v: %+v, %v, %v, want %v with %d dying", step.numbers, got, ok, err, step.ok, step.dying)
		}
	}
}
