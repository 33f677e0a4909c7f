package board

// migration says whether old kernels go, over weeks.
func migration(l *layout) {
	const back = "$back"
	l.row("Is the migration moving? As far back as Migration over says")
	change := func(days string) string {
		of := "sum(" + of("cluster:kernel_nodes_unfit:count") + ")"
		return of + " - sum(" + ofBefore("cluster:kernel_nodes_unfit:count", days) + ")"
	}
	l.band(
		wide(4, tile("Unfit nodes, change", "How many more or fewer unfit nodes there are than a day and a week ago. Unknown where the data source does not reach back so far.",
			"value", steps(grey, step{-1e9, green}, step{0, text}, step{1, red}), words{{"0", "no change", ""}}.mappings(),
			named{"in a day", change("1d")}, named{"in 7 days", change("7d")}).option("orientation", "horizontal").high(9)),
		wide(10, area("Nodes by Linux version", "How many nodes run each version of Linux, by the first two numbers of the release: the redder, the older. In a migration the old ones shrink and the new ones grow.",
			named{"{{line}}", sumBy("line", `label_replace(`+of("cluster_release:kernel_info:count")+`, "line", "$1", "release", "([0-9]+[.][0-9]+).*")`)}).
			ageColours().since(back).high(9)),
		wide(10, timeline("Unfit share by cluster", "The share of unfit nodes in the clusters with the largest shares: green where there is none, red from half on.",
			named{"{{cluster}}", `label_replace(topk(20, ` + sumBy("cluster", of("cluster:kernel_nodes_unfit:count")) + " / " + sumBy("cluster", of("cluster:kernel_nodes:count")) + `), "cluster", "no cluster", "cluster", "")`}).
			field(func(f *Field) {
				f.Unit, f.Decimals, f.Color = "percentunit", new(0), byThresholds()
				f.Thresholds = steps(grey, step{0, green}, step{0.0001, yellow}, step{0.2, orange}, step{0.5, red})
			}).since(back).high(9)))
	l.band(wide(24, clusterTable().high(8)))
}

// ofBefore is of at an earlier time.
func ofBefore(metric, ago string) string { return of(metric) + " offset " + ago }

// ageColours colours lines by the age of their kernels.
func (p Panel) ageColours() Panel {
	for _, c := range []struct{ pattern, colour string }{
		{`/^[23]\./`, "red"},
		{`/^4\.[0-9]$/`, "dark-orange"},
		{`/^4\.1[0-7]$/`, "orange"},
		{`/^4\.18$/`, "light-orange"},
		{`/^4\.19$/`, "yellow"},
		{`/^5\.[0-9]$/`, "dark-blue"},
		{`/^5\.1[0-3]$/`, "blue"},
		{`/^5\.14$/`, "semi-dark-blue"},
		{`/^5\.1[5-9]$/`, "light-blue"},
		{`/^6\.[0-7]$/`, "dark-green"},
		{`/^6\.([89]|1[01])$/`, "semi-dark-green"},
		{`/^6\.1[2-9]$/`, "green"},
		{`/^([789]|\d\d)\./`, "light-green"},
	} {
		p = p.lookLike(c.pattern, colour(c.colour))
	}
	return p
}

func clusterTable() Panel {
	to := func(title string, states ...string) Link { return toStateOfRow("Cluster", title, states...) }
	sum := func(metric string, matchers ...string) string { return sumBy("cluster", of(metric, matchers...)) }
	return matrix("Clusters", "Every cluster: its nodes, how many of them are unfit, sick and unknown, how many are silent, which means that they do not answer. Click a number for its nodes.",
		"cluster", []col{
			{title: "Cluster", least: 120, noValue: none, links: []Link{{
				Title: "Only the cluster ${__value.raw}",
				URL:   "/d/" + fleetUID + "?${datasource:queryparam}&${job:queryparam}&var-cluster=${__value.raw}" + unfiltered() + "&${back:queryparam}&${exporter:queryparam}&${__url_time_range}",
			}}},
			nodeCount("Nodes", 90),
			number("Unfit", "Unfit", 90, red, to("The unfit nodes", unfitNode)),
			{field: "Share", title: "Unfit of all", width: 100, unit: "percentunit", decimals: new(0), right: true, noValue: unknown, thresholds: steps(text, step{0.0001, red})},
			number("Sick critical", "Sick, critical", 110, red, to("The critically sick nodes", sickCriticalNow)),
			number("Sick warning", "Sick, warning", 110, orange, to("The sick nodes of severity warning", sickWarningNow)),
			number("Unknown", "Unknown", 90, grey, to("The unknown nodes", fitnessUnknown)),
			number("Silent", "Silent", 90, orange, to("The silent nodes", silent)),
		}, []string{"Unfit"}, columns(
			named{"Nodes", sum("cluster:kernel_exporter_targets:count")},
			named{"Unfit", sum("cluster:kernel_nodes_unfit:count")},
			named{"Share", "(" + sum("cluster:kernel_nodes_unfit:count") + " / " + sum("cluster:kernel_nodes:count") + ")"},
			named{"Sick critical", sum("cluster:kernel_nodes_sick:count", `severity="critical"`)},
			named{"Sick warning", sum("cluster:kernel_nodes_sick:count", `severity="warning"`)},
			named{"Unknown", sum("cluster:kernel_nodes_unknown:count")},
			named{"Silent", "(" + or(sumBy("cluster", counted(silent)), "0 * "+sumBy("cluster", counted("all"))) + ")"},
		))
}

// upkeep is what an owner rolls out beside kernels.
func upkeep(l *layout) {
	l.row("Reboots that wait, versions of the exporter and of the policy")
	l.band(
		wide(10, table("Reboots pending", "Nodes that wait for a reboot into a kernel that is installed already, at most 500, those that have run longest on top.",
			append([]col{
				nodeColumn(), clusterColumn(),
				{field: "Value", title: "Up for", width: 120, unit: "dtdurations", decimals: new(0), right: true, mappings: words{{"-2", none, text}}.mappings()},
			}, hiddenScope()...), []string{"Value"}, nil,
			orNoneOf(scoped("topk(500, time() - "+maxBy(node, andNodes(of("kernel_boot_time_seconds"), inState(rebootPending)))+")"),
				"(sum("+counted("all")+") > "+many(rebootPending+"_unknown")+")")).high(8)),
		wide(6, table("Versions of the exporter", "Which versions of kernel_exporter run, on how many nodes.",
			[]col{{field: "version", title: "Version", least: 100}, nodeCount("Value", 76)}, []string{"Value"}, nil,
			countBy("version", groupBy(node+", version", of("kernel_exporter_build_info")))).high(8)),
		wide(8, table("Policies", "Which policies nodes are judged by, on how many nodes. Two of equal name and version and of different hash have different files.",
			[]col{{field: "policy", title: "Policy", least: 80}, {field: "version", title: "Version", width: 70}, {field: "sha256", title: "Hash", least: 100}, nodeCount("Value", 76)}, []string{"Value"}, nil,
			countBy("policy, version, sha256", groupBy(node+", policy, version, sha256", of("kernel_policy_info")))).high(8)))
}
