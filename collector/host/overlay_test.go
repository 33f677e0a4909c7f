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

func TestTechPreview(t *testing.T) {
	t.Parallel()
	kernel := func(release string, vendor host.Vendor) *host.Kernel {
		r, err := host.ParseRelease(release)
		if err != nil {
			t.Fatal(err)
		}
		return &host.Kernel{Release: r, Vendor: vendor}
	}
	var (
		el7     = kernel("3.10.0-1160.el7.x86_64", host.VendorEL7)
		vz7     = kernel("3.10.0-1160.105.1.vz7.220.3", "")
		clean   = new(uint64(1 << 12))
		preview = new(host.TaintTechPreview | 1<<12)
		none    = new(0)
		some    = new(3)
	)
	tests := map[string]struct {
		use  host.OverlayUse
		want host.Answer
	}{
		"in use":                             {host.OverlayUse{Kernel: el7, Tainted: preview, Mounts: some}, host.Yes},
		"in use, log complete without":       {host.OverlayUse{Kernel: el7, Tainted: preview, Mounts: some, Logged: host.No}, host.Yes},
		"not in use, log complete without":   {host.OverlayUse{Kernel: el7, Tainted: preview, Mounts: none, Logged: host.No}, host.No},
		"not in use, log incomplete":         {host.OverlayUse{Kernel: el7, Tainted: preview, Mounts: none}, host.Unknown},
		"not in use, logged":                 {host.OverlayUse{Kernel: el7, Tainted: preview, Mounts: none, Logged: host.Yes}, host.Yes},
		"not in use, module tainted":         {host.OverlayUse{Kernel: el7, Tainted: preview, Mounts: none, ModuleTaint: host.Yes}, host.Yes},
		"not in use, module not tainted":     {host.OverlayUse{Kernel: el7, Tainted: preview, Mounts: none, ModuleTaint: host.No}, host.Unknown},
		"use unknown, tainted":               {host.OverlayUse{Kernel: el7, Tainted: preview}, host.Unknown},
		"use unknown, log complete without":  {host.OverlayUse{Kernel: el7, Tainted: preview, Logged: host.No}, host.No},
		"taint clear, in use":                {host.OverlayUse{Kernel: el7, Tainted: clean, Mounts: some}, host.No},
		"taint clear, nothing else known":    {host.OverlayUse{Kernel: el7, Tainted: clean}, host.No},
		"taint unknown, in use":              {host.OverlayUse{Kernel: el7, Mounts: some}, host.Unknown},
		"taint unknown, log without":         {host.OverlayUse{Kernel: el7, Mounts: none, Logged: host.No}, host.Unknown},
		"taint unknown, logged":              {host.OverlayUse{Kernel: el7, Logged: host.Yes}, host.Yes},
		"taint unknown, module tainted":      {host.OverlayUse{Kernel: el7, ModuleTaint: host.Yes}, host.Yes},
		"nothing known of el7":               {host.OverlayUse{Kernel: el7}, host.Unknown},
		"nothing known":                      {host.OverlayUse{}, host.Unknown},
		"no kernel, but all else":            {host.OverlayUse{Tainted: preview, Mounts: some, ModuleTaint: host.Yes, Logged: host.Yes}, host.Unknown},
		"derived from el7, logged":           {host.OverlayUse{Kernel: vz7, Tainted: preview, Mounts: some, Logged: host.Yes}, host.Yes},
		"derived from el7, module tainted":   {host.OverlayUse{Kernel: vz7, ModuleTaint: host.Yes}, host.Yes},
		"derived from el7, tainted, in use":  {host.OverlayUse{Kernel: vz7, Tainted: preview, Mounts: some}, host.Unknown},
		"derived from el7, log without":      {host.OverlayUse{Kernel: vz7, Tainted: clean, Mounts: none, Logged: host.No}, host.Unknown},
		"mainline 3.10":                      {host.OverlayUse{Kernel: kernel("3.10.108", ""), Tainted: preview, Mounts: some, Logged: host.Yes}, host.No},
		"debian 8":                           {host.OverlayUse{Kernel: kernel("3.16.0-4-amd64", host.VendorDebian), Mounts: some}, host.No},
		"ubuntu 14.04":                       {host.OverlayUse{Kernel: kernel("3.13.0-170-generic", host.VendorUbuntu)}, host.No},
		"el6 has no overlayfs":               {host.OverlayUse{Kernel: kernel("2.6.32-754.el6.x86_64", host.VendorEL6), Tainted: preview}, host.No},
		"el8 is not one, whatever it taints": {host.OverlayUse{Kernel: kernel("4.18.0-553.el8_10.x86_64", host.VendorEL8), Tainted: preview, Mounts: some, ModuleTaint: host.Yes}, host.No},
		"a stranger from 4.0 on":             {host.OverlayUse{Kernel: kernel("4.0.0-foo", ""), Tainted: preview, Mounts: some}, host.No},
		"this year's":                        {host.OverlayUse{Kernel: kernel("6.18.44-fc-v669", "")}, host.No},
	}
	for name, tt := range tests {
		if got := host.TechPreview(tt.use); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
