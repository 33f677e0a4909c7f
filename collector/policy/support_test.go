package policy_test

import (
	"strings"
	"testing"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/policy"
)

func TestSupported(t *testing.T) {
	t.Parallel()
	p := defaultPolicy(t)
	for _, tc := range []struct {
		rule, now        string
		release, version string
		os               host.OS
		want             policy.Outcome
		reason           string
	}{
		// The last day is a day of support.
		{"kernel_supported", "2026-12-31", "5.15.216", "", host.OS{}, policy.Kept, "until 2026-12-31"},
		{"kernel_supported", "2027-01-01", "5.15.216", "", host.OS{}, policy.Violated, "ended on 2026-12-31"},
		// A line without an announced end is believed for a while.
		{"kernel_supported", "2026-09-01", "7.2.1", "", host.OS{}, policy.Kept, "no announced end"},
		{"kernel_supported", "2026-12-01", "7.2.1", "", host.OS{}, policy.Unknown, "short-lived"},
		{"kernel_supported", "2026-09-01", "7.3.0", "", host.OS{}, policy.Unknown, "newer than the data of 2026-08-22"},
		{"kernel_supported", "2026-09-01", "5.7.19", "", host.OS{}, policy.Violated, "kernel line 5.7 had ended before 2026-08-22"},
		// A vendor's kernel follows its distribution, and not kernel.org's line.
		{"kernel_supported", "2026-12-01", "5.14.0-570.el9.x86_64", "", host.OS{ID: "rhel", VersionID: "9.6"}, policy.Kept, "follows its distribution: Red Hat Enterprise Linux 9.6 is supported until 2032-05-31"},
		{"kernel_supported", "2026-12-01", "6.1.0-50-amd64", "#1 SMP Debian 6.1.176-1 (2026-07-02)", host.OS{ID: "debian", VersionID: "12"}, policy.Violated, "Debian LTS goes on until 2028-06-30"},
		{"kernel_supported", "2026-12-01", "5.10.0-32-amd64", "#1 SMP Debian 5.10.223-1 (2024-08-10)", host.OS{ID: "debian", VersionID: "11"}, policy.Violated, "Debian LTS ended on 2026-08-31"},
		{"kernel_supported", "2026-12-01", "6.12.0-100.28.2.el10uek.x86_64", "", host.OS{ID: "ol", VersionID: "10.1"}, policy.Kept, "no announced end"},
		// A node in a container: the kernel is another's.
		{"kernel_supported", "2026-12-01", "6.8.0-60-generic", "#63-Ubuntu SMP", host.OS{ID: "debian", VersionID: "12"}, policy.Unknown, "is from ubuntu"},
		{"kernel_supported", "2026-12-01", "6.18.41-talos", "", host.OS{ID: "talos", VersionID: "v1.13.8"}, policy.Unknown, "is from talos"},
		{"kernel_supported", "2026-12-01", "6.5.11-7-pve", "", host.OS{ID: "debian", VersionID: "12"}, policy.Unknown, "is from proxmox"},

		{"os_supported", "2024-06-30", "6.1.1", "", host.OS{ID: "centos", VersionID: "7"}, policy.Kept, ""},
		{"os_supported", "2024-07-01", "6.1.1", "", host.OS{ID: "centos", VersionID: "7"}, policy.Violated, ""},
		{"os_supported", "2026-12-01", "6.1.1", "", host.OS{ID: "rhel", VersionID: "7.9"}, policy.Violated, "Extended Life Cycle Support (ELS) goes on until 2029-05-31"},
		{"os_supported", "2026-12-01", "6.1.1", "", host.OS{ID: "fedora", VersionID: "43", Name: "Fedora Linux", SupportEnd: date(t, "2026-12-02")}, policy.Kept, "Fedora Linux 43 is supported until 2026-12-01"},
		{"os_supported", "2026-12-02", "6.1.1", "", host.OS{ID: "fedora", VersionID: "43", Name: "Fedora Linux", SupportEnd: date(t, "2026-12-02")}, policy.Violated, "ended on 2026-12-01"},
		{"os_supported", "2026-12-01", "6.1.1", "", host.OS{}, policy.Unknown, "an operating system without a name"},
	} {
		node := facts.Facts{
			Kernel: facts.Known(kernel(t, tc.release, tc.version, "x")),
			OS:     facts.Known(tc.os),
		}
		v := verdictOf(t, p, tc.rule, node, date(t, tc.now))
		if v.Outcome != tc.want || !strings.Contains(v.Reason, tc.reason) {
			t.Errorf("%s of %s %s on %s: %s (%s), want %s with %q",
				tc.rule, tc.os.ID, tc.release, tc.now, v.Outcome, v.Reason, tc.want, tc.reason)
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
	v := verdictOf(t, defaultPolicy(t), "kernel_supported", node, date(t, "2026-12-01"))
	if v.Outcome != policy.Unknown || v.Cause != facts.Unreadable || v.Missing != "etc/os-release" {
		t.Errorf("%s, %s, missing %q", v.Outcome, v.Cause, v.Missing)
	}
}

// A release with a shorter name would serve all of its service packs as well.
func TestLifecycleEntriesDoNotShadow(t *testing.T) {
	t.Parallel()
	l := defaultLifecycle(t)
	for _, id := range []string{"sles", "sl-micro", "photon", "ubuntu", "amzn"} {
		for _, version := range []string{"15", "12", "5", "6", "22", "2018"} {
			if end, ok := l.OSEnd(host.OS{ID: id, VersionID: version}); ok {
				t.Errorf("%s %s: %s", id, version, end)
			}
		}
	}
}
