package dashboards_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestPanelsHaveIDsOfTheirOwn(t *testing.T) {
	t.Parallel()
	for name, d := range all(t) {
		seen := map[int]string{}
		titles := map[string]bool{}
		for _, p := range d.Panels {
			if p.ID < 1 || seen[p.ID] != "" {
				t.Errorf("%s: %q and %q have id %d", name, seen[p.ID], p.Title, p.ID)
			}
			seen[p.ID] = p.Title
			if p.Title == "" || titles[p.Title] {
				t.Errorf("%s: there are two panels titled %q", name, p.Title)
			}
			titles[p.Title] = true
		}
	}
}

func TestPanelsFillTheGridWithoutOverlap(t *testing.T) {
	t.Parallel()
	const columns = 24
	for name, d := range all(t) {
		var grid [200][columns]string
		bottom := 0
		for _, p := range d.Panels {
			g := p.GridPos
			if g.X < 0 || g.Y < 0 || g.W < 1 || g.H < 1 || g.X+g.W > columns || g.Y+g.H > len(grid) {
				t.Fatalf("%s: %s is outside the grid: %+v", name, p.Title, g)
			}
			bottom = max(bottom, g.Y+g.H)
			for y := range g.H {
				for x := range g.W {
					cell := &grid[g.Y+y][g.X+x]
					if *cell != "" {
						t.Fatalf("%s: %s lies on %s", name, p.Title, *cell)
					}
					*cell = p.Title
				}
			}
		}
		// A gap would close when Grafana loads the dashboard, and move what is below.
		for y := range bottom {
			for x := range columns {
				if grid[y][x] == "" {
					t.Fatalf("%s: nothing is at x %d, y %d", name, x, y)
				}
			}
		}
	}
}

func TestPanelsAreDescribedAndSayWhatIsNot(t *testing.T) {
	t.Parallel()
	types := []string{"row", "stat", "table", "timeseries", "state-timeline"}
	for name, d := range all(t) {
		for _, p := range d.Panels {
			if !slices.Contains(types, p.Type) {
				t.Errorf("%s: %s is a %s", name, p.Title, p.Type)
			}
			if p.Type == "row" {
				continue
			}
			if len(p.Description) < 30 || !strings.HasSuffix(p.Description, ".") {
				t.Errorf("%s: %s is described as %q", name, p.Title, p.Description)
			}
			// A query that failed finds nothing: that is never none. That there is none of
			// something is what a query has found.
			if n := p.FieldConfig.Defaults.NoValue; n != "unknown" {
				t.Errorf("%s: %s says %q where nothing was found", name, p.Title, n)
			}
			if len(p.Targets) == 0 {
				t.Errorf("%s: %s asks for nothing", name, p.Title)
			}
		}
	}
}

// TestQueriesFitTheirPanels: a table and a stat ask for now, a graph for a
// range.
func TestQueriesFitTheirPanels(t *testing.T) {
	t.Parallel()
	prometheus := datasource{"prometheus", "${datasource}"}
	for name, d := range all(t) {
		for _, p := range d.Panels {
			if p.Type != "row" && p.Datasource != prometheus {
				t.Errorf("%s: %s asks %v", name, p.Title, p.Datasource)
			}
			for i, q := range p.Targets {
				if want := string(rune('A' + i)); q.RefID != want {
					t.Errorf("%s: %s: query %s should be %s", name, p.Title, q.RefID, want)
				}
				format, now := "time_series", p.Type == "stat" || p.Type == "table"
				if p.Type == "table" {
					format = "table"
				} else if q.LegendFormat == "" {
					t.Errorf("%s: %s: query %s has no legend", name, p.Title, q.RefID)
				}
				if q.Instant != now || q.Range == now || q.Format != format || q.Datasource != prometheus {
					t.Errorf("%s: %s: query %s does not fit a %s", name, p.Title, q.RefID, p.Type)
				}
			}
		}
	}
}

// TestColoursAreThoseOfSeverity: and blue and grey, which say nothing. Grafana's
// own palette would be a rainbow in which red is an accident.
func TestColoursAreThoseOfSeverity(t *testing.T) {
	t.Parallel()
	mode := regexp.MustCompile(`"mode":"(palette-[\w-]+)"`)
	colour := regexp.MustCompile(`"(?:color|fixedColor|iconColor)":"([^"]+)"`)
	known := regexp.MustCompile(`^((dark-|semi-dark-|light-|super-light-)?(red|orange|yellow|green|blue)|text|transparent|#6e7787|#8e8e8e|rgba\(0, 211, 255, 1\))$`)
	for name, content := range files() {
		if !colour.Match(content) {
			t.Fatalf("%s has no colours", name)
		}
		for _, m := range colour.FindAllStringSubmatch(string(content), -1) {
			if !known.MatchString(m[1]) {
				t.Errorf("%s: the colour %s means nothing", name, m[1])
			}
		}
		for _, m := range mode.FindAllStringSubmatch(string(content), -1) {
			t.Errorf("%s has colours by %s", name, m[1])
		}
	}
}

// TestUnknownIsNotGreen: a stat without a value has the colour of its lowest
// threshold.
func TestUnknownIsNotGreen(t *testing.T) {
	t.Parallel()
	for name, d := range all(t) {
		for _, p := range d.Panels {
			if p.Type != "stat" {
				continue
			}
			if steps := p.FieldConfig.Defaults.Thresholds.Steps; len(steps) == 0 || steps[0].Value != nil || !slices.Contains([]string{"text", "#6e7787"}, steps[0].Color) {
				t.Errorf("%s: %s: the thresholds are %+v", name, p.Title, steps)
			}
		}
	}
}

func TestVariables(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"fleet.json": {"datasource", "job", "cluster", "rule", "unjudged", "release", "bug", "event", "symptom", "state", "back", "exporter"},
		"node.json":  {"datasource", "job", "cluster", "instance", "exporter"},
	}
	scope := map[string][]string{"fleet.json": {"job", "cluster"}, "node.json": {"job", "cluster", "instance"}}
	// Grafana's own.
	builtin := []string{"__rate_interval", "__interval", "__range", "__from", "__url_time_range", "__data", "__value", "__all"}
	use := regexp.MustCompile(`\$\{?(\w+)`)
	for name, d := range all(t) {
		var names []string
		for _, v := range d.Templating.List {
			names = append(names, v.Name)
			checkVariable(t, name, v)
		}
		if !slices.Equal(names, want[name]) {
			t.Errorf("%s: variables are %v, want %v", name, names, want[name])
		}
		for _, m := range use.FindAllStringSubmatch(string(files()[name]), -1) {
			// $1 is a group of a regular expression.
			if m[1] != "1" && !slices.Contains(names, m[1]) && !slices.Contains(builtin, m[1]) {
				t.Errorf("%s: there is no variable $%s", name, m[1])
			}
		}
		for where, q := range d.queries() {
			for _, v := range scope[name] {
				// The list of a variable cannot ask for itself, nor for those after it.
				if !strings.HasPrefix(where, "variable ") && !strings.Contains(q, v+`=~"$`+v+`"`) {
					t.Errorf("%s: %s does not ask for $%s", name, where, v)
				}
			}
		}
	}
}

func checkVariable(t *testing.T, name string, v variable) {
	t.Helper()
	if v.Type != "query" {
		return
	}
	if v.Datasource.UID != "${datasource}" {
		t.Errorf("%s: $%s asks %v", name, v.Name, v.Datasource)
	}
	if v.Refresh != 1 {
		t.Errorf("%s: $%s is read again with every refresh", name, v.Name)
	}
	if _, _, ok := v.labelValues(); !ok {
		t.Errorf("%s: $%s asks for %q", name, v.Name, v.Definition)
	}
	// All clusters and kernels, also nodes without the label; of a filter of which
	// nothing is chosen, no series that has the label.
	all := "()"
	if v.Name == "cluster" || v.Name == "release" {
		all = ".*"
	}
	if v.IncludeAll && v.AllValue != all {
		t.Errorf("%s: all of $%s is %q", name, v.Name, v.AllValue)
	}
}

// TestLinksResolveAndKeepTheVariables: a link names every variable of where it
// leads, so that none keeps what was chosen before.
func TestLinksResolveAndKeepTheVariables(t *testing.T) {
	t.Parallel()
	dashboards := all(t)
	byUID := map[string]dashboard{}
	for _, d := range dashboards {
		byUID[d.UID] = d
	}
	path := regexp.MustCompile(`^/d/([\w-]+)\?(.*)$`)
	for name, d := range dashboards {
		for _, l := range d.Links {
			m := path.FindStringSubmatch(l.URL)
			if l.URL == "http://${instance}/" {
				continue // a node's own page
			}
			// All variables would take the cluster of a node along to the fleet.
			if m == nil || byUID[m[1]].UID == "" || l.IncludeVars || !l.KeepTime || !strings.Contains(m[2], "${job:queryparam}") {
				t.Errorf("%s: the link %s to %s resolves %v, takes all variables %v, keeps time %v", name, l.Title, l.URL, m, l.IncludeVars, l.KeepTime)
			}
		}
		for _, p := range d.Panels {
			for _, l := range p.links(t) {
				if strings.HasPrefix(l.URL, "${exporter}/runbooks/") {
					continue
				}
				m := path.FindStringSubmatch(l.URL)
				if m == nil || byUID[m[1]].UID == "" {
					t.Errorf("%s: %s links to %s", name, p.Title, l.URL)
					continue
				}
				// A column that the queries make, as there may be none with the cluster.
				if scope := `"scope", "var-cluster=$1", "cluster", "(.*)"`; strings.Contains(p.Targets[0].Expr, scope) {
					m[2] = strings.Replace(m[2], "${__data.fields.scope}", "var-cluster=", 1)
				}
				if strings.Contains(p.Targets[0].Expr, `"to", "&var-state=`) {
					m[2] = strings.Replace(m[2], "${__data.fields.to}", "&var-state=", 1)
				}
				for _, v := range byUID[m[1]].Templating.List {
					if !strings.Contains(m[2], "var-"+v.Name+"=") && !strings.Contains(m[2], "${"+v.Name+":queryparam}") {
						t.Errorf("%s: %s: the link %s loses $%s", name, p.Title, l.URL, v.Name)
					}
				}
				if !strings.Contains(m[2], "${__url_time_range}") {
					t.Errorf("%s: %s: the link %s loses the time", name, p.Title, l.URL)
				}
			}
		}
	}
}

// TestCountsLeadToNodes: from a rule, a kernel, a bug, an event, an alert and a
// state of the fleet to the table of the nodes that have it.
func TestCountsLeadToNodes(t *testing.T) {
	t.Parallel()
	fleet := all(t)["fleet.json"]
	i := slices.IndexFunc(fleet.Panels, func(p panel) bool { return p.Title == "Nodes that match" })
	if i < 0 {
		t.Fatal("there is no table of nodes that match")
	}
	target := "&viewPanel=" + strconv.Itoa(fleet.Panels[i].ID)
	for panel, filter := range map[string]string{
		"Ready for Kubernetes": "state", "Which kernels leak": "release", "Kernels": "release", "Rules": "rule",
		"Known bugs": "bug", "Kernel log events within an hour": "event", "Alerts of nodes": "symptom",
		"Unfit": "state", "Sick now": "state", "Unknown": "state", "Clusters": "state",
	} {
		found := false
		for _, p := range fleet.Panels {
			if p.Title != panel {
				continue
			}
			for _, l := range p.links(t) {
				found = found || strings.HasSuffix(l.URL, target) && strings.Contains(l.URL, "&var-"+filter+"=") && !strings.Contains(l.URL, "&var-"+filter+"=$__all")
			}
		}
		if !found {
			t.Errorf("%s does not lead to the nodes by $%s", panel, filter)
		}
	}
}

// TestTablesOfNodesLinkToTheNode: from whichever table a node is seen in.
func TestTablesOfNodesLinkToTheNode(t *testing.T) {
	t.Parallel()
	tables := 0
	for _, p := range all(t)["fleet.json"].Panels {
		if p.Type != "table" || !p.names("instance") {
			continue
		}
		tables++
		if links := p.links(t); len(links) == 0 || !strings.HasPrefix(links[0].URL, "/d/kernel-exporter-node?") {
			t.Errorf("%s does not link to the node", p.Title)
		}
	}
	if tables < 4 {
		t.Errorf("only %d tables of nodes", tables)
	}
}

// links returns the links of a panel's fields.
func (p panel) links(t *testing.T) []link {
	t.Helper()
	links := slices.Clone(p.FieldConfig.Defaults.Links)
	for _, o := range p.FieldConfig.Overrides {
		for _, property := range o.Properties {
			if property.ID != "links" {
				continue
			}
			var some []link
			if err := json.Unmarshal(property.Value, &some); err != nil {
				t.Fatal(err)
			}
			links = append(links, some...)
		}
	}
	return links
}

// names says whether a panel has something to say of a field.
func (p panel) names(name string) bool {
	for _, o := range p.FieldConfig.Overrides {
		if o.Matcher.ID == "byName" && o.Matcher.Options == name {
			return true
		}
	}
	return false
}
