package main

import (
	"fmt"
	"strings"
)

const generated = "# Written by make data from the sources that tools/policydata/lock.tsv names.\n# Do not edit: what stands in another file of the data set is merged over it.\n"

// writeRanges is bugs.yaml.
func writeRanges(bugs []bug, from sources) string {
	var b strings.Builder
	b.WriteString(generated)
	fmt.Fprintf(&b, "#\n# \"kernel CNA\" is https://git.kernel.org/pub/scm/linux/security/vulns.git (%s),\n", from.of("vulns").date)
	fmt.Fprintf(&b, "# \"linux_kernel_cves\" https://github.com/nluedtke/linux_kernel_cves (%s).\n\n", from.of("linux_kernel_cves").date)
	fmt.Fprintf(&b, "updated: %s\n\nbugs:\n", from.of("vulns").date)
	for _, one := range bugs {
		fields := []string{"name: " + one.name}
		if one.introduced != "" {
			fields = append(fields, "introduced: "+one.introduced)
		}
		if len(one.introducedStable) > 0 {
			fields = append(fields, "introduced_stable: ["+strings.Join(one.introducedStable, ", ")+"]")
		}
		if one.fixed != "" {
			fields = append(fields, "fixed: "+one.fixed)
		}
		if len(one.fixedStable) > 0 {
			fields = append(fields, "fixed_stable: ["+strings.Join(one.fixedStable, ", ")+"]")
		}
		if one.complete {
			fields = append(fields, "complete: true")
		}
		fields = append(fields, fmt.Sprintf("source: %q", one.source))
		fmt.Fprintf(&b, "  - {%s}\n", strings.Join(fields, ", "))
	}
	return b.String()
}

// writeBuilds is bugs-builds.yaml.
func writeBuilds(builds []build, abis []abi) string {
	var b strings.Builder
	b.WriteString(generated)
	b.WriteString(`#
# el: Red Hat's builds, by AlmaLinux's advisories (https://github.com/AlmaLinux/osv-database).
# debian: the changelogs of Debian's linux. ubuntu: https://git.launchpad.net/ubuntu-cve-tracker.

bugs:
`)
	last := ""
	for _, one := range builds {
		if one.bug != last {
			last = one.bug
			fmt.Fprintf(&b, "  - name: %s\n    builds:\n", one.bug)
		}
		fields := []string{"stream: " + one.stream}
		for _, f := range []struct{ key, value string }{
			{"line", one.line}, {"from", one.from}, {"below", one.below}, {"fixed", one.fixed},
		} {
			if f.value != "" {
				fields = append(fields, f.key+": "+f.value)
			}
		}
		if one.clear {
			fields = append(fields, "state: clear")
		}
		if one.later {
			fields = append(fields, "later: true")
		}
		fmt.Fprintf(&b, "      - {%s}\n", strings.Join(fields, ", "))
	}
	b.WriteString("\n# Debian's versions by what uname -r says.\nabis:\n")
	for _, one := range abis {
		fmt.Fprintf(&b, "  - {stream: debian, release: %s, version: %s", one.release, one.version)
		if one.last != "" {
			fmt.Fprintf(&b, ", last: %s", one.last)
		}
		b.WriteString("}\n")
	}
	return b.String()
}
