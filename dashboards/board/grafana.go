// Package board makes the dashboards: fleet.json and node.json are what it
// returns, written into files, and its test holds that they are current. The
// program embeds the files and does not link this package.
//
// What panels share is stated once: colours and words of a verdict (looks.go),
// how a kind of panel looks (panels.go), columns of tables (columns.go), and
// what is asked of Prometheus (promql.go). The texts on rules, bugs, events and
// alerts come from where the exporter has them.
package board

import (
	"bytes"
	"encoding/json"
	"regexp"
)

// The types below are those parts of Grafana's JSON that the dashboards need, by
// its names (github.com/grafana/grafana, packages/grafana-schema). What they
// hold is checked against Grafana's own types by .ci/dashboard-schema.

// Dashboard is one, as Grafana imports it.
type Dashboard struct {
	UID           string   `json:"uid"`
	Title         string   `json:"title"`
	Description   string   `json:"description"`
	Tags          []string `json:"tags"`
	Timezone      string   `json:"timezone"`
	Editable      bool     `json:"editable"`
	GraphTooltip  int      `json:"graphTooltip"` // 1: the crosshair is shared
	SchemaVersion int      `json:"schemaVersion"`
	Refresh       string   `json:"refresh"`
	Time          Range    `json:"time"`
	Links         []Link   `json:"links"`
	Annotations   struct {
		List []Annotation `json:"list"`
	} `json:"annotations"`
	Templating struct {
		List []Variable `json:"list"`
	} `json:"templating"`
	Panels []Panel `json:"panels"`
}

// Range is a range of time, as in now-6h.
type Range struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Link leads to another dashboard or, of a field, to whatever a row speaks of.
type Link struct {
	Type        string   `json:"type,omitempty"`
	Title       string   `json:"title"`
	Icon        string   `json:"icon,omitempty"`
	Tooltip     string   `json:"tooltip,omitempty"`
	URL         string   `json:"url"`
	IncludeVars *bool    `json:"includeVars,omitempty"`
	KeepTime    *bool    `json:"keepTime,omitempty"`
	TargetBlank bool     `json:"targetBlank"`
	AsDropdown  *bool    `json:"asDropdown,omitempty"`
	Tags        []string `json:"tags,omitzero"`
}

// Annotation marks moments in graphs.
type Annotation struct {
	Name        string     `json:"name"`
	BuiltIn     int        `json:"builtIn,omitempty"`
	Type        string     `json:"type,omitempty"`
	Datasource  Datasource `json:"datasource"`
	Enable      bool       `json:"enable"`
	Hide        bool       `json:"hide"`
	IconColor   string     `json:"iconColor"`
	Expr        string     `json:"expr,omitempty"`
	Step        string     `json:"step,omitempty"`
	TitleFormat string     `json:"titleFormat,omitempty"`
	TextFormat  string     `json:"textFormat,omitempty"`
}

// Datasource is what answers queries.
type Datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

// Variable is a choice at the top of a dashboard.
type Variable struct {
	Name       string      `json:"name"`
	Label      string      `json:"label"`
	Type       string      `json:"type"`
	Datasource *Datasource `json:"datasource,omitempty"`
	Query      any         `json:"query"`
	Definition string      `json:"definition,omitempty"`
	Refresh    int         `json:"refresh,omitempty"` // 1: when the dashboard is opened
	Sort       int         `json:"sort,omitempty"`
	Hide       int         `json:"hide,omitempty"`
	IncludeAll bool        `json:"includeAll,omitempty"`
	Multi      bool        `json:"multi,omitempty"`
	AllValue   string      `json:"allValue,omitempty"`
	Current    *Current    `json:"current,omitempty"`
	Options    []Current   `json:"options,omitzero"`
}

// Current is what of a variable is chosen.
type Current struct {
	Selected bool `json:"selected"`
	Text     any  `json:"text"`
	Value    any  `json:"value"`
}

// Panel is a panel, or a row, which is the heading of those below it.
type Panel struct {
	ID              int              `json:"id"`
	Type            string           `json:"type"`
	Title           string           `json:"title"`
	Description     string           `json:"description,omitempty"`
	GridPos         GridPos          `json:"gridPos"`
	Datasource      *Datasource      `json:"datasource,omitempty"`
	TimeFrom        string           `json:"timeFrom,omitempty"`
	Interval        string           `json:"interval,omitempty"`
	Targets         []Target         `json:"targets,omitempty"`
	Transformations []Transformation `json:"transformations,omitempty"`
	Options         any              `json:"options,omitempty"`
	FieldConfig     *FieldConfig     `json:"fieldConfig,omitempty"`
	Collapsed       *bool            `json:"collapsed,omitempty"`
	Panels          []Panel          `json:"panels,omitzero"`
}

// GridPos is where a panel stands, in columns of a 24th and rows of 30 pixels.
type GridPos struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

// Target is a query of a panel.
type Target struct {
	RefID        string     `json:"refId"`
	Datasource   Datasource `json:"datasource"`
	Expr         string     `json:"expr"`
	EditorMode   string     `json:"editorMode"`
	Instant      bool       `json:"instant"`
	Range        bool       `json:"range"`
	Format       string     `json:"format"`
	LegendFormat string     `json:"legendFormat,omitempty"`
}

// Transformation changes what queries have found.
type Transformation struct {
	ID      string `json:"id"`
	Options any    `json:"options"`
}

// FieldConfig says how values look.
type FieldConfig struct {
	Defaults  Field      `json:"defaults"`
	Overrides []Override `json:"overrides"`
}

// Field is how the values of a field look.
type Field struct {
	NoValue    string      `json:"noValue,omitempty"`
	Unit       string      `json:"unit,omitempty"`
	Decimals   *int        `json:"decimals,omitempty"`
	Min        *float64    `json:"min,omitempty"`
	Max        *float64    `json:"max,omitempty"`
	Color      *Color      `json:"color,omitempty"`
	Thresholds *Thresholds `json:"thresholds,omitempty"`
	Mappings   []Mapping   `json:"mappings,omitempty"`
	Links      []Link      `json:"links,omitempty"`
	Custom     any         `json:"custom,omitempty"`
}

// Color is how the colour of a field is found.
type Color struct {
	Mode       string `json:"mode"`
	FixedColor string `json:"fixedColor,omitempty"`
}

// Thresholds are the values from which on a field has a colour.
type Thresholds struct {
	Mode  string `json:"mode"`
	Steps []Step `json:"steps"`
}

// Step is a colour and the value from which on it counts; the first has none.
type Step struct {
	Color string   `json:"color"`
	Value *float64 `json:"value"`
}

// Mapping has words in place of values.
type Mapping struct {
	Type    string            `json:"type"`
	Options map[string]Result `json:"options"`
}

// Result is what stands in place of a value.
type Result struct {
	Text  string `json:"text,omitempty"`
	Color string `json:"color,omitempty"`
	Index int    `json:"index"`
}

// Override is what is different of one field.
type Override struct {
	Matcher    Matcher    `json:"matcher"`
	Properties []Property `json:"properties"`
}

// Matcher says which field is meant.
type Matcher struct {
	ID      string `json:"id"`
	Options string `json:"options"`
}

// Property is one thing that is different.
type Property struct {
	ID    string `json:"id"`
	Value any    `json:"value"`
}

// JSON returns the dashboard with a line for each panel and variable, so that it
// is small and a difference can still be read.
func (d Dashboard) JSON() ([]byte, error) {
	var compact bytes.Buffer
	encoder := json.NewEncoder(&compact)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(d); err != nil {
		return nil, err
	}
	begin := regexp.MustCompile(`[,\[](\{"id":[0-9]|\{"name":"|"annotations":|"templating":)`)
	all := begin.ReplaceAllFunc(compact.Bytes(), func(found []byte) []byte {
		return append([]byte{found[0], '\n'}, found[1:]...)
	})
	return all, nil
}
