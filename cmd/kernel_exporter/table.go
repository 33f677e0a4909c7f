package main

import (
	"fmt"
	"io"
	"strings"

	"kernel_exporter/collector/policy"
)

// tableWidth is where the lines of the table are broken.
const tableWidth = 100

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

// writeTable writes a report for a person.
func writeTable(w io.Writer, r report, c colours) error {
	var b strings.Builder
	t := table{&b, c}
	verdict := map[fitness]string{unfit: c.red, cannotBeJudged: c.yellow, fitWithWarnings: c.yellow, fit: c.green}[r.Verdict]
	fmt.Fprintf(&b, "%s%s%s%s\n", c.bold, verdict, capital(r.Headline()), c.off)
	fmt.Fprintf(&b, "%s\n\n", counts(r))
	t.line("kernel", or(describeKernel(r.Kernel), "unknown"))
	t.line("system", or(strings.TrimSpace(r.OS.Name+" "+r.OS.VersionID), "unknown"))
	name := r.Policy.Name
	if r.Policy.Version != "" { // one's own may have none
		name += " version " + r.Policy.Version
	}
	t.line("policy", fmt.Sprintf("%s, data of %s", name, r.Policy.DataDate))

	t.rules("Violated", r.RulesThat(policy.Violated))
	t.rules("Unknown", r.RulesThat(policy.Unknown))
	t.names("Kept", names(r.RulesThat(policy.Kept), func(r ruleReport) string { return r.Name }))
	t.bugs(r)
	t.features(r)
	_, err := io.WriteString(w, b.String())
	return err
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
	b *strings.Builder
	c colours
}

func (t table) heading(s string) { fmt.Fprintf(t.b, "\n%s%s%s\n", t.c.bold, s, t.c.off) }

// line writes a labelled text, broken below its beginning.
func (t table) line(label, text string) {
	const indent = 10
	for i, l := range wrap(text, tableWidth-indent) {
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
		fmt.Fprintf(t.b, "  %s%s%s %s\n", t.c.of(v.Severity), v.Severity, t.c.off, v.Name)
		t.line("", v.Reason)
		if v.Outcome == policy.Unknown {
			t.line("needs", or(v.Missing, "nothing on this machine could tell"))
			continue
		}
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
	t.line("", fmt.Sprintf("of %d bugs: %d affect this kernel, %d do not, %d cannot be told",
		len(r.Bugs), len(r.BugsThat(policy.Affected)), len(r.BugsThat(policy.Clear)), len(r.BugsThat(policy.Unsure))))
	for _, b := range r.BugsThat(policy.Affected) {
		fmt.Fprintf(t.b, "  %s%s%s %s\n", t.c.of(b.Severity), b.Severity, t.c.off, b.Name)
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
