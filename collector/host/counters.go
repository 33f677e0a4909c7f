package host

import (
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// procfs returns the reader of the files below proc; rel is the one to be read. That
// reader follows links out of the root and waits for FIFOs, so on a root that is
// not live the file is looked at first.
func (f *FS) procfs(rel string) (procfs.FS, error) {
	if !f.live {
		if err := f.checkPlain(rel); err != nil {
			return procfs.FS{}, err
		}
	}
	return procfs.NewFS(f.Path("proc"))
}

// checkPlain is an error where a file is not a regular one, or where there is a
// symbolic link on the way to it.
func (f *FS) checkPlain(rel string) error {
	for dir := rel; dir != "."; dir = path.Dir(dir) {
		var st unix.Stat_t
		err := unix.Fstatat(int(f.dir.Fd()), dir, &st, unix.AT_SYMLINK_NOFOLLOW)
		if err == nil && st.Mode&unix.S_IFMT == unix.S_IFLNK {
			err = unix.ELOOP
		}
		if err != nil {
			return &fs.PathError{Op: "open", Path: f.Path(dir), Err: err}
		}
	}
	fd, err := f.openFD(rel, unix.O_PATH)
	if err != nil {
		return err
	}
	defer unix.Close(fd) //nolint:errcheck // nothing was written
	return f.checkRegular(fd, rel, maxFileSize)
}

// BootTime returns when the host was booted, by its own clock: btime of
// proc/stat. The file has a line for every processor and a number for every
// interrupt; procfs parses them all, at a thousand times the cost of this.
func (f *FS) BootTime() (time.Time, error) {
	const rel = "proc/stat"
	stat, err := f.read(rel)
	if err != nil {
		return time.Time{}, err
	}
	for line := range bytes.Lines(stat) {
		if text, ok := bytes.CutPrefix(line, []byte("btime ")); ok {
			sec, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
			if err != nil || sec <= 0 {
				return time.Time{}, fmt.Errorf("%s: btime %q: not a time", f.Path(rel), text)
			}
			return time.Unix(sec, 0), nil
		}
	}
	return time.Time{}, fmt.Errorf("%s: no btime", f.Path(rel))
}

// Uptime returns for how long the host has run, the time it was suspended
// included (fs/proc/uptime.c). procfs has no reader for it.
func (f *FS) Uptime() (time.Duration, error) {
	const rel = "proc/uptime"
	text, err := f.readString(rel)
	if err != nil {
		return 0, err
	}
	text, _, _ = strings.Cut(text, " ")
	sec, err := strconv.ParseFloat(text, 64)
	if err != nil || !(sec >= 0 && sec < math.MaxInt64/float64(time.Second)) {
		return 0, fmt.Errorf("%s: %q: not a time", f.Path(rel), text)
	}
	return time.Duration(sec * float64(time.Second)), nil
}

// Suspended returns for how long the running kernel has been suspended since its boot: by so
// much CLOCK_BOOTTIME is ahead of CLOCK_MONOTONIC (clock_getres(2)), which stands still
// meanwhile, and the log's clock with it. Of a root that is not live nothing says it: 0.
func (f *FS) Suspended() time.Duration {
	var awake, all unix.Timespec
	if !f.live || unix.ClockGettime(unix.CLOCK_MONOTONIC, &awake) != nil || unix.ClockGettime(unix.CLOCK_BOOTTIME, &all) != nil {
		return 0
	}
	return max(time.Duration(all.Nano()-awake.Nano()), 0)
}

// Tainted returns the mask of the kernel's taints
// (Documentation/admin-guide/tainted-kernels.rst).
func (f *FS) Tainted() (uint64, error) { return f.readUint("proc/sys/kernel/tainted") }

// HungTasks returns how many hung tasks the kernel has found since boot: an error
// that wraps [fs.ErrNotExist] before 6.13.
func (f *FS) HungTasks() (uint64, error) {
	return f.readUint("proc/sys/kernel/hung_task_detect_count")
}

// Oopses returns how many oopses there were since boot: an error that wraps
// [fs.ErrNotExist] before 6.2 and the stable releases that took it.
func (f *FS) Oopses() (uint64, error) { return f.readUint("sys/kernel/oops_count") }

// Warnings returns how many warnings with a trace there were since boot; see
// [FS.Oopses].
func (f *FS) Warnings() (uint64, error) { return f.readUint("sys/kernel/warn_count") }

// CommandLine returns the words of the kernel's command line, those after "--"
// included.
func (f *FS) CommandLine() ([]string, error) {
	p, err := f.procfs("proc/cmdline")
	if err != nil {
		return nil, err
	}
	return p.CmdLine()
}

// NetdevUnregisterTimeout returns after how long the kernel complains of a network
// device that cannot be freed, and again each time, and whether it was read. If
// not, it is the default of 10 s: that of every kernel before 5.13, which does not
// let it be set (commit 5aa3afe107d9), and where the file cannot be read, which a
// pod's network namespace does not have, perhaps not what is set.
func (f *FS) NetdevUnregisterTimeout() (timeout time.Duration, read bool) {
	// The bounds are the kernel's own (net/core/sysctl_net_core.c).
	sec, err := f.readUint("proc/sys/net/core/netdev_unregister_timeout_secs")
	if err != nil || sec < 1 || sec > 3600 {
		return 10 * time.Second, false
	}
	return time.Duration(sec) * time.Second, true //nolint:gosec // bounded above
}
