package board

import (
	"fmt"
	"strings"
)

// readiness says for each version of Kubernetes how many nodes it accepts.
func readiness(t *Texts) Panel {
	var parts []string
	blocking := number("Blocked", "Blocked", 78, red)
	unsure := col{field: "Unknown", title: "Unknown", width: 84, right: true, noValue: unknown, thresholds: steps(text, step{1, grey}), mappings: numbers(text)}
	for i := range t.Demands {
		d := &t.Demands[i]
		what := "kernel " + d.Kernel
		if d.CgroupV2 {
			what += ", cgroup v2"
		}
		// Each number is found once, and stands in the line of every version that
		// asks for the same.
		var versions []string
		for _, v := range d.Versions {
			versions = append(versions, with("vector(1)", "version", v+": "+what))
		}
		for _, c := range []named{
			{"Blocked", many(d.Blocking())},
			{"Ready", fmt.Sprintf("sum(%s) - (%s) - (%s)", counted("all"), many(d.Blocking()), many(d.Unknown()))},
			{"Unknown", many(d.Unknown())},
		} {
			parts = append(parts, with("("+or(versions...)+") * on () group_left () ("+c.expr+")", "column", c.name))
		}
		these := strings.Join(d.Versions, ", ")
		blocking.links = append(blocking.links, toState("The nodes that block "+these, d.Blocking()))
		unsure.links = append(unsure.links, toState("The nodes of which it is unknown whether they block "+these, d.Unknown()))
	}
	return matrix("Ready for Kubernetes", "For each version of Kubernetes, how many nodes its kubelet would refuse because of their kernel or of cgroup v1, and how many it accepts. Unknown: the node does not answer, or what the version asks for cannot be judged. Click a number of blocked nodes for the list. This needs no kube-state-metrics.",
		"version", []col{
			{title: "Version", least: 84},
			blocking,
			{field: "Ready", title: "Ready", width: 70, right: true, noValue: unknown, thresholds: steps(text, step{1, green}), mappings: numbers(text)},
			unsure,
		}, nil, or(parts...))
}

// blocked is the same by what the API server has of the kubelets.
func blocked(t *Texts) Panel {
	nodes := nodeCount("Value", 66)
	for i := range t.Demands {
		d := &t.Demands[i]
		nodes.links = append(nodes.links, Link{
			Title: "The nodes of ${__data.fields.cluster} that block " + strings.Join(d.Versions, ", "),
			URL:   matchingURL("var-cluster=${__data.fields.cluster}", chosen([]string{d.Blocking()})+unfiltered("state")),
		})
	}
	return table("Next upgrade of kubelets", "By the versions that kubelets have now (kube-state-metrics): the nodes that block their cluster's upgrade to one of the next two minors of Kubernetes, and why. Without kube-state-metrics this is unknown; Ready for Kubernetes is not.",
		[]col{
			{field: "cluster", title: "Cluster", least: 84, noValue: none, links: []Link{toCluster("cluster")}},
			{field: "minor", title: "To", width: 54},
			nodes,
			{field: "reason", title: "Blocked by", least: 80, mappings: words{{"cgroup_v1", "cgroup v1", ""}, {"kernel", "kernel", ""}}.mappings()},
		}, []string{"Value"}, nil,
		orNoneOf(sumBy("cluster, minor, reason", of("cluster_minor_reason:kernel_nodes_blocking:count"))+" > 0", of("cluster_minor:kernel_kubelets:count")))
}

// leaks says which kernels leak: the answer stands on top.
func leaks() Panel {
	nodes := byRelease("all")
	leak := perRelease(leaking+"_unknown", leaking)
	to := func(title string, states ...string) Link { return toStateOfRow("Kernel", title, states...) }
	return matrix("Which kernels leak", "The kernel releases with most nodes that leak on top. A node leaks if its kernel waits for a network device that it cannot remove, or holds more than a fifth of the memory in slab that it cannot take back. Unknown: of how many nodes neither is seen and one is not known. Oopsed: nodes whose kernel has hit a bug in itself since it booted. Click a number for its nodes.",
		"release", []col{
			{title: "Kernel", least: 190, links: []Link{toReleaseOfRow()}},
			number("Leaking", "Leaking", 78, red, to("The nodes that leak", waits, slab)),
			{field: "Share", title: "Of its nodes", width: 106, unit: "percentunit", decimals: new(0), right: true, noValue: unknown, thresholds: steps(text, step{0.001, orange}, step{0.2, red})},
			number("Waits", "Waits for device", 132, text, to("The nodes that wait for a device", waits)),
			number("Slab", "Slab over 20 %", 122, text, to("The nodes with much slab", slab)),
			number("Unknown", "Unknown", 86, grey, to("The nodes whose waits or slab are not known", waits+"_unknown", slab+"_unknown")),
			number("Oops", "Oopsed", 76, text, to("The nodes that oopsed", oopsed)),
			nodeCount("Nodes", 68),
		}, []string{"Leaking"}, columns(
			named{"Leaking", leak},
			named{"Share", "(" + leak + " / " + nodes + ")"},
			named{"Waits", perRelease(waits+"_unknown", waits)},
			named{"Slab", perRelease(slab+"_unknown", slab)},
			named{"Unknown", perRelease("", leaking+"_unknown")},
			named{"Oops", perRelease(oopsed+"_unknown", oopsed)},
			named{"Nodes", nodes},
		))
}

// releases are all kernels, with their verdict and the end of their support.
func releases() Panel {
	ends := "min by (release) (" + of("cluster_release:kernel_support_end_timestamp_seconds:min") + ")"
	to := func(title string, states ...string) Link { return toStateOfRow("Kernel", title, states...) }
	return matrix("Kernels", "Every kernel release: how many nodes run it, how many of these are unfit and sick, how many wait for a reboot into another kernel, and the day on which the standard support of the kernel, or else of its distribution, ends. Click a number for its nodes.",
		"release", []col{
			{title: "Kernel", least: 215, links: []Link{toReleaseOfRow()}},
			nodeCount("Nodes", 68),
			number("Unfit", "Unfit", 72, red, to("The unfit nodes", unfitNode)),
			number("Sick", "Sick", 68, orange, to("The sick nodes", sickCriticalNow, sickWarningNow)),
			number("Reboot", "Reboot pending", 130, blue, to("The nodes that wait for a reboot", rebootPending)),
			{field: "Supported", title: "Support", width: 78, noValue: unknown, mappings: words{{"0", "ended", orange}, {"1", "ends", text}}.mappings()},
			{field: "Ends", title: "On", width: 100, unit: "time:YYYY-MM-DD", noValue: unknown, right: true},
		}, []string{"Nodes"}, columns(
			named{"Nodes", byRelease("all")},
			named{"Unfit", perRelease(fitnessUnknown, unfitNode)},
			named{"Sick", perRelease(sicknessUnknown, sickCriticalNow, sickWarningNow)},
			named{"Reboot", perRelease(rebootPending+"_unknown", rebootPending)},
			named{"Supported", "(" + ends + " > bool time())"},
			named{"Ends", "(1000 * " + ends + ")"},
		))
}

// toReleaseOfRow leads to the nodes with the release that a row of a matrix is of.
func toReleaseOfRow() Link {
	return toMatchingValue("release", "${__value.raw}", "The nodes with the kernel ${__value.raw}")
}
