package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// cgroupCountTimeout bounds a count with all its tries.
	cgroupCountTimeout = 10 * time.Second
	// cgroupCountTries is how often a count is tried while cgroups come and go.
	cgroupCountTries = 5
)

// CgroupCount is how many memory cgroups there were at one time.
type CgroupCount struct {
	// Live counts the directories, that of the root cgroup included.
	Live uint64
	// Dying counts those that have no directory any more.
	Dying uint64
	// At is when they were counted.
	At time.Time
}

// CountCgroups counts the dying memory cgroups of a version 1 hierarchy, within ten
// seconds: those that num_cgroups in /proc/cgroups has and that have no directory. The
// kernel does not report it otherwise, and to walk all directories is not for a scrape.
// It is for kernels whose number includes the dying ones: from 4.4 on.
//
// Cgroups come and go meanwhile: the result counts only when num_cgroups is the same
// before and after, which is tried a few times. When it never is, that is no error and
// the result is the zero value, as it is where the hierarchy is not mounted, or the
// root cgroup is out of sight.
func (f *FS) CountCgroups(ctx context.Context, mount CgroupMount) (CgroupCount, error) {
	return f.countCgroups(ctx, mount, f.numCgroups)
}

func (f *FS) countCgroups(ctx context.Context, mount CgroupMount, total func() (*uint64, error)) (CgroupCount, error) {
	if !mount.Mounted() {
		return CgroupCount{}, nil
	}
	root, err := f.seesRoot1(mount)
	if err != nil || !root {
		return CgroupCount{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, cgroupCountTimeout)
	defer cancel()
	for range cgroupCountTries {
		before, err := total()
		if err != nil || before == nil {
			return CgroupCount{}, err
		}
		live, err := f.countBelow(ctx, mount.Path)
		if err != nil {
			return CgroupCount{}, optionalErr(err)
		}
		after, err := total()
		if err != nil || after == nil {
			return CgroupCount{}, err
		}
		if *before == *after && live <= *after {
			return CgroupCount{Live: live, Dying: *after - live, At: time.Now()}, nil
		}
	}
	return CgroupCount{}, nil
}

func (f *FS) countBelow(ctx context.Context, dir string) (uint64, error) {
	top, err := f.openDir(dir)
	if err != nil {
		return 0, err
	}
	defer top.Close() //nolint:errcheck // nothing was written
	return countDirectories(ctx, top)
}

// countDirectories counts a directory and all below it, however deep. It follows
// no symbolic link. A directory that vanishes meanwhile is not counted or has no
// more below it.
//
// Most cgroups are leaves, and a leaf need not be opened: it has two links, and
// others have one more for each cgroup below (kernfs_refresh_inode,
// fs/kernfs/inode.c). Only cgroupfs is believed in this; on overlayfs, btrfs or
// what else holds a recorded root, every directory is read.
func countDirectories(ctx context.Context, top *os.File) (uint64, error) {
	var fs unix.Statfs_t
	if err := unix.Fstatfs(int(top.Fd()), &fs); err != nil {
		return 0, &os.PathError{Op: "statfs", Path: top.Name(), Err: err}
	}
	w := dirWalk{
		top:   top,
		links: fs.Type == unix.CGROUP_SUPER_MAGIC,
		buf:   make([]byte, direntBuffer),
		todo:  []string{"."},
		count: 1,
	}
	for len(w.todo) > 0 {
		if err := ctx.Err(); err != nil {
			return 0, fmt.Errorf("%s: %d directories counted: %w", top.Name(), w.count, err)
		}
		dir := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
		if err := w.enter(dir); err != nil && (dir == "." || optionalErr(err) != nil) {
			return 0, err
		}
	}
	return w.count, nil
}

type dirWalk struct {
	top   *os.File
	links bool // st_nlink tells leaves
	buf   []byte
	todo  []string // counted, not entered, relative to the top
	count uint64
}

// enter counts the directories right below dir.
func (w *dirWalk) enter(dir string) error {
	fd, err := unix.Openat(int(w.top.Fd()), dir, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: w.top.Name() + "/" + dir, Err: err}
	}
	file := os.NewFile(uintptr(fd), w.top.Name()+"/"+dir)
	defer file.Close() //nolint:errcheck // nothing was written
	return eachDirent(file, w.buf, func(name []byte, kind uint8) error {
		if kind != unix.DT_DIR && kind != unix.DT_UNKNOWN {
			return nil
		}
		child := string(name)
		if kind == unix.DT_UNKNOWN || w.links {
			var st unix.Stat_t
			err := unix.Fstatat(fd, child, &st, unix.AT_SYMLINK_NOFOLLOW)
			switch {
			case errors.Is(err, unix.ENOENT) || err == nil && st.Mode&unix.S_IFMT != unix.S_IFDIR:
				return nil
			case err != nil:
				return &os.PathError{Op: "fstatat", Path: file.Name() + "/" + child, Err: err}
			case w.links && st.Nlink == 2:
				w.count++
				return nil
			}
		}
		w.count++
		w.todo = append(w.todo, dir+"/"+child)
		return nil
	})
}
