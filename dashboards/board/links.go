package board

import (
	"slices"
	"strconv"
	"strings"
)

// Where links lead.
const (
	fleetUID = "kernel-exporter-fleet"
	nodeUID  = "kernel-exporter-node"
	// matching is the number of the panel of nodes that match, to which every count
	// leads.
	matching = 100
	// unknowns is that of the panel of nodes of which nothing is known.
	unknowing = 101
)

// filters are the variables of that panel.
func filters() []string {
	return []string{"rule", "unjudged", "release", "bug", "event", "symptom", "state"}
}

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
		if !slices.Contains(except, f) {
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
		URL:   matchingURL("${cluster:queryparam}", "&var-"+filter+"="+value+unfiltered(filter)),
	}
}

// matchingURL is where the nodes that match stand.
func matchingURL(cluster, filters string) string {
	return "/d/" + fleetUID + "?${datasource:queryparam}&${job:queryparam}&" + cluster + filters +
		"&${back:queryparam}&${exporter:queryparam}&${__url_time_range}&viewPanel=" + strconv.Itoa(matching)
}

// toState leads to the nodes that are in one of some states.
func toState(title string, states ...string) Link {
	return Link{Title: title, URL: matchingURL("${cluster:queryparam}", chosen(states)+unfiltered("state"))}
}

// toStateOfRow is toState for the kernel or the cluster of a row of a matrix, whose
// first column has that title.
func toStateOfRow(column, title string, states ...string) Link {
	row := "${__data.fields." + column + "}"
	l := Link{Title: title + ": " + row}
	if column == "Cluster" {
		l.URL = matchingURL("var-cluster="+row, chosen(states)+unfiltered("state"))
	} else {
		l.URL = matchingURL("${cluster:queryparam}", "&var-release="+row+chosen(states)+unfiltered("release", "state"))
	}
	return l
}

func chosen(states []string) string { return "&var-state=" + strings.Join(states, "&var-state=") }

// toRunbook leads to the page of an alert, as every exporter serves it.
func toRunbook(field string) Link {
	return Link{Title: "What to do: the runbook of ${__data.fields." + field + "}", URL: "${exporter}/runbooks/${__data.fields." + field + "}", TargetBlank: true}
}
