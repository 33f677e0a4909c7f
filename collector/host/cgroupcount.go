package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// cgroupCountInterval is the time between two counts. One of 10,000 cgroups
	// takes 50 ms of one processor.
	cgroupCountInterval = time.Minute
	// cgroupCountMaxAge is for how long a count is believed.
	cgroupCountMaxAge = 3 * cgroupCountInterval
	// cgroupCountTimeout bounds a count with all its tries.
	cgroupCountTimeout = 10 * time.Second
	// cgroupCountTries is how often a count is tried while cgroups come and go.
	cgroupCountTries = 5
)

// countsDying says whether num_cgroups of a kernel is known to include the dying
// cgroups. 3.10 takes a cgroup off at rmdir; nothing is known of those between.
func countsDying(v Version) bool { return v.Compare(Version{Major: 4, Minor: 4}) >= 0 }

// CgroupCount is how many memory cgroups there were at one time.
type CgroupCount struct {
	// Live counts the directories, that of the root cgroup included.
	Live uint64
	// Dying counts those that have no directory any more.
	Dying uint64
	// At is when they were counted.
	At time.Time
}

// A CgroupCounter counts the dying memory cgroups of a version 1 hierarchy: those
// that num_cgroups in /proc/cgroups has and that have no directory. The kernel does
// not tell it otherwise, and to walk all directories is not for a scrape, which
// asks for the last count instead. It is safe for concurrent use.
//
// It counts nothing where the memory controller is not in a version 1 hierarchy,
// on kernels before 4.4, whose number does not include the dying ones, where the
// release is not known, and where the root cgroup is out of sight.
type CgroupCounter struct {
	f       *FS
	mount   CgroupMount
	counted chan struct{}

	mu   sync.Mutex
	last CgroupCount
	err  error
}

// NewCgroupCounter returns a counter that has not counted yet. The kernel is the
// zero value where it is not known.
func (f *FS) NewCgroupCounter(k Kernel, m Mounts) *CgroupCounter {
	c := &CgroupCounter{f: f, counted: make(chan struct{})}
	if countsDying(k.Release.Version) {
		c.mount = m.Cgroup1Memory
	}
	return c
}

// Counted is closed when Run has counted once, or has found that nothing can be.
func (c *CgroupCounter) Counted() <-chan struct{} { return c.counted }

// Run counts now and then every minute, until the context ends. It returns at once
// where nothing can be counted. It is to be called once.
func (c *CgroupCounter) Run(ctx context.Context) {
	_ = c.Count(ctx) // Snapshot tells
	close(c.counted)
	if !c.mount.Mounted() {
		return
	}
	ticker := time.NewTicker(cgroupCountInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			_ = c.Count(ctx)
		}
	}
}

// Snapshot returns the last count that succeeded, unless it is older than three
// minutes, and whether there is one. The error is why the last count failed, and
// nil when it did not.
func (c *CgroupCounter) Snapshot() (CgroupCount, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ok := !c.last.At.IsZero() && time.Since(c.last.At) <= cgroupCountMaxAge
	if !ok {
		return CgroupCount{}, false, c.err
	}
	return c.last, true, c.err
}

// Count counts once, within ten seconds. Cgroups come and go meanwhile: the result
// counts only when num_cgroups is the same before and after, which is tried a few
// times. When it never is, that is no error, and the count before it stays.
func (c *CgroupCounter) Count(ctx context.Context) error {
	count, err := c.count(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
	if err == nil && !count.At.IsZero() {
		c.last = count
	}
	return err
}

// count returns the zero value where there is no result.
func (c *CgroupCounter) count(ctx context.Context) (CgroupCount, error) {
	if !c.mount.Mounted() {
		return CgroupCount{}, nil
	}
	root, err := c.f.seesRoot1(c.mount)
	if err != nil || !root {
		return CgroupCount{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, cgroupCountTimeout)
	defer cancel()
	for range cgroupCountTries {
		before, err := c.f.numCgroups()
		if err != nil || before == nil {
			return CgroupCount{}, err
		}
		live, err := countDirectories(ctx, c.f.Path(c.mount.Path))
		if err != nil {
			return CgroupCount{}, optionalErr(err)
		}
		after, err := c.f.numCgroups()
		if err != nil || after == nil {
			return CgroupCount{}, err
		}
		if *before == *after && live <= *after {
			return CgroupCount{Live: live, Dying: *after - live, At: time.Now()}, nil
		}
	}
	return CgroupCount{}, nil
}

// countDirectories counts a directory and all below it, however deep. It follows
// no symbolic link. A directory that vanishes meanwhile is not counted or has no
// more below it. An absent top is an error.
//
// Most cgroups are leaves, and a leaf need not be opened: it has two links, and
// others have one more for each cgroup below (kernfs_refresh_inode,
// fs/kernfs/inode.c). Only cgroupfs is believed in this; on overlayfs, btrfs or
// what else holds a recorded root, every directory is read.
func countDirectories(ctx context.Context, top string) (uint64, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(top, &fs); err != nil {
		return 0, &os.PathError{Op: "statfs", Path: top, Err: err}
	}
	w := dirWalk{
		links: fs.Type == unix.CGROUP_SUPER_MAGIC,
		buf:   make([]byte, direntBuffer),
		todo:  []string{top},
		count: 1,
	}
	for len(w.todo) > 0 {
		if err := ctx.Err(); err != nil {
			return 0, fmt.Errorf("%s: %d directories counted: %w", top, w.count, err)
		}
		dir := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
		if err := w.enter(dir); err != nil && (dir == top || optionalErr(err) != nil) {
			return 0, err
		}
	}
	return w.count, nil
}

type dirWalk struct {
	links bool // st_nlink tells leaves
	buf   []byte
	todo  []string // counted, not entered
	count uint64
}

// enter counts the directories right below dir.
func (w *dirWalk) enter(dir string) error {
	file, err := os.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // nothing was written
	return eachDirent(file, w.buf, func(name []byte, kind uint8) error {
		if kind != unix.DT_DIR && kind != unix.DT_UNKNOWN {
			return nil
		}
		child := string(name)
		if kind == unix.DT_UNKNOWN || w.links {
			var st unix.Stat_t
			err := unix.Fstatat(int(file.Fd()), child, &st, unix.AT_SYMLINK_NOFOLLOW)
			switch {
			case errors.Is(err, unix.ENOENT) || err == nil && st.Mode&unix.S_IFMT != unix.S_IFDIR:
				return nil
			case err != nil:
				return &os.PathError{Op: "fstatat", Path: dir + "/" + child, Err: err}
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
