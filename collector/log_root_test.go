package collector_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/testkit"
)

// A root that is not this machine's cannot show it its own kernel log, or any other
// file, as its own.
func TestKernelLogOfAHostileRoot(t *testing.T) {
	t.Parallel()
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("4,1,1,-;unregister_netdevice: waiting for eth0 to become free. Usage count = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, is := range map[string]func(path string) error{
		"a link out of it":   func(path string) error { return os.Symlink(outside, path) },
		"a link to /dev":     func(path string) error { return os.Symlink("/dev/kmsg", path) },
		"a device":           func(path string) error { return unix.Mknod(path, unix.S_IFCHR|0o600, int(unix.Mkdev(1, 11))) }, //nolint:gosec // small
		"a directory, empty": func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := testkit.Root(t, map[string]string{"proc/sys/kernel/osrelease": "6.18.1\n", "dev/null": ""})
			if err := is(filepath.Join(root, "dev/kmsg")); err != nil {
				if os.Getenv("CI") != "" {
					t.Fatal(err)
				}
				t.Skip("SKIPPED: ", err)
			}
			got := string(text(t, gather(t, start(t, root))))
			for _, want := range []string{"kernel_log_up 0", `kernel_log_source_info{source="none"} 1`} {
				if !strings.Contains(got, want) {
					t.Errorf("without %q:\n%s", want, got)
				}
			}
			if strings.Contains(got, "kernel_log_events_total") {
				t.Error("events were counted")
			}
		})
	}
}
