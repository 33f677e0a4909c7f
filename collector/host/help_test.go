package host_test

import (
	"os"
	"testing"

	"kernel_exporter/collector/host"
)

// putCgroups writes the table of the cgroup controllers of a root that has one.
func putCgroups(t testing.TB, f *host.FS, content string) {
	t.Helper()
	if err := os.WriteFile(f.Path("proc/cgroups"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
