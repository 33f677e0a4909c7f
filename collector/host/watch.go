package host

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// watchPace is the least time between two readings of the mount table, which
	// costs the kernel as much as a scrape may on a node that starts many pods.
	watchPace = 5 * time.Second
	// watchRest is after how long everything is looked at again even without news.
	watchRest = 5 * time.Minute
)

// A MountWatcher keeps up with the mount table of a live root and with its
// container stores, so that a scrape neither costs what grows with the number of
// containers nor hangs with a disk. It is safe for concurrent use.
type MountWatcher struct {
	fs         *FS
	pace, rest time.Duration
	ready      chan struct{}

	mu     sync.Mutex
	mounts Mounts
	err    error
	read   time.Time
	stores []Store
}

// NewMountWatcher reads the mount table for the first time. A failure is kept for
// [MountWatcher.Snapshot] to tell.
func NewMountWatcher(f *FS) *MountWatcher {
	w := &MountWatcher{fs: f, pace: watchPace, rest: watchRest, ready: make(chan struct{})}
	w.readMounts()
	return w
}

// Snapshot returns the mount table as it was last read, when that was, and the
// error of reading it. The table is still so, or changed less than 5 s ago.
func (w *MountWatcher) Snapshot() (Mounts, time.Time, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.mounts, w.read, w.err
}

// Stores returns what [FS.Stores] last said; none before [MountWatcher.Ready].
func (w *MountWatcher) Stores() []Store {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.stores)
}

// Ready is closed as soon as Run has looked at the container stores once. That may
// never be if a disk hangs, so whoever waits must do so with a limit.
func (w *MountWatcher) Ready() <-chan struct{} { return w.ready }

// Run reads the mount table again when it changes, at most every 5 s, and looks at
// the container stores with it and every 5 min. On a root that is not live, and so
// never changes, it does nothing. It returns when ctx is done and all that it
// started has ended, at once with an error if there is no descriptor left for it.
// It is to be called once.
func (w *MountWatcher) Run(ctx context.Context) error {
	if !w.fs.Live() {
		close(w.ready)
		<-ctx.Done()
		return nil
	}
	wake, waker, err := os.Pipe()
	if err != nil {
		return err
	}
	defer wake.Close() //nolint:errcheck // nothing was written
	var (
		all  sync.WaitGroup
		news = make(chan struct{}, 1)
	)
	defer all.Wait()
	all.Go(func() {
		<-ctx.Done()
		waker.Close() //nolint:errcheck // nothing was written; poll(2) sees the hangup
	})
	all.Go(func() { w.lookAtStores(ctx, news) })
	w.watch(ctx, int(wake.Fd()), news)
	return nil
}

// watch reads the mount table again and again until ctx is done, which makes the
// descriptor wake hang up, and gives news of each time.
func (w *MountWatcher) watch(ctx context.Context, wake int, news chan<- struct{}) {
	table := -1
	defer func() { unix.Close(table) }() //nolint:errcheck // nothing was written
	for {
		if table < 0 {
			table = w.open()
		}
		w.readMounts()
		select {
		case news <- struct{}{}:
		default: // the last ones have not been heard yet
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(w.pace):
		}
		awaitChange(table, wake, w.rest)
	}
}

// open opens the mount table to wait for its changes; those since are not missed.
// It is -1 if it cannot be opened. A file of package os will not do: that is
// watched by the runtime through epoll(7), and a change is told only once to all
// who poll one open file (mounts_poll, fs/proc_namespace.c).
func (w *MountWatcher) open() int {
	fd, err := unix.Open(w.fs.Path(mountsFile), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	return fd
}

// awaitChange waits until the mount table changes, which its kernel tells as
// POLLPRI and POLLERR, until wake hangs up, or until the limit is over. A
// descriptor below 0 is passed over by poll(2), and a regular file never changes.
func awaitChange(table, wake int, limit time.Duration) {
	fds := []unix.PollFd{{Fd: int32(table), Events: unix.POLLPRI}, {Fd: int32(wake)}} //nolint:gosec // descriptors are small
	for {
		_, err := unix.Poll(fds, int(limit.Milliseconds()))
		if !errors.Is(err, unix.EINTR) {
			return
		}
	}
}

func (w *MountWatcher) readMounts() {
	mounts, err := w.fs.Mounts()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mounts, w.err, w.read = mounts, err, time.Now()
}

// lookAtStores does so at every news. It has a goroutine of its own, for it hangs
// with the disk below a store, and then the mounts are still watched.
func (w *MountWatcher) lookAtStores(ctx context.Context, news <-chan struct{}) {
	for first := true; ; first = false {
		select {
		case <-ctx.Done():
			return
		case <-news:
		}
		stores := w.fs.Stores()
		w.mu.Lock()
		w.stores = stores
		w.mu.Unlock()
		if first {
			close(w.ready)
		}
	}
}
