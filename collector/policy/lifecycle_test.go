package policy_test

import (
	"strings"
	"testing"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/policy"
)

// lifecycleYAML is data of one's own, which no update of the built-in data changes.
const lifecycleYAML = `updated: 2026-11-01
vendors:
  - {name: flatcar, tracks_stable: true, source: s}
  - {name: talos, tracks_stable: true, source: s}
  - {name: ubuntu, keeps_line: true, source: s}
  - {name: debian, keeps_line: true, source: s}
kernels:
  source: "https://kernel.example"
  lines:
    - {line: "7.2", released: 2026-08-16, ends: open}
    - {line: "7.1", released: 2026-06-14, ends: open}
    - {line: "7.0", released: 2026-04-12, ends: 2026-06-27}
    - {line: "6.18", released: 2025-11-30, ends: 2028-12-31, longterm: true}
    - {line: 5.10, released: 2020-12-13, ends: 2026-12-31, longterm: true}
    - {line: "4.4", released: 2016-01-10, ends: 2022-02-03, longterm: true, source: "https://lwn.example"}
distributions:
  - name: Ubuntu
    ids: [ubuntu]
    vendors: [ubuntu]
    extended_name: Ubuntu Pro
    source: "https://ubuntu.example"
    releases:
      - version: "24.04"
        ends: 2029-05-31
        extended: 2034-04-25
        kernels:
          - "6.8"
          - {line: "6.17", ends: 2026-08-31}
          - {line: "6.17", stream: ubuntu-gcp, ends: 2026-12-31}
          - {line: "6.5", ends: 2024-08-08, name: the older kernels}
      - {version: "20.04", ends: 2025-05-29, kernels: ["5.4"]}
  - name: Debian
    ids: [debian]
    vendors: [debian]
    extended_name: Debian LTS
    extended_free: true
    source: "https://debian.example"
    releases:
      - {version: "12", ends: 2026-07-11, extended: 2028-06-30, kernels: ["6.1"]}
      - {version: "11", ends: 2024-08-14, extended: 2026-08-31, kernels: ["5.10"]}
  - name: RHEL
    minors_end_by: true
    ids: [rhel]
    vendors: [el8, el9]
    extended_name: EUS
    source: "https://redhat.example"
    releases:
      - {version: "9.2", ends: 2023-11-07, extended: 2025-05-31, kernels: ["5.14"]}
      - {version: "9", ends: 2032-05-31, kernels: ["5.14"]}
  - name: OpenShift
    ids: [rhel, rhcos]
    version_key: OPENSHIFT_VERSION
    vendors: [el9]
    source: "https://openshift.example"
    releases: [{version: "4.19", ends: 2026-12-17, kernels: ["5.14"]}]
  - name: CentOS Stream
    ids: [centos]
    os_release: {NAME: CentOS Stream}
    vendors: [el8, el9]
    source: "https://stream.example"
    releases: [{version: "8", ends: 2024-05-31, kernels: ["4.18"]}, {version: "9", ends: 2027-05-31, kernels: ["5.14"]}]
  - name: CentOS Linux
    ids: [centos]
    vendors: [el7, el8]
    source: "https://centos.example"
    releases: [{version: "8", ends: 2021-12-31, kernels: ["4.18"]}]
  - name: AlmaLinux
    ids: [almalinux]
    vendors: [el9]
    last_builds: true
    source: "https://almalinux.example"
    releases: [{version: "9.3", ends: 2024-04-29, kernels: ["5.14"]}, {version: "9", ends: 2032-05-31, kernels: ["5.14"]}]
  - name: Oracle Linux
    ids: [ol]
    vendors: [el10, uek]
    source: "https://oracle.example"
    releases: [{version: "10", ends: 2035-05-31, kernels: [{line: "6.12", stream: el10}]}]
  - name: RancherOS
    ids: [rancheros]
    source: "https://rancher.example"
    releases: [{version: "*", ends: 2023-10-11}]
`

func lifecyclePolicy(t testing.TB) *policy.Policy {
	t.Helper()
	p, err := policy.Load(map[string][]byte{policy.LifecycleFile: []byte(lifecycleYAML)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestOSEnd(t *testing.T) {
	t.Parallel()
	l := lifecyclePolicy(t).Lifecycle
	for name, tc := range map[string]struct {
		os   host.OS
		want string // End.String, or "" where unknown
	}{
		"a version":            {host.OS{ID: "ubuntu", VersionID: "24.04"}, "2029-05-31 (extended 2034-04-25)"},
		"an unknown version":   {host.OS{ID: "ubuntu", VersionID: "99.04"}, ""},
		"a part of a version":  {host.OS{ID: "ubuntu", VersionID: "24"}, ""},
		"no version":           {host.OS{ID: "debian"}, ""},
		"an unknown id":        {host.OS{ID: "talos", VersionID: "v1.12.0"}, ""},
		"no id":                {host.OS{VersionID: "12"}, ""},
		"told apart by name":   {host.OS{ID: "centos", VersionID: "8", Name: "CentOS Stream"}, "2024-05-31"},
		"the other":            {host.OS{ID: "centos", VersionID: "8", Name: "CentOS Linux"}, "2021-12-31"},
		"a name is missing":    {host.OS{ID: "centos", VersionID: "8"}, "2021-12-31"},
		"and only one has it":  {host.OS{ID: "centos", VersionID: "9"}, "2027-05-31"},
		"which is another's":   {host.OS{ID: "centos", VersionID: "9", Name: "CentOS Linux"}, ""},
		"the major for minors": {host.OS{ID: "rhel", VersionID: "9.6"}, "2032-05-31"},
		"a minor of its own":   {host.OS{ID: "rhel", VersionID: "9.2"}, "2023-11-07 (extended 2025-05-31)"},
		"a product on another": {host.OS{ID: "rhel", VersionID: "9.6"}.WithField("OPENSHIFT_VERSION", "4.19"), "2026-12-17"},
		"an unknown product":   {host.OS{ID: "rhel", VersionID: "9.6"}.WithField("OPENSHIFT_VERSION", "4.99"), ""},
		"every version":        {host.OS{ID: "rancheros", VersionID: "v1.5.5"}, "2023-10-11"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			end, ok := l.OSEnd(tc.os)
			if ok != (tc.want != "") || ok && (end.String() != tc.want || end.Source == "") {
				t.Errorf("%s (%s), %v, want %s", end, end.Source, ok, tc.want)
			}
		})
	}
}

// The last day of support is still supported: the end is the midnight after it.
func TestOSEndIsTheFirstMomentWithoutSupport(t *testing.T) {
	t.Parallel()
	end, ok := lifecyclePolicy(t).Lifecycle.OSEnd(host.OS{ID: "ubuntu", VersionID: "20.04"})
	if want := date(t, "2025-05-30"); !ok || !end.Standard.Equal(want) {
		t.Errorf("end %s, want %s", end.Standard, want)
	}
}

func TestSupportEndOfOSReleaseWins(t *testing.T) {
	t.Parallel()
	l := lifecyclePolicy(t).Lifecycle
	day := date(t, "2029-01-01")
	for _, os := range []host.OS{
		{ID: "fedora", VersionID: "43", SupportEnd: day},    // not in the table
		{ID: "ubuntu", VersionID: "20.04", SupportEnd: day}, // another day in the table
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
	l := lifecyclePolicy(t).Lifecycle
	for _, tc := range []struct {
		major, minor int
		want, source string
	}{
		{4, 4, "2022-02-03", "https://lwn.example"},
		{5, 10, "2026-12-31", "https://kernel.example"},
		{5, 1, "", ""}, // not 5.10
		{7, 2, "open", "https://kernel.example"},
		{8, 0, "", ""},
	} {
		end, ok := l.KernelEnd(tc.major, tc.minor)
		if ok != (tc.want != "") || ok && end.String() != tc.want || end.Source != tc.source {
			t.Errorf("%d.%d: %s (%s), %v, want %q", tc.major, tc.minor, end, end.Source, ok, tc.want)
		}
	}
}

func TestSupported(t *testing.T) {
	t.Parallel()
	p := lifecyclePolicy(t)
	debian12 := "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)"
	ubuntu, debian, rhel := host.OS{ID: "ubuntu", VersionID: "24.04"}, host.OS{ID: "debian", VersionID: "12"}, host.OS{ID: "rhel", VersionID: "9.6"}
	for _, tc := range []struct {
		rule, now        string
		release, version string
		os               host.OS
		want             policy.Outcome
		reason           string
	}{
		// The last day is a day of support.
		{"kernel_supported", "2026-12-31", "5.10.216", "", host.OS{}, policy.Kept, "until 2026-12-31"},
		{"kernel_supported", "2027-01-01", "5.10.216", "", host.OS{}, policy.Violated, "ended on 2026-12-31"},
		{"kernel_supported", "2026-11-26", "7.0.13", "", host.OS{}, policy.Violated, "ended on 2026-06-27"},
		// A line without an announced end lives for 73 to 102 days.
		{"kernel_supported", "2026-10-27", "7.2.1", "", host.OS{}, policy.Kept, "for 73 days after its release"},
		{"kernel_supported", "2026-10-28", "7.2.1", "", host.OS{}, policy.Unknown, "for 73 to 102 days"},
		{"kernel_supported", "2026-11-25", "7.2.13", "", host.OS{}, policy.Unknown, "released on 2026-08-16"},
		{"kernel_supported", "2026-11-26", "7.2.13", "", host.OS{}, policy.Violated, "for 102 days at most"},
		{"kernel_supported", "2026-11-26", "7.1.9", "", host.OS{}, policy.Violated, "released on 2026-06-14"},
		// The next line came out 56 days after it at the earliest: it is 46 days old at most.
		{"kernel_supported", "2026-11-26", "7.3.4", "", host.OS{}, policy.Kept, "kernel line 7.3 is supported"},
		{"kernel_supported", "2026-12-23", "7.3.9", "", host.OS{}, policy.Unknown, "newer than the data of 2026-11-01"},
		{"kernel_supported", "2026-12-23", "7.4.0", "", host.OS{}, policy.Kept, "kernel line 7.4 is supported"},
		{"kernel_supported", "2026-11-26", "5.7.19", "", host.OS{}, policy.Violated, "kernel line 5.7 had ended before 2026-11-01"},
		// A vendor's kernel has the end of its line there.
		{"kernel_supported", "2026-11-26", "6.8.0-60-generic", "", ubuntu, policy.Kept, "kernel 6.8.0-60-generic of Ubuntu 24.04 is supported until 2029-05-31"},
		{"kernel_supported", "2026-11-26", "6.17.0-14-generic", "", ubuntu, policy.Violated, "support of kernel line 6.17 of Ubuntu 24.04 ended on 2026-08-31"},
		{"kernel_supported", "2026-11-26", "6.17.0-1014-gcp", "", ubuntu, policy.Kept, "until 2026-12-31"},
		{"kernel_supported", "2026-11-26", "6.5.0-29-generic", "", ubuntu, policy.Violated, "support of kernel line 6.5 of the older kernels ended on 2024-08-08"},
		{"kernel_supported", "2026-11-26", "6.11.0-29-generic", "", ubuntu, policy.Unknown, "how long ubuntu supports kernel line 6.11 with Ubuntu 24.04 is not known"},
		{"kernel_supported", "2026-11-26", "5.11.0-29-generic", "", host.OS{ID: "ubuntu", VersionID: "20.04"}, policy.Violated, "support of Ubuntu 20.04 ended on 2025-05-29"},
		{"kernel_supported", "2026-11-26", "6.1.0-53-amd64", debian12, debian, policy.Kept, "until 2028-06-30 by Debian LTS, after standard support ended on 2026-07-11"},
		{"kernel_supported", "2026-11-26", "5.10.0-32-amd64", "#1 SMP Debian 5.10.223-1 (2024-08-10)", host.OS{ID: "debian", VersionID: "11"}, policy.Violated, "Debian LTS ended on 2026-08-31"},
		{"kernel_supported", "2026-11-26", "7.2.13+deb12-amd64", "", debian, policy.Unknown, "how long debian supports kernel line 7.2"},
		// A minor release of Red Hat's has an end of its own, whatever the system says.
		{"kernel_supported", "2026-11-26", "5.14.0-570.12.1.el9_6.x86_64", "", rhel, policy.Kept, "until 2032-05-31"},
		{"kernel_supported", "2026-11-26", "5.14.0-284.11.1.el9_2.x86_64", "", rhel, policy.Violated, "support of RHEL 9.2 had ended by 2023-11-07 (EUS ended on 2025-05-31)"},
		{"kernel_supported", "2024-11-26", "5.14.0-284.11.1.el9_2.x86_64", "", rhel, policy.Violated, "EUS, which must be paid for, goes on until 2025-05-31"},
		{"kernel_supported", "2026-11-26", "6.12.0-211.31.2.el10_2.x86_64", "", host.OS{ID: "ol", VersionID: "10.2"}, policy.Kept, "until 2035-05-31"},
		{"kernel_supported", "2026-11-26", "6.12.0-104.43.4.3.el10uek.x86_64", "", host.OS{ID: "ol", VersionID: "10.2"}, policy.Unknown, "how long uek supports kernel line 6.12 with Oracle Linux 10.2 is not known"},
		// Vendors that follow kernel.org have the end of its line.
		{"kernel_supported", "2026-11-26", "6.18.41-talos", "", host.OS{ID: "talos", VersionID: "v1.13.8"}, policy.Kept, "follows kernel.org: kernel line 6.18 is supported until 2028-12-31"},
		{"kernel_supported", "2026-11-26", "5.7.84-flatcar", "", host.OS{ID: "flatcar"}, policy.Violated, "5.7 had ended"},
		// A node in a container: the kernel is another's.
		{"kernel_supported", "2026-11-26", "6.8.0-60-generic", "#63-Ubuntu SMP", debian, policy.Unknown, "how long ubuntu supports kernel line 6.8 with Debian 12 is not known"},
		{"kernel_supported", "2026-11-26", "6.8.0-60-custom", "", debian, policy.Unknown, "does not say who maintains it"},

		{"os_supported", "2025-05-29", "6.18.1", "", host.OS{ID: "ubuntu", VersionID: "20.04"}, policy.Kept, ""},
		{"os_supported", "2025-05-30", "6.18.1", "", host.OS{ID: "ubuntu", VersionID: "20.04"}, policy.Violated, ""},
		{"os_supported", "2026-11-26", "6.18.1", "", debian, policy.Kept, "Debian 12 is supported until 2028-06-30 by Debian LTS"},
		{"os_supported", "2026-11-26", "6.18.1", "", rhel.WithField("OPENSHIFT_VERSION", "4.19"), policy.Kept, "OpenShift 4.19 is supported until 2026-12-17"},
		{"os_supported", "2026-12-01", "6.18.1", "", host.OS{ID: "fedora", VersionID: "43", Name: "Fedora Linux", SupportEnd: date(t, "2026-12-02")}, policy.Kept, "Fedora Linux 43 is supported until 2026-12-01"},
		{"os_supported", "2026-12-02", "6.18.1", "", host.OS{ID: "fedora", VersionID: "43", Name: "Fedora Linux", SupportEnd: date(t, "2026-12-02")}, policy.Violated, "ended on 2026-12-01"},
		{"os_supported", "2026-12-01", "6.18.1", "", host.OS{}, policy.Unknown, "an operating system without a name"},
	} {
		t.Run(tc.rule+" "+tc.release+" "+tc.now, func(t *testing.T) {
			t.Parallel()
			node := facts.Facts{
				Kernel: facts.Known(kernel(t, tc.release, tc.version, "x")),
				OS:     facts.Known(tc.os),
			}
			v := verdictOf(t, p, tc.rule, node, date(t, tc.now))
			if v.Outcome != tc.want || !strings.Contains(v.Reason, tc.reason) {
				t.Errorf("%s (%s), want %s with %q", v.Outcome, v.Reason, tc.want, tc.reason)
			}
		})
	}
}

// An open end is not believed for ever.
func TestOpenEndOfOldData(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(map[string][]byte{"lifecycle.d/site.yaml": []byte("updated: 2026-11-01\ndistributions: [{name: Ours, ids: [ours], source: s, releases: [{version: \"*\", ends: open}]}]\n")})
	if err != nil {
		t.Fatal(err)
	}
	for now, want := range map[string]policy.Outcome{"2027-11-01": policy.Kept, "2027-12-06": policy.Unknown} {
		if v := verdictOf(t, p, "os_supported", facts.Facts{OS: facts.Known(host.OS{ID: "ours"})}, date(t, now)); v.Outcome != want {
			t.Errorf("on %s: %s (%s), want %s", now, v.Outcome, v.Reason, want)
		}
	}
}

// Whose support decides is not known where os-release is not.
func TestVendorKernelWithoutOS(t *testing.T) {
	t.Parallel()
	node := facts.Facts{
		Kernel: facts.Known(kernel(t, "5.14.0-570.el9.x86_64", "", "x")),
		OS:     facts.NotRead[host.OS]("etc/os-release"),
	}
	v := verdictOf(t, lifecyclePolicy(t), "kernel_supported", node, date(t, "2026-12-01"))
	if v.Outcome != policy.Unknown || v.Cause != facts.Unreadable || v.Missing != "etc/os-release" {
		t.Errorf("%s, %s, missing %q", v.Outcome, v.Cause, v.Missing)
	}
}

func TestLifecycleRefuses(t *testing.T) {
	t.Parallel()
	const head = "updated: 2026-01-01\n"
	const kernels = "kernels: {source: s, lines: [{line: 5.10, released: 2020-12-13, ends: 2026-12-31}]}\n"
	const dists = "distributions: [{ids: [a], name: A, source: s, releases: [{version: 1, ends: open}]}]\n"
	if _, err := policy.Load(map[string][]byte{policy.LifecycleFile: []byte(head + kernels + dists)}); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ in, want string }{
		"empty":              {"", "lifecycle.yaml: empty"},
		"no mapping":         {"- 1", "lifecycle.yaml:1: file: not a mapping"},
		"no date":            {kernels + dists, "updated is missing"},
		"wrong date":         {"updated: 2026-02-30\n" + kernels + dists, `lifecycle.yaml:1: file: updated: "2026-02-30" is not a date`},
		"unknown key":        {head + "colour: red\n" + kernels + dists, `lifecycle.yaml:2: file: unknown key "colour"`},
		"key twice":          {head + head + kernels + dists, `lifecycle.yaml:2: file: key "updated" a second time`},
		"second document":    {head + kernels + dists + "---\na: b\n", "a second YAML document"},
		"no source":          {head + strings.Replace(kernels, "source: s, ", "", 1) + dists, "lifecycle.yaml:2: file: kernels: source is missing"},
		"bad line":           {head + strings.Replace(kernels, "5.10", "5.x", 1) + dists, `"5.x" is not a version such as 5.10`},
		"line of three":      {head + strings.Replace(kernels, "5.10", "5.10.1", 1) + dists, `"5.10.1" is not two numbers`},
		"no lines":           {head + "kernels: {source: s, lines: []}\n" + dists, "lines: empty list"},
		"line twice":         {head + strings.Replace(kernels, "[", "[{line: 5.10, released: 2020-12-13, ends: open}, ", 1) + dists, `line "5.10" a second time`},
		"bad truth":          {head + strings.Replace(kernels, "line:", "longterm: yes, line:", 1) + dists, `longterm: "yes" is not one of true, false`},
		"no releases":        {head + kernels + "distributions: [{ids: [a], name: A, source: s}]\n", `lifecycle.yaml:3: distribution "A": releases is missing`},
		"id twice":           {head + kernels + strings.Replace(dists, "[{", "[{ids: [a], name: B, source: s, releases: [{version: 1, ends: open}]}, {", 1), `"B" and "A" have the same id "a"`},
		"name twice":         {head + kernels + strings.Replace(dists, "[{", "[{ids: [b], name: A, source: s, releases: [{version: 1, ends: open}]}, {", 1), `name "A" a second time`},
		"version twice":      {head + kernels + strings.Replace(dists, "releases: [", "releases: [{version: 1, ends: open}, ", 1), `version "1" a second time`},
		"extended too early": {head + kernels + strings.Replace(dists, "ends: open", "ends: 2026-01-01, extended: 2025-01-01", 1), "extended: not after ends"},
		"kernel twice":       {head + kernels + strings.Replace(dists, "ends: open", `ends: open, kernels: ["6.8", {line: "6.8"}]`, 1), `line "6.8" a second time`},
		"another field":      {head + kernels + strings.Replace(dists, "name: A", "name: A, os_release: {BUILD_ID: a}", 1), `unknown key "BUILD_ID"`},
		"another vendor":     {head + "vendors: [{name: redhat, keeps_line: true, source: s}]\n" + kernels + dists, `name: "redhat" is not one of`},
		"a list as text":     {head + kernels + strings.Replace(dists, "name: A", "name: [A]", 1), "name: not a text"},
		"an alias":           {head + kernels + "distributions: &a [*a]\n", "lifecycle.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := loadSmall(map[string][]byte{policy.LifecycleFile: []byte(tc.in)})
			if err == nil || !strings.Contains(err.Error(), tc.want) || p != nil {
				t.Errorf("error %v, want one with %q", err, tc.want)
			}
		})
	}
}
