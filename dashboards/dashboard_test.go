package dashboards_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kernel_exporter/dashboards"
)

// A dashboard is what the tests must know of one.
type dashboard struct {
	UID           string
	Title         string
	Description   string
	Tags          []string
	SchemaVersion int
	Panels        []panel
	Templating    struct{ List []variable }
	Annotations   struct{ List []annotation }
	Links         []link
}

type panel struct {
	ID          int
	Type        string
	Title       string
	Description string
	GridPos     struct{ X, Y, W, H int }
	Datasource  datasource
	Targets     []target
	FieldConfig struct {
		Defaults  field
		Overrides []struct {
			Matcher    struct{ ID, Options string }
			Properties []struct {
				ID    string
				Value json.RawMessage
			}
		}
	}
	Transformations []struct {
		ID      string
		Options struct {
			ExcludeByName map[string]bool
			IndexByName   map[string]int
			Sort          []struct{ Field string }
			RowField      string
		}
	}
}

type datasource struct{ Type, UID string }

type target struct {
	RefID        string
	Datasource   datasource
	Expr         string
	LegendFormat string
	Format       string
	Instant      bool
	Range        bool
}

type field struct {
	NoValue    string
	Links      []link
	Thresholds struct {
		Steps []struct {
			Value *float64
			Color string
		}
	}
}

type variable struct {
	Name       string
	Type       string
	Datasource datasource
	Definition string
	Query      json.RawMessage
	IncludeAll bool
	AllValue   string
	Multi      bool
	Refresh    int
}

type annotation struct {
	Name       string
	BuiltIn    int
	Datasource datasource
	Expr       string
}

type link struct {
	Title       string
	URL         string
	IncludeVars bool
	KeepTime    bool
}

// files returns the JSON of the dashboards, by file.
func files() map[string][]byte {
	return map[string][]byte{"fleet.json": dashboards.Fleet(), "node.json": dashboards.Node()}
}

// all returns the dashboards, by file.
func all(t *testing.T) map[string]dashboard {
	t.Helper()
	m := map[string]dashboard{}
	for name, content := range files() {
		var d dashboard
		if err := json.Unmarshal(content, &d); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(d.Panels) < 10 {
			t.Fatalf("%s has only %d panels", name, len(d.Panels))
		}
		m[name] = d
	}
	return m
}

// queries returns every PromQL expression of a dashboard by where it stands.
func (d dashboard) queries() map[string]string {
	m := map[string]string{}
	for _, p := range d.Panels {
		for _, q := range p.Targets {
			m["panel "+p.Title+" "+q.RefID] = q.Expr
		}
	}
	for _, a := range d.Annotations.List {
		if a.BuiltIn == 0 {
			m["annotation "+a.Name] = a.Expr
		}
	}
	for _, v := range d.Templating.List {
		if selector, _, ok := v.labelValues(); ok {
			m["variable "+v.Name] = selector
		}
	}
	return m
}

// labelValues returns the selector and the label of a variable that takes the
// values of a label.
func (v variable) labelValues() (selector, label string, ok bool) {
	m := regexp.MustCompile(`^label_values\((.+), (\w+)\)$`).FindStringSubmatch(v.Definition)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

// fill puts values in the place of variables, as Grafana does.
func fill(text string, values map[string]string) string {
	return regexp.MustCompile(`\$(\w+)|\$\{(\w+)(:\w+)?\}`).ReplaceAllStringFunc(text, func(found string) string {
		if value, ok := values[strings.Trim(found, "${}")]; ok {
			return value
		}
		return found
	})
}

// filling is what Grafana would fill in with everything selected, and one node.
func filling() map[string]string {
	return map[string]string{
		"job": "kernel_exporter", "cluster": ".*", "instance": "node-00001",
		"__rate_interval": "1m", "__interval": "15s", "__range": "10m", "__from": "1790000000000",
		"release": ".*", "rule": "()", "unjudged": "()", "bug": "()", "event": "()", "symptom": "()", "state": "()",
	}
}

func TestDashboardsAreWhatTheFilesAre(t *testing.T) {
	t.Parallel()
	for name, content := range files() {
		if !json.Valid(content) {
			t.Errorf("%s is no JSON", name)
		}
		clear(content)
	}
	for name, content := range files() {
		if content[0] != '{' {
			t.Errorf("%s: what one caller does to it, the next one gets", name)
		}
	}
}

func TestDashboardsSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	want := map[string]string{"fleet.json": "kernel-exporter-fleet", "node.json": "kernel-exporter-node"}
	for name, d := range all(t) {
		if d.UID != want[name] {
			t.Errorf("%s: uid %q, want %q: links and bookmarks rest on it", name, d.UID, want[name])
		}
		if !slices.Equal(d.Tags, []string{"kernel_exporter"}) {
			t.Errorf("%s: tags %v", name, d.Tags)
		}
		if !strings.HasPrefix(d.Title, "Kernel / ") || !strings.HasSuffix(d.Description, ".") {
			t.Errorf("%s: title %q, description %q", name, d.Title, d.Description)
		}
		// Grafana 12's: older ones read it as it is, newer ones find nothing to migrate.
		if d.SchemaVersion != 41 {
			t.Errorf("%s: schema version %d", name, d.SchemaVersion)
		}
		// Who imports by hand is asked for nothing but the data source, by a variable.
		for _, key := range []string{"__inputs", "__requires", "__elements", "DS_PROMETHEUS", "libraryPanel"} {
			if strings.Contains(string(files()[name]), key) {
				t.Errorf("%s has %s", name, key)
			}
		}
	}
}
