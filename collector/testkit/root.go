// Package testkit has the tools that the tests of every package share. It knows nothing of
// the project.
package testkit

import (
	"os"
	"path/filepath"
	"testing" //nolint:depguard // this package is a tool of tests
)

// Root returns a new directory that holds files, by their paths. A path that ends
// with "@" is a symbolic link with the content as its target.
func Root(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for rel, content := range files {
		path := filepath.Join(root, rel)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // a test's own directory
			t.Fatal(err)
		}
		var err error
		if n := len(path) - 1; path[n] == '@' {
			err = os.Symlink(content, path[:n])
		} else {
			err = os.WriteFile(path, []byte(content), 0o644) //nolint:gosec // likewise
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// File returns the path of a file in a new directory.
func File(t testing.TB, name, content string) string {
	t.Helper()
	return filepath.Join(Root(t, map[string]string{name: content}), name)
}
