package statefile_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/statefile"
)

// nobody is a user without any permission of its own.
const nobody = 65534

// A file is stored in a directory that may be written to and not read, and so
// cannot be opened to be synced.
func TestStoreInADirectoryThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "kmsg-test-") //nolint:usetesting // what is around TempDir is root's alone
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(os.Chmod(dir, 0o700), os.RemoveAll(dir)); err != nil {
			t.Error(err)
		}
	})
	if os.Getuid() == 0 {
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o300); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if os.Getuid() == 0 && !becomeNobody(t) {
			return
		}
		if _, err := os.Open(dir); !errors.Is(err, unix.EACCES) {
			t.Errorf("opened %s: %v", dir, err)
		}
		if stored, err := statefile.File(filepath.Join(dir, "state")).Store([]byte("x")); !stored || err != nil {
			t.Errorf("stored %t, %v", stored, err)
		}
		if stored, err := statefile.File(filepath.Join(dir, "sub", "state")).Store([]byte("x")); stored || err == nil {
			t.Errorf("in no directory: stored %t, %v", stored, err)
		}
	}()
	<-done
}

// becomeNobody gives the calling goroutine, and no other, nobody's permissions on
// files. Its thread ends with it.
func becomeNobody(t *testing.T) bool {
	t.Helper()
	runtime.LockOSThread()
	if err := unix.Setfsuid(nobody); err != nil {
		t.Error(err)
		return false
	}
	return true
}
