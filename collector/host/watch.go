package host

import (
	"context"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// watchPace is the least time between two readings of the mount table, which
	// costs the kernel as much as a scrape may on a node that starts many pods.
	watchPace = 5 * time.Second
	// watchRest is after how long a change is assumed even without news.
	watchRest = 5 * time.Minute
)

// WatchMounts calls changed when the mount table of a live root changes, at most every
// 5 s, and every 5 min. changed must not wait. A root that is not live never changes.
// WatchMounts returns when ctx is done, at once with an error if there is no descriptor
// left for it.
func (f *FS) WatchMounts(ctx context.Context, changed func()) error {
	return f.watchTable(ctx, mountsFile, watchPace, changed)
}

func (f *FS) watchTable(ctx context.Context, rel string, pace time.Duration, changed func()) error {
	if !f.live {
		<-ctx.Done()
		return nil
	}
	wake, waker, err := os.Pipe()
	if err != nil {
		return err
	}
	defer wake.Close() //nolint:errcheck // nothing was written
	stop := context.AfterFunc(ctx, func() {
		waker.Close() //nolint:errcheck // nothing was written; poll(2) sees the hangup
	})
	defer stop()
	table := -1
	defer func() { unix.Close(table) }() //nolint:errcheck // nothing was written
	for {
		if table < 0 {
			table = f.openTable(rel)
		}
		changed()
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pace):
		}
		awaitChange(table, int(wake.Fd()), watchRest)
	}
}

// openTable opens a mount table to wait for its changes; those since are not missed.
// It is -1 if it cannot be opened. A file of package os will not do: that is watched by
// the runtime through epoll(7), and a change is reported only once to all who poll one
// open file (mounts_poll, fs/proc_namespace.c).
func (f *FS) openTable(rel string) int {
	fd, err := f.openFD(rel, unix.O_RDONLY)
	if err != nil {
		return -1
	}
	return fd
}

// awaitChange waits until the mount table changes, which its kernel reports as POLLPRI
// and POLLERR, until wake hangs up, or until the limit is over. A descriptor below 0 is
// passed over by poll(2), and a regular file never changes.
func awaitChange(table, wake int, limit time.Duration) {
	fds := []unix.PollFd{{Fd: int32(table), Events: unix.POLLPRI}, {Fd: int32(wake)}} //nolint:gosec // descriptors are small
	for {
		_, err := unix.Poll(fds, int(limit.Milliseconds()))
		if !errors.Is(err, unix.EINTR) {
			return
		}
	}
}
