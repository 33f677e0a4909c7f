package board

import "maps"

// prometheus is the data source that is chosen at the top.
func prometheus() Datasource { return Datasource{Type: "prometheus", UID: "${datasource}"} }

// options are what kinds of panels can be told; Grafana has other names for each.
type options = map[string]any

// newPanel returns a panel of a kind, which asks the data source.
func newPanel(kind, title, description string) Panel {
	return Panel{
		Type: kind, Title: title, Description: description, Datasource: new(prometheus()),
		FieldConfig: &FieldConfig{Defaults: Field{NoValue: unknown}, Overrides: []Override{}},
	}
}

// ask adds queries: of a table and a stat for now, of a graph for the range.
func (p Panel) ask(queries ...named) Panel {
	now := p.Type == "table" || p.Type == "stat"
	format := "time_series"
	if p.Type == "table" {
		format = "table"
	}
	for _, q := range queries {
		p.Targets = append(p.Targets, Target{
			RefID: string(rune('A' + len(p.Targets))), Datasource: prometheus(), Expr: q.expr, EditorMode: "code",
			Instant: now, Range: !now, Format: format, LegendFormat: q.name,
		})
	}
	return p
}

// look sets a property of one field.
func (p Panel) look(field string, properties ...Property) Panel {
	p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, Override{Matcher{"byName", field}, properties})
	return p
}

// lookLike is look for the fields whose names match.
func (p Panel) lookLike(pattern string, properties ...Property) Panel {
	p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, Override{Matcher{"byRegexp", pattern}, properties})
	return p
}

// field changes the defaults of a panel's fields.
func (p Panel) field(change func(*Field)) Panel {
	change(&p.FieldConfig.Defaults)
	return p
}

// since shows another range than the one that is chosen at the top.
func (p Panel) since(d string) Panel {
	p.TimeFrom = d
	return p
}

// leads makes the values of a panel lead somewhere.
func (p Panel) leads(to ...Link) Panel {
	return p.field(func(f *Field) { f.Links = to })
}

// id gives a panel that links lead to a number of its own.
func (p Panel) id(id int) Panel {
	p.ID = id
	return p
}

// option sets an option of the panel's kind.
func (p Panel) option(name string, value any) Panel {
	o := options{}
	if old, ok := p.Options.(options); ok {
		maps.Copy(o, old)
	}
	o[name] = value
	p.Options = o
	return p
}

// colour, unit and so on are properties of fields.
func colour(c string) Property           { return Property{"color", fixed(c)} }
func unit(u string) Property             { return Property{"unit", u} }
func decimals(n int) Property            { return Property{"decimals", n} }
func mapped(m []Mapping) Property        { return Property{"mappings", m} }
func thresholds(t *Thresholds) Property  { return Property{"thresholds", t} }
func custom(name string, v any) Property { return Property{"custom." + name, v} }

// tile is a number, or a few, that can be read from afar; colorMode background
// fills it.
func tile(title, description, colorMode string, t *Thresholds, m []Mapping, queries ...named) Panel {
	p := newPanel("stat", title, description).ask(queries...)
	text := "value"
	if len(queries) > 1 {
		text = "value_and_name"
	}
	p.Options = options{
		"colorMode": colorMode, "graphMode": "none", "justifyMode": "center", "orientation": "auto", "textMode": text,
		"reduceOptions": options{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
		"text":          options{"titleSize": 16},
	}
	return p.field(func(f *Field) {
		f.Unit, f.Decimals, f.Color, f.Thresholds, f.Mappings = "none", new(0), byThresholds(), t, m
	})
}

// list is a stat of several values one below the other.
func list(title, description string, queries ...named) Panel {
	return tile(title, description, "value", steps(text), numbers(text), queries...).
		option("orientation", "horizontal").option("text", options{"titleSize": 14, "valueSize": 20}).
		field(func(f *Field) { f.Unit, f.Decimals = "short", nil })
}

// graph is lines over time.
func graph(title, description string, queries ...named) Panel {
	p := newPanel("timeseries", title, description).ask(queries...)
	p.Options = options{
		"legend":  options{"calcs": []string{}, "displayMode": "list", "placement": "bottom", "showLegend": true},
		"tooltip": options{"mode": "multi", "sort": "desc"},
	}
	return p.field(func(f *Field) {
		f.Unit, f.Color, f.Min = "short", fixed(blue), new(0.0)
		f.Custom = lines(1, 0, "none")
	})
}

// area is a graph of quantities that make up a whole.
func area(title, description string, queries ...named) Panel {
	return graph(title, description, queries...).field(func(f *Field) { f.Custom = lines(1, 50, "normal") })
}

// lines says how a graph is drawn.
func lines(width, fill int, stacking string) options {
	return options{
		"drawStyle": "line", "lineInterpolation": "linear", "lineWidth": width, "fillOpacity": fill, "gradientMode": "none",
		"showPoints": "never", "spanNulls": false, "stacking": options{"mode": stacking, "group": "A"},
		"axisPlacement": "auto", "axisLabel": "", "scaleDistribution": options{"type": "linear"}, "thresholdsStyle": options{"mode": "off"},
	}
}

// timeline is a bar for each series, coloured by its value.
func timeline(title, description string, queries ...named) Panel {
	p := newPanel("state-timeline", title, description).ask(queries...)
	p.Options = options{
		"mergeValues": true, "showValue": "never", "alignValue": "left", "rowHeight": 0.7,
		"legend":  options{"displayMode": "list", "placement": "bottom", "showLegend": false, "calcs": []string{}},
		"tooltip": options{"mode": "single", "sort": "none"},
	}
	return p.field(func(f *Field) { f.Custom = options{"lineWidth": 0, "fillOpacity": 80, "spanNulls": false} })
}

// heading begins a row of panels.
func heading(title string) Panel {
	return Panel{Type: "row", Title: title, Collapsed: new(false), Panels: []Panel{}}
}

// column is a part of a band: panels one below the other.
type stack struct {
	width  int
	panels []Panel
}

// place is a panel of a height.
func (p Panel) high(rows int) Panel {
	p.GridPos.H = rows
	return p
}

// layout places panels from top to bottom and numbers them.
type layout struct {
	panels []Panel
	y      int
}

// row adds a heading.
func (l *layout) row(title string) {
	p := heading(title)
	p.GridPos = GridPos{Y: l.y, W: 24, H: 1}
	l.panels = append(l.panels, p)
	l.y++
}

// band adds stacks of panels side by side.
func (l *layout) band(stacks ...stack) {
	x, bottom := 0, l.y
	for _, s := range stacks {
		y := l.y
		for _, p := range s.panels {
			p.GridPos = GridPos{X: x, Y: y, W: s.width, H: p.GridPos.H}
			y += p.GridPos.H
			l.panels = append(l.panels, p)
		}
		bottom = max(bottom, y)
		x += s.width
	}
	l.y = bottom
}

// numbered returns the panels, each with a number.
func (l *layout) numbered() []Panel {
	for i := range l.panels {
		if l.panels[i].ID == 0 {
			l.panels[i].ID = i + 1
		}
	}
	return l.panels
}

// wide is a stack of panels.
func wide(width int, panels ...Panel) stack { return stack{width, panels} }
