package board

// col is a column of a table.
type col struct {
	field, title string // what the queries call it, and its heading
	width, least int    // pixels: all, or at least
	unit         string
	mappings     []Mapping
	thresholds   *Thresholds // colours the text
	links        []Link
	right        bool
	wrap         bool
	hidden       bool
	noValue      string
	decimals     *int
}

func (c col) override() Override {
	if c.thresholds == nil && c.coloured() {
		c.thresholds = steps(text) // what has no word of its own has no colour either
	}
	var all []Property
	add := func(is bool, id string, value any) {
		if is {
			all = append(all, Property{id, value})
		}
	}
	add(c.title != "", "displayName", c.title)
	add(c.width > 0, "custom.width", c.width)
	add(c.least > 0, "custom.minWidth", c.least)
	add(c.unit != "", "unit", c.unit)
	add(c.decimals != nil, "decimals", c.decimals)
	add(c.mappings != nil, "mappings", c.mappings)
	add(c.thresholds != nil, "thresholds", c.thresholds)
	add(c.thresholds != nil, "custom.cellOptions", options{"type": "color-text"})
	add(c.links != nil, "links", c.links)
	add(c.right, "custom.align", "right")
	add(c.thresholds != nil && !c.right, "custom.align", "left") // words in place of numbers
	add(c.wrap, "custom.cellOptions", options{"type": "auto", "wrapText": true})
	add(c.hidden, "custom.hidden", true)
	add(c.noValue != "", "noValue", c.noValue)
	return Override{Matcher{"byName", c.field}, all}
}

// coloured says whether words of the column have colours.
func (c col) coloured() bool {
	for _, m := range c.mappings {
		for _, r := range m.Options {
			if r.Color != "" && r.Color != text {
				return true
			}
		}
	}
	return false
}

// table is a table whose columns are in the order given. Labels of the queries that
// are no column are dropped.
func table(title, description string, columns []col, sort []string, drop []string, queries ...string) Panel {
	var all []named
	for _, q := range queries {
		all = append(all, named{expr: q})
	}
	p := newPanel("table", title, description).ask(all...)
	p.Options = options{"showHeader": true, "frameIndex": 0}
	p.FieldConfig.Defaults.Custom = options{"align": "auto", "inspect": false, "filterable": false, "minWidth": 60}
	if len(queries) > 1 {
		p.Transformations = append(p.Transformations, Transformation{"merge", options{}})
	}
	return p.arranged(columns, sort, append(drop, "Time"))
}

// matrix is a table of one query: a row for each value of a label, which is its
// first column, and a column for each value of the label column.
func matrix(title, description, row string, columns []col, sort []string, query string) Panel {
	p := newPanel("table", title, description).ask(named{expr: query})
	p.Options = options{"showHeader": true, "frameIndex": 0}
	p.FieldConfig.Defaults.Custom = options{"align": "auto", "inspect": false, "filterable": false, "minWidth": 60}
	p.Transformations = append(p.Transformations, Transformation{"groupingToMatrix", options{
		"columnField": "column", "rowField": row, "valueField": "Value", "emptyValue": "null",
	}})
	columns[0].field = row + `\column`
	return p.arranged(columns, sort, nil)
}

// arranged sorts rows, the largest on top, and puts columns into their order.
func (p Panel) arranged(columns []col, sort, drop []string) Panel {
	if len(sort) > 0 {
		var by []options
		for _, s := range sort {
			by = append(by, options{"field": s, "desc": true})
		}
		p.Transformations = append(p.Transformations, Transformation{"sortBy", options{"fields": options{}, "sort": by}})
	}
	index, excluded := map[string]int{}, map[string]bool{}
	for i, c := range columns {
		index[c.field] = i
		p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, c.override())
	}
	for _, d := range drop {
		excluded[d] = true
	}
	p.Transformations = append(p.Transformations, Transformation{"organize", options{
		"excludeByName": excluded, "indexByName": index, "renameByName": map[string]string{},
	}})
	return p
}

// number is a column of a number of things, none of which is good news.
func number(field, title string, width int, colour string, links ...Link) col {
	return col{
		field: field, title: title, width: width, right: true, noValue: unknown, links: links,
		thresholds: some(colour), mappings: numbers(text),
	}
}

// nodeCount is a number of nodes that is neither good nor bad.
func nodeCount(field string, width int) col {
	return number(field, "Nodes", width, text)
}

// Columns that several tables have.
func nodeColumn() col {
	return col{field: "instance", title: "Node", least: 110, links: []Link{toNode()}}
}

func clusterColumn() col {
	return col{field: "cluster", title: "Cluster", least: 90, noValue: none, links: []Link{toCluster("cluster")}}
}

func kernelColumn() col {
	return col{field: "release", title: "Kernel", least: 215, noValue: unknown, links: []Link{toMatching("release", "release", "kernel")}}
}

func hidden(field string) col { return col{field: field, hidden: true} }

// hiddenScope are the columns that only links need.
func hiddenScope() []col { return []col{hidden("job"), hidden("scope")} }
