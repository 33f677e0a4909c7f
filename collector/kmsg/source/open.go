package source

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Open opens the log at path: the device, or a regular file or FIFO that holds
// its records as lines. What the path names is asked of the opened file, so that
// it cannot change in between. Opening neither blocks on a FIFO nor takes a
// terminal as the controlling one: in kind and LXC, /dev/kmsg may be the console.
func Open(ctx context.Context, path string, how Reading) (Source, error) {
	file, err := openPath(path)
	if err != nil {
		return nil, err
	}
	return OpenFile(ctx, file, how)
}

// OpenFile is Open for a file that is open already, without blocking. It closes the
// file if that is no log.
func OpenFile(ctx context.Context, file *os.File, how Reading) (Source, error) {
	raw, holds, err := openRaw(ctx, file)
	if err != nil {
		return nil, err
	}
	how.Holds = holds
	return New(raw, how), nil
}

// OpenRaw opens the log as Open does, to read records as they stand in it. It
// returns how many the log can hold at most, as in [Reading].
func OpenRaw(ctx context.Context, path string) (raw Raw, holds uint64, err error) {
	file, err := openPath(path)
	if err != nil {
		return nil, 0, err
	}
	return openRaw(ctx, file)
}

func openPath(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
}

func openRaw(ctx context.Context, file *os.File) (raw Raw, holds uint64, err error) {
	raw, holds, err = newRaw(ctx, file)
	if err != nil {
		_ = file.Close() // the first error says more
		return nil, 0, err
	}
	return raw, holds, nil
}

func newRaw(ctx context.Context, file *os.File) (raw Raw, holds uint64, err error) {
	info, err := file.Stat()
	if err != nil {
		return nil, 0, err
	}
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return newLines(&recording{file: file, done: ctx.Done()}), 0, nil
	case mode.Type() == fs.ModeNamedPipe:
		s, err := newStream(ctx, file)
		if err != nil {
			return nil, 0, err
		}
		return newLines(s), 0, nil
	case isKernelLog(info):
		s, err := newStream(ctx, file)
		if err != nil {
			return nil, 0, err
		}
		return &device{stream: s, buf: make([]byte, bufferSize)}, deviceHolds, nil
	default:
		return nil, 0, fmt.Errorf("%s: %w (%s)", file.Name(), ErrNotLog, describe(info))
	}
}

// isKernelLog says whether a file is the character device 1:11
// (Documentation/admin-guide/devices.txt), whatever its name.
func isKernelLog(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.Mode().Type() == fs.ModeDevice|fs.ModeCharDevice && st.Rdev == unix.Mkdev(1, 11)
}

// describe says what a file is that is not the kernel log.
func describe(info fs.FileInfo) string {
	number := ""
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		number = fmt.Sprintf(" %d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
	}
	switch info.Mode().Type() {
	case fs.ModeDevice | fs.ModeCharDevice:
		return "character device" + number
	case fs.ModeDevice:
		return "block device" + number
	case fs.ModeDir:
		return "directory"
	default:
		return "file mode " + info.Mode().String()
	}
}
