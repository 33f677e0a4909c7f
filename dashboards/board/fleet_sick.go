package board

import "slices"

// whatIsSick is the symptoms: nodes, events, alerts, leaks.
func whatIsSick(l *layout) {
	l.row("What is sick now")
	l.band(wide(24, sickTable().high(11)))
	l.band(wide(12, eventTable().high(10)), wide(12, alertTable().high(10)))
	l.band(
		wide(12, graph("Network devices that kernels wait for", "Network devices that kernels are waiting for and cannot remove, in all clusters together. Each is a leak.",
			named{"devices", "sum(" + of("cluster:kernel_netdev_leaks:sum") + ")"}).
			field(func(f *Field) { f.Color = fixed(orange); f.Custom = lines(1, 20, "none") }).high(8)),
		wide(12, fleetAlerts().high(8)))
}

// sickTable names the sick nodes, and what of them can be a number.
func sickTable() Panel {
	worst := or("2 + 0 * "+groupBy(node, sick(`severity="critical"`)), "1 + 0 * "+groupBy(node, sick(`severity="warning"`)))
	those := func(expr string) string { return andNodes(expr, groupBy(node, sick())) }
	return table("Sick nodes", "The nodes behind Sick now, at most 500, the worst on top: how long the kernel has waited for a network device, how much of the memory is slab that it cannot take back, and when it last logged an event that makes it sick.",
		append([]col{
			nodeColumn(), clusterColumn(), kernelColumn(),
			{field: "Value #A", title: "Sick", width: 80, mappings: words{{"2", "critical", red}, {"1", "warning", orange}, {"-2", none, green}}.mappings(), thresholds: steps(text)},
			{field: "Value #B", title: "Waits for a device", width: 148, unit: "dtdurations", right: true, noValue: none, thresholds: steps(text, step{WaitWarning, orange}, step{WaitCritical, red})},
			{field: "Value #C", title: "Slab of memory", width: 134, unit: "percentunit", decimals: new(0), right: true, noValue: unknown, thresholds: steps(text, step{SlabWarning, orange}, step{SlabCritical, red})},
			{field: "event", title: "Last event", width: 160, noValue: none, links: []Link{toMatching("event", "event", "event")}},
		}, hiddenScope()...), []string{"Value #A", "Value #B", "Value #C"}, []string{"Value #D", "Value #E"},
		orNoneOf(scoped("topk(500, "+worst+")"), of("cluster:kernel_nodes_sick:count")),
		those(maxBy(node, of("kernel_netdev_leak_longest_seconds"))+" > 0"),
		maxBy(node, those(of("kernel_slab_unreclaimable_bytes")))+" / "+maxBy(node, those(of("kernel_memory_total_bytes"))),
		groupBy(node+", release", those(coded())),
		those(groupBy(node+", event", "bottomk by ("+node+") (1, "+of("instance_event:kernel_log_event_age:seconds")+" < 1800)")),
	)
}

func eventTable() Panel {
	return table("Kernel log events within an hour", "The kinds of trouble that kernels logged within the last hour: on how many nodes, and how many times.",
		[]col{
			{field: "event", title: "Event", least: 150, links: []Link{toMatching("event", "event", "event")}},
			nodeCount("Value #A", 70),
			{field: "Value #B", title: "Times", width: 80, unit: "locale", decimals: new(0), right: true, noValue: unknown, mappings: words{{"-2", " ", text}}.mappings()},
		}, []string{"Value #A"}, nil,
		orNoneOf(sumBy("event", of("cluster_event:kernel_nodes_affected:count")), of("cluster:kernel_nodes_sick:count")),
		sumBy("event", of("cluster_event:kernel_log_events:increase1h"))+" > 0.5")
}

// Alerts of nodes have the label instance, those of clusters have not. A matcher of that
// label would read the index of every series that has it, and there are millions.
const (
	ofNodes    = " unless on (instance) vector(0)"
	ofClusters = " and on (instance) vector(0)"
)

// firing returns the alerts that fire with labels, and since when, as a time in ms: those
// of nodes, of clusters, or all. A warning is left out where the critical alert of its
// name fires for the same.
func firing(labels, which string, matchers ...string) string {
	alerts := func(metric string, more ...string) string { return of(metric, slices.Concat(matchers, more)...) }
	since := func(severity string) string {
		severity = `severity="` + severity + `"`
		return alerts("ALERTS_FOR_STATE", severity) + " and ignoring (alertstate) " + alerts("ALERTS", severity, `alertstate="firing"`)
	}
	critical := alerts("ALERTS", `severity="critical"`, `alertstate="firing"`)
	return "1000 * min by (" + labels + ") ((" + or(since("critical"), since("warning")+" unless on (alertname, "+node+") "+critical, since("info")) + ")" + which + ")"
}

// firingNodes returns for how many nodes each alert fires.
func firingNodes() string {
	alerts := func(severity string) string {
		return of("ALERTS", `alertstate="firing"`, `severity="`+severity+`"`)
	}
	return countBy("alertname, severity", groupBy("alertname, severity, "+node,
		"("+or(alerts("critical"), alerts("warning")+" unless on (alertname, "+node+") "+alerts("critical"), alerts("info"))+")"+ofNodes))
}

// watchdog finds something where alerts are in the data source: this one always
// fires.
const watchdog = `ALERTS{job=~"$job", alertname="KernelAlertsWatchdog"}`

// alertsAreHere is the same for the clusters that are chosen.
func alertsAreHere() string { return watchdog + " and on (job) " + of("cluster:kernel_nodes:count") }

// order gives alerts a number by which the gravest and then the commonest stand on top.
func order(nodes string) string {
	weights := or(with("vector(2e7)", "severity", "critical"), with("vector(1e7)", "severity", "warning"), with("vector(0)", "severity", "info"))
	return "(" + nodes + ") + on (severity) group_left () (" + weights + ")"
}

func alertTable() Panel {
	nodes := firingNodes()
	return table("Alerts of nodes", "The alerts that fire for single nodes, the gravest on top: for how many nodes, and since when for the first of them. A warning does not count where the critical alert of its name fires.",
		[]col{
			{field: "alertname", title: "Alert", least: 180, links: []Link{toMatching("symptom", "alertname", "alert"), toRunbook("alertname")}},
			{field: "severity", title: "Severity of the alert", width: 160, mappings: severities(), thresholds: steps(text)},
			nodeCount("Value #A", 66),
			{field: "Value #B", title: "The oldest since", width: 168, unit: "dateTimeAsIso", noValue: unknown, right: true},
		}, []string{"Value #C"}, []string{"Value #C"},
		orNoneOf(nodes, alertsAreHere()), firing("alertname, severity", ofNodes), order(nodes))
}

func fleetAlerts() Panel {
	return table("Alerts of clusters", "The alerts that fire for whole clusters, the oldest on top: what they are about and since when. Each has its number of nodes in its own text.",
		[]col{
			{field: "alertname", title: "Alert", least: 150, links: []Link{toRunbook("alertname")}},
			{field: "severity", title: "Severity", width: 88, mappings: severities(), thresholds: steps(text)},
			{field: "cluster", title: "Cluster", least: 70, links: []Link{toCluster("cluster")}},
			{field: "about", title: "About", least: 90, noValue: none},
			{field: "Value", title: "Since", width: 168, unit: "dateTimeAsIso", right: true, mappings: words{{"-2", none, text}}.mappings()},
		}, nil, nil,
		orNoneOf("sort("+about(firing("alertname, severity, cluster, rule, collector, bug_severity, minor, reason, runtime", ofClusters, `alertname!="KernelAlertsWatchdog"`))+")", alertsAreHere()))
}

// about joins what an alert of a cluster names.
func about(alerts string) string {
	return "min without (rule, collector, bug_severity, minor, reason, runtime) (" +
		`label_replace(label_join(` + alerts + `, "about", " ", "rule", "collector", "bug_severity", "minor", "reason", "runtime"), "about", "$1", "about", " *(.*?) *")` + ")"
}
