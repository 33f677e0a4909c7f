package host

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"

	"golang.org/x/sys/unix"
)

// A CgroupMount is where a cgroup hierarchy is mounted. The zero value is nowhere.
type CgroupMount struct {
	// Path is the mount point relative to the root of the [FS]:
	// "sys/fs/cgroup/memory".
	Path string
	// Root is the cgroup that is seen there. Anything but "/" means that the
	// root cgroup is out of sight: a container, or a cgroup namespace.
	Root string
}

// Mounted says whether the hierarchy is mounted at all.
func (c CgroupMount) Mounted() bool { return c.Path != "" }

// Hierarchy is the layout of a host's control groups. The empty one is unknown.
type Hierarchy string

// The hierarchies.
const (
	HierarchyV1     Hierarchy = "v1"     // version 1 alone
	HierarchyV2     Hierarchy = "v2"     // version 2, the unified hierarchy
	HierarchyHybrid Hierarchy = "hybrid" // version 1 with version 2 beside it
)

// Mounts is what matters here of a host's mount table.
type Mounts struct {
	// Overlays is the number of overlayfs mounts.
	Overlays int
	// HasCgroup1 says that a version 1 hierarchy is mounted, be it a named one
	// without a controller.
	HasCgroup1 bool
	// Cgroup1Memory is the version 1 hierarchy of the memory controller.
	Cgroup1Memory CgroupMount
	// Cgroup2 is the version 2 hierarchy.
	Cgroup2 CgroupMount
}

// unifiedPath is where version 2 is mounted if it is not a mere companion of
// version 1, to runc and kubelet as well.
const unifiedPath = "sys/fs/cgroup"

// Hierarchy returns the layout of the control groups. The memory controller is what
// decides: one of version 1 with a version 2 mount beside it is hybrid. Named
// hierarchies of version 1 do not make a hybrid of a unified one.
func (m Mounts) Hierarchy() Hierarchy {
	switch {
	case m.Cgroup1Memory.Mounted() && m.Cgroup2.Mounted():
		return HierarchyHybrid
	case m.Cgroup2.Mounted() && (m.Cgroup2.Path == unifiedPath || !m.HasCgroup1):
		return HierarchyV2
	case m.Cgroup2.Mounted(): // the memory controller is switched off
		return HierarchyHybrid
	case m.HasCgroup1:
		return HierarchyV1
	default:
		return ""
	}
}

// mountsFile is that of the host's first process, for only its mount namespace is
// the host's. There is no falling back to proc/self: seen from a pod that is the
// pod's, with its own overlay mount and its own view of the control groups.
const mountsFile = "proc/1/mountinfo"

// Mounts reads the mount table of the host's first process. It costs in
// proportion to the number of mounts: see [FS.WatchMounts]. A line that is no mount
// is passed over; a table without any mount is an error.
func (f *FS) Mounts() (Mounts, error) { return f.mountsOf(mountsFile) }

func (f *FS) mountsOf(rel string) (Mounts, error) {
	fd, err := f.openRegular(rel, maxMountTable)
	if err != nil {
		return Mounts{}, err
	}
	defer unix.Close(fd) //nolint:errcheck // nothing was written
	m, err := parseMounts(&limited{f: f, rel: rel, fd: fd, left: maxMountTable, limit: maxMountTable})
	if err != nil {
		return Mounts{}, fmt.Errorf("%s: %w", f.Path(rel), err)
	}
	return m, nil
}

// maxMountTable is more than 100,000 mounts take.
const maxMountTable = 64 << 20

// maxMountLine has room for all of a line that is looked at: two paths of
// PATH_MAX (4096), each byte escaped as four. The options of overlayfs that follow
// name every layer and may be longer.
const maxMountLine = 64 << 10

// parseMounts parses the format of proc_pid_mountinfo(5). It is not procfs's,
// which gives up the whole table for one bad line, and makes two maps of every
// mount: there are thousands on a busy node, with options of a kilobyte.
func parseMounts(r io.Reader) (Mounts, error) {
	var (
		m     Mounts
		found bool
		in    = bufio.NewReaderSize(r, maxMountLine)
	)
	for {
		line, err := in.ReadSlice('\n')
		if mnt, ok := parseMount(line); ok {
			found = true
			addMount(&m, mnt)
		}
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = in.ReadSlice('\n')
		}
		switch {
		case errors.Is(err, io.EOF) && !found:
			return Mounts{}, errors.New("no mount")
		case errors.Is(err, io.EOF):
			return m, nil
		case err != nil:
			return Mounts{}, err
		}
	}
}

// A mount is a line of the mount table, still escaped.
type mount struct {
	root, point, fstype, options []byte
}

// parseMount parses a line: id, parent, device, root, mount point, options, any
// number of optional fields, "-", type, source, options of the superblock.
func parseMount(line []byte) (m mount, ok bool) {
	rest := bytes.TrimSuffix(line, []byte("\n"))
	var field []byte
	for i := 0; ; i++ {
		if field, rest, ok = bytes.Cut(rest, []byte(" ")); !ok {
			return mount{}, false
		}
		switch {
		case i == 3:
			m.root = field
		case i == 4:
			m.point = field
		case i >= 6 && string(field) == "-":
			m.fstype, rest, ok = bytes.Cut(rest, []byte(" "))
			// The source may be empty.
			_, m.options, _ = bytes.Cut(rest, []byte(" "))
			return m, ok && len(m.fstype) > 0 && bytes.HasPrefix(m.point, []byte("/"))
		}
	}
}

func addMount(m *Mounts, mnt mount) {
	switch string(mnt.fstype) {
	case "overlay", "overlayfs": // the latter is what Ubuntu 14.04 calls its own
		m.Overlays++
	case "cgroup":
		m.HasCgroup1 = true
		if hasOption(mnt.options, "memory") {
			chooseMount(&m.Cgroup1Memory, mnt)
		}
	case "cgroup2":
		chooseMount(&m.Cgroup2, mnt)
	}
}

// chooseMount keeps the first mount from which the root cgroup is seen, or else the
// first: there may be others, made for a container or by a network plugin.
func chooseMount(c *CgroupMount, mnt mount) {
	if c.Mounted() && (c.Root == "/" || string(mnt.root) != "/") {
		return
	}
	// A recorded path must not lead out of the root.
	c.Path = path.Clean(unescapeOctal(mnt.point))[1:]
	c.Root = unescapeOctal(mnt.root)
}

func hasOption(options []byte, want string) bool {
	for len(options) > 0 {
		var o []byte
		if o, options, _ = bytes.Cut(options, []byte(",")); string(o) == want {
			return true
		}
	}
	return false
}

// unescapeOctal undoes what the kernel does to white space and backslashes in paths:
// "\040" for a space (mangle_path, fs/seq_file.c).
func unescapeOctal(b []byte) string {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && len(b)-i > 3 && isOctal(b[i+1], '3') && isOctal(b[i+2], '7') && isOctal(b[i+3], '7') {
			out = append(out, (b[i+1]-'0')<<6|(b[i+2]-'0')<<3|(b[i+3]-'0'))
			i += 3
			continue
		}
		out = append(out, b[i])
	}
	return string(out)
}

func isOctal(c, limit byte) bool { return '0' <= c && c <= limit }
