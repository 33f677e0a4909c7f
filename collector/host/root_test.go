package host_test

import (
	"testing"

	"kernel_exporter/collector/host"
	"kernel_exporter/collector/testkit"
)

// A tree is the files of a root by their paths. A path that ends with "@" is a
// symbolic link with the content as its target.
type tree = testkit.Tree

// rootOf returns a root that has the files of the tree.
func rootOf(t testing.TB, files tree) *host.FS {
	t.Helper()
	f, err := host.New(testkit.Root(t, files))
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
