package board

import (
	"slices"
	"strconv"
)

// What is known of nodes, as expressions by node.
func sick(matchers ...string) string {
	return of("instance_severity:kernel_node_sick:bool", matchers...)
}

// targets, unfit, unknowns and fit are numbers of nodes. Each node that is watched is
// one of the latter three.
func targets() string  { return "sum(" + of("cluster:kernel_exporter_targets:count") + ")" }
func unfit() string    { return "sum(" + of("cluster:kernel_nodes_unfit:count") + ")" }
func unknowns() string { return "sum(" + of("cluster:kernel_nodes_unknown:count") + ")" }
func fit() string {
	return "sum(" + of("cluster:kernel_exporter_targets:count") + " - " + of("cluster:kernel_nodes_unfit:count") + " - " + of("cluster:kernel_nodes_unknown:count") + ")"
}

func sickNodes(severity string) string {
	return "sum(" + of("cluster:kernel_nodes_sick:count", `severity="`+severity+`"`) + ")"
}

// Fleet returns the dashboard of the whole fleet.
func Fleet(t *Texts) Dashboard {
	d := newDashboard(fleetUID, "Kernel / Fleet",
		"Which nodes of the fleet have a kernel that is fit to run containers, which are sick right now, and which are unknown. Every count leads to its nodes.", "1m")
	d.Links = []Link{
		{
			Type: "link", Title: "Nodes that match", Icon: "dashboard", Tooltip: "Every node, the worst first, or those with a rule, kernel, bug, event, symptom or state",
			URL:         "/d/" + fleetUID + "?${datasource:queryparam}&${job:queryparam}&${cluster:queryparam}" + unfiltered() + "&${exporter:queryparam}&viewPanel=" + strconv.Itoa(matching),
			IncludeVars: new(false), KeepTime: new(true), AsDropdown: new(false), Tags: []string{},
		},
		dashboardLink("Node", "One node: choose it at the top", "/d/"+nodeUID+"?${datasource:queryparam}&${job:queryparam}&${cluster:queryparam}&${exporter:queryparam}"),
	}
	d.Annotations.List = append(d.Annotations.List, begins("Critical alerts that begin", red, "job, cluster, alertname", of("ALERTS", `alertstate="firing"`, `severity="critical"`), "{{cluster}}"))
	d.Templating.List = slices.Concat(
		[]Variable{datasourceVariable(), jobVariable(), clusterVariable()},
		[]Variable{
			filter("rule", "Violated rule", "cluster_rule:kernel_policy_rule_violated:sum", "rule"),
			filter("unjudged", "Unjudged rule", "cluster_rule_cause:kernel_policy_rule_unknown:sum", "rule"),
			filter("release", "Kernel", "cluster_release:kernel_info:count", "release"),
			filter("bug", "Bug", "cluster_bug:kernel_known_bug:sum", "bug"),
			filter("event", "Event", "cluster_event:kernel_nodes_affected:count", "event"),
			filter("symptom", "Symptom", "ALERTS", "alertname", `alertstate="firing"`, `instance!=""`),
			filter("state", "State", "cluster_release_state:kernel_nodes:count", "state", `state!~"all|leaking|leaking_unknown"`),
			backVariable(),
			exporterVariable(),
		})

	var l layout
	firstScreen(&l)
	l.row("Ready for the next Kubernetes? Which kernel leaks?")
	l.band(wide(8, readiness(t).high(9)), wide(16, leaks().high(9)))
	l.band(wide(8, blocked(t).high(10)), wide(16, releases().high(10)))
	l.row("Nodes that match what is chosen at the top: every count leads here")
	l.band(wide(24, nodesThatMatch().high(14)))
	why(&l, t)
	whatIsSick(&l)
	migration(&l)
	upkeep(&l)
	d.Panels = l.numbered()
	return d
}

// firstScreen is the answer, over time, and how far it can be trusted.
func firstScreen(l *layout) {
	l.band(
		wide(4, tile("Nodes", "How many nodes Prometheus is told to watch, whether they answer or not. Each is fit, unfit or unknown.",
			"none", steps(text), nil, named{"nodes", targets()}).
			leads(toMatchingValue("rule", "$__all", "All nodes, the worst first")).high(4)),
		wide(4, tile("Fit", "Nodes that answer, violate no rule of severity critical, and could be judged by all of them. They may violate rules of lower severity.",
			"value", steps(grey, step{0, green}), words{{"0", none, grey}}.mappings(), named{"fit", fit()}).high(4)),
		wide(5, tile("Unfit", "Nodes that violate at least one rule of severity critical: containers do not belong on them.",
			"background", bad(red), words{{"0", none, green}}.mappings(), named{"unfit", unfit()}).
			leads(toState("The unfit nodes", unfitNode)).high(4)),
		wide(6, tile("Sick now", "Nodes that are sick now, each at its worst: the kernel waits for a network device, or logged trouble within 30 minutes, or holds much memory in slab. The recording rules count them; no alert is needed. A node that does not answer, or whose log cannot be read, may be sick and does not count here.",
			"background", bad(orange), words{{"0", none, green}}.mappings(), named{"critical", sickNodes("critical")}, named{"warning", sickNodes("warning")}).
			look("critical", thresholds(bad(red))).leads(toState("The sick nodes", sickCriticalNow, sickWarningNow)).high(4)),
		wide(5, tile("Unknown", "Nodes that are not known to be unfit and cannot be called fit: they do not answer, or a rule of severity critical could not be judged because a file or a permission is missing.",
			"background", steps(grey, step{0, green}, step{1, grey}), words{{"0", none, green}}.mappings(), named{"unknown", unknowns()}).
			leads(toState("The unknown nodes", fitnessUnknown)).high(4)),
	)
	over := graph("Nodes over time", "How many nodes are fit, unfit and unknown, and how many are sick, as in the tiles above.",
		named{"fit", fit()}, named{"unfit", unfit()}, named{"unknown", unknowns()},
		named{"sick, critical", sickNodes("critical")}, named{"sick, warning", sickNodes("warning")}).
		look("fit", colour(green)).look("unfit", colour(red)).look("unknown", colour(grey)).
		look("sick, critical", colour("dark-red"), dashed()).look("sick, warning", colour(orange), dashed())
	l.band(wide(14, over.high(9)), wide(10, trust().high(9)))
}

// dashed draws a line of dashes.
func dashed() Property {
	return custom("lineStyle", options{"fill": "dash", "dash": []int{8, 6}})
}

// trust lists what makes the page say less than it could.
func trust() Panel {
	var rows []string
	row := func(what, to, expr string) { rows = append(rows, with(with(expr, "what", what), "to", to)) }
	row("no rules here: load kernel_exporter print alerts", "", "1e9 * absent("+of("cluster:kernel_exporter_targets:count")+")")
	row("no states here, the rules are old: load kernel_exporter print alerts", "",
		"1e9 * (absent("+counted("all")+") and on () group("+of("cluster:kernel_exporter_targets:count")+"))")
	row("no alerts in this data source", "",
		`1e9 * (absent(ALERTS{job=~"$job", alertname="KernelAlertsWatchdog"}) and on () group(`+of("cluster:kernel_nodes:count")+"))")
	row("in Kubernetes, and no exporter there", "&viewPanel="+strconv.Itoa(unknowing), "sum("+of("cluster:kernel_nodes_missing:count")+") > 0")
	for _, s := range []struct{ state, what string }{
		{silent, "silent: no answer"},
		{"log_unreadable", "kernel log unreadable"},
		{"log_unreported", "kernel log not reported"},
		{"log_incomplete", "log not whole since boot"},
		{"collector_failing", "a collector fails"},
		{"clock_wrong", "clock wrong"},
		{sicknessUnknown, "sick or well"},
		{rebootPending + "_unknown", "reboot pending or not"},
	} {
		row(s.what, chosen([]string{s.state})+"&viewPanel="+strconv.Itoa(matching), "sum("+counted(s.state)+") > 0")
	}
	to := Link{
		Title: "The nodes: ${__data.fields.what}",
		URL: "/d/" + fleetUID + "?${datasource:queryparam}&${job:queryparam}&${cluster:queryparam}" + unfiltered("state") +
			"&${back:queryparam}&${exporter:queryparam}&${__url_time_range}${__data.fields.to}",
	}
	return table("What is not known", "What this page lacks: rules or alerts that are not in the data source; nodes that do not answer; kernel logs that are not read, or of which records since the boot are missing; collectors that fail; clocks that are off by more than a minute; nodes of which it is not known whether they are sick, because they do not answer or their log, waits or slab are not known, or whether a reboot is pending. A node may stand in several lines. Click a line for its nodes.",
		[]col{
			{field: "what", title: "Less is known of", noValue: "all", links: []Link{to}},
			{field: "Value", title: "Nodes", width: 76, right: true, links: []Link{to}, thresholds: steps(orange), mappings: words{{"1000000000", "all", red}, {"-2", none, text}}.mappings()},
			hidden("to"),
		}, nil, nil, orNone(or(rows...)))
}
