package host

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/bits"

	"golang.org/x/sys/unix"
)

const slabInfoFile = "proc/slabinfo"

// maxSlabInfo is room for 100,000 caches of 150 bytes each; there are a few hundred.
const maxSlabInfo = 16 << 20

// slabBuffer is the first size of a [SlabReader]'s buffer: twice the file of a
// large machine. A read(2) of a seq_file returns a page at most (seq_read_iter,
// fs/seq_file.c), so a larger buffer saves no system calls.
const slabBuffer = 64 << 10

// SlabCache is one line of /proc/slabinfo.
type SlabCache struct {
	// Name is the cache's name. It is only valid until the next Read, may hold
	// any byte but a line feed, and is not always unique.
	Name []byte
	// Objects is the number of objects in use (active_objs).
	Objects uint64
	// Bytes is the memory that the cache's slabs hold, used or not.
	Bytes uint64
}

// SlabReader reads /proc/slabinfo with buffers that it reuses. It must not be
// used concurrently.
//
// It has its own parser because procfs's spends 60 times as much beyond the
// kernel's own work, which is most of what a scrape costs.
type SlabReader struct {
	f      *FS
	fd     int // of the open file, or -1
	buf    []byte
	caches []SlabCache
}

// NewSlabReader returns a reader of /proc/slabinfo below the root. Nothing is
// opened before the first Read.
func (f *FS) NewSlabReader() *SlabReader { return &SlabReader{f: f, fd: -1} }

// Close closes the file, which the next Read opens again.
func (r *SlabReader) Close() error {
	if r.fd < 0 {
		return nil
	}
	err := unix.Close(r.fd)
	r.fd = -1
	return err
}

// Read returns the caches in the kernel's order. Both the slice and the names in
// it are only valid until the next call. Where the kernel has no such file the
// error wraps [fs.ErrNotExist].
//
// Lines that cannot be parsed are left out, and an error that names the first
// of them is returned beside the caches of the others: with an error, what is
// returned is not the whole.
func (r *SlabReader) Read() ([]SlabCache, error) {
	if err := r.fill(); err != nil {
		return nil, err
	}
	caches, err := parseSlabInfo(r.buf, r.f.pageSize(), r.caches[:0])
	r.caches = caches
	if err != nil {
		err = fmt.Errorf("%s: %w", r.f.Path(slabInfoFile), err)
	}
	return caches, err
}

// fill reads the whole file into the buffer. A live kernel's file shows the present
// whenever it is read from its start, and not to open it each time saves 7 % of the
// read and the only allocations. A recorded file may be replaced by another.
func (r *SlabReader) fill() error {
	if r.fd < 0 {
		fd, err := r.f.openRegular(slabInfoFile, maxSlabInfo)
		if err != nil {
			return err
		}
		r.fd = fd
	}
	err := r.readAll()
	if err != nil || !r.f.live {
		return errors.Join(err, r.Close())
	}
	return nil
}

func (r *SlabReader) readAll() error {
	if r.buf == nil {
		r.buf = make([]byte, 0, slabBuffer)
	}
	buf := r.buf[:0]
	for {
		if len(buf) == cap(buf) {
			buf = append(make([]byte, 0, 2*cap(buf)), buf...)
		}
		n, err := unix.Pread(r.fd, buf[len(buf):cap(buf)], int64(len(buf)))
		buf = buf[:len(buf)+max(n, 0)]
		r.buf = buf
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return &fs.PathError{Op: "read", Path: r.f.Path(slabInfoFile), Err: err}
		case n == 0:
			return nil
		case len(buf) > maxSlabInfo:
			return r.f.errTooLarge(slabInfoFile, maxSlabInfo)
		}
	}
}

const (
	slabVersion  = "slabinfo - version: "
	slabHeader   = "# name "
	slabTunables = " : tunables "
	slabSlabData = " : slabdata "
)

// parseSlabInfo appends the caches of a /proc/slabinfo of version 2 to dst
// (print_slabinfo_header and cache_show in mm/slab_common.c; s_show in mm/slab.c
// and mm/slub.c of old kernels).
// The error, if any, names the first line that is no such line.
func parseSlabInfo(data []byte, pageSize uint64, dst []SlabCache) ([]SlabCache, error) {
	first, data, _ := bytes.Cut(data, []byte("\n"))
	version, ok := bytes.CutPrefix(first, []byte(slabVersion))
	if !ok || !bytes.HasPrefix(version, []byte("2.")) {
		return dst, fmt.Errorf("line 1: not slabinfo version 2: %.40q", first)
	}
	var bad error
	for number := 2; len(data) > 0; number++ {
		var line []byte
		line, data, _ = bytes.Cut(data, []byte("\n"))
		if bytes.HasPrefix(line, []byte(slabHeader)) {
			continue
		}
		cache, ok := parseSlabLine(line, pageSize)
		switch {
		case ok:
			dst = append(dst, cache)
		case bad == nil:
			bad = fmt.Errorf("line %d: not a slab cache: %.40q", number, line)
		}
	}
	return dst, bad
}

// parseSlabLine parses
//
//	name active_objs num_objs objsize objperslab pagesperslab : tunables l b s : slabdata active_slabs num_slabs sharedavail
//
// What follows is ignored: CONFIG_DEBUG_SLAB adds globalstat and cpustat. The
// numbers are found from the marks, because a name may hold spaces: only a
// debugging kernel so much as warns of it (kmem_cache_sanity_check,
// mm/slab_common.c).
func parseSlabLine(line []byte, pageSize uint64) (SlabCache, bool) {
	before, data := splitSlabLine(line)
	var own [5]uint64   // active_objs num_objs objsize objperslab pagesperslab
	var slabs [3]uint64 // active_slabs num_slabs sharedavail
	name, ok := cutNumbers(before, own[:])
	rest, okData := cutNumbers(data, slabs[:])
	overPages, pages := bits.Mul64(slabs[1], own[4])
	overBytes, size := bits.Mul64(pages, pageSize)

	ok = ok && okData && len(name) > 0 && len(rest) == 0 && overPages|overBytes == 0
	return SlabCache{Name: name, Objects: own[0], Bytes: size}, ok
}

// splitSlabLine returns what stands before the last tunables mark, and the
// numbers of the slabdata after it; both are empty where a mark is missing.
func splitSlabLine(line []byte) (before, data []byte) {
	for from := 0; ; {
		colon := bytes.IndexByte(line[from:], ':')
		if colon < 0 {
			break
		}
		colon += from
		from = colon + 1
		mark := line[max(colon-1, 0):]
		switch {
		case bytes.HasPrefix(mark, []byte(slabTunables)):
			before, data = line[:colon-1], nil
		case bytes.HasPrefix(mark, []byte(slabSlabData)) && data == nil:
			data = mark[len(slabSlabData):]
		}
	}
	if end := bytes.IndexByte(data, ':'); end >= 0 {
		data = data[:end]
	}
	return before, data
}

// cutNumbers parses as many numbers at the end of s as there are places for
// them, and returns what is before them, without the spaces between.
func cutNumbers(s []byte, numbers []uint64) ([]byte, bool) {
	end := len(s)
	for i := len(numbers) - 1; i >= 0; i-- {
		for end > 0 && s[end-1] == ' ' {
			end--
		}
		start := end
		for start > 0 && s[start-1] != ' ' {
			start--
		}
		n, ok := parseDecimal(s[start:end])
		if !ok {
			return nil, false
		}
		numbers[i], end = n, start
	}
	return bytes.TrimRight(s[:end], " "), true
}
