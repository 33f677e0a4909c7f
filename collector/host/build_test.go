package host_test

import (
	"testing"

	"kernel_exporter/collector/host"
)

func TestBuild(t *testing.T) {
	t.Parallel()
	tests := []struct {
		release, version string
		vendor           host.Vendor
		want             host.Build
	}{
		{"2.6.32-754.35.1.el6.x86_64", "", host.VendorEL6, host.Build{Number: "754.35.1", Stream: "el6"}},
		{"3.10.0-1160.24.1.el7.x86_64", "#1 SMP Thu Apr 8 19:51:47 UTC 2021", host.VendorEL7, host.Build{Number: "1160.24.1", Stream: "el7"}},
		{"3.10.0-1160.el7", "", host.VendorEL7, host.Build{Number: "1160", Stream: "el7"}},
		{"3.10.0-693.2.2.rt56.623.el7.x86_64", "", host.VendorEL7, host.Build{Number: "693.2.2", Stream: "el7"}},
		{"4.18.0-553.16.1.el8_10.x86_64", "", host.VendorEL8, host.Build{Number: "553.16.1", Stream: "el8_10"}},
		{"5.14.0-503.11.1.el9_5.aarch64+64k", "", host.VendorEL9, host.Build{Number: "503.11.1", Stream: "el9_5"}},
		{"5.14.0-611.54.1.el9_7.0.1.x86_64", "", host.VendorEL9, host.Build{Number: "611.54.1", Stream: "el9_7"}},
		{"5.14.0-687.el9.x86_64", "", host.VendorEL9, host.Build{Number: "687", Stream: "el9"}},
		{"6.12.0-124.52.2.el10_1.x86_64_v2", "", host.VendorEL10, host.Build{Number: "124.52.2", Stream: "el10_1"}},
		{"5.4.17-2136.338.4.2.el8uek.x86_64", "", host.VendorUEK, host.Build{Number: "2136.338.4.2"}},
		{"4.4.0-118-generic", "", host.VendorUbuntu, host.Build{Number: "118", Stream: "generic", Flavour: "generic"}},
		{"4.4.0-118-generic", "#142-Ubuntu SMP Fri Mar 2 15:01:46 UTC 2018", host.VendorUbuntu, host.Build{Number: "118.142", Stream: "generic", Flavour: "generic"}},
		{"4.4.0-118-generic", "#142~14.04.1-Ubuntu SMP Sat Mar 3 18:00:20 UTC 2018", host.VendorUbuntu, host.Build{Number: "118.142", Stream: "generic", Flavour: "generic"}},
		{"5.15.0-1064-azure-fde", "#73-Ubuntu SMP", host.VendorUbuntu, host.Build{Number: "1064.73", Stream: "azure", Flavour: "azure-fde"}},
		{"5.4.0-1164-azure-fips", "", host.VendorUbuntu, host.Build{Number: "1164", Stream: "azure-fips", Flavour: "azure-fips"}},
		{"6.14.0-1013-nvidia-64k", "", host.VendorUbuntu, host.Build{Number: "1013", Stream: "nvidia", Flavour: "nvidia-64k"}},
		{"6.14.0-37-lowlatency", "", host.VendorUbuntu, host.Build{Number: "37", Stream: "generic", Flavour: "lowlatency"}},
		{"6.8.0-60-generic-64k", "", host.VendorUbuntu, host.Build{Number: "60", Stream: "generic", Flavour: "generic-64k"}},
		{"6.5.0-9-unheard", "#9-Ubuntu SMP", host.VendorUbuntu, host.Build{Number: "9.9", Stream: "unheard", Flavour: "unheard"}},
		{"6.1.0-37-amd64", "", host.VendorDebian, host.Build{Flavour: "amd64"}},
		{"6.1.0-37-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)", host.VendorDebian, host.Build{Number: "1", Flavour: "amd64"}},
		{"4.19.0-0.bpo.5-cloud-amd64", "#1 SMP Debian 4.19.37-4~bpo9+1 (2019-06-19)", host.VendorDebian, host.Build{Number: "4", Flavour: "cloud-amd64"}},
		{"5.10.178-162.673.amzn2.x86_64", "", host.VendorAmazon2, host.Build{Number: "162.673"}},
		{"6.1.134-150.224.amzn2023.aarch64", "", host.VendorAmazon2023, host.Build{Number: "150.224"}},
		{"4.12.14-122.37-default", "", host.VendorSLES, host.Build{Number: "122.37", Stream: "122", Flavour: "default"}},
		{"6.4.0-150700.53.22-azure", "", host.VendorSLES, host.Build{Number: "150700.53.22", Stream: "150700", Flavour: "azure"}},
		{"6.4.0-28-default", "", host.VendorSLES, host.Build{Number: "28", Flavour: "default"}},
		{"6.6.57.1-2.azl3", "", host.VendorAzureLinux, host.Build{Number: "1-2", Stream: "azl3"}},
		{"6.18.20-1.azl4.x86_64", "", host.VendorAzureLinux, host.Build{Number: "1", Stream: "azl4"}},
		{"6.1.10-11.ph5-esx", "", host.VendorPhoton, host.Build{Number: "11", Stream: "ph5", Flavour: "esx"}},
		{"6.17.8-300.fc43.x86_64", "", host.VendorFedora, host.Build{Number: "300", Stream: "fc43"}},
		{"5.10.0-216.0.0.115.oe2203sp4.aarch64", "", host.VendorOpenEuler, host.Build{Number: "216.0.0.115", Stream: "oe2203sp4"}},
		{"6.6.139-flatcar", "", host.VendorFlatcar, host.Build{}},
		{"6.18.44", "", "", host.Build{}},
		{"6.18.44-fc-v669", "", "", host.Build{}},
		{"4.4.0-118-generic", "#1 SMP by someone else", "", host.Build{}},
	}
	for _, tt := range tests {
		t.Run(tt.release, func(t *testing.T) {
			t.Parallel()
			k, err := host.Uname{Release: tt.release, Version: tt.version}.Kernel()
			if err != nil || k.Vendor != tt.vendor || k.Build != tt.want {
				t.Errorf("%q: vendor %q, build %+v, %v; want %q, %+v", tt.version, k.Vendor, k.Build, err, tt.vendor, tt.want)
			}
		})
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
