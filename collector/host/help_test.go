package host_test

import (
	"maps"
	"os"
	"strings"
	"testing"

	"kernel_exporter/collector/host"
)

// with returns the tree with other files put over its own.
func (t tree) with(over tree) tree {
	out := maps.Clone(t)
	maps.Copy(out, over)
	return out
}

// putCgroups writes the table of the cgroup controllers of a root that has one.
func putCgroups(t testing.TB, f *host.FS, content string) {
	t.Helper()
	if err := os.WriteFile(f.Path("proc/cgroups"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// kernelOf returns a kernel of a release, which must be that vendor's.
func kernelOf(t testing.TB, release string, vendor host.Vendor) host.Kernel {
	t.Helper()
	k, err := host.Uname{Release: release}.Kernel()
	if err != nil {
		t.Fatal(err)
	}
	if k.Vendor != vendor {
		k.Vendor, k.Build = vendor, host.Build{}
	}
	return k
}

// show writes a number that may be unknown.
func show(n *uint64) any {
	if n == nil {
		return "unknown"
	}
	return *n
}

// checkError wants an error with a text, or none where the text is empty.
func checkError(t testing.TB, err error, want string) {
	t.Helper()
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}
