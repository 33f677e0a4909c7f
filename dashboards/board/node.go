package board

import (
	"strconv"
)

// mine is of for the node that is chosen.
func mine(metric string, matchers ...string) string {
	return of(metric, append([]string{`instance=~"$instance"`}, matchers...)...)
}

// orUnknown has the value for unknown where an expression finds nothing.
func orUnknown(expr string) string {
	return expr + " or on () (0 * absent(" + expr + ") - 1)"
}

// Node returns the dashboard of one node.
func Node(t *Texts) Dashboard {
	d := newDashboard(nodeUID, "Kernel / Node", "One node: whether its kernel is fit to run containers and why, whether it is sick, and how far its log can be trusted.", "30s")
	d.Links = []Link{
		// Without the cluster: one would come back to a part of the fleet.
		dashboardLink("Fleet", "All nodes of the fleet", "/d/"+fleetUID+"?${datasource:queryparam}&${job:queryparam}&${exporter:queryparam}"),
		{
			Type: "link", Title: "The exporter's own page", Icon: "external link", Tooltip: "Where the instance is an address that your browser reaches",
			URL: "http://${instance}/", TargetBlank: true, IncludeVars: new(false), KeepTime: new(false), AsDropdown: new(false), Tags: []string{},
		},
	}
	for _, a := range []struct{ name, severity, colour string }{{"Critical alerts that begin", "critical", red}, {"Warnings that begin", "warning", orange}} {
		d.Annotations.List = append(d.Annotations.List, begins(a.name, a.colour, "alertname", mine("ALERTS", `alertstate="firing"`, `severity="`+a.severity+`"`), a.severity))
	}
	instance := values("instance", "Node", of("up"), "instance")
	d.Templating.List = []Variable{datasourceVariable(), jobVariable(), clusterVariable(), instance, exporterVariable()}

	var l layout
	identity(&l)
	verdict(&l, t)
	trouble(&l)
	memory(&l)
	health(&l)
	d.Panels = l.numbered()
	return d
}

// word is a tile that shows labels, not a number.
func word(title, description, legend, query string) Panel {
	p := tile(title, description, "none", steps(text), nil, named{legend, query}).option("textMode", "name")
	return p.option("text", options{"titleSize": 16}).field(func(f *Field) { f.Unit, f.Decimals = "", nil })
}

func identity(l *layout) {
	critical := `severity="critical"`
	judged := or(
		maxBy(node, mine("kernel_policy_rule_violated", critical)+" == 1")+" + 1",
		"1 + 0 * "+groupBy(node, mine("kernel_policy_rule_unknown", critical, `cause!="unknowable"`)),
		maxBy(node, mine("kernel_policy_rule_violated", critical)))
	// Sickness: 3 critical, 2 warning, 0 well.
	how := or("2 + "+groupBy("job", mine("instance_severity:kernel_node_sick:bool", critical)), "1 + "+groupBy("job", mine("instance_severity:kernel_node_sick:bool", `severity="warning"`)),
		"0 * ("+groupBy("job", seen(mine))+" and on (job) "+groupBy("job", of("cluster:kernel_nodes_sick:count"))+")")
	l.band(
		wide(6, word("Node", "The node that this page is about, and its cluster.", "{{instance}}  {{cluster}}",
			or(groupBy("instance, cluster", mine("up")), with("absent("+mine("up")+")", "instance", unknown))).high(4)),
		wide(4, tile("Verdict", "Whether the kernel is fit to run containers. Unfit: it violates a rule of severity critical. Unknown: it violates none that could be judged, but a file or a permission is missing for others of that severity, or the node does not answer.",
			"background", steps(grey), words{{"0", "fit", green}, {"1", unknown, grey}, {"2", "unfit", red}}.mappings(), named{"verdict", "max(" + judged + ")"}).high(4)),
		wide(4, tile("Sick now", "Whether the node is sick now, and how badly, by the recording rules. Unknown: its log, its waits for network devices or its slab cannot be read, or the rules are not in this data source.",
			"background", steps(grey), words{{"0", "well", green}, {"2", "warning", orange}, {"3", "critical", red}}.mappings(), named{"sick", "max(" + how + ")"}).high(4)),
		wide(5, word("Kernel", "The release of the kernel that runs.", "{{release}}",
			or(groupBy("release", mine("kernel_info")), with("absent("+mine("kernel_info")+")", "release", unknown))).high(4)),
		wide(3, word("System", "The operating system and its version, by os-release.", "{{name}} {{version_id}}",
			or(`label_replace(`+groupBy("name, version_id", mine("kernel_os_info"))+`, "name", "unknown", "name", "")`, with("absent("+mine("kernel_os_info")+")", "name", unknown))).high(4)),
		wide(2, tile("Up for", "How long ago the kernel booted.", "none", steps(text), nil, named{"uptime", "time() - max(" + mine("kernel_boot_time_seconds") + ")"}).
			field(func(f *Field) { f.Unit = "dtdurations" }).high(4)),
	)
}

func verdict(l *layout, t *Texts) {
	l.row("Why: the verdict, rule by rule")
	l.band(wide(24, nodeRules(t).high(15)))
	l.band(wide(12, nodeBugs(t).high(8)), wide(6, missingFeatures().high(8)), wide(6, support().high(8)))
}

// nodeRules lists what the policy says of the node. Its number says the outcome and,
// for the order, the severity.
func nodeRules(t *Texts) Panel {
	outcome := func(metric string, matcher string, equal string, n int) string {
		var parts []string
		for i, s := range []string{"info", "warning", "critical"} {
			parts = append(parts, "("+strconv.Itoa(n+i)+" + 0 * "+groupBy("rule, severity", mine(metric, matcher, `severity="`+s+`"`)+equal)+")")
		}
		return or(parts...)
	}
	query := or(
		outcome("kernel_policy_rule_violated", `rule!=""`, " == 1", 30),
		outcome("kernel_policy_rule_unknown", `cause!="unknowable"`, "", 20),
		outcome("kernel_policy_rule_unknown", `cause="unknowable"`, "", 10),
		outcome("kernel_policy_rule_violated", `rule!=""`, " == 0", 0),
	)
	var w words
	for _, o := range []struct {
		n            int
		text, colour string
	}{{30, "violated", red}, {20, "unreadable", grey}, {10, "unknowable", grey}, {0, "kept", green}} {
		for i := range 3 {
			colour := o.colour
			if o.n == 30 {
				colour = []string{blue, orange, red}[i]
			}
			w = append(w, struct{ value, text, colour string }{strconv.Itoa(o.n + i), o.text, colour})
		}
	}
	return table("Rules", "What the policy says of this node: violated rules first, the gravest on top, then those that cannot be judged. Unreadable: a file or a permission is missing, or a read did not come back. Unknowable: nobody could say, as with a vendor's backports. The exporter's own page and kernel_exporter check give the reason with this node's numbers.",
		[]col{
			{field: "rule", title: "Rule", width: 180},
			{field: "severity", title: "Severity", width: 80, mappings: severities(), thresholds: steps(text)},
			{field: "Value", title: "Outcome", width: 96, mappings: w.mappings(), thresholds: steps(text), noValue: unknown},
			{field: "asked", title: "Why it is asked", wrap: true, least: 220, mappings: t.rules()},
			{field: "remedy", title: "What to do where it is violated", wrap: true, least: 220, mappings: t.remedies()},
		}, []string{"Value"}, nil, copied(copied(query, "asked", "rule"), "remedy", "rule"))
}

func nodeBugs(t *Texts) Panel {
	return table("Known bugs", "How many bugs this kernel may have because nobody could say, as with a vendor's backports, and then those that it is known to have.",
		[]col{
			{field: "bug", title: "Bug", width: 160, mappings: nil},
			{field: "severity", title: "Severity", width: 96, mappings: severities(), thresholds: steps(text), noValue: unknown},
			{field: "title", title: "What it is", wrap: true, least: 160, mappings: t.bugs()},
			{field: "Value", title: " ", width: 60, right: true, mappings: words{{"0", " ", text}, {"-2", none, green}}.mappings()},
		}, []string{"Value"}, nil,
		orNoneOf(or(
			with("max("+mine("kernel_known_bugs", `state="unknown"`)+") > 0", "title", "others, of which it is unknown"),
			copied("0 * "+groupBy("bug, severity", mine("kernel_known_bug")), "title", "bug")), mine("kernel_known_bugs")))
}

func missingFeatures() Panel {
	return table("Features known to be missing", "What Kubernetes can use and this kernel does not have. What cannot be known does not stand here.",
		[]col{{field: "feature", title: "Feature", least: 120}, {field: "Value", title: " ", width: 60, mappings: words{{"0", " ", text}, {"-2", none, green}}.mappings()}},
		nil, nil, orNoneOf("0 * "+groupBy("feature", mine("kernel_feature_supported")+" == 0"), mine("kernel_feature_supported")))
}

func support() Panel {
	return list("Support and reboot", "The days on which the support of the kernel's line and of the operating system ends; whether the node waits for a reboot into another kernel; the taint mask of the kernel; whether a live patch is in force.",
		named{"kernel supported until", orUnknown("1000 * max(" + mine("kernel_support_end_timestamp_seconds") + ")")},
		named{"system supported until", orUnknown("1000 * max(" + mine("kernel_os_support_end_timestamp_seconds") + ")")},
		named{"reboot pending", orUnknown("max(" + mine("kernel_reboot_pending") + ")")},
		named{"taint", orUnknown("max(" + mine("kernel_tainted") + ")")},
		named{"live patches", or("count("+mine("kernel_livepatch_info")+")", "0 * max("+mine("kernel_info")+")", "0 * absent("+mine("kernel_info")+") - 1")},
	).look("kernel supported until", unit("time:YYYY-MM-DD")).look("system supported until", unit("time:YYYY-MM-DD")).
		look("reboot pending", mapped(yesNo(blue, text))).look("taint", unit("none"), decimals(0))
}

func trouble(l *layout) {
	l.row("Is it sick: what the kernel logged, and the alerts")
	seen := mine("kernel_log_event_last_seen_timestamp_seconds")
	events := newEvents(seen)
	l.band(wide(12, events.high(9)), wide(12, eventsSinceBoot().high(9)))
	l.band(wide(12, alertsOverTime().high(8)), wide(12, nodeAlerts().high(8)))
	l.band(
		wide(8, graph("Waiting for network devices", "How long the kernel has been waiting for the network device that it has waited for longest, unable to remove it. A healthy kernel never waits.",
			named{"longest wait", "max(" + mine("kernel_netdev_leak_longest_seconds") + ")"}).
			field(func(f *Field) {
				f.Unit, f.Color = "dtdurations", fixed(orange)
				f.Custom = with0(lines(1, 20, "none"), "axisSoftMax", 60)
			}).high(8)),
		wide(8, graph("Log records by level", "How many records the kernel writes to its log in a minute, by level, the gravest first. Info and debug are left out.",
			named{"emerg, alert, crit", "sum(rate(" + mine("kernel_log_records_total", `level=~"emerg|alert|crit"`) + "[$__rate_interval])) * 60"},
			named{"err", "sum(rate(" + mine("kernel_log_records_total", `level="err"`) + "[$__rate_interval])) * 60"},
			named{"warning", "sum(rate(" + mine("kernel_log_records_total", `level="warning"`) + "[$__rate_interval])) * 60"},
			named{"notice", "sum(rate(" + mine("kernel_log_records_total", `level="notice"`) + "[$__rate_interval])) * 60"}).
			field(func(f *Field) { f.Custom = with0(with0(lines(0, 60, "normal"), "axisSoftMax", 1), "drawStyle", "bars") }).
			look("emerg, alert, crit", colour(red)).look("err", colour(orange)).look("warning", colour(yellow)).look("notice", colour(blue)).high(8)),
		wide(8, logHealth().high(8)),
	)
}

// with0 adds an option to those of a graph.
func with0(o options, name string, value any) options {
	o[name] = value
	return o
}

// newEvents is a row for each kind of event that was logged within the range.
// Colour alone says that something was logged: a number in a bar would be taken for
// that of the whole bar.
func newEvents(seen string) Panel {
	found := sumBy("event", "increase("+mine("kernel_log_events_total")+"[$__rate_interval])") + " and on (event) " + maxBy("event", seen) + " * 1000 > $__from"
	return timeline("Events", "When the kernel logged trouble within the time shown, by kind. How many times stands in the table beside it.",
		named{"{{event}}", "ceil(" + found + ")"},
		named{"{{event}}", with("0 * ("+groupBy("job", mine("kernel_log_up")+" == 1")+") - 2", "event", "log read")},
		named{"{{event}}", with("0 * ("+groupBy("job", mine("kernel_log_up")+" == 0")+") - 1", "event", "log read")},
	).field(func(f *Field) {
		f.Color = byThresholds()
		f.Thresholds = steps(grey, step{-2, green}, step{-1, grey}, step{0, hole}, step{1, orange})
		f.Mappings = words{{"0", " ", hole}, {"-1", "not read", grey}, {"-2", "read", green}}.mappings()
		f.Decimals = new(0)
		f.Unit = "suffix: logged"
	}).option("mergeValues", true)
}

func eventsSinceBoot() Panel {
	return table("Events since boot", "How often the kernel logged each kind of trouble since it booted, how often within the time shown, and when last. Kinds that never occurred do not stand here; whether the log was read whole stands under Log health.",
		[]col{
			{field: "event", title: "Event", least: 150},
			{field: "Value #A", title: "Since boot", width: 96, unit: "locale", right: true, mappings: words{{"-2", none, text}}.mappings()},
			{field: "Value #B", title: "In the time shown", width: 146, unit: "locale", decimals: new(0), right: true, mappings: words{{"0", none, text}}.mappings()},
			{field: "Value #C", title: "Last", width: 150, unit: "dateTimeFromNow", right: true, noValue: unknown},
		}, []string{"Value #A"}, nil,
		orNoneOf(maxBy("event", mine("kernel_log_events_total"))+" > 0", mine("kernel_log_events_total")),
		"round("+maxBy("event", "increase("+mine("kernel_log_events_total")+"[$__range])")+") and on (event) "+maxBy("event", mine("kernel_log_events_total"))+" > 0",
		maxBy("event", mine("kernel_log_event_last_seen_timestamp_seconds"))+" * 1000")
}

func alertsOverTime() Panel {
	firing := func(severity string, n int) string {
		return "(" + strconv.Itoa(n) + " + 0 * " + groupBy("alertname", mine("ALERTS", `alertstate="firing"`, `severity="`+severity+`"`)) + ")"
	}
	return timeline("Alerts over time", "When which alert fired for this node, by its gravest severity.",
		named{"{{alertname}}", or(firing("critical", 3), firing("warning", 2), firing("info", 1))},
		named{"rules are evaluated", "0 * (group(" + mine("up") + ") and on () group(" + watchdog + "))"},
	).field(func(f *Field) {
		f.Color = byThresholds()
		f.Thresholds = steps(grey, step{0, green}, step{1, blue}, step{2, orange}, step{3, red})
		f.Mappings = words{{"0", "none missed", green}, {"1", "info", blue}, {"2", "warning", orange}, {"3", "critical", red}}.mappings()
	})
}

func nodeAlerts() Panel {
	return table("Alerts that fire", "The alerts that fire for this node now, each with its runbook, and since when. A warning is left out where the critical alert of its name fires.",
		[]col{
			{field: "alertname", title: "Alert", least: 180, links: []Link{toRunbook("alertname")}},
			{field: "severity", title: "Severity", width: 90, mappings: severities(), thresholds: steps(text)},
			{field: "Value", title: "Since", width: 160, unit: "dateTimeAsIso", right: true, mappings: words{{"-2", none, text}}.mappings()},
		}, nil, nil,
		orNoneOf("sort("+firing("alertname, severity", "", `instance=~"$instance"`)+")", "("+watchdog+" and on (job) "+mine("up")+")"))
}

func logHealth() Panel {
	return list("Log health", "Whether the kernel log is being read; whether every record since boot was seen: only then does a count of none mean that it never happened; how many records were lost because they were overwritten before they could be read, and suppressed by the kernel's own rate limits.",
		named{"read now", orUnknown("max(" + mine("kernel_log_up") + ")")},
		named{"whole since boot", orUnknown("max(" + mine("kernel_log_complete_since_boot") + ")")},
		named{"records lost", orUnknown("sum(" + mine("kernel_log_lost_records_total") + ")")},
		named{"records suppressed", orUnknown("max(" + mine("kernel_log_suppressed_total") + ")")},
	).look("read now", mapped(yesNo(green, orange))).look("whole since boot", mapped(yesNo(green, orange))).
		look("records lost", mapped(numbers(green))).look("records suppressed", mapped(numbers(green)))
}

func memory(l *layout) {
	l.row("Memory of the kernel")
	share := func(part, whole string) string { return "max(" + mine(part) + " / " + mine(whole) + ")" }
	l.band(
		wide(12, area("Slab", "Memory in slab caches: what the kernel can take back under pressure, and what it cannot. Leaks of the kernel show in what it cannot.",
			named{"cannot be taken back", "max(" + mine("kernel_slab_unreclaimable_bytes") + ")"},
			named{"can be taken back", "max(" + mine("kernel_slab_reclaimable_bytes") + ")"}).
			field(func(f *Field) { f.Unit = "bytes" }).look("cannot be taken back", colour(orange)).look("can be taken back", colour(blue)).high(9)),
		wide(12, table("Slab caches", "The largest slab caches now, and all others together: their memory, and how much it has changed within the time shown.",
			[]col{
				{field: "cache", title: "Cache", least: 160},
				{field: "Value #A", title: "Memory", width: 110, unit: "bytes", decimals: new(1), right: true},
				{field: "Value #B", title: "Change", width: 110, unit: "bytes", decimals: new(1), right: true, noValue: unknown},
			}, []string{"Value #A"}, nil,
			maxBy("cache", mine("kernel_slab_cache_bytes")),
			maxBy("cache", mine("kernel_slab_cache_bytes")+" - "+mine("kernel_slab_cache_bytes")+" offset $__range")).high(9)),
	)
	l.band(
		wide(12, graph("Memory cgroups", "Memory cgroups that exist, and those that were removed but live on because something is still charged to them. Linux 3.10 does not count the latter.",
			named{"all", "max(" + mine("kernel_memory_cgroups") + ")"}, named{"removed, but not gone", "max(" + mine("kernel_memory_cgroups_dying") + ")"}).
			look("removed, but not gone", colour(orange)).field(func(f *Field) { f.Custom = with0(lines(1, 10, "none"), "axisSoftMax", 5) }).high(9)),
		wide(12, list("Memory and control groups", "What the kernel does with memory: all that it manages; the share of it in slab that it cannot take back; whether it accounts its own memory to control groups, and how much; overlay mounts; and how near the number of memory cgroups is to their limit.",
			named{"memory", orUnknown("max(" + mine("kernel_memory_total_bytes") + ")")},
			named{"slab that cannot be taken back", orUnknown(share("kernel_slab_unreclaimable_bytes", "kernel_memory_total_bytes"))},
			named{"kernel memory accounted", orUnknown("max(" + mine("kernel_kmem_accounting_enabled") + ")")},
			named{"accounted", orUnknown("max(" + mine("kernel_kmem_usage_bytes") + ")")},
			named{"overlay mounts", orUnknown("max(" + mine("kernel_overlayfs_mounts") + ")")},
			named{"memory cgroups, of the limit", orUnknown(share("kernel_memory_cgroups", "kernel_memory_cgroups_limit"))}).
			field(func(f *Field) { f.Unit = "bytes" }).
			look("slab that cannot be taken back", unit("percentunit"), decimals(1)).
			look("kernel memory accounted", unit("none"), mapped(yesNo(text, text))).
			look("overlay mounts", unit("none"), decimals(0)).
			look("memory cgroups, of the limit", unit("percentunit"), decimals(1)).high(9)),
	)
}

func health(l *layout) {
	l.row("Is the exporter well")
	l.band(wide(24, timeline("Collectors", "Whether the exporter answers, and whether each of its collectors could read and parse all that this kernel has for it.",
		named{"answers", "max(" + mine("up") + ")"}, named{"{{collector}}", "min by (collector) (" + mine("kernel_scrape_collector_success") + ")"}).
		field(func(f *Field) {
			f.Color, f.Thresholds = byThresholds(), steps(grey, step{0, orange}, step{1, green})
			f.Mappings = words{{"0", "no", orange}, {"1", "yes", green}}.mappings()
		}).high(9)))
}
