package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// tables returns what was seen as Markdown.
func tables(seen []tried) string {
	var w strings.Builder
	tableOfKernels(&w, seen)
	tableOfMetrics(&w, seen)
	tableOfReports(&w, seen)
	tableOfClocks(&w, seen)
	return w.String()
}

func tableOfKernels(w *strings.Builder, seen []tried) {
	w.WriteString("| kernel | package | cgroups | metrics that agree | records of the log, each counted | `check` |\n|---|---|---|---|---|---|\n")
	for _, t := range seen {
		for _, version := range []string{"v1", "v2"} {
			c, ok := t.Facts[version]
			if !ok {
				if reason := t.Missing[version]; reason != "" {
					fmt.Fprintf(w, "| %s | %s | %s | | | not tried: %s |\n", t.Kernel.Release, t.Kernel.Version, version, reason)
				}
				continue
			}
			agree := 0
			for _, r := range c.Rows {
				if r.Fault == "" {
					agree++
				}
			}
			fmt.Fprintf(w, "| %s | %s, %s | %s | %d of %d | %d | %s, exit code %s |\n",
				t.Kernel.Release, t.Kernel.Suite, t.Kernel.Version, version, agree, len(c.Rows), c.Records, c.Verdict, c.Code)
		}
	}
	w.WriteString("\n")
}

// name is the series, and the flavour where it is not the plain one.
func (k kernel) name() string {
	if strings.Contains(k.Release, "-cloud-") {
		return k.Series + " cloud"
	}
	return k.Series
}

// A column is a kernel with a version of cgroups.
type column struct {
	title string
	Rows  []row
}

func tableOfMetrics(w *strings.Builder, seen []tried) {
	var columns []column
	for _, t := range seen {
		for _, version := range []string{"v1", "v2"} {
			if c, ok := t.Facts[version]; ok {
				columns = append(columns, column{title: t.Kernel.name() + " " + version, Rows: c.Rows})
			}
		}
	}
	if len(columns) == 0 {
		return
	}
	w.WriteString("| metric | the kernel was asked by")
	for _, c := range columns {
		w.WriteString(" | " + c.title)
	}
	w.WriteString(" |\n|---|---" + strings.Repeat("|---", len(columns)) + "|\n")
	for _, r := range columns[0].Rows {
		fmt.Fprintf(w, "| `%s` | %s", r.Metric, r.Way)
		for _, c := range columns {
			w.WriteString(" | " + cell(c.Rows, r.Metric))
		}
		w.WriteString(" |\n")
	}
	w.WriteString("\n")
}

func cell(rows []row, metric string) string {
	i := slices.IndexFunc(rows, func(r row) bool { return r.Metric == metric })
	switch {
	case i < 0:
		return ""
	case rows[i].Fault != "":
		return "differs"
	case rows[i].Here:
		return "="
	}
	return "absent"
}

func tableOfReports(w *strings.Builder, seen []tried) {
	w.WriteString("| event | what was done | kernel | in the log | counted | sick | the first line |\n|---|---|---|---|---|---|---|\n")
	for _, t := range seen {
		for _, r := range t.Results {
			if r.Skipped != "" {
				fmt.Fprintf(w, "| `%s` | %s | %s | not made | | | %s |\n", r.Event, r.How, t.Kernel.name(), inCell(r.Skipped))
				continue
			}
			counted := []string{fmt.Sprint(r.Counted)}
			for _, other := range slices.Sorted(maps.Keys(r.Others)) {
				counted = append(counted, fmt.Sprintf("`%s` %d", other, r.Others[other]))
			}
			sick := r.Sick
			if sick == "" {
				sick = "no"
			}
			fmt.Fprintf(w, "| `%s` | %s | %s | %d | %s | %s | `%s` |\n", r.Event, r.How, t.Kernel.name(), len(r.Lines), strings.Join(counted, "; "), sick, inCell(r.Lines[0].Text))
		}
	}
	w.WriteString("\n")
}

func tableOfClocks(w *strings.Builder, seen []tried) {
	head := false
	for _, t := range seen {
		for _, c := range t.Clocks {
			if !head {
				head = true
				w.WriteString("| what was done | kernel")
				for _, cell := range c.Cells {
					w.WriteString(" | " + cell.Name)
				}
				w.WriteString(" |\n|---|---" + strings.Repeat("|---", len(c.Cells)) + "|\n")
			}
			fmt.Fprintf(w, "| %s | %s", inCell(c.How), t.Kernel.name())
			for _, cell := range c.Cells {
				fmt.Fprintf(w, " | %s", cmp.Or(inCell(cell.Fault), "="))
			}
			w.WriteString(" |\n")
		}
	}
	w.WriteString("\n")
}

// inCell makes a text fit into a cell of a table.
func inCell(s string) string {
	s = strings.NewReplacer("|", `\|`, "`", "'", "\n", " ").Replace(s)
	if len(s) > 160 {
		s = s[:157] + "..."
	}
	return s
}
