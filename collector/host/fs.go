// Package host reads facts about a Linux host from the files its kernel shows
// under a root directory: the machine's own /, the host's file systems mounted
// below /host in a pod, or a directory recorded on another machine.
//
// Reading and parsing are separate, so that a parser is tested without files.
// The package knows no metric and writes no log. A file that this kernel does
// not have is an error that wraps [fs.ErrNotExist]; whether that is a fault is
// the caller's to say. Nothing is guessed: what cannot be told is [Unknown].
package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// maxFileSize bounds what is read of one file, so that a damaged or hostile
// root cannot exhaust memory. The largest file read, /proc/slabinfo, has some
// 150 bytes a cache and a few hundred caches.
const maxFileSize = 16 << 20

// Answer is a fact with three values. The zero value is [Unknown].
type Answer int8

// The values of an [Answer].
const (
	Unknown Answer = iota
	No
	Yes
)

// Known says whether the answer is Yes or No.
func (a Answer) Known() bool { return a != Unknown }

// String returns "unknown", "no" or "yes".
func (a Answer) String() string {
	switch a {
	case No:
		return "no"
	case Yes:
		return "yes"
	default:
		return "unknown"
	}
}

// AnswerOf turns a known truth into an [Answer].
func AnswerOf(b bool) Answer {
	if b {
		return Yes
	}
	return No
}

// FS is a root directory below which everything is read. It is safe for
// concurrent use.
type FS struct {
	root string
	live bool
}

// New returns the facts below root. A root that is no directory is an error.
func New(root string) (*FS, error) {
	st, err := os.Stat(root)
	if err != nil {
		return nil, err
	}
	if !st.IsDir() {
		return nil, fmt.Errorf("%s: not a directory", root)
	}
	f := &FS{root: root}
	f.live = f.isLive()
	return f, nil
}

// Root returns the root directory.
func (f *FS) Root() string { return f.root }

// Path returns where the file with the given path, relative to the root, is.
func (f *FS) Path(rel string) string { return filepath.Join(f.root, rel) }

// Live says whether the root shows the kernel that runs this program, and not a
// recorded or unpacked one: the boot ids are equal.
func (f *FS) Live() bool { return f.live }

const bootIDFile = "proc/sys/kernel/random/boot_id"

func (f *FS) isLive() bool {
	if filepath.Clean(f.root) == "/" {
		return true
	}
	here, err := os.ReadFile("/" + bootIDFile)
	if err != nil {
		return false
	}
	there, err := f.BootID()
	return err == nil && there == strings.TrimSpace(string(here))
}

// BootID returns the kernel's random identity of this boot
// (Documentation/admin-guide/sysctl/kernel.rst, "random").
func (f *FS) BootID() (string, error) {
	id, err := f.readString(bootIDFile)
	if err == nil && id == "" {
		err = fmt.Errorf("%s: empty", f.Path(bootIDFile))
	}
	return id, err
}

// PageSize returns the size of a page in bytes: the machine's for a live root,
// and 4096 for a recorded one, which does not tell.
func (f *FS) PageSize() uint64 {
	if f.live {
		return uint64(os.Getpagesize())
	}
	return 4096
}

// maxLinks is how many symbolic links are followed on the way to one file: the
// kernel's own MAXSYMLINKS.
const maxLinks = 40

// resolve returns the path of a file as [FS.Path] does, with every symbolic link
// on the way followed below the root, absolute ones and those with too many ".."
// too. Distributions and administrators make such links (NixOS's etc/os-release,
// var/lib/docker on another disk), and followed by the kernel they would lead to
// the files of this machine, or of the pod. openat2(2) could do it, from 5.6 on.
func (f *FS) resolve(rel string) (string, error) {
	var done string
	for links := 0; rel != ""; {
		var name string
		name, rel, _ = strings.Cut(rel, "/")
		next := filepath.Join("/", done, name)[1:]
		if name == "" || name == "." || name == ".." {
			done = next
			continue
		}
		st, err := os.Lstat(f.Path(next))
		if err != nil {
			return "", err
		}
		if st.Mode()&fs.ModeSymlink == 0 {
			done = next
			continue
		}
		if links++; links > maxLinks {
			return "", &fs.PathError{Op: "resolve", Path: f.Path(next), Err: unix.ELOOP}
		}
		target, err := os.Readlink(f.Path(next))
		if err != nil {
			return "", err
		}
		if filepath.IsAbs(target) {
			done = ""
		}
		rel = target + "/" + rel
	}
	return f.Path(done), nil
}

// read returns the content of a file. Kernel files say nothing of their size,
// so it reads to the end, and refuses what is larger than maxFileSize.
func (f *FS) read(rel string) ([]byte, error) {
	return f.readInto(rel, make([]byte, 0, 1024))
}

// readInto is read with a buffer to reuse; it returns the buffer, grown if it
// had to be. It calls the kernel itself: a file of package os is made known to
// the runtime's poller, which for a small file of /proc costs more than to read
// it, a dozen times in a scrape.
func (f *FS) readInto(rel string, buf []byte) ([]byte, error) {
	path := f.Path(rel)
	buf = buf[:0]
	fd, err := retry(func() (int, error) { return unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0) })
	if err != nil {
		return buf, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(fd) //nolint:errcheck // nothing was written
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := retry(func() (int, error) { return unix.Read(fd, buf[len(buf):cap(buf)]) })
		if err != nil {
			return buf[:0], &fs.PathError{Op: "read", Path: path, Err: err}
		}
		buf = buf[:len(buf)+n]
		switch {
		case n == 0:
			return buf, nil
		case len(buf) > maxFileSize:
			return buf[:0], fmt.Errorf("%s: larger than %d bytes", path, maxFileSize)
		}
	}
}

// retry makes a system call again that a signal interrupted.
func retry(call func() (int, error)) (n int, err error) {
	for {
		if n, err = call(); !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

// readString returns the content of a file without the white space around it.
func (f *FS) readString(rel string) (string, error) {
	b, err := f.read(rel)
	return strings.TrimSpace(string(b)), err
}

// readUint returns the decimal number that is all of a file.
func (f *FS) readUint(rel string) (uint64, error) {
	s, err := f.readString(rel)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", f.Path(rel), err)
	}
	return n, nil
}

// exists says whether there is a file; an error other than its absence is
// returned.
func (f *FS) exists(rel string) (bool, error) {
	_, err := os.Stat(f.Path(rel))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
