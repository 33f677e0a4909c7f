package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

const (
	begin = "<!-- kernels: begin; made by make kernels -->\n"
	end   = "<!-- kernels: end -->\n"
)

// publish writes what was seen as Markdown, into a file between its two comments.
func publish(path string, seen []tried) error {
	var w strings.Builder
	tableOfKernels(&w, seen)
	tableOfMetrics(&w, seen)
	tableOfReports(&w, seen)
	if path == "" {
		fmt.Print(w.String())
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return fmt.Errorf("%s: has not both lines %q and %q", path, begin, end)
	}
	return os.WriteFile(path, []byte(before+begin+"\n"+w.String()+end+after), 0o644)
}

func tableOfKernels(w *strings.Builder, seen []tried) {
	w.WriteString("| kernel | package | cgroups | metrics that agree | records of the log, each counted | `check` |\n|---|---|---|---|---|---|\n")
	for _, t := range seen {
		for _, version := range []string{"v1", "v2"} {
			c, ok := t.facts[version]
			if !ok {
				if reason := t.missing[version]; reason != "" {
					fmt.Fprintf(w, "| %s | %s | %s | | | not tried: %s |\n", t.kernel.release, t.kernel.version, version, reason)
				}
				continue
			}
			agree := 0
			for _, r := range c.rows {
				if r.fault == "" {
					agree++
				}
			}
			fmt.Fprintf(w, "| %s | %s, %s | %s | %d of %d | %d | %s, exit code %s |\n",
				t.kernel.release, t.kernel.suite, t.kernel.version, version, agree, len(c.rows), c.records, c.verdict, c.code)
		}
	}
	w.WriteString("\n")
}

// A column is a kernel with a version of cgroups.
type column struct {
	title string
	rows  []row
}

func tableOfMetrics(w *strings.Builder, seen []tried) {
	var columns []column
	for _, t := range seen {
		for _, version := range []string{"v1", "v2"} {
			if c, ok := t.facts[version]; ok {
				columns = append(columns, column{title: t.kernel.series + " " + version, rows: c.rows})
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
	for _, r := range columns[0].rows {
		fmt.Fprintf(w, "| `%s` | %s", r.metric, r.way)
		for _, c := range columns {
			w.WriteString(" | " + cell(c.rows, r.metric))
		}
		w.WriteString(" |\n")
	}
	w.WriteString("\n")
}

func cell(rows []row, metric string) string {
	i := slices.IndexFunc(rows, func(r row) bool { return r.metric == metric })
	switch {
	case i < 0:
		return ""
	case rows[i].fault != "":
		return "differs"
	case rows[i].here:
		return "="
	}
	return "absent"
}

func tableOfReports(w *strings.Builder, seen []tried) {
	w.WriteString("| event | what was done | kernel | in the log | counted | sick | the first line |\n|---|---|---|---|---|---|---|\n")
	for _, t := range seen {
		for _, r := range t.results {
			if r.Skipped != "" {
				fmt.Fprintf(w, "| `%s` | %s | %s | not made | | | %s |\n", r.Event, r.How, t.kernel.series, inCell(r.Skipped))
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
			fmt.Fprintf(w, "| `%s` | %s | %s | %d | %s | %s | `%s` |\n", r.Event, r.How, t.kernel.series, len(r.Lines), strings.Join(counted, "; "), sick, inCell(r.Lines[0].Text))
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
