package main

import (
	"fmt"
	"strings"

	"kernel_exporter/collector/policy"
)

// The widths of a table: as wide as the terminal, between the least and the most,
// and that of a plain terminal where none reads it.
const (
	leastWidth = 40
	plainWidth = 80
	mostWidth  = 120
)

// onScreen is how many lines a table may have before its head scrolls away.
const onScreen = 24

// colours are the escape sequences of a terminal, empty for other readers.
type colours struct{ red, yellow, green, bold, dim, off string }

func newColours(terminal bool) colours {
	if !terminal {
		return colours{}
	}
	return colours{"\x1b[31m", "\x1b[33m", "\x1b[32m", "\x1b[1m", "\x1b[2m", "\x1b[0m"}
}

// of returns the colour of a severity.
func (c colours) of(s policy.Severity) string {
	switch s {
	case policy.Critical:
		return c.red
	case policy.Warning:
		return c.yellow
	default:
		return ""
	}
}

// renderTable renders a report for a person whose terminal has so many columns; 0
// is no terminal.
func renderTable(r report, node nodeReport, c colours, width int) []byte {
	if width == 0 {
		width = plainWidth
	}
	var b strings.Builder
	t := table{&b, c, min(max(width, leastWidth), mostWidth)}
	t.summary(r)
	b.WriteByte('\n')
	t.line("kernel", or(describeKernel(r.Kernel), notKnown))
	t.line("system", or(strings.TrimSpace(or(r.OS.Name, r.OS.ID)+" "+r.OS.VersionID), notKnown))
	name := r.Policy.Name
	if r.Policy.Version != "" { // one's own may have none
		name += " version " + r.Policy.Version
	}
	t.line("policy", fmt.Sprintf("%s, data of %s", name, r.Policy.DataDate))
	t.line("log", node.Log.Text)
	for _, f := range node.Facts {
		t.line(f.Name, f.Text)
	}
	if len(node.Caches) > 0 {
		t.line("caches", strings.Join(names(node.Caches, func(c cache) string { return c.Name + " " + c.Size }), ", "))
	}
	t.sick(r.Sick)
	t.rules("Violated", r.RulesThat(policy.Violated))
	t.rules("Unknown", r.RulesThat(policy.Unknown))
	t.names("Kept", names(r.RulesThat(policy.Kept), func(r ruleReport) string { return r.Name }))
	t.events(node.Events)
	t.bugs(r)
	t.features(r)
	for _, f := range node.Failures {
		t.line("failed", "collector "+f.Collector+": "+f.Err)
	}
	if strings.Count(b.String(), "\n") > onScreen {
		b.WriteByte('\n')
		t.summary(r)
	}
	return []byte(b.String())
}

// summary writes what matters most, in a few lines.
func (t table) summary(r report) {
	if r.Node != "" {
		fmt.Fprintf(t.b, "%s%s%s\n", t.c.bold, r.Node, t.c.off)
	}
	verdict := map[policy.Standing]string{
		policy.Unfit: t.c.red, policy.NotJudged: t.c.yellow, policy.FitWithWarnings: t.c.yellow, policy.Fit: t.c.green,
	}[r.Verdict]
	fmt.Fprintf(t.b, "%s%s%s%s\n", t.c.bold, verdict, capital(r.Headline()), t.c.off)
	ails := t.c.yellow
	switch {
	case r.Sick.Health == policy.Sick:
		ails = t.c.of(r.Sick.Symptoms[0].Severity)
	case r.Sick.Health == policy.Well && r.Sick.Missing == "":
		ails = t.c.green
	}
	fmt.Fprintf(t.b, "%s%s%s\n", ails, capital(r.Ails()), t.c.off)
	if bugs := r.CriticalBugs(); len(bugs) > 0 {
		fmt.Fprintf(t.b, "%s%s%s\n", t.c.red, count(len(bugs), "critical known bug"), t.c.off)
	}
	fmt.Fprintf(t.b, "Rules: %s\n", counts(r))
}

func (t table) sick(s sickReport) {
	if len(s.Symptoms) == 0 && s.Missing == "" {
		return
	}
	if len(s.Symptoms) > 0 {
		t.heading("Sick now")
	} else {
		t.heading("Sick or well")
	}
	for _, symptom := range s.Symptoms {
		t.item(symptom.Severity, symptom.Name, t.c.of(symptom.Severity))
		t.line("", symptom.Reason)
		t.line("runbook", symptom.Runbook)
	}
	if s.Missing != "" {
		t.line("unknown", s.Missing)
	}
}

func (t table) events(events []eventReport) {
	if len(events) == 0 {
		return
	}
	t.heading("Kernel log since boot")
	for _, e := range events {
		t.item(e.Severity, fmt.Sprintf("%s: %d, last %s", e.Name, e.Count, e.Last), "")
	}
}

// item writes the head of what has a severity.
func (t table) item(severity policy.Severity, name, colour string) {
	fmt.Fprintf(t.b, "  %s%-8s%s %s\n", colour, severity, t.c.off, name)
}

func counts(r report) string {
	var parts []string
	for _, s := range policy.Severities() {
		n := 0
		for _, v := range r.RulesThat(policy.Violated) {
			if v.Severity == s {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	violated := "no rule violated"
	if len(parts) > 0 {
		violated = "violated: " + strings.Join(parts, ", ")
	}
	return fmt.Sprintf("%s; unknown: %d; kept: %d", violated, len(r.RulesThat(policy.Unknown)), len(r.RulesThat(policy.Kept)))
}

func describeKernel(k kernelReport) string {
	var notes []string
	if k.Vendor != "" {
		notes = append(notes, "vendor "+k.Vendor)
	}
	if k.Upstream != "" && k.Upstream != k.Release {
		notes = append(notes, "based on "+k.Upstream)
	}
	if k.Release != "" && k.Vendor == "" && k.Upstream == "" {
		notes = append(notes, "vendor unknown")
	}
	if len(notes) == 0 {
		return k.Release
	}
	return fmt.Sprintf("%s (%s)", k.Release, strings.Join(notes, ", "))
}

type table struct {
	b     *strings.Builder
	c     colours
	width int
}

func (t table) heading(s string) { fmt.Fprintf(t.b, "\n%s%s%s\n", t.c.bold, s, t.c.off) }

// line writes a labelled text, broken below its beginning.
func (t table) line(label, text string) {
	const indent = 11
	for i, l := range wrap(text, t.width-indent) {
		if i > 0 {
			label = ""
		}
		fmt.Fprintf(t.b, "  %s%-*s%s%s\n", t.c.dim, indent-2, label, t.c.off, l)
	}
}

func (t table) rules(heading string, rules []ruleReport) {
	if len(rules) == 0 {
		return
	}
	t.heading(heading)
	for _, v := range rules {
		if v.Outcome == policy.Unknown {
			t.item(v.Severity, v.Name, "")
			t.line("", v.Reason)
			t.line("needs", or(v.Missing, "nothing on this machine would tell"))
			continue
		}
		t.item(v.Severity, v.Name, t.c.of(v.Severity))
		t.line("", v.Reason)
		t.line("why", v.Why)
		t.line("do", v.Remedy)
	}
}

func (t table) names(heading string, names []string) {
	if len(names) > 0 {
		t.heading(heading)
		t.line("", strings.Join(names, ", "))
	}
}

func (t table) bugs(r report) {
	t.heading("Known bugs")
	t.line("", fmt.Sprintf("of %d bugs: %d affect this kernel, %d do not, %d are not known",
		len(r.Bugs), len(r.BugsThat(policy.Affected)), len(r.BugsThat(policy.Clear)), len(r.BugsThat(policy.Unsure))))
	for _, b := range r.BugsThat(policy.Affected) {
		t.item(b.Severity, b.Name, t.c.of(b.Severity))
		t.line("", b.Title)
		t.line("do", b.Remedy)
	}
}

func (t table) features(r report) {
	t.heading("Features")
	for _, answer := range []string{"yes", "no", "unknown"} {
		if f := r.FeaturesThat(answer); len(f) > 0 {
			t.line(answer, strings.Join(names(f, func(f featureReport) string { return f.Name }), ", "))
		}
	}
}

func names[T any](items []T, name func(T) string) []string {
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = name(item)
	}
	return out
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// capital makes the first letter of an ASCII text a capital.
func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// wrap breaks a text at blanks into lines of at most width bytes; a longer word
// has a line of its own. What comes from the machine is kept from sending
// commands to the terminal.
func wrap(text string, width int) []string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '?'
		}
		return r
	}, text)
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}
