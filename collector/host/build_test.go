package host_test

import (
	"testing"

	"kernel_exporter/collector/host"
)

func TestBuild(t *testing.T) {
	t.Parallel()
	tests := []struct {
		vendor           host.Vendor
		release, version string
		want             string
	}{
		{host.VendorEL6, "2.6.32-754.35.1.el6.x86_64", "", "754.35.1"},
		{host.VendorEL7, "3.10.0-1160.24.1.el7.x86_64", "#1 SMP Thu Apr 8 19:51:47 UTC 2021", "1160.24.1"},
		{host.VendorEL7, "3.10.0-1160.el7", "", "1160"},
		{host.VendorEL7, "3.10.0-693.2.2.rt56.623.el7.x86_64", "", "693.2.2"},
		{host.VendorEL8, "4.18.0-553.16.1.el8_10.x86_64", "", "553.16.1"},
		{host.VendorEL9, "5.14.0-503.11.1.el9_5.aarch64+64k", "", "503.11.1"},
		{host.VendorUEK, "5.4.17-2136.338.4.2.el8uek.x86_64", "", "2136.338.4.2"},
		{host.VendorUbuntu, "4.4.0-118-generic", "", "118"},
		{host.VendorUbuntu, "4.4.0-118-generic", "#142-Ubuntu SMP Fri Mar 2 15:01:46 UTC 2018", "118.142"},
		{host.VendorUbuntu, "4.4.0-118-generic", "#142~14.04.1-Ubuntu SMP Sat Mar 3 18:00:20 UTC 2018", "118.142"},
		{host.VendorUbuntu, "5.15.0-1064-azure-fde", "#73-Ubuntu SMP", "1064.73"},
		{host.VendorUbuntu, "6.5.0-9-unheard", "#9-Ubuntu SMP", "9.9"},
		{host.VendorDebian, "6.1.0-37-amd64", "", ""},
		{host.VendorDebian, "6.1.0-37-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)", "1"},
		{host.VendorDebian, "4.19.0-0.bpo.5-amd64", "#1 SMP Debian 4.19.37-4~bpo9+1 (2019-06-19)", "4"},
		{host.VendorAmazon2, "5.10.178-162.673.amzn2.x86_64", "", "162.673"},
		{host.VendorAmazon2023, "6.1.134-150.224.amzn2023.aarch64", "", "150.224"},
		{host.VendorSLES, "4.12.14-122.37-default", "", "122.37"},
		{host.VendorAzureLinux, "6.6.57.1-2.azl3", "", "1-2"},
		{host.VendorFlatcar, "6.6.139-flatcar", "", ""},
		{host.VendorCOS, "5.15.133+", "", ""},
		{"", "6.18.44", "", ""},
		{"", "6.18.44-fc-v669", "", ""},
		// The release speaks of another vendor than the one that was found.
		{"", "4.4.0-118-generic", "#1 SMP by someone else", ""},
		{host.VendorUbuntu, "3.10.0-1160.el7.x86_64", "", ""},
		{host.VendorEL7, "4.4.0-118-generic", "", ""},
	}
	for _, tt := range tests {
		r, err := host.ParseRelease(tt.release)
		if err != nil {
			t.Fatal(err)
		}
		k := host.Kernel{Release: r, Version: tt.version, Vendor: tt.vendor}
		if got := k.Build(); got != tt.want {
			t.Errorf("build of %s's %s %s: %q, want %q", tt.vendor, tt.release, tt.version, got, tt.want)
		}
	}
}

func TestCompareBuild(t *testing.T) {
	t.Parallel()
	// In rising order; equal ones stand together.
	order := [][]string{
		{""},
		{"unknown"},
		{"0", "00"},
		{"99"},
		{"118", "0118"},
		{"118.0"},
		{"118.142", "118-142", "118.0142"},
		{"118.142.1"},
		{"119"},
		{"514"},
		{"957.el7"},
		{"957.10.1"},
		{"1062.4.1"},
		{"1160"},
		{"1160.24.1"},
		{"1160.119.1"},
		{"99999999999999999999.1"},
		{"99999999999999999999.2"},
		{"100000000000000000000"},
	}
	for i, as := range order {
		for j, bs := range order {
			want := min(1, max(-1, i-j))
			for _, a := range as {
				for _, b := range bs {
					if got := host.CompareBuild(a, b); got != want {
						t.Errorf("CompareBuild(%q, %q) = %d, want %d", a, b, got, want)
					}
				}
			}
		}
	}
}

func FuzzCompareBuild(f *testing.F) {
	f.Add("1160.24.1", "1062.4.1", "957")
	f.Add("118", "118.142", "x-1")
	f.Add("", ".", "0..00")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		ab, bc, ac := host.CompareBuild(a, b), host.CompareBuild(b, c), host.CompareBuild(a, c)
		if ab != -host.CompareBuild(b, a) || host.CompareBuild(a, a) != 0 {
			t.Fatalf("%q, %q: the order is not antisymmetric", a, b)
		}
		if ab <= 0 && bc <= 0 && ac > 0 || ab >= 0 && bc >= 0 && ac < 0 {
			t.Fatalf("%q, %q, %q: the order is not transitive", a, b, c)
		}
	})
}
