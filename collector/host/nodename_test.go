package host_test

import (
	"os"
	"testing"

	"kernel_exporter/collector/host"
)

func TestNodeName(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"none":               {nil, ""},
		"its own":            {map[string]string{"etc/hostname": "worker-1\n"}, "worker-1"},
		"that of the reader": {map[string]string{"proc/sys/kernel/hostname": "kernel-exporter-x7k2p\n"}, ""},
		"two lines":          {map[string]string{"etc/hostname": "a\nb\n"}, ""},
		"a command":          {map[string]string{"etc/hostname": "a\x1b[2J"}, `a\x1b[2J`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := rootOf(t, test.files).NodeName(); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
	root, err := host.New("/")
	if err != nil {
		t.Fatal(err)
	}
	if want, err := os.Hostname(); err != nil || root.NodeName() != want {
		t.Errorf("of this machine: %q, want %q (%v)", root.NodeName(), want, err)
	}
}
