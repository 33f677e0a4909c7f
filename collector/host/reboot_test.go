package host_test

import (
	"os/exec"
	"testing"

	"kernel_exporter/collector/host"
)

func TestRebootPending(t *testing.T) {
	t.Parallel()
	const (
		el9    = "5.14.0-570.12.1.el9_6.x86_64"
		ubuntu = "6.8.0-60-generic"
		debian = "6.1.0-37-amd64"
	)
	for name, tt := range map[string]struct {
		running, version, osID string
		installed              []string
		files                  tree
		want                   host.Answer
	}{
		"nothing to be seen":        {running: el9, want: host.Unknown},
		"the only one":              {running: el9, installed: []string{el9}, want: host.No},
		"an older one":              {running: el9, installed: []string{el9, "5.14.0-503.40.1.el9_5.x86_64"}, want: host.No},
		"a newer one":               {running: el9, installed: []string{el9, "5.14.0-570.23.1.el9_6.x86_64"}, want: host.Yes},
		"of the next minor release": {running: el9, installed: []string{el9, "5.14.0-611.5.1.el9_7.x86_64"}, want: host.Yes},
		"a hot fix":                 {running: "5.14.0-611.54.1.el9_7.x86_64", installed: []string{"5.14.0-611.54.1.el9_7.x86_64", "5.14.0-611.54.1.el9_7.0.1.x86_64"}, want: host.Yes},
		"a debug kernel":            {running: el9, installed: []string{el9, "5.14.0-611.5.1.el9_7.x86_64+debug"}, want: host.No},
		"another page size":         {running: "5.14.0-570.12.1.el9_6.aarch64+64k", installed: []string{"5.14.0-570.12.1.el9_6.aarch64+64k", "5.14.0-611.5.1.el9_7.aarch64"}, want: host.No},
		"Oracle's other kernel":     {running: el9, installed: []string{el9, "6.12.0-103.40.4.2.el9uek.x86_64"}, want: host.No},
		"ELRepo's kernel":           {running: el9, installed: []string{el9, "6.17.8-1.el9.elrepo.x86_64"}, want: host.No},
		"the running one removed":   {running: el9, installed: []string{"5.14.0-611.5.1.el9_7.x86_64"}, want: host.Yes},
		"another system's modules":  {running: el9, installed: []string{debian}, want: host.Unknown},
		"only older ones":           {running: el9, installed: []string{"5.14.0-503.40.1.el9_5.x86_64"}, want: host.Unknown},
		"GA and its update":         {running: "4.18.0-348.el8.x86_64", installed: []string{"4.18.0-348.el8.x86_64", "4.18.0-348.7.1.el8_5.x86_64"}, want: host.Yes},

		"Ubuntu":                  {running: ubuntu, installed: []string{ubuntu, "6.8.0-100-generic"}, want: host.Yes},
		"Ubuntu, HWE":             {running: ubuntu, installed: []string{ubuntu, "6.14.0-37-generic"}, want: host.Yes},
		"Ubuntu, another flavour": {running: ubuntu, installed: []string{ubuntu, "6.8.0-1034-azure"}, want: host.No},
		"Ubuntu, of another name": {running: "6.8.0-1034-unheard", version: "#39-Ubuntu SMP", installed: []string{"6.8.0-1034-unheard", "6.8.0-1035-unheard"}, want: host.Yes},
		"Debian":                  {running: debian, installed: []string{debian, "6.1.0-38-amd64"}, version: "#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)", want: host.Yes},
		"Debian, next release":    {running: debian, installed: []string{debian, "6.12.57+deb13-amd64"}, version: "#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)", want: host.Yes},
		"Debian, cloud":           {running: debian, installed: []string{debian, "6.1.0-38-cloud-amd64"}, want: host.No},
		"Kali":                    {running: "6.6.9-amd64", version: "#1 SMP Kali 6.6.9-1kali1 (2024-01-08)", installed: []string{"6.6.9-amd64", "6.8.11-amd64"}, want: host.Yes},
		"Amazon":                  {running: "6.1.141-165.249.amzn2023.x86_64", installed: []string{"6.1.141-165.249.amzn2023.x86_64", "6.1.147-172.266.amzn2023.x86_64"}, want: host.Yes},
		"SUSE":                    {running: "6.4.0-150600.23.60-default", installed: []string{"6.4.0-150600.23.60-default", "6.4.0-150700.53.22-default"}, want: host.Yes},
		"Arch":                    {running: "6.17.8-arch1-1", installed: []string{"6.17.9-arch1-1"}, want: host.Yes},
		"nobody's own":            {running: "6.18.44-fc-v595", installed: []string{"6.18.44-fc-v595", "6.18.50-fc-v600"}, want: host.Yes},
		"nobody's other":          {running: "6.18.44-fc-v595", installed: []string{"6.18.44-fc-v595", "6.18.50-lab7"}, want: host.No},
		"a candidate":             {running: "7.0.0-rc3", installed: []string{"7.0.0-rc3", "7.0.0-rc4"}, want: host.Yes},

		"no kernel at all":    {running: el9, installed: []string{el9}, files: tree{"lib/modules/extra/x": "", "lib/modules/README": ""}, want: host.No},
		"what was left":       {running: el9, installed: []string{el9}, files: tree{"lib/modules/5.14.0-611.5.1.el9_7.x86_64/extra/zfs.ko": ""}, want: host.No},
		"merged usr":          {running: el9, files: tree{"lib@": "usr/lib", "usr/lib/modules/" + el9 + "/modules.dep": ""}, want: host.No},
		"a link to elsewhere": {running: el9, files: tree{"lib/modules@": "/nowhere"}, want: host.Unknown},

		"asked for":                    {running: ubuntu, files: tree{"run/reboot-required": "*** System restart required ***\n"}, want: host.Yes},
		"asked for, none newer":        {running: ubuntu, installed: []string{ubuntu}, files: tree{"run/reboot-required": ""}, want: host.Yes},
		"not asked for, without more":  {running: ubuntu, files: tree{"run/lock/x": ""}, want: host.Unknown},
		"an image as a whole":          {running: "6.6.139-flatcar", installed: []string{"6.6.139-flatcar"}, want: host.Unknown},
		"COS":                          {running: "6.12.46+", osID: "cos", installed: []string{"6.12.46+"}, want: host.Unknown},
		"an image as a whole, by file": {running: el9, installed: []string{el9}, files: tree{"run/ostree-booted": ""}, want: host.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := tree{"etc/x": ""}.With(tt.files)
			for _, release := range tt.installed {
				files["lib/modules/"+release+"/modules.dep"] = ""
			}
			k, err := host.Uname{Release: tt.running, Version: tt.version, OSID: tt.osID}.Kernel()
			if err != nil {
				t.Fatal(err)
			}
			if got, err := rootOf(t, files).RebootPending(k); got != tt.want || err != nil {
				t.Errorf("%v, %v; want %v", got, err, tt.want)
			}
		})
	}
	running, err := host.Uname{Release: el9}.Kernel()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := rootOf(t, tree{"lib/modules": ""}).RebootPending(running); got != host.Unknown || err == nil {
		t.Errorf("a file in the place of lib/modules: %v, %v", got, err)
	}
	if got, err := rootOf(t, tree{"lib/modules/6.1.1/x": ""}).RebootPending(host.Kernel{}); got != host.Unknown || err != nil {
		t.Errorf("no kernel known: %v, %v", got, err)
	}
}

// TestReleasesSortAsByDpkg compares with dpkg's order, which is that of Debian and
// Ubuntu; a release candidate is older there too, where it is written with a tilde.
func TestReleasesSortAsByDpkg(t *testing.T) {
	t.Parallel()
	dpkg, err := exec.LookPath("dpkg")
	if err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	releases := []string{
		"4.4.0-21-generic", "4.4.0-117-generic", "4.4.0-118-generic", "6.8.0-60-generic", "6.11.0-29-generic", "6.14.0-37-generic",
		"6.8.0-1034-azure", "6.8.0-1047-azure", "5.14.0-427.13.1.el9_4.x86_64", "5.14.0-570.12.1.el9_6.x86_64", "5.14.0-570.23.1.el9_6.x86_64",
		"6.1.0-37-amd64", "6.1.0-38-amd64", "6.12.57+deb13-amd64", "6.12.107+deb13-amd64",
	}
	for _, a := range releases {
		for _, b := range releases {
			want := 1
			if a == b {
				want = 0
			} else if exec.CommandContext(t.Context(), dpkg, "--compare-versions", a, "lt", b).Run() == nil {
				want = -1
			}
			if got := host.CompareReleases(a, b); got != want {
				t.Errorf("%s, %s: %d, dpkg says %d", a, b, got, want)
			}
		}
	}
}

func FuzzCompareReleases(f *testing.F) {
	f.Add("6.8.0-60-generic", "7.0-rc1", "7.0")
	f.Add("5.14.0-570.el9", "5.14.0-570.12.1.el9_6", "")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		ab, bc, ac := host.CompareReleases(a, b), host.CompareReleases(b, c), host.CompareReleases(a, c)
		if ab != -host.CompareReleases(b, a) || host.CompareReleases(a, a) != 0 {
			t.Fatalf("%q, %q: the order is not antisymmetric", a, b)
		}
		if ab <= 0 && bc <= 0 && ac > 0 || ab >= 0 && bc >= 0 && ac < 0 {
			t.Fatalf("%q, %q, %q: the order is not transitive", a, b, c)
		}
	})
}
