package host_test

import (
	"os"
	"path/filepath"
	"testing"

	"kernel_exporter/collector/host"
)

// A tree is the files of a root by their paths. A path that ends with "@" is a
// symbolic link with the content as its target.
type tree map[string]string

// rootOf returns a root that has the files of the tree.
func rootOf(t testing.TB, files tree) *host.FS {
	t.Helper()
	root := t.TempDir()
	for rel, content := range files {
		path := filepath.Join(root, rel)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if n := len(path) - 1; path[n] == '@' {
			err = os.Symlink(content, path[:n])
		} else {
			err = os.WriteFile(path, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	f, err := host.New(root)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// thisMachine returns the root of the machine that runs the test.
func thisMachine(t testing.TB) *host.FS {
	t.Helper()
	f, err := host.New("/")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// liveRootOf is rootOf as of the machine that runs the test.
func liveRootOf(t testing.TB, files tree) *host.FS {
	t.Helper()
	f := rootOf(t, files)
	f.SetLive()
	return f
}
