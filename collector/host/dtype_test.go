package host_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/host"
	"kernel_exporter/collector/testkit"
)

// ownMounts gives the test's goroutine a mount namespace of its own, which ends
// with it.
func ownMounts(t *testing.T) {
	t.Helper()
	runtime.LockOSThread() // for good: the thread ends with the goroutine
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		testkit.Missing(t, "%v", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
}

// mountImage makes a file system by a command that is given the file, and returns
// where it is mounted.
func mountImage(t *testing.T, size int64, mkfs ...string) string {
	t.Helper()
	image, dir := filepath.Join(t.TempDir(), "image"), t.TempDir()
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(image, size); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{append(slices.Clone(mkfs), image), {"mount", "-o", "loop", image, dir}} {
		path, err := exec.LookPath(command[0])
		if err != nil {
			testkit.Missing(t, "needs a tool: %v", err)
		}
		if out, err := exec.CommandContext(t.Context(), path, command[1:]...).CombinedOutput(); err != nil {
			t.Skipf("not tested, for this kernel or tool cannot: %v: %v: %s", command, err, out)
		}
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestDTypeOfFileSystems(t *testing.T) {
	t.Parallel()
	const mega = 1 << 20
	for name, tt := range map[string]struct {
		size         int64
		mkfs         []string
		empty, files host.Answer
	}{
		"ext4":             {16 * mega, []string{"mkfs.ext4", "-q"}, host.Unknown, host.Yes},
		"ext4, no types":   {16 * mega, []string{"mkfs.ext4", "-q", "-O", "^filetype"}, host.Unknown, host.No},
		"xfs":              {320 * mega, []string{"mkfs.xfs", "-q"}, host.Yes, host.Yes},
		"xfs with ftype=0": {320 * mega, []string{"mkfs.xfs", "-q", "-m", "crc=0", "-n", "ftype=0"}, host.No, host.No},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ownMounts(t)
			dir := filepath.Join(mountImage(t, tt.size, tt.mkfs...), "store")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if got, err := host.DType(dir); err != nil || got != tt.empty {
				t.Errorf("empty: %v, %v; want %v", got, err, tt.empty)
			}
			if err := os.Mkdir(filepath.Join(dir, "overlay2"), 0o755); err != nil {
				t.Fatal(err)
			}
			if got, err := host.DType(dir); err != nil || got != tt.files {
				t.Errorf("with a file: %v, %v; want %v", got, err, tt.files)
			}
		})
	}
}

func TestDTypeOfTmpfs(t *testing.T) {
	t.Parallel()
	ownMounts(t)
	dir := t.TempDir()
	if err := unix.Mount("none", dir, "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	if got, err := host.DType(dir); err != nil || got != host.Unknown {
		t.Errorf("empty: %v, %v", got, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := host.DType(dir); err != nil || got != host.Yes {
		t.Errorf("with a file: %v, %v", got, err)
	}
}

func TestStoreDType(t *testing.T) {
	t.Parallel()
	f := liveRootOf(t, tree{
		"var/lib/containerd/x": "",
		"var/lib/docker@":      "/data/docker",
		"data/docker/x":        "",
		"var/lib/containers":   "a file",
	})
	for path, want := range map[string]struct {
		answer host.Answer
		err    error
	}{
		"/var/lib/containerd": {host.Yes, nil},
		"/var/lib/docker":     {host.Yes, nil},
		"/var/lib/containers": {host.Unknown, unix.ENOTDIR},
		"/var/lib/rancher":    {host.Unknown, fs.ErrNotExist},
	} {
		if !slices.Contains(f.StorePaths(), path) {
			t.Errorf("%s is not among the stores", path)
		}
		if got, err := f.StoreDType(path); got != want.answer || !errors.Is(err, want.err) {
			t.Errorf("%s: %v, %v; want %v, %v", path, got, err, want.answer, want.err)
		}
	}
}

func TestHasVarLib(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		files tree
		want  bool
	}{"there": {tree{"var/lib/x": ""}, true}, "a link": {tree{"var@": "/x", "x/lib/x": ""}, true}, "missing": {tree{"etc/x": ""}, false}} {
		if got, err := rootOf(t, tt.files).HasVarLib(); err != nil || got != tt.want {
			t.Errorf("%s: %v, %v; want %v", name, got, err, tt.want)
		}
	}
}

func TestStoreDTypeWithoutPermission(t *testing.T) {
	t.Parallel()
	f := liveRootOf(t, tree{"var/lib/docker/x": ""})
	dir := f.Path("var/lib/docker")
	if err := os.Chmod(dir, 0o300); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Chmod(dir, 0o700); err != nil {
			t.Error(err)
		}
	})
	if os.Geteuid() == 0 {
		dropRights(t)
	}
	if got, err := f.StoreDType("/var/lib/docker"); got != host.Unknown || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%v, %v", got, err)
	}
}

// dropRights takes root's rights to pass over permissions from the goroutine.
func dropRights(t *testing.T) {
	t.Helper()
	runtime.LockOSThread() // for good: the thread ends with the goroutine
	none := [2]unix.CapUserData{}
	if err := unix.Capset(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &none[0]); err != nil {
		testkit.Missing(t, "%v", err)
	}
}
