package host

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"os"

	"golang.org/x/sys/unix"
)

// direntBuffer is enough for some hundred entries at a time.
const direntBuffer = 32 << 10

// eachDirent calls visit with the name and the type (unix.DT_DIR, or
// unix.DT_UNKNOWN where the file system does not say) of each entry of an open
// directory, except "." and "..", until visit returns an error. The name is only
// valid during the call. buf is to reuse. It is there because [os.ReadDir] asks
// about each entry where the type is unknown, and allocates for each.
func eachDirent(dir *os.File, buf []byte, visit func(name []byte, kind uint8) error) error {
	for {
		n, err := unix.Getdents(int(dir.Fd()), buf)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return fmt.Errorf("%s: getdents: %w", dir.Name(), err)
		case n == 0:
			return nil
		}
		for name, kind := range dirents(buf[:n]) {
			if err := visit(name, kind); err != nil {
				return err
			}
		}
	}
}

// dirents takes apart what getdents64(2) returned: struct linux_dirent64
// (include/linux/dirent.h), an inode number and an offset of 8 bytes each, 2 bytes
// with the length of the record, 1 with the type, and a name that ends with a NUL.
func dirents(buf []byte) iter.Seq2[[]byte, uint8] {
	const length, kind, name = 16, 18, 19
	return func(yield func([]byte, uint8) bool) {
		for len(buf) > name {
			size := int(binary.NativeEndian.Uint16(buf[length:]))
			if size <= name || size > len(buf) {
				return
			}
			record := buf[:size]
			buf = buf[size:]
			text, _, _ := bytes.Cut(record[name:], []byte{0})
			if string(text) == "." || string(text) == ".." {
				continue
			}
			if !yield(text, record[kind]) {
				return
			}
		}
	}
}
