package host_test

import (
	"testing"

	"kernel_exporter/collector/host"
)

func TestInstalledKernel(t *testing.T) {
	t.Parallel()
	const modules = "lib/modules/"
	for name, test := range map[string]struct {
		files          map[string]string
		release        string
		want, upstream string
		vendor         host.Vendor
		machine        string
		wantErr        bool
	}{
		"the only one": {
			files: map[string]string{modules + "5.14.0-570.el9.x86_64/modules.dep": ""},
			want:  "5.14.0-570.el9.x86_64", vendor: host.VendorEL9, machine: "x86_64",
		},
		"a file is no kernel": {
			files: map[string]string{modules + "6.12.1/modules.dep": "", modules + "README": ""},
			want:  "6.12.1", upstream: "6.12.1",
		},
		"two": {files: map[string]string{modules + "6.12.1/a": "", modules + "6.12.2/a": ""}, wantErr: true},
		"two, named": {
			files:   map[string]string{modules + "6.12.1/a": "", modules + "6.12.2/a": ""},
			release: "6.12.2", want: "6.12.2", upstream: "6.12.2",
		},
		"a directory is no kernel": {
			files: map[string]string{modules + "6.12.1/a": "", modules + "extra/a": ""},
			want:  "6.12.1", upstream: "6.12.1",
		},
		"none":    {wantErr: true},
		"garbage": {files: map[string]string{modules + "extra/a": ""}, wantErr: true},
		"another kernel runs": {
			files: map[string]string{
				"proc/sys/kernel/osrelease": "4.4.0-21-generic",
				"proc/sys/kernel/version":   "#37-Ubuntu SMP Mon Apr 18 18:33:37 UTC 2016",
				"proc/version_signature":    "Ubuntu 4.4.0-21.37-generic 4.4.6",
				"proc/sys/kernel/arch":      "riscv64",
			},
			release: "6.1.0-37-amd64", want: "6.1.0-37-amd64", vendor: host.VendorDebian, machine: "x86_64",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k, err := rootOf(t, test.files).InstalledKernel(test.release)
			if (err != nil) != test.wantErr || k.Known() == test.wantErr {
				t.Fatalf("InstalledKernel returned %+v and error %v, want an error: %v", k, err, test.wantErr)
			}
			got := host.Kernel{Release: k.Release, Machine: test.machine, Vendor: test.vendor, Upstream: test.upstream, Build: k.Build}
			if k.Release.Raw != test.want || k != got {
				t.Errorf("InstalledKernel returned %+v, want release %q and %+v", k, test.want, got)
			}
		})
	}
}
