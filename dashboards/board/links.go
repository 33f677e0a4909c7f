package board

import "strings"

// Where links lead.
const (
	fleetUID = "kernel-exporter-fleet"
	nodeUID  = "kernel-exporter-node"
	// matching is the number of the panel of nodes that match, to which every count
	// leads.
	matching = 100
)

// filters are the variables of that panel.
func filters() []string { return []string{"rule", "release", "bug", "event", "symptom"} }

// toNode leads to the node of a row.
func toNode() Link {
	return Link{
		Title: "Open the node ${__data.fields.instance}",
		URL: "/d/" + nodeUID + "?${datasource:queryparam}&var-job=${__data.fields.job}&${__data.fields.scope}" +
			"&var-instance=${__data.fields.instance}&${exporter:queryparam}&${__url_time_range}",
	}
}

// toCluster leads to the fleet, with nothing but the cluster of a row.
func toCluster(field string) Link {
	return Link{
		Title: "Only the cluster ${__data.fields." + field + "}",
		URL:   "/d/" + fleetUID + "?${datasource:queryparam}&${job:queryparam}&var-cluster=${__data.fields." + field + "}" + unfiltered() + "&${back:queryparam}&${exporter:queryparam}&${__url_time_range}",
	}
}

// unfiltered sets all filters to all, except some.
func unfiltered(except ...string) string {
	var b strings.Builder
	for _, f := range filters() {
		if len(except) == 0 || !strings.Contains(strings.Join(except, " "), f) {
			b.WriteString("&var-" + f + "=$__all")
		}
	}
	return b.String()
}

// toMatching leads to the nodes that match what a row's field says.
func toMatching(filter, field, what string) Link {
	return toMatchingValue(filter, "${__data.fields."+field+"}", "The nodes with the "+what+" ${__data.fields."+field+"}")
}

// toMatchingValue leads to the nodes that match one value, or several that are
// joined by &var-FILTER=.
func toMatchingValue(filter, value, title string) Link {
	return Link{
		Title: title,
		URL: "/d/" + fleetUID + "?${datasource:queryparam}&${job:queryparam}&${cluster:queryparam}&var-" + filter + "=" + value +
			unfiltered(filter) + "&${back:queryparam}&${exporter:queryparam}&${__url_time_range}&viewPanel=100",
	}
}

// toRunbook leads to the page of an alert, as every exporter serves it.
func toRunbook(field string) Link {
	return Link{Title: "What to do: the runbook of ${__data.fields." + field + "}", URL: "${exporter}/runbooks/${__data.fields." + field + "}", TargetBlank: true}
}
