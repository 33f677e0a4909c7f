package host_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/host"
	"kernel_exporter/collector/testkit"
)

// liveCgroups returns this machine, which has a memory controller of version 1, and
// a cgroup of our own in it, which goes with all that is in it.
func liveCgroups(t testing.TB) (*host.FS, host.Mounts, string) {
	t.Helper()
	f := thisMachine(t)
	mounts, err := f.Mounts()
	if errors.Is(err, fs.ErrPermission) {
		testkit.Missing(t, "%v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if !mounts.Cgroup1Memory.Mounted() {
		t.Skip("this machine has no memory controller of version 1")
	}
	scope, err := os.MkdirTemp(f.Path(mounts.Cgroup1Memory.Path), "kernel_exporter-test-") //nolint:usetesting // a cgroup can be nowhere else
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, unix.EROFS) {
		testkit.Missing(t, "%v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { removeCgroups(t, scope) })
	return f, mounts, scope
}

// removeCgroups removes a cgroup and what is below it. A cgroup whose last process
// has only just ended may be busy yet.
func removeCgroups(t testing.TB, scope string) {
	t.Helper()
	var dirs []string
	err := filepath.WalkDir(scope, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			dirs = append(dirs, path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	for len(dirs) > 0 {
		last := dirs[len(dirs)-1]
		dirs = dirs[:len(dirs)-1]
		testkit.Eventually(t, settleTime, testkit.Unless(last+" is not busy", func() bool { return !errors.Is(unix.Rmdir(last), unix.EBUSY) }))
	}
}

// settleTime is for how long others who use the machine's cgroups may disturb a test.
const settleTime = 10 * time.Second

func mkdirs(t testing.TB, dirs ...string) {
	t.Helper()
	for _, dir := range dirs {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCountDirectoriesLive counts where st_nlink tells the leaves.
func TestCountDirectoriesLive(t *testing.T) {
	t.Parallel()
	_, _, scope := liveCgroups(t)
	check := func(want uint64) {
		t.Helper()
		if n, err := host.CountDirectories(t.Context(), scope); n != want || err != nil {
			t.Errorf("%d, %v, want %d", n, err, want)
		}
	}
	check(1)
	deepest := scope
	for range 30 {
		deepest += "/d"
		mkdirs(t, deepest)
	}
	check(31)
	for i := range 20 {
		pod := fmt.Sprintf("%s/pod%d", scope, i)
		mkdirs(t, pod, pod+"/a", pod+"/b")
	}
	check(31 + 60)
	removeCgroups(t, scope+"/d")
	check(1 + 60)
}

// TestCountDirectoriesChurn counts while cgroups come and go.
func TestCountDirectoriesChurn(t *testing.T) {
	t.Parallel()
	_, _, scope := liveCgroups(t)
	for i := range 10 {
		mkdirs(t, fmt.Sprintf("%s/stays%d", scope, i))
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		defer close(ended)
		for i := 0; ctx.Err() == nil; i++ {
			pod := fmt.Sprintf("%s/goes%d", scope, i%5)
			for _, err := range []error{unix.Mkdir(pod, 0o755), unix.Mkdir(pod+"/a", 0o755), unix.Rmdir(pod + "/a"), unix.Rmdir(pod)} {
				if err != nil {
					ended <- err
					return
				}
			}
		}
	}()
	for range 300 {
		if n, err := host.CountDirectories(t.Context(), scope); n < 11 || n > 11+10 || err != nil {
			t.Errorf("%d, %v, want 11 and at most 10 more", n, err)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestCountCgroupsLive makes cgroups that cannot die: processes leave pages in a
// tmpfs that stay charged to them.
func TestCountCgroupsLive(t *testing.T) {
	t.Parallel()
	f, mounts, scope := liveCgroups(t)
	const zombies = 20
	tmpfs := t.TempDir()
	if err := unix.Mount("tmpfs", tmpfs, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "size=4m"); err != nil {
		testkit.Missing(t, "%v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(tmpfs, 0); err != nil {
			t.Error(err)
		}
	})
	for i := range zombies {
		cgroup := fmt.Sprintf("%s/zombie%d", scope, i)
		mkdirs(t, cgroup)
		script := `echo $$ >"$1/cgroup.procs" && echo page >"$2"`
		out, err := exec.CommandContext(t.Context(), "/bin/sh", "-c", script, "sh", cgroup, fmt.Sprintf("%s/%d", tmpfs, i)).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		removeCgroups(t, cgroup)
	}

	// Others use this machine too: we agree once it holds still.
	var (
		got       host.CgroupCount
		live, all uint64
		err       error
	)
	testkit.Eventually(t, settleTime, func() string {
		if got, err = f.CountCgroups(t.Context(), mounts.Cgroup1Memory); err != nil {
			t.Fatal(err)
		}
		live, all = directories(t, f.Path(mounts.Cgroup1Memory.Path)), numCgroups(t)
		if !got.At.IsZero() && got.Live == live && got.Live+got.Dying == all {
			return ""
		}
		return fmt.Sprintf("%d live and %d dying, want %d and %d", got.Live, got.Dying, live, all-live)
	})
	if got.Dying < zombies {
		t.Errorf("%d dying, want %d at least", got.Dying, zombies)
	}

	total := func() bool {
		m, err := f.MemoryCgroups(mounts)
		return err == nil && m.Dying == nil && m.Total != nil && *m.Total == numCgroups(t)
	}
	testkit.Eventually(t, settleTime, testkit.Unless("the total is num_cgroups", total))

	// The root cgroup is out of sight.
	mounts.Cgroup1Memory.Path += strings.TrimPrefix(scope, f.Path(mounts.Cgroup1Memory.Path))
	if got, err := f.CountCgroups(t.Context(), mounts.Cgroup1Memory); err != nil || !got.At.IsZero() {
		t.Errorf("below the root: %+v, %v", got, err)
	}
}

// directories counts another way.
func directories(t testing.TB, top string) uint64 {
	t.Helper()
	var n uint64
	err := filepath.WalkDir(top, func(_ string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && d.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func numCgroups(t testing.TB) uint64 {
	t.Helper()
	content, err := os.ReadFile("/proc/cgroups")
	if err != nil {
		t.Fatal(err)
	}
	_, row, _ := bytes.Cut(content, []byte("\nmemory"))
	var hierarchy, n uint64
	if _, err := fmt.Sscan(string(row), &hierarchy, &n); err != nil {
		t.Fatal(err)
	}
	return n
}
