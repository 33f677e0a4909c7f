package board

import "strings"

// newDashboard returns a dashboard without panels.
func newDashboard(uid, title, description, refresh string) Dashboard {
	d := Dashboard{
		UID: uid, Title: title, Description: description, Tags: []string{"kernel_exporter"}, Timezone: "browser", Editable: true,
		// Grafana 12's. Older ones read it as it is, newer ones have nothing to migrate in it.
		GraphTooltip: 1, SchemaVersion: 41, Refresh: refresh, Time: Range{"now-6h", "now"},
	}
	d.Annotations.List = []Annotation{{
		BuiltIn: 1, Name: "Annotations & Alerts", Type: "dashboard", Enable: true, Hide: true,
		IconColor: "rgba(0, 211, 255, 1)", Datasource: Datasource{"grafana", "-- Grafana --"},
	}}
	return d
}

// dashboardLink leads to another dashboard. It names the variables that it takes
// along: all of them would narrow a fleet down to the cluster of a node.
func dashboardLink(title, tooltip, url string) Link {
	return Link{
		Type: "link", Title: title, Icon: "dashboard", Tooltip: tooltip, URL: url,
		IncludeVars: new(false), KeepTime: new(true), AsDropdown: new(false), Tags: []string{},
	}
}

// begins marks when alerts begin to fire.
func begins(name, colour, labels, alerts, words string) Annotation {
	all := maxBy(labels, alerts)
	return Annotation{
		Name: name, Datasource: prometheus(), Enable: true, IconColor: colour, Step: "60s", TitleFormat: "{{alertname}}", TextFormat: words,
		Expr: all + " unless " + maxBy(labels, alerts+" offset $__interval"),
	}
}

func datasourceVariable() Variable {
	return Variable{Name: "datasource", Label: "Data source", Type: "datasource", Query: "prometheus", Refresh: 1}
}

// values returns a variable that takes the values of a label. It is read when the
// dashboard is opened, not with every refresh: a fleet has many nodes.
func values(name, label, series, of string) Variable {
	definition := "label_values(" + series + ", " + of + ")"
	return Variable{
		Name: name, Label: label, Type: "query", Datasource: new(prometheus()), Definition: definition, Refresh: 1, Sort: 1,
		Query: map[string]string{"query": definition, "refId": "PrometheusVariableQueryEditor-VariableQuery"},
	}
}

func jobVariable() Variable {
	v := values("job", "Job", "cluster:kernel_exporter_targets:count", "job")
	v.Current = &Current{Text: "kernel_exporter", Value: "kernel_exporter"}
	return v
}

func clusterVariable() Variable {
	v := all(values("cluster", "Cluster", `cluster:kernel_exporter_targets:count{job=~"$job"}`, "cluster"))
	v.AllValue = ".*"
	return v
}

// filter returns a variable by which nodes are chosen. With nothing chosen it is (),
// which matches a label that is not there; see matched.
func filter(name, label, metric, of string, matchers ...string) Variable {
	v := all(values(name, label, scopedSeries(metric, matchers), of))
	v.AllValue = "()"
	if name == "release" {
		v.AllValue = ".*" // every node has one
	}
	return v
}

func scopedSeries(metric string, matchers []string) string { return of(metric, matchers...) }

// all makes a variable one of which several values or all can be chosen.
func all(v Variable) Variable {
	v.IncludeAll, v.Multi = true, true
	v.Current = &Current{Selected: true, Text: []string{"All"}, Value: []string{"$__all"}}
	return v
}

// backVariable is how far back the migration is shown, whatever the range at the top.
func backVariable() Variable {
	v := Variable{Name: "back", Label: "Migration over", Type: "custom", Query: "30d,90d,7d,1d,1h,15m"}
	for i, d := range strings.Split("30d,90d,7d,1d,1h,15m", ",") {
		v.Options = append(v.Options, Current{Selected: i == 0, Text: d, Value: d})
	}
	v.Current = &v.Options[0]
	return v
}

// exporterVariable is the address below which links find the runbooks.
func exporterVariable() Variable {
	const base = "http://kernel-exporter:10044"
	return Variable{
		Name: "exporter", Label: "Runbooks at", Type: "textbox", Query: base,
		Current: &Current{Text: base, Value: base}, Options: []Current{{Selected: true, Text: base, Value: base}},
	}
}
