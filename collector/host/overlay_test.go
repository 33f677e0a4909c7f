package host_test

import (
	"errors"
	"io/fs"
	"testing"

	"kernel_exporter/collector/host"
)

func TestFileSystems(t *testing.T) {
	t.Parallel()
	overlay, cgroup2 := host.FileSystems{Overlay: true}, host.FileSystems{Cgroup2: true}
	for name, tt := range map[string]struct {
		filesystems string
		want        host.FileSystems
	}{
		"centos 7":           {"nodev\tsysfs\nnodev\tautofs\nnodev\toverlay\nnodev\t9p\n\tfuseblk\n", overlay},
		"ubuntu 16.04":       {"nodev\tsysfs\n\text4\nnodev\toverlayfs\nnodev\toverlay\n", overlay},
		"last, cut short":    {"\text4\nnodev\toverlay", overlay},
		"ubuntu 14.04's own": {"nodev\toverlayfs\n", host.FileSystems{}},
		"not loaded":         {"nodev\tsysfs\n\text4\n", host.FileSystems{}},
		"empty":              {"", host.FileSystems{Empty: true}},
		"others":             {"overlay\nnodev overlay\nnodev\toverlay2\nnodev\tfuse.overlay\nnodev\tcgroup\n", host.FileSystems{}},
		"cgroup2":            {"nodev\tcgroup\nnodev\tcgroup2\nnodev\tcpuset\n", cgroup2},
		"both":               {"nodev\tcgroup2\nnodev\toverlay\n", host.FileSystems{Overlay: true, Cgroup2: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := rootOf(t, tree{"proc/filesystems": tt.filesystems}).FileSystems()
			if err != nil || got != tt.want {
				t.Errorf("%+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
	if _, err := rootOf(t, nil).FileSystems(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
}

func TestOverlayModuleTaint(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]host.Answer{"\n": host.No, "": host.No, "T\n": host.Yes, "OET\n": host.Yes, "OE\n": host.No, "t\n": host.No} {
		got, err := rootOf(t, tree{"sys/module/overlay/taint": content}).OverlayModuleTaint()
		if err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", content, got, err, want)
		}
	}
	if got, err := rootOf(t, tree{"sys/module/overlay/parameters/index": "N\n"}).OverlayModuleTaint(); err != nil || got != host.Unknown {
		t.Errorf("built in: %v, %v", got, err)
	}
	if got, err := rootOf(t, tree{"sys/module/overlay/taint/x": ""}).OverlayModuleTaint(); err == nil || got != host.Unknown {
		t.Errorf("unreadable: %v, %v", got, err)
	}
}
