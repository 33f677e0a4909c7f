package board

import (
	"fmt"
	"strconv"
)

// States of a node as instance_release:kernel_node_state:code has them, so that a table
// can be sorted by it: sickness, and then fitness.
const (
	sickCritical = 30
	sickWarning  = 20
	sickUnknown  = 10
	isUnfit      = 2
	fitUnknown   = 1
	isSilent     = 5 // and so neither is known
)

// states has words for all of them.
func states() []Mapping {
	var w words
	for _, s := range []struct {
		code         int
		text, colour string
	}{
		{sickCritical, "sick, critical", red},
		{sickWarning, "sick, warning", orange},
		{sickUnknown, "sickness unknown", grey},
		{0, "well", ""},
	} {
		for _, f := range []struct {
			code         int
			text, colour string
		}{{isUnfit, "unfit", red}, {fitUnknown, "fitness unknown", grey}, {isSilent, "silent", orange}, {0, "fit", green}} {
			colour := s.colour
			if colour == "" || s.code == sickUnknown && f.code == isUnfit {
				colour = f.colour
			}
			w = append(w, struct{ value, text, colour string }{strconv.Itoa(s.code + f.code), f.text + "; " + s.text, colour})
		}
	}
	return append(w, struct{ value, text, colour string }{strconv.Itoa(isNone), none, text}).mappings()
}

// seen returns the nodes whose log, waits for devices and slab are read. Whether any
// other node is sick is unknown: it must not be called well.
func seen(of func(metric string, matchers ...string) string) string {
	on := " and on (" + node + ") "
	return "(" + maxBy(node, of("kernel_log_up")+" == 1") + on + of("kernel_netdev_leak_longest_seconds") + on + of("kernel_slab_unreclaimable_bytes") + ")"
}

// coded is every node with its kernel and the number of its state.
func coded(matchers ...string) string {
	return of("instance_release:kernel_node_state:code", matchers...)
}

// matched returns the nodes that match all filters. A filter of which nothing is chosen
// has the value (), which a series without the label matches: that is what open counts.
// So what is not chosen costs nothing. A node matches if it is found once for itself
// and once for each filter that is not open.
func matched() string {
	found, open := []string{coded()}, []string{}
	filters := []struct{ variable, label, metric, matcher, test string }{
		{"rule", "rule", "kernel_policy_rule_violated", "", " == 1"},
		{"unjudged", "rule", "kernel_policy_rule_unknown", "", ""},
		{"bug", "bug", "kernel_known_bug", "", ""},
		{"event", "event", "instance_event:kernel_log_event_age:seconds", "", " < 3600"},
		{"symptom", "alertname", "ALERTS", `alertstate="firing"`, ""},
		{"state", "state", "instance_state:kernel_node:bool", "", ""},
	}
	for _, f := range filters {
		chosen := f.label + `=~"$` + f.variable + `"`
		matchers := []string{chosen}
		if f.matcher != "" {
			matchers = append(matchers, f.matcher)
		}
		found = append(found, with(groupBy(node, of(f.metric, matchers...)+f.test), "filter", f.variable))
		open = append(open, with("group("+of("cluster:kernel_exporter_targets:count", chosen)+")", "filter", f.variable))
	}
	return fmt.Sprintf(`0 + %s and on (%s) (%s + on () group_left () (count(%s) or vector(0)) == %d)`,
		coded(`release=~"$release"`), node, countBy(node, or(found...)), or(open...), len(filters)+1)
}

// nodesThatMatch is where every count leads.
func nodesThatMatch() Panel {
	query := orNone(scoped("topk(500, " + matched() + ")"))
	return table("Nodes that match", "Nodes that match what is chosen at the top: they violate one of the rules, cannot be judged by one of the unjudged rules, run one of the kernels, have one of the bugs, logged one of the events within an hour, an alert of the symptom fires for them, and they are in one of the states. The worst 500, the gravest on top; click one to see why.",
		append([]col{
			nodeColumn(), clusterColumn(), kernelColumn(),
			{field: "Value", title: "State", least: 190, mappings: states(), thresholds: steps(text)},
		}, hiddenScope()...), []string{"Value"}, nil, query).id(matching)
}

// why are the rules, bugs and unknowns behind the verdicts.
func why(l *layout, t *Texts) {
	l.row("Why: the rules that nodes violate, known bugs, and what cannot be judged")
	l.band(wide(24, ruleTable(t).high(15)))
	l.band(wide(12, bugTable(t).high(10)), wide(12, unknownNodes().high(10)))
}

func ruleTable(t *Texts) Panel {
	violated := func(matchers ...string) string {
		return sumBy("rule, severity", of("cluster_rule_severity:kernel_policy_rule_violated:sum", matchers...))
	}
	// The severity of a rule that no node could be judged by stands in what is unknown.
	unjudged := "0 * " + sumBy("rule, severity", of("cluster_rule_severity_cause:kernel_policy_rule_unknown:sum")) + " - 1"
	all := "(" + violated() + " or on (rule) " + unjudged + ")"
	order := or(all+` + on (rule) group_left () 0 * group by (rule) (`+violated(`severity="critical"`)+") + 2e7",
		all+` + on (rule) group_left () 0 * group by (rule) (`+violated(`severity="warning"`)+") + 1e7", all)
	cause := func(matcher string) string {
		return sumBy("rule", of("cluster_rule_cause:kernel_policy_rule_unknown:sum", matcher))
	}
	return table("Rules", "Every rule of the policy, the gravest on top: how many nodes violate it, and of how many that is unknown: unreadable where a file or a permission is missing or a read did not come back, unknowable where nobody could say, as with a vendor's backports. A rule is green only where it is kept and known on all nodes.",
		[]col{
			{field: "rule", title: "Rule", width: 200, links: []Link{toMatching("rule", "rule", "rule")}},
			{field: "severity", title: "Severity of the rule", width: 158, mappings: severities(), thresholds: steps(text), noValue: unknown},
			number("Value #A", "Violated on", 104, red, toMatching("rule", "rule", "violated rule")),
			{field: "Value #B", title: "Unreadable on", width: 124, right: true, links: []Link{toMatching("unjudged", "rule", "unjudged rule")}, noValue: none, thresholds: some(grey), mappings: numbers(text)},
			{field: "Value #C", title: "Unknowable on", width: 128, right: true, links: []Link{toMatching("unjudged", "rule", "unjudged rule")}, noValue: none, thresholds: some(grey), mappings: numbers(text)},
			{field: "asked", title: "Why it is asked", wrap: true, least: 300, mappings: t.rules(), noValue: unknown},
		}, []string{"Value #D"}, []string{"Value #D"},
		copied(all, "asked", "rule"), cause(`cause!="unknowable"`), cause(`cause="unknowable"`), order)
}

func bugTable(t *Texts) Panel {
	// The row of what is unknown leads to a state, the others to a bug.
	leading := func(expr, bug, state string) string { return with(with(expr, "to_bug", bug), "to_state", state) }
	to := Link{
		Title: "The nodes: ${__data.fields.title}",
		URL:   matchingURL("${cluster:queryparam}", "&var-bug=${__data.fields.to_bug}&var-state=${__data.fields.to_state}"+unfiltered("bug", "state")),
	}
	const all = "$$__all"
	bugs := sumBy("bug", of("cluster_bug:kernel_known_bug:sum")) + " > 0"
	nodes := nodeCount("Value", 76)
	nodes.links = []Link{to}
	return table("Known bugs", "First, of how many nodes it cannot be said whether they have some of the bugs, as with a vendor's backports. Then the bugs that kernels of the fleet are known to have, and on how many nodes. Many bugs of equal number are often on the same nodes. Click one for its nodes.",
		append([]col{
			{field: "bug", title: "Bug", width: 170, links: []Link{to}},
			nodes,
			{field: "title", title: "What it is", wrap: true, least: 200, mappings: t.bugs()},
		}, hidden("to_bug"), hidden("to_state")), []string{"Value"}, nil,
		orNone(or(
			leading(with("sum("+counted(bugsUnknown)+") > 0", "title", "some of the bugs: unknown on these nodes"), all, bugsUnknown),
			with(copied(copied(bugs, "title", "bug"), "to_bug", "bug"), "to_state", all))))
}

func unknownNodes() Panel {
	missing := with(copied(of("cluster_node:kernel_exporter_missing:bool"), "instance", "node"), "reason", "missing")
	return table("Unknown nodes", "The nodes behind the number Unknown, at most 500: silent ones do not answer Prometheus; of others, a rule of severity critical cannot be judged because a file or a permission is missing. With kube-state-metrics also nodes that Kubernetes has and no exporter answers for, which no number on this page counts.",
		append([]col{
			nodeColumn(), clusterColumn(),
			{field: "reason", title: "Why unknown", least: 100, mappings: words{{"silent", "silent", orange}, {"unreadable", "unreadable", grey}, {"missing", "no exporter", orange}}.mappings(), thresholds: steps(text)},
			{field: "Value", title: " ", width: 70, mappings: words{{"1", " ", text}, {"-2", none, text}}.mappings()},
		}, hiddenScope()...), nil, nil,
		orNone(scoped("topk(500, "+maxBy(node+", reason", or(of("instance_reason:kernel_node_unknown:bool"), missing))+")"))).id(unknowing)
}
