package facts_test

import (
	"testing"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
)

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
		preview = new(facts.TaintTechPreview | 1<<12)
		none    = new(0)
		some    = new(3)
	)
	tests := map[string]struct {
		use  facts.OverlayUse
		want host.Answer
	}{
		"in use":                             {facts.OverlayUse{Kernel: el7, Tainted: preview, Mounts: some}, host.Yes},
		"in use, log complete without":       {facts.OverlayUse{Kernel: el7, Tainted: preview, Mounts: some, Logged: host.No}, host.Yes},
		"not in use, log complete without":   {facts.OverlayUse{Kernel: el7, Tainted: preview, Mounts: none, Logged: host.No}, host.No},
		"not in use, log incomplete":         {facts.OverlayUse{Kernel: el7, Tainted: preview, Mounts: none}, host.Unknown},
		"not in use, logged":                 {facts.OverlayUse{Kernel: el7, Tainted: preview, Mounts: none, Logged: host.Yes}, host.Yes},
		"not in use, module tainted":         {facts.OverlayUse{Kernel: el7, Tainted: preview, Mounts: none, ModuleTaint: host.Yes}, host.Yes},
		"not in use, module not tainted":     {facts.OverlayUse{Kernel: el7, Tainted: preview, Mounts: none, ModuleTaint: host.No}, host.Unknown},
		"use unknown, tainted":               {facts.OverlayUse{Kernel: el7, Tainted: preview}, host.Unknown},
		"use unknown, log complete without":  {facts.OverlayUse{Kernel: el7, Tainted: preview, Logged: host.No}, host.No},
		"taint clear, in use":                {facts.OverlayUse{Kernel: el7, Tainted: clean, Mounts: some}, host.No},
		"taint clear, nothing else known":    {facts.OverlayUse{Kernel: el7, Tainted: clean}, host.No},
		"taint unknown, in use":              {facts.OverlayUse{Kernel: el7, Mounts: some}, host.Unknown},
		"taint unknown, log without":         {facts.OverlayUse{Kernel: el7, Mounts: none, Logged: host.No}, host.Unknown},
		"taint unknown, logged":              {facts.OverlayUse{Kernel: el7, Logged: host.Yes}, host.Yes},
		"taint unknown, module tainted":      {facts.OverlayUse{Kernel: el7, ModuleTaint: host.Yes}, host.Yes},
		"nothing known of el7":               {facts.OverlayUse{Kernel: el7}, host.Unknown},
		"nothing known":                      {facts.OverlayUse{}, host.Unknown},
		"no kernel, but all else":            {facts.OverlayUse{Tainted: preview, Mounts: some, ModuleTaint: host.Yes, Logged: host.Yes}, host.Unknown},
		"derived from el7, logged":           {facts.OverlayUse{Kernel: vz7, Tainted: preview, Mounts: some, Logged: host.Yes}, host.Yes},
		"derived from el7, module tainted":   {facts.OverlayUse{Kernel: vz7, ModuleTaint: host.Yes}, host.Yes},
		"derived from el7, tainted, in use":  {facts.OverlayUse{Kernel: vz7, Tainted: preview, Mounts: some}, host.Unknown},
		"derived from el7, log without":      {facts.OverlayUse{Kernel: vz7, Tainted: clean, Mounts: none, Logged: host.No}, host.Unknown},
		"mainline 3.10":                      {facts.OverlayUse{Kernel: kernel("3.10.108", ""), Tainted: preview, Mounts: some, Logged: host.Yes}, host.No},
		"debian 8":                           {facts.OverlayUse{Kernel: kernel("3.16.0-4-amd64", host.VendorDebian), Mounts: some}, host.No},
		"ubuntu 14.04":                       {facts.OverlayUse{Kernel: kernel("3.13.0-170-generic", host.VendorUbuntu)}, host.No},
		"el6 has no overlayfs":               {facts.OverlayUse{Kernel: kernel("2.6.32-754.el6.x86_64", host.VendorEL6), Tainted: preview}, host.No},
		"el8 is not one, whatever it taints": {facts.OverlayUse{Kernel: kernel("4.18.0-553.el8_10.x86_64", host.VendorEL8), Tainted: preview, Mounts: some, ModuleTaint: host.Yes}, host.No},
		"a stranger from 4.0 on":             {facts.OverlayUse{Kernel: kernel("4.0.0-foo", ""), Tainted: preview, Mounts: some}, host.No},
		"this year's":                        {facts.OverlayUse{Kernel: kernel("6.18.44-fc-v669", "")}, host.No},
	}
	for name, tt := range tests {
		if got := facts.TechPreview(tt.use); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
