package dashboards_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kernel_exporter/collector/policy"
)

// TestQueriesAgainstAFleet asks a real Prometheus, which scrapes a fleet and
// runs the rules, every query of the dashboards, with the variables filled in
// as Grafana does, and looks at whether the answers are what the panels want.
func TestQueriesAgainstAFleet(t *testing.T) {
	t.Parallel()
	const nodes = 200
	p := startFleet(t, 2*time.Second, "--nodes="+strconv.Itoa(nodes))
	p.eventually(t, fmt.Sprintf(`sum(cluster:kernel_exporter_targets:count) == %d`, nodes))
	p.eventually(t, fmt.Sprintf(`count(count_over_time(up{job="kernel_exporter"}[1m]) >= 4) == %d`, nodes)) // a rate needs two
	p.eventually(t, `sum(cluster_event:kernel_log_events:increase1h) > 1 and on () count(ALERTS{alertstate="firing"}) > 0`)

	p.checkAnswers(t, all(t)["fleet.json"])
	p.checkMatching(t, all(t)["fleet.json"])

	// A whole fleet, one cluster, some clusters; the worst node, one that does not
	// answer or can hardly be judged, and one that keeps every critical rule.
	everything := filling()
	maps.Copy(everything, map[string]string{"__interval": "2s", "__from": "0"})
	with := func(values map[string]string) map[string]string {
		m := maps.Clone(everything)
		maps.Copy(m, values)
		return m
	}
	one := func(promql string) string { return p.eventually(t, promql)[0].Metric["instance"] }
	sick := one(`topk(1, count by (instance) (ALERTS{alertstate="firing", instance!=""}))`)
	unknown := one(`topk(1, count by (instance) (kernel_policy_rule_unknown{cause="unreadable"}))`)
	fit := one(`topk(1, min by (instance) (kernel_support_end_timestamp_seconds))`)
	p.checkUnknownIsNotWell(t, all(t)["node.json"], with(map[string]string{"instance": unknown}))
	fillings := map[string]map[string]map[string]string{
		"fleet.json": {
			"all":         everything,
			"one cluster": with(map[string]string{"cluster": "cluster-1"}),
			"one rule":    with(map[string]string{"rule": "kernel_4", "release": "3.+"}),
			"no cluster":  with(map[string]string{"cluster": "nowhere"}),
		},
		"node.json": {
			"sick":    with(map[string]string{"instance": sick}),
			"unknown": with(map[string]string{"instance": unknown}),
			"fit":     with(map[string]string{"instance": fit}),
			"no node": with(map[string]string{"instance": "nowhere"}),
		},
	}
	for name, d := range all(t) {
		for situation, values := range fillings[name] {
			t.Run(name+" "+situation, func(t *testing.T) {
				t.Parallel()
				nothing := strings.HasPrefix(situation, "no ")
				for _, panel := range d.Panels {
					p.checkPanel(t, panel, values, nothing, name == "fleet.json" || situation != "unknown")
				}
				for where, q := range d.queries() {
					if strings.HasPrefix(where, "panel ") {
						continue
					}
					if _, err := p.query(t.Context(), fill(q, values)); err != nil {
						t.Errorf("%s: %v", where, err)
					}
				}
			})
		}
	}
}

// checkAnswers compares the numbers on top of the fleet with what comes of the
// policy's own list of critical rules.
func (p prometheus) checkAnswers(t *testing.T, d dashboard) {
	t.Helper()
	rules, err := policy.Default()
	if err != nil {
		t.Fatal(err)
	}
	var critical []string
	for _, r := range rules.Rules {
		if r.Severity == "critical" {
			critical = append(critical, r.Name)
		}
	}
	values := map[string]string{"job": "kernel_exporter", "cluster": ".*", "rules": strings.Join(critical, "|")}
	const (
		unfit = `(max by (instance) (kernel_policy_rule_violated{rule=~"$rules"}) == 1)`
		blind = `group by (instance) (kernel_policy_rule_unknown{rule=~"$rules", cause="unreadable"})`
	)
	want := map[string]string{
		"Nodes":   `count(up{job="kernel_exporter"})`,
		"Unfit":   `count(` + unfit + `)`,
		"Fit":     `count(group by (instance) (kernel_policy_info) unless ` + unfit + ` unless ` + blind + `)`,
		"Unknown": `count((` + blind + ` or group by (instance) (up{job="kernel_exporter"}) unless group by (instance) (kernel_policy_info)) unless ` + unfit + `)`,
	}
	want["Ready for Kubernetes"] = `label_replace(count(max by (instance) (kernel_policy_rule_violated{rule=~"kubernetes_1_34|cgroup_v2"}) == 1), "version", "1.36: kernel 5.4, cgroup v2", "", "")`
	want["Which kernels leak"] = `count by (release) (kernel_info and on (instance) (kernel_netdev_leaks > 0 or kernel_slab_unreclaimable_bytes / kernel_memory_total_bytes > 0.2))`
	column := map[string]string{"Ready for Kubernetes": "Blocked", "Which kernels leak": "Leaking"}
	for _, panel := range d.Panels {
		if other := want[panel.Title]; other != "" {
			if c := column[panel.Title]; c != "" {
				other = `label_replace(` + other + `, "column", "` + c + `", "", "")`
			}
			// A node may change between two scrapes, but not for long.
			p.eventually(t, fill("("+panel.Targets[0].Expr+") == ("+other+")", values))
			delete(want, panel.Title)
		}
	}
	if len(want) > 0 {
		t.Errorf("there are no panels for %v", slices.Sorted(maps.Keys(want)))
	}
}

// checkUnknownIsNotWell: of a node whose waits and slab cannot be read nobody says
// that it is well, or fit.
func (p prometheus) checkUnknownIsNotWell(t *testing.T, d dashboard, values map[string]string) {
	t.Helper()
	for _, panel := range d.Panels {
		if panel.Title != "Sick now" && panel.Title != "Verdict" {
			continue
		}
		found, err := p.query(t.Context(), fill(panel.Targets[0].Expr, values))
		if err != nil || len(found) > 0 && found[0].Value[1] == "0" {
			t.Errorf("%s of %s, which cannot be read: %v, %v", panel.Title, values["instance"], found, err)
		}
	}
}

// checkMatching: each filter finds the nodes that it says, and without any all.
func (p prometheus) checkMatching(t *testing.T, d dashboard) {
	t.Helper()
	i := slices.IndexFunc(d.Panels, func(p panel) bool { return p.Title == "Nodes that match" })
	bug := p.eventually(t, `topk(1, sum by (bug) (cluster_bug:kernel_known_bug:sum))`)[0].Metric["bug"]
	event := p.eventually(t, `topk(1, sum by (event) (cluster_event:kernel_nodes_affected:count))`)[0].Metric["event"]
	for filters, want := range map[[2]string]string{
		{}:                              `count(up{job="kernel_exporter"})`,
		{"rule", "kernel_4"}:            `count(kernel_policy_rule_violated{rule="kernel_4"} == 1)`,
		{"rule", "kernel_4|cgroup_v2"}:  `count(max by (instance) (kernel_policy_rule_violated{rule=~"kernel_4|cgroup_v2"}) == 1)`,
		{"release", "3.+"}:              `count(kernel_info{release=~"3.+"})`,
		{"bug", bug}:                    `count(kernel_known_bug{bug="` + bug + `"})`,
		{"event", event}:                `count(instance_event:kernel_log_event_age:seconds{event="` + event + `"} < 3600)`,
		{"unjudged", "kernel_4"}:        `count(kernel_policy_rule_unknown{rule="kernel_4"})`,
		{"state", "waits|slab"}:         `count(kernel_netdev_leaks > 0 or kernel_slab_unreclaimable_bytes / kernel_memory_total_bytes > 0.2)`,
		{"state", "log_incomplete"}:     `count(kernel_log_complete_since_boot == 0)`,
		{"state", "fitness_unknown"}:    `count(group by (instance) (instance_reason:kernel_node_unknown:bool))`,
		{"state", "reboot_pending"}:     `count(kernel_reboot_pending == 1)`,
		{"symptom", "KernelNetdevLeak"}: `count(group by (instance) (ALERTS{alertname="KernelNetdevLeak", alertstate="firing"}))`,
	} {
		values := filling()
		values[filters[0]] = filters[1]
		// A node may change between two scrapes, but not for long.
		p.eventually(t, "count("+fill(d.Panels[i].Targets[0].Expr, values)+") == "+want)
	}
}

// mayBeAbsent says what even a node or fleet that reports all of itself can lack:
// what not every kernel has, what took place days ago, and lines that say that
// something is not so.
func mayBeAbsent(panel panel, legend string) bool {
	switch panel.Title {
	case "Unfit nodes, change", "Alerts over time", "Events":
		return true
	}
	return legend == "removed, but not gone"
}

// checkPanel runs the queries of a panel. Where nothing matches the variables,
// nothing may be found; where all is known, a number may not be missing.
func (p prometheus) checkPanel(t *testing.T, panel panel, values map[string]string, nothing, complete bool) {
	t.Helper()
	columns := map[string]bool{}
	rows := 0
	for _, q := range panel.Targets {
		where := fmt.Sprintf("%s: query %s", panel.Title, q.RefID)
		promql := fill(q.Expr, values)
		var found []series
		var err error
		if q.Instant {
			found, err = p.query(t.Context(), promql)
		} else {
			found, err = p.queryRange(t.Context(), promql, time.Minute, 2*time.Second)
		}
		if err != nil {
			t.Errorf("%s: %v", where, err)
			continue
		}
		rows = max(rows, len(found))
		if nothing && len(found) > 0 && !saysUnknown(found) {
			t.Errorf("%s: finds %v where there is nothing", where, found[0].Metric)
		}
		switch panel.Type {
		case "stat":
			if len(found) > 1 || len(found) == 0 && complete && !nothing && !mayBeAbsent(panel, q.LegendFormat) {
				t.Errorf("%s: finds %d series", where, len(found))
			}
		case "table":
			if len(found) == 0 && q.RefID == "A" && complete && !nothing {
				t.Errorf("%s: finds nothing: where there is none of it, it should say so", where)
			}
			panel.addColumns(columns, q, found)
		default:
			checkLegend(t, where, q, found, complete && !nothing && !mayBeAbsent(panel, q.LegendFormat))
		}
	}
	if panel.Type == "table" && !nothing {
		checkColumns(t, panel, columns)
	}
	if panel.Type == "table" && rows > 500 {
		t.Errorf("%s: has %d rows", panel.Title, rows)
	}
}

// addColumns adds the columns that Grafana makes of an answer.
func (p panel) addColumns(columns map[string]bool, q target, found []series) {
	if len(found) == 0 {
		return
	}
	if row := p.matrix(); row != "" {
		columns[row+`\column`] = true
		for _, s := range found {
			columns[s.Metric["column"]] = true
		}
		return
	}
	for _, s := range found {
		for l := range s.Metric {
			columns[l] = true
		}
	}
	columns["Time"] = true
	columns[map[bool]string{true: "Value", false: "Value #" + q.RefID}[len(p.Targets) == 1]] = true
}

// matrix returns the label whose values are the rows of a panel, if it has a column
// for each value of another.
func (p panel) matrix() string {
	for _, transformation := range p.Transformations {
		if transformation.ID == "groupingToMatrix" {
			return transformation.Options.RowField
		}
	}
	return ""
}

// saysUnknown says whether all that was found is a value, or one row, that says
// unknown.
func saysUnknown(found []series) bool {
	for _, s := range found {
		for label, value := range s.Metric {
			unknown := value == "unknown" || label == "what" && strings.HasPrefix(value, "no ")
			if !unknown && value != "" {
				return false
			}
		}
		if len(s.Metric) == 0 && s.Value[1] != "-1" {
			return false
		}
	}
	return true
}

// checkLegend checks that a graph has few enough series, each with a name of its
// own.
func checkLegend(t *testing.T, where string, q target, found []series, required bool) {
	t.Helper()
	if len(found) > 20 || len(found) == 0 && required {
		t.Errorf("%s: finds %d series", where, len(found))
	}
	label := regexp.MustCompile(`\{\{(\w+)\}\}`)
	names := map[string]bool{}
	for _, s := range found {
		name := label.ReplaceAllStringFunc(q.LegendFormat, func(l string) string { return s.Metric[strings.Trim(l, "{}")] })
		if name == "" || names[name] {
			t.Errorf("%s: two series are named %q, or one has no name", where, name)
		}
		names[name] = true
	}
}

// checkColumns checks that the columns of a table that is not empty are those
// that its transformations and its overrides speak of.
func checkColumns(t *testing.T, panel panel, columns map[string]bool) {
	t.Helper()
	if len(columns) == 0 {
		return
	}
	excluded := map[string]bool{}
	for _, transformation := range panel.Transformations {
		if transformation.ID != "organize" {
			continue
		}
		excluded = transformation.Options.ExcludeByName
		for c := range columns {
			if _, placed := transformation.Options.IndexByName[c]; !placed && !excluded[c] {
				t.Errorf("%s: the column %s has no place", panel.Title, c)
			}
		}
		// Of a list that says none only the number is there.
		for c := range transformation.Options.IndexByName {
			if !columns[c] && !strings.HasPrefix(c, "Value") && (panel.matrix() != "" || len(columns) > 3) && c != "event" {
				t.Errorf("%s: there is no column %s", panel.Title, c)
			}
		}
	}
	for c := range columns {
		if !excluded[c] && !panel.names(c) {
			t.Errorf("%s: the column %s has no title", panel.Title, c)
		}
	}
}
