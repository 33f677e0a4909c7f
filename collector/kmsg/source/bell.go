package source

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// firstCheck is when it is checked whether the bell can be heard, and bellCheck
	// how often after that: so often that a log that is refused now is seen within
	// ten seconds, and no more, as a check wakes threads.
	firstCheck = 2 * time.Second
	bellCheck  = 9 * time.Second
)

// A bell is proc/kmsg, which is opened and never read: reading would take records
// from whoever else reads it. The kernel wakes those that wait for it whenever it
// has logged something (kmsg_poll() of fs/proc/kmsg.c), and edge-triggered
// epoll(7), which the runtime's poller uses, returns once for each time.
//
// epoll asks the kernel again after it was woken, and if another reader has taken
// all records by then it does not return. The file is then not ready, so that can
// be seen; as long as it is ready, nobody has.
type bell struct {
	path    string
	refused func() bool // says whether the log may no longer be read
}

// watch calls look at once, and then whenever something may have been logged,
// until look returns true.
func (b bell) watch(ctx context.Context, p *pace, look func() bool) error {
	file, err := os.OpenFile(b.path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return b.deaf(ctx, p, look)
	}
	defer file.Close() //nolint:errcheck // nothing was written
	conn, err := file.SyscallConn()
	if err != nil || file.SetReadDeadline(time.Time{}) != nil {
		return b.deaf(ctx, p, look)
	}
	wake := func() { _ = file.SetReadDeadline(time.Unix(1, 0)) } // it ends the read under way
	stop := context.AfterFunc(ctx, wake)
	defer stop()

	rung := func(uintptr) bool {
		// Wakes without news must not make it ask without end.
		return pause(ctx, time.Until(p.last.Add(p.gap))) != nil || look()
	}
	for ctx.Err() == nil {
		check := b.checkLater(conn, p.quiet, wake)
		err := conn.Read(rung)
		check.Stop()
		if err == nil {
			break
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) || file.SetReadDeadline(time.Time{}) != nil {
			return b.deaf(ctx, p, look)
		}
	}
	return ctx.Err()
}

// checkLater calls wake when the log is refused, or when another reader has taken
// all records, after which the bell may not have been heard; if that is so already,
// after a while.
func (b bell) checkLater(conn syscall.RawConn, while time.Duration, wake func()) *time.Timer {
	if ready(conn) {
		while = firstCheck
	}
	var check *time.Timer
	started := make(chan struct{})
	check = time.AfterFunc(while, func() {
		<-started
		if ready(conn) && !b.refused() {
			check.Reset(bellCheck)
			return
		}
		wake()
	})
	close(started)
	return check
}

// deaf does the same by time alone.
func (b bell) deaf(ctx context.Context, p *pace, look func() bool) error {
	for !look() {
		if err := pause(ctx, p.quiet); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// ready says whether the file has something to read.
func ready(conn syscall.RawConn) (is bool) {
	_ = conn.Control(func(fd uintptr) {
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(poll, 0)
		is = err == nil && n > 0 && poll[0].Revents&unix.POLLIN != 0
	})
	return is
}
