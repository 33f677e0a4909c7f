package policy_test

import (
	"strings"
	"testing"

	"kernel_exporter/collector/host"
	"kernel_exporter/collector/policy"
)

func defaultLifecycle(t *testing.T) *policy.Lifecycle {
	t.Helper()
	return defaultPolicy(t).Lifecycle
}

func TestOSEnd(t *testing.T) {
	t.Parallel()
	l := defaultLifecycle(t)
	for _, tc := range []struct {
		id, version, name string
		want              string // End.String, or "" where unknown
	}{
		{id: "ubuntu", version: "22.04", want: "2027-04-01 (extended 2032-04-09)"},
		{id: "ubuntu", version: "25.10", want: "2026-07-01"},
		{id: "ubuntu", version: "99.04", want: ""},
		{id: "debian", version: "12", want: "2026-07-11 (extended 2028-06-30)"},
		{id: "debian", version: "", want: ""}, // sid has no VERSION_ID
		{id: "centos", version: "7", name: "CentOS Linux", want: "2024-06-30"},
		{id: "centos", version: "8", name: "CentOS Linux", want: "2021-12-31"},
		{id: "centos", version: "8", name: "CentOS Stream", want: "2024-05-31"},
		{id: "centos", version: "9", name: "CentOS Stream", want: "2027-05-31"},
		{id: "rhel", version: "9.6", name: "Red Hat Enterprise Linux", want: "2032-05-31 (extended 2036-05-31)"},
		{id: "rhel", version: "7.9", want: "2024-06-30 (extended 2029-05-31)"},
		{id: "rocky", version: "9.4", want: "2032-05-31"},
		{id: "almalinux", version: "8.10", want: "2029-05-31"},
		{id: "ol", version: "8.10", want: "2029-07-31 (extended 2032-07-31)"},
		{id: "ol", version: "10.0", want: "open"},
		{id: "amzn", version: "2", want: "2026-06-30"},
		{id: "amzn", version: "2023", want: "2029-06-30"},
		{id: "amzn", version: "2018.03", want: "2023-12-31"},
		{id: "sles", version: "15.6", want: "2025-12-31 (extended 2028-12-31)"},
		{id: "sles", version: "15.8", want: ""},
		{id: "sl-micro", version: "6.1", want: "2028-11-30"},
		{id: "cos", version: "117", want: "2026-09-01"},
		{id: "photon", version: "5.0", want: "open"},
		{id: "rancheros", version: "v1.5.5", want: "2023-10-11"},
		{id: "k3os", version: "v0.21.5-k3s2r1", want: "2023-12-08"},
		{id: "talos", version: "v1.12.0", want: ""},
		{id: "", version: "12", want: ""},
	} {
		end, ok := l.OSEnd(host.OS{ID: tc.id, VersionID: tc.version, Name: tc.name})
		if ok != (tc.want != "") {
			t.Errorf("%s %s: known %v", tc.id, tc.version, ok)
			continue
		}
		if ok && (end.String() != tc.want || end.Source == "") {
			t.Errorf("%s %s: %s (%s), want %s", tc.id, tc.version, end, end.Source, tc.want)
		}
	}
}

// The last day of support is still supported: the end is the midnight after it.
func TestOSEndIsTheFirstMomentWithoutSupport(t *testing.T) {
	t.Parallel()
	end, ok := defaultLifecycle(t).OSEnd(host.OS{ID: "centos", VersionID: "7"})
	if want := date(t, "2024-07-01"); !ok || !end.Standard.Equal(want) {
		t.Errorf("end %s, want %s", end.Standard, want)
	}
}

func TestSupportEndOfOSReleaseWins(t *testing.T) {
	t.Parallel()
	l := defaultLifecycle(t)
	day := date(t, "2029-01-01")
	for _, os := range []host.OS{
		{ID: "fedora", VersionID: "43", SupportEnd: day}, // not in the table
		{ID: "amzn", VersionID: "2023", SupportEnd: day}, // another day in the table
	} {
		end, ok := l.OSEnd(os)
		if !ok || !end.Standard.Equal(day) || !strings.Contains(end.Source, "SUPPORT_END") {
			t.Errorf("%s: %s (%s) %v", os.ID, end, end.Source, ok)
		}
	}
	// An extension that ends before it is none.
	end, _ := l.OSEnd(host.OS{ID: "debian", VersionID: "11", SupportEnd: day})
	if !end.Extended.IsZero() {
		t.Errorf("extended until %s", end.Extended)
	}
}

func TestKernelEnd(t *testing.T) {
	t.Parallel()
	l := defaultLifecycle(t)
	for _, tc := range []struct {
		major, minor int
		want         string
	}{
		{3, 10, "2017-11-04"},
		{4, 4, "2022-02-03"},
		{5, 4, "2025-12-03"},
		{5, 10, "2026-12-31"},
		{5, 1, ""}, // not 5.10
		{6, 12, "2028-12-31"},
		{7, 2, "open"},
		{8, 0, ""},
	} {
		end, ok := l.KernelEnd(tc.major, tc.minor)
		if ok != (tc.want != "") || ok && end.String() != tc.want {
			t.Errorf("%d.%d: %s, %v, want %q", tc.major, tc.minor, end, ok, tc.want)
		}
		if ok && end.Source == "" {
			t.Errorf("%d.%d: no source", tc.major, tc.minor)
		}
	}
	if end, _ := l.KernelEnd(4, 4); !strings.Contains(end.Source, "lwn.net") {
		t.Errorf("4.4: source %q, want the line's own", end.Source)
	}
	if want := date(t, "2026-08-22"); !l.Updated().Equal(want) {
		t.Errorf("updated %s, want %s", l.Updated(), want)
	}
}

func TestParseLifecycleRefuses(t *testing.T) {
	t.Parallel()
	const head = "updated: 2026-01-01\n"
	const kernels = "kernels: {source: s, lines: [{line: 5.10, released: 2020-12-13, ends: 2026-12-31}]}\n"
	const dists = "distributions: [{ids: [a], name: A, source: s, releases: [{version: 1, ends: open}]}]\n"
	if _, err := policy.ParseLifecycle([]byte(head + kernels + dists)); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, in, want string }{
		{"empty", "", "lifecycle.yaml: empty"},
		{"no mapping", "- 1", "lifecycle.yaml:1: file: not a mapping"},
		{"no date", kernels + dists, "updated is missing"},
		{"wrong date", "updated: 2026-02-30\n" + kernels + dists, `lifecycle.yaml:1: file: updated: "2026-02-30" is not a date`},
		{"unknown key", head + "colour: red\n" + kernels + dists, `lifecycle.yaml:2: file: unknown key "colour"`},
		{"key twice", head + head + kernels + dists, `lifecycle.yaml:2: file: key "updated" a second time`},
		{"second document", head + kernels + dists + "---\na: b\n", "a second YAML document"},
		{"no source", head + strings.Replace(kernels, "source: s, ", "", 1) + dists, "lifecycle.yaml:2: file: kernels: source is missing"},
		{"bad line", head + strings.Replace(kernels, "5.10", "5.x", 1) + dists, `"5.x" is not a version such as 5.10`},
		{"no lines", head + "kernels: {source: s, lines: []}\n" + dists, "lines: empty list"},
		{"line twice", head + strings.Replace(kernels, "[", "[{line: 5.10, released: 2020-12-13, ends: open}, ", 1) + dists, "5.10 a second time"},
		{"bad truth", head + strings.Replace(kernels, "line:", "longterm: yes, line:", 1) + dists, `longterm: "yes" is not one of true, false`},
		{"no releases", head + kernels + "distributions: [{ids: [a], name: A, source: s}]\n", `lifecycle.yaml:3: distribution "A": releases is missing`},
		{"id twice", head + kernels + strings.Replace(dists, "[{", "[{ids: [a], name: B, source: s, releases: [{version: 1, ends: open}]}, {", 1), `distribution "A": id "a" a second time`},
		{"version twice", head + kernels + strings.Replace(dists, "releases: [", "releases: [{version: 1, ends: open}, ", 1), `version "1" a second time`},
		{"extended too early", head + kernels + strings.Replace(dists, "ends: open", "ends: 2026-01-01, extended: 2025-01-01", 1), "extended: not after ends"},
		{"days that are no number", head + "believe_open_days: 1e99\n" + kernels + dists, `"1e99" is not a number`},
		{"too many days", head + "believe_open_days: 1000000\n" + kernels + dists, `"1000000" is not a number`},
		{"a list as text", head + kernels + strings.Replace(dists, "name: A", "name: [A]", 1), "name: not a text"},
		{"an alias", head + kernels + "distributions: &a [*a]\n", "lifecycle.yaml"},
	} {
		l, err := policy.ParseLifecycle([]byte(tc.in))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v, want one with %q", tc.name, err, tc.want)
		}
		if l != nil {
			t.Errorf("%s: a lifecycle beside the error", tc.name)
		}
	}
}
