package host

import (
	"encoding/binary"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// StorePaths returns the directories in which container runtimes keep their layers,
// as the host calls them: those of containerd, Docker, CRI-O and podman, and k3s and
// RKE2, where an upper layer of overlayfs comes to lie by default. (kubelet's is no
// store: it holds volumes.)
func (f *FS) StorePaths() []string {
	return []string{"/var/lib/containerd", "/var/lib/docker", "/var/lib/containers", "/var/lib/rancher"}
}

// HasVarLib says whether there is a var/lib, without which no store can be seen: a pod
// may mount none of the host's.
func (f *FS) HasVarLib() (bool, error) { return f.exists("var/lib") }

// StoreDType says whether the file system of a store gives the type of a file in the
// listing of a directory, without which overlayfs loses deleted files (Docker and
// containerd refuse it). It writes nothing. It means nothing on a root that is not
// live, for the file system that a directory was copied to is not the host's. It may
// hang with the disk below the store.
func (f *FS) StoreDType(path string) (Answer, error) {
	dir, err := f.openDir(path)
	if err != nil {
		return Unknown, err
	}
	defer dir.Close() //nolint:errcheck // nothing was written
	return dtype(dir)
}

// dtype asks a file system by the first entries of one of its directories, or XFS
// by its geometry where the directory is empty. "." and ".." do not count: their
// type is known to any file system.
func dtype(dir *os.File) (Answer, error) {
	fd := int(dir.Fd())
	entries := make([]byte, direntBuffer)
	n, err := unix.Getdents(fd, entries)
	if err != nil {
		return Unknown, fmt.Errorf("%s: getdents: %w", dir.Name(), err)
	}
	answer := Unknown
	for _, kind := range dirents(entries[:n]) {
		if kind != unix.DT_UNKNOWN {
			return Yes, nil
		}
		answer = No
	}
	if answer.Known() {
		return answer, nil
	}
	if answer, err = xfsDType(fd); err != nil {
		return Unknown, fmt.Errorf("file system of %s: %w", dir.Name(), err)
	}
	return answer, nil
}

// The first form of XFS's geometry, which every kernel answers: struct
// xfs_fsop_geom_v4 of fs/xfs/libxfs/xfs_fs.h, once without the "_v4".
const (
	// xfsGeometryV4 is _IOR('X', 124, struct xfs_fsop_geom_v4) of
	// asm-generic/ioctl.h. POWER, MIPS and SPARC number theirs otherwise, and
	// there the request fails as unknown.
	xfsGeometryV4    = 2<<30 | xfsGeometrySize<<16 | 'X'<<8 | 124
	xfsGeometrySize  = 112
	xfsGeometryFlags = 92      // where the flags are
	xfsFlagFtype     = 1 << 16 // XFS_FSOP_GEOM_FLAGS_FTYPE
)

// xfsDType says whether an XFS was made with ftype=1. It is [Unknown] for another
// file system.
func xfsDType(fd int) (Answer, error) {
	var st unix.Statfs_t
	if err := unix.Fstatfs(fd, &st); err != nil {
		return Unknown, fmt.Errorf("fstatfs: %w", err)
	}
	if uint32(st.Type) != unix.XFS_SUPER_MAGIC { //nolint:gosec // the width differs between architectures
		return Unknown, nil
	}
	var geometry [xfsGeometrySize]byte
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), xfsGeometryV4, uintptr(unsafe.Pointer(&geometry))) //nolint:gosec // the kernel fills it during the call; x/sys has no such call
	if errno != 0 {
		return Unknown, fmt.Errorf("xfs geometry: %w", errno)
	}
	flags := binary.NativeEndian.Uint32(geometry[xfsGeometryFlags:])
	return AnswerOf(flags&xfsFlagFtype != 0), nil
}
