package board

import (
	"fmt"
	"strings"
)

// readiness says for each version of Kubernetes how many nodes it accepts.
func readiness(t *Texts) Panel {
	var parts []string
	var links []Link
	for _, d := range t.Demands {
		rules := `rule=~"` + strings.Join(d.rules, "|") + `"`
		violated := of("kernel_policy_rule_violated", rules)
		zero := "0 * count(" + of("cluster_rule:kernel_policy_rule_violated:sum", rules) + ")"
		blocked := maxBy(node, violated) + " == 1"
		ready := fmt.Sprintf("%s == %d", countBy(node, violated+" == 0"), len(d.rules))
		// Each number is found once, and stands in the line of every version that
		// asks for the same.
		var versions []string
		for _, v := range d.versions {
			versions = append(versions, with("vector(1)", "version", v+": "+d.what))
		}
		for _, c := range []named{
			{"Blocked", or("count("+blocked+")", zero)},
			{"Ready", or("count("+ready+")", zero)},
			{"Unknown", targets() + " - count(" + or(blocked, ready) + ")"},
		} {
			parts = append(parts, with("("+or(versions...)+") * on () group_left () ("+c.expr+")", "column", c.name))
		}
		links = append(links, toMatchingValue("rule", strings.Join(d.rules, "&var-rule="), "The nodes that block "+strings.Join(d.versions, ", ")))
	}
	return matrix("Ready for Kubernetes", "For each version of Kubernetes, how many nodes its kubelet would refuse because of their kernel or of cgroup v1, and how many it accepts. Unknown: the node does not answer, or what the version asks for cannot be judged. Click a number of blocked nodes for the list. This needs no kube-state-metrics.",
		"version", []col{
			{title: "Kubernetes: asks for", least: 190},
			number("Blocked", "Blocked", 84, red, links...),
			{field: "Ready", title: "Ready", width: 70, right: true, noValue: unknown, thresholds: steps(text, step{1, green}), mappings: numbers(text)},
			{field: "Unknown", title: "Unknown", width: 90, right: true, noValue: unknown, thresholds: steps(text, step{1, grey}), mappings: numbers(text)},
		}, nil, or(parts...))
}

// blocked is the same by what the API server has of the kubelets.
func blocked() Panel {
	return table("Next upgrade of kubelets", "By the versions that kubelets have now (kube-state-metrics): the nodes that block their cluster's upgrade to one of the next two minors of Kubernetes, and why. Without kube-state-metrics this is unknown; Ready for Kubernetes is not.",
		[]col{
			{field: "cluster", title: "Cluster", least: 80, noValue: none, links: []Link{toCluster("cluster")}},
			{field: "minor", title: "To", width: 60},
			{field: "reason", title: "Blocked by", least: 80, mappings: words{{"cgroup_v1", "cgroup v1", ""}, {"kernel", "kernel", ""}}.mappings()},
			plain("Value", "Nodes", 72),
		}, []string{"Value"}, nil,
		orNoneOf(sumBy("cluster, minor, reason", of("cluster_minor_reason:kernel_nodes_blocking:count"))+" > 0", of("cluster_minor:kernel_kubelets:count")))
}

// perRelease returns how many nodes of each kernel release a number by node, of 0
// or 1, is 1 for. Where it is unknown on all nodes of a release, that is absent.
func perRelease(flag string) string {
	return sumBy("release", kernels()+" * on ("+node+") group_left () "+flag)
}

// leaks says which kernels leak: the answer stands on top.
func leaks() Panel {
	waits := maxBy(node, of("kernel_netdev_leaks")+" > bool 0")
	slab := fmt.Sprintf("(%s > bool %g)", slabShare(), SlabWarning)
	nodes := sumBy("release", of("cluster_release:kernel_info:count"))
	leaking := countBy("release", andNodes(kernels(), "("+or(
		groupBy(node, of("kernel_netdev_leaks")+" > 0"), fmt.Sprintf("%s > %g", slabShare(), SlabWarning))+")"))
	return matrix("Which kernels leak", "The kernel releases with most nodes that leak on top. A node leaks if its kernel waits for a network device that it cannot remove, or holds more than a fifth of the memory in slab that it cannot take back. Oopsed: nodes whose kernel has hit a bug in itself since it booted.",
		"release", []col{
			{title: "Kernel", least: 200, links: []Link{toReleaseOfRow()}},
			number("Leaking", "Leaking", 78, red),
			{field: "Share", title: "Of its nodes", width: 106, unit: "percentunit", decimals: new(0), right: true, noValue: unknown, thresholds: steps(text, step{0.001, orange}, step{0.2, red})},
			plain("Waits", "Waits for device", 132),
			plain("Slab", "Slab over 20 %", 122),
			plain("Oops", "Oopsed", 76),
			plain("Nodes", "Nodes", 68),
		}, []string{"Leaking"}, columns(
			named{"Leaking", "(" + or(leaking, "0 * "+nodes) + ")"},
			named{"Share", "((" + or(leaking, "0 * "+nodes) + ") / " + nodes + ")"},
			named{"Waits", perRelease(waits)},
			named{"Slab", perRelease(slab)},
			named{"Oops", perRelease(maxBy(node, of("kernel_log_events_total", `event=~"oops|kernel_bug"`)+" > bool 0"))},
			named{"Nodes", nodes},
		))
}

// releases are all kernels, with their verdict and the end of their support.
func releases() Panel {
	ends := "min by (release) (" + kernels() + " * on (" + node + ") group_left () min by (" + node + ") (" +
		or(of("kernel_support_end_timestamp_seconds"), of("kernel_os_support_end_timestamp_seconds")) + "))"
	nodes := sumBy("release", of("cluster_release:kernel_info:count"))
	known := func(count, metric string) string {
		return "(" + or(count, "0 * "+nodes+" and on () group("+of(metric)+")") + ")"
	}
	return matrix("Kernels", "Every kernel release: how many nodes run it, how many of these are unfit and sick, how many wait for a reboot into another kernel, and the day on which the standard support of the kernel, or else of its distribution, ends.",
		"release", []col{
			{title: "Kernel", least: 215, links: []Link{toReleaseOfRow()}},
			plain("Nodes", "Nodes", 68),
			number("Unfit", "Unfit", 72, red),
			number("Sick", "Sick", 68, orange),
			number("Reboot", "Reboot pending", 130, blue),
			{field: "Supported", title: "Support", width: 78, noValue: unknown, mappings: words{{"0", "ended", orange}, {"1", "ends", text}}.mappings()},
			{field: "Ends", title: "On", width: 100, unit: "time:YYYY-MM-DD", noValue: unknown, right: true},
		}, []string{"Nodes"}, columns(
			named{"Nodes", nodes},
			named{"Unfit", known(countBy("release", andNodes(kernels(), of("instance:kernel_node_unfit:bool"))), "cluster:kernel_nodes_unfit:count")},
			named{"Sick", known(countBy("release", andNodes(kernels(), sick())), "cluster:kernel_nodes_sick:count")},
			named{"Reboot", perRelease(maxBy(node, of("kernel_reboot_pending")))},
			named{"Supported", "(" + ends + " > bool time())"},
			named{"Ends", "(1000 * " + ends + ")"},
		))
}

// toReleaseOfRow leads to the nodes with the release that a row of a matrix is of.
func toReleaseOfRow() Link {
	return toMatchingValue("release", "${__value.raw}", "The nodes with the kernel ${__value.raw}")
}
