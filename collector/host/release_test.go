package host_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"kernel_exporter/collector/host"
)

func TestParseRelease(t *testing.T) {
	t.Parallel()
	tests := []struct {
		raw    string
		want   host.Version
		suffix string
	}{
		{"3.10.0-957.10.1.el7.x86_64", host.Version{3, 10, 0}, "-957.10.1.el7.x86_64"},
		{"4.4.0-118-generic", host.Version{4, 4, 0}, "-118-generic"},
		{"4.14.85-rancher", host.Version{4, 14, 85}, "-rancher"},
		{"5.15.133+", host.Version{5, 15, 133}, "+"},
		{"6.1.0-37-amd64", host.Version{6, 1, 0}, "-37-amd64"},
		{"7.0-rc1", host.Version{7, 0, 0}, "-rc1"},
		{"7.0.0-rc1", host.Version{7, 0, 0}, "-rc1"},
		{"6.18.44-fc-v669", host.Version{6, 18, 44}, "-fc-v669"},
		{"5.10.0-8-cloud-amd64", host.Version{5, 10, 0}, "-8-cloud-amd64"},
		{"4.18.0-553.el8_10.x86_64", host.Version{4, 18, 0}, "-553.el8_10.x86_64"},
		{"5.4.17-2136.el7uek", host.Version{5, 4, 17}, "-2136.el7uek"},
		{"4.12.14-122.37-default", host.Version{4, 12, 14}, "-122.37-default"},
		{"6.6.139-flatcar", host.Version{6, 6, 139}, "-flatcar"},
		{"6.18.41-talos", host.Version{6, 18, 41}, "-talos"},
		{"5.14.0-570.el9", host.Version{5, 14, 0}, "-570.el9"},
		{"7.2.13+deb14-cloud-amd64", host.Version{7, 2, 13}, "+deb14-cloud-amd64"},
		{"2.6.32-754.35.1.el6.x86_64", host.Version{2, 6, 32}, "-754.35.1.el6.x86_64"},
		{"5.15.153.1-microsoft-standard-WSL2", host.Version{5, 15, 153}, ".1-microsoft-standard-WSL2"},
		{"6.6.57.1-1.azl3", host.Version{6, 6, 57}, ".1-1.azl3"},
		{"4.4.302", host.Version{4, 4, 302}, ""},
		{"6.1", host.Version{6, 1, 0}, ""},
		{"6.1+", host.Version{6, 1, 0}, "+"},
		{"4.14.85xenomai", host.Version{4, 14, 85}, "xenomai"},
		{"3.10.0_s40", host.Version{3, 10, 0}, "_s40"},
		{"4.9.0~custom", host.Version{4, 9, 0}, "~custom"},
		{"255.255.65535", host.Version{255, 255, 65535}, ""},
	}
	for _, tt := range tests {
		got, err := host.ParseRelease(tt.raw)
		want := host.Release{Raw: tt.raw, Version: tt.want, Suffix: tt.suffix}
		if err != nil || got != want {
			t.Errorf("ParseRelease(%q) = %+v, %v; want %+v", tt.raw, got, err, want)
		}
	}
}

func TestParseReleaseRefuses(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"", "4", "4.", "4.4.", "4.4.x", "4.x", "x.4.0", "v4.4.0", "-4.4.0", "+4.4.0", ".4.4.0", "4..4", "4-rc1",
		"4.4rc1", "4.4_1", "04.4.0", "4.04.0", "4.4.00", "4.4.05", "0.0.0", "0.99.1",
		"256.0.0", "4.256.0", "4.4.65536", "4.4.18446744073709551616", "99999999999999999999.1.1",
		"4.4.0 -generic", " 4.4.0", "4.4.0\n", "4.4.0-\x00", "4.4.0-\x7f", "4.4.0-größe", "\xff.4.0", "４.４.０",
		"Linux", "unknown", "#1 SMP",
		"4.4.0-" + strings.Repeat("x", 59),
	} {
		got, err := host.ParseRelease(raw)
		if err == nil || got != (host.Release{}) {
			t.Errorf("ParseRelease(%q) = %+v, %v; want an error and nothing else", raw, got, err)
		}
	}
}

func TestVersionCode(t *testing.T) {
	t.Parallel()
	tests := []struct {
		version host.Version
		want    uint32
		text    string
	}{
		{host.Version{3, 10, 0}, 0x030a00, "3.10.0"},
		{host.Version{4, 4, 255}, 0x0404ff, "4.4.255"},
		{host.Version{4, 4, 302}, 0x0404ff, "4.4.302"},
		{host.Version{4, 5, 0}, 0x040500, "4.5.0"},
		{host.Version{6, 18, 44}, 0x06122c, "6.18.44"},
		{host.Version{255, 255, 65535}, 0xffffff, "255.255.65535"},
	}
	for _, tt := range tests {
		if got := tt.version.Code(); got != tt.want {
			t.Errorf("%v: code %#x, want %#x", tt.version, got, tt.want)
		}
		if got := tt.version.String(); got != tt.text {
			t.Errorf("%#v prints %q, want %q", tt.version, got, tt.text)
		}
	}
}

func TestVersionCompareOrders(t *testing.T) {
	t.Parallel()
	want := []host.Version{{2, 6, 32}, {3, 9, 99}, {3, 10, 0}, {3, 10, 108}, {4, 0, 0}, {4, 4, 254}, {4, 4, 302}, {4, 19, 0}, {5, 4, 0}, {10, 0, 0}}
	got := slices.Clone(want)
	rand.Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
	slices.SortFunc(got, host.Version.Compare)
	if !slices.Equal(got, want) {
		t.Errorf("sorted: %v, want %v", got, want)
	}
	for _, v := range want {
		if again := v; v.Compare(again) != 0 {
			t.Errorf("%v is not equal to itself", v)
		}
	}
}

func FuzzParseRelease(f *testing.F) {
	for _, raw := range []string{"3.10.0-957.10.1.el7.x86_64", "7.0-rc1", "6.1", "5.15.133+", "4.4.", "0.0.0", "4.4.65536", "4.4.05"} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		r, err := host.ParseRelease(raw)
		if err != nil {
			if r != (host.Release{}) {
				t.Fatalf("%q: %+v with the error %v", raw, r, err)
			}
			return
		}
		v := r.Version
		if r.Raw != raw || v.Major < 1 || v.Major > 255 || v.Minor < 0 || v.Minor > 255 || v.Patch < 0 || v.Patch > 65535 {
			t.Fatalf("%q: %+v", raw, r)
		}
		// Either all three numbers are there, or the last is 0 and was left out.
		three := v.String() + r.Suffix
		two := strings.TrimSuffix(v.String(), ".0") + r.Suffix
		if raw != three && (v.Patch != 0 || raw != two) {
			t.Fatalf("%q: the parts %+v make neither %q nor %q", raw, r, three, two)
		}
		if again, err := host.ParseRelease(v.String()); err != nil || again.Version != v {
			t.Fatalf("%v parses as %+v, %v", v, again, err)
		}
		if got, want := v.Code()>>16, uint32(v.Major); got != want { //nolint:gosec // at most 255
			t.Fatalf("%v: the code begins with %d", v, got)
		}
	})
}
