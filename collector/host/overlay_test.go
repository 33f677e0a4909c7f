package host_test

import (
	"errors"
	"io/fs"
	"testing"

	"kernel_exporter/collector/host"
)

func TestOverlaySupported(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		filesystems string
		want        bool
	}{
		"centos 7":           {"nodev\tsysfs\nnodev\tautofs\nnodev\toverlay\nnodev\t9p\n\tfuseblk\n", true},
		"ubuntu 16.04":       {"nodev\tsysfs\n\text4\nnodev\toverlayfs\nnodev\toverlay\n", true},
		"last, cut short":    {"\text4\nnodev\toverlay", true},
		"ubuntu 14.04's own": {"nodev\toverlayfs\n", false},
		"not loaded":         {"nodev\tsysfs\n\text4\n", false},
		"empty":              {"", false},
		"others":             {"overlay\nnodev overlay\nnodev\toverlay2\nnodev\tfuse.overlay\n", false},
	} {
		got, err := rootOf(t, tree{"proc/filesystems": tt.filesystems}).OverlaySupported()
		if err != nil || got != tt.want {
			t.Errorf("%s: %v, %v; want %v", name, got, err, tt.want)
		}
	}
	if _, err := rootOf(t, nil).OverlaySupported(); !errors.Is(err, fs.ErrNotExist) {
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
