package host

import (
	"strings"

	"golang.org/x/sys/unix"
)

const (
	// maxLinks is how many symbolic links are followed on the way to one file: the
	// kernel's own MAXSYMLINKS.
	maxLinks = 40
	// maxDepth bounds the descriptors that a walk holds.
	maxDepth = 128
)

// walk does what openat2(2) does with RESOLVE_IN_ROOT, for kernels before 5.6: it
// opens one directory after the other from the root on, and follows each link itself.
func walk(root int, rel string, flags int) (int, error) {
	w := walker{root: root}
	defer w.up(maxDepth)
	for rel != "" {
		name, rest, more := strings.Cut(rel, "/")
		rel = rest
		switch name {
		case "", ".":
			continue
		case "..":
			w.up(1)
			continue
		}
		target, isLink, err := w.step(name, more)
		switch {
		case err != nil:
			return -1, err
		case isLink && more:
			rel = target + "/" + rest
		case isLink:
			rel = target
		case !more:
			return w.open(name, flags|unix.O_NOFOLLOW)
		}
	}
	// The root itself, or a path that ends with "/" or "..".
	return w.open(".", flags)
}

// A walker is at a directory below a root.
type walker struct {
	root  int
	dirs  []int // the open directories on the way from the root
	links int   // how many were followed
}

func (w *walker) at() int {
	if len(w.dirs) == 0 {
		return w.root
	}
	return w.dirs[len(w.dirs)-1]
}

// up goes n directories up, and no further than to the root.
func (w *walker) up(n int) {
	for ; n > 0 && len(w.dirs) > 0; n-- {
		unix.Close(w.at()) //nolint:errcheck // nothing was written
		w.dirs = w.dirs[:len(w.dirs)-1]
	}
}

func (w *walker) open(name string, flags int) (int, error) {
	return retry(func() (int, error) { return unix.Openat(w.at(), name, flags, 0) })
}

// step looks at what has a name here. Of a link it returns the target, from the root
// if that is absolute; into anything else it goes if there is more of the path.
func (w *walker) step(name string, more bool) (target string, isLink bool, err error) {
	fd, err := w.open(name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC)
	if err != nil {
		return "", false, err
	}
	target, isLink, err = readLink(fd)
	if err == nil && !isLink && more && len(w.dirs) < maxDepth {
		w.dirs = append(w.dirs, fd)
		return "", false, nil
	}
	unix.Close(fd) //nolint:errcheck // nothing was written
	switch {
	case err != nil:
		return "", false, err
	case !isLink && more:
		return "", false, unix.ENAMETOOLONG
	case !isLink:
		return "", false, nil
	}
	if w.links++; w.links > maxLinks {
		return "", false, unix.ELOOP
	}
	if strings.HasPrefix(target, "/") {
		w.up(maxDepth)
	}
	return target, true, nil
}

// readLink returns the target of a symbolic link that is open by O_PATH, and
// whether it is one.
func readLink(fd int) (target string, isLink bool, err error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFLNK {
		return "", false, err
	}
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(fd, "", buf)
	return string(buf[:max(n, 0)]), true, err
}
