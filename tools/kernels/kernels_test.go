package main

import (
	"slices"
	"strings"
	"testing"
)

func TestCompareNumbers(t *testing.T) {
	t.Parallel()
	want := []string{"5.10.0-9-amd64", "5.10.0-46-amd64", "6.1.0-56-amd64", "6.12.117+deb12-amd64", "6.12.117+deb13-amd64", "7.3.4+deb13-amd64"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, compareNumbers)
	if !slices.Equal(got, want) {
		t.Errorf("sorted: %q", got)
	}
}

func TestIsFlavor(t *testing.T) {
	t.Parallel()
	for release, want := range map[string]string{
		"6.12.117+deb13-amd64": "amd64", "6.12.117+deb13-cloud-amd64": "cloud-amd64", "6.12.117+deb13-rt-amd64": "",
		"6.12.117+deb13-amd64-dbg": "", "5.10.0-46-cloud-amd64-unsigned": "",
	} {
		got := ""
		for _, flavor := range []string{"amd64", "cloud-amd64"} {
			if isFlavor(release, flavor) {
				got += flavor
			}
		}
		if got != want {
			t.Errorf("%s is %q, want %q", release, got, want)
		}
	}
}

func TestComplete(t *testing.T) {
	t.Parallel()
	for packages, want := range map[string]bool{
		"linux-image-6.1.0-56-amd64": true, "linux-image-6.18.15+deb13-amd64 linux-base-6.18.15+deb13-amd64": true,
		"linux-image-7.0.13+deb13-amd64 linux-binary-7.0.13+deb13-amd64":                               false,
		"linux-image-7.3.4+deb13-amd64 linux-binary-7.3.4+deb13-amd64 linux-modules-7.3.4+deb13-amd64": true,
	} {
		if got := complete(strings.Fields(packages)); got != want {
			t.Errorf("%s: %t", packages, got)
		}
	}
}

// TestDiffer holds that a metric that is not as the kernel says is found.
func TestDiffer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		got  map[string]float64
		want spans
		says string
	}{
		"equal":         {got: map[string]float64{"": 3}, want: single(exactly(3))},
		"within":        {got: map[string]float64{"a=b": 3}, want: spans{"a=b": {low: 2, high: 3}}},
		"both absent":   {},
		"too much":      {got: map[string]float64{"": 4}, want: single(exactly(3)), says: "is 4, want 3"},
		"absent":        {want: single(exactly(3)), says: "is absent"},
		"not to be":     {got: map[string]float64{"": 3}, says: "want none"},
		"another label": {got: map[string]float64{"a=b": 3}, want: spans{"a=c": exactly(3)}, says: "{a=c} is absent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := differ(c.got, c.want)
			if c.says == "" && got != "" || !strings.Contains(got, c.says) {
				t.Errorf("%q, want %q", got, c.says)
			}
		})
	}
}

// TestQuickScenariosAreInGroups holds that the short form names no scenario in vain, and that
// none is made twice.
func TestQuickScenariosAreInGroups(t *testing.T) {
	t.Parallel()
	var all []string
	for _, g := range groups() {
		all = append(all, g.names...)
	}
	for _, name := range quick() {
		if !slices.Contains(all, name) {
			t.Errorf("%s is in no group", name)
		}
	}
	slices.Sort(all)
	if once := slices.Compact(slices.Clone(all)); len(once) != len(all) {
		t.Errorf("a scenario is in two groups: %q", all)
	}
}
