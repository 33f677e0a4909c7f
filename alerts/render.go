package alerts

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/policy"
)

// DefaultRules returns the rules as they are without a configuration: kernel.yaml.
func DefaultRules() ([]byte, error) {
	c, err := NewConfig(nil)
	if err != nil {
		return nil, err
	}
	return Rules(c)
}

// Rules returns a rule file for Prometheus.
func Rules(c *Config) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(rulesHead)
	for _, g := range c.source.Groups {
		if err := c.writeGroup(&b, &g); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

const rulesHead = `# Recording rules and alerts of kernel_exporter, as ` + "`kernel_exporter print alerts`" + ` prints them. Not to be edited:
# severities, thresholds and labels are configured, see docs/alerts.md.
#
# What holds throughout, and why:
#
# - All is aggregated by job, cluster and instance first, so that no label of a pod, a revision or a replica doubles
#   an alert or begins it again. Where there is no cluster label, its place stays empty and everything works the same.
# - Symptoms are one alert per node; what is true of a whole fleet is one per cluster.
# - Values are taken by last_over_time or the like over at least 5 minutes: a failed scrape ends every series of a
#   target at once, and a bare selector would end an alert or begin ` + "`for`" + ` anew. What flaps is caught by an average.
# - An event alert asks when the kernel last logged the event, not how far a counter rose: so it fires for an event that
#   is older than the first scrape, and an exporter that starts again and replays the kernel's log raises nothing.
# - A critical alert on what goes on is kept for 15 minutes after it was last seen: an exporter that dies with its node
#   must not end the page before KernelExporterDown says that nothing is known any more.
# - What stays broken until a reboot stays an alert until then.
# - Seconds are written as a number times 60, 3600 or 86400: the tests derive a faster copy of this file.
# - An alert's severity is about sleep. Only symptoms and the silence of a fleet are critical.
groups:
`

// writeGroup writes a group and its rules, unless all of them are disabled.
func (c *Config) writeGroup(b *bytes.Buffer, g *sourceGroup) error {
	var rules bytes.Buffer
	for i := range g.Rules {
		r := &g.Rules[i]
		if r.Alert != "" && c.settings[r.id()].disabled {
			continue
		}
		var rule bytes.Buffer
		if err := c.writeRule(&rule, g, r); err != nil {
			return fmt.Errorf("rules.yaml: %s%s: %w", r.Record, r.id(), err)
		}
		if rule.Len() > 0 && rules.Len() > 0 {
			rules.WriteByte('\n')
		}
		rules.Write(rule.Bytes())
	}
	if rules.Len() == 0 {
		return nil
	}
	if !bytes.HasSuffix(b.Bytes(), []byte("groups:\n")) {
		b.WriteByte('\n')
	}
	fmt.Fprintf(b, "  - name: %s\n", g.Name)
	if g.Interval != "" {
		fmt.Fprintf(b, "    interval: %s\n", g.Interval)
	}
	b.WriteString("    rules:\n")
	b.Write(rules.Bytes())
	return nil
}

// writeRule writes a rule.
func (c *Config) writeRule(b *bytes.Buffer, g *sourceGroup, r *sourceRule) error {
	render := func(text string) (string, error) { return c.render(r, text) }
	expr, err := render(strings.TrimRight(r.Expr, "\n"))
	if err != nil {
		return err
	}
	if strings.TrimSpace(expr) == "" {
		return nil // nothing is asked for, as of no version of Kubernetes
	}
	comment, err := render(strings.Join(r.comment, "\n"))
	if err != nil {
		return err
	}
	if c.deferred && r.Alert != "" {
		b.WriteString(c.begin(r.id()) + "\n")
		defer b.WriteString(c.finish() + "\n")
	}
	if comment != "" {
		fmt.Fprintf(b, "      # %s\n", strings.ReplaceAll(comment, "\n", "\n      # "))
	}
	if r.Record != "" {
		fmt.Fprintf(b, "      - record: %s\n", r.Record)
	} else {
		fmt.Fprintf(b, "      - alert: %s\n", r.Alert)
	}
	fmt.Fprintf(b, "        expr: |\n          %s\n", strings.ReplaceAll(expr, "\n", "\n          "))
	if r.Record != "" {
		return nil
	}
	s := c.settings[r.id()]
	fmt.Fprintf(b, "        for: %s\n", s.wait)
	if r.KeepFiringFor != "" {
		fmt.Fprintf(b, "        keep_firing_for: %s\n", r.KeepFiringFor)
	}
	labels := []pair{{"severity", s.severity}, {"kind", g.Kind}}
	for _, name := range slices.Sorted(maps.Keys(r.Labels)) {
		value, err := render(r.Labels[name])
		if err != nil {
			return err
		}
		labels = append(labels, pair{name, value})
	}
	if err := writePairs(b, "labels", append(labels, c.labels...)); err != nil {
		return err
	}
	annotations, err := c.annotationsOf(r)
	if err != nil {
		return err
	}
	return writePairs(b, "annotations", append(annotations, c.annotations...))
}

// annotationsOf returns those that an alert has by itself.
func (c *Config) annotationsOf(r *sourceRule) ([]pair, error) {
	summary, err := c.render(r, r.Summary)
	if err != nil {
		return nil, err
	}
	description, err := c.render(r, r.Description)
	if err != nil {
		return nil, err
	}
	all := []pair{{"summary", summary}, {"description", description}, {"runbook_url", c.runbookURL(r.Alert)}}
	if c.grafanaBase == "" {
		return all, nil
	}
	cluster := `var-job={{ $labels.job }}&var-cluster={{ $labels.` + c.clusterLabel + ` }}`
	dashboard := "/d/kernel-exporter-fleet?" + cluster
	if strings.Contains(r.Description, "[[where]]") {
		dashboard = "/d/kernel-exporter-node?" + cluster + "&var-instance={{ $labels.instance }}"
	}
	return append(all, pair{"dashboard_url", c.grafanaBase + dashboard}), nil
}

// writePairs writes a mapping of a rule.
func writePairs(b *bytes.Buffer, key string, all []pair) error {
	fmt.Fprintf(b, "        %s:\n", key)
	for _, p := range all {
		value, err := yaml.Marshal(p.value)
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "          %s: %s", p.name, value)
	}
	return nil
}

// render renders an expression or a text of rules.yaml, whose head lists the
// functions.
func (c *Config) render(r *sourceRule, text string) (string, error) {
	t, err := template.New("").Delims("[[", "]]").Option("missingkey=error").Funcs(c.functions()).Parse(text)
	if err != nil {
		return "", err
	}
	values := map[string]string{}
	if r.Alert != "" {
		for _, t := range c.settings[r.id()].thresholds {
			values[t.name] = t.value
		}
	}
	var b strings.Builder
	err = t.Execute(&b, values)
	return b.String(), err
}

func (c *Config) functions() template.FuncMap {
	constant := func(s string) func() string { return func() string { return s } }
	of := `{{ with $labels.` + c.clusterLabel + ` }} of cluster {{ . }}{{ end }}`
	return template.FuncMap{
		"sel": c.scraped, "job": c.recorded, "jobname": constant(c.job), "kube": constant(c.kubeStateMetrics),
		"node": c.node, "fleet": constant("job, " + c.clusterLabel), "cluster": constant(c.clusterLabel),
		"where": constant("{{ $labels.instance }}" + of), "of": constant(of),
		"seconds": seconds, "words": words, "percent": percent,
		"over":           func(d string) string { return "[" + d + "]" },
		"kubelets_ended": c.kubeletsEnded,
		"blocks_now":     c.blocksNow, "blocks_next": c.blocksNext, "runtimes_ended": c.runtimesEnded,
		"kubernetes_states": c.kubernetesStates,
		"answering":         c.answering, "events_of": eventsOf,
		"of_nodes_releases": func() string {
			return ofNodes("group by (" + c.node() + ", release) (last_over_time(kernel_info{" + c.scraped() + "}[5m]))")
		},
		"enabled": c.enabled, "begin": c.begin, "finish": c.finish,
		"of_alert": c.thresholdOf, "window": c.longestWindow, "logged": c.logged,
	}
}

func (c *Config) recorded() string { return "job=" + strconv.Quote(c.job) }

func (c *Config) scraped() string {
	if c.selector == "" {
		return c.recorded()
	}
	return c.recorded() + ", " + c.selector
}

func (c *Config) node() string { return "job, " + c.clusterLabel + ", instance" }

// enabled says whether a rule is there, or may be.
func (c *Config) enabled(id string) (bool, error) {
	s, ok := c.settings[id]
	if !ok {
		return false, fmt.Errorf("there is no rule %s", id)
	}
	return !s.disabled, nil
}

// begin returns what stands before text that is there only if a rule is.
func (c *Config) begin(id string) string {
	if !c.deferred {
		return ""
	}
	return mark("if " + id)
}

// finish returns what stands after such text.
func (c *Config) finish() string {
	if !c.deferred {
		return ""
	}
	return mark("end")
}

// thresholdOf returns a threshold of a rule.
func (c *Config) thresholdOf(id, name string) (string, error) {
	if s, ok := c.settings[id]; ok {
		for _, t := range s.thresholds {
			if t.name == name {
				return t.value, nil
			}
		}
	}
	return "", fmt.Errorf("%s has no threshold %s", id, name)
}

// longestWindow returns the longest threshold named window.
func (c *Config) longestWindow() (string, error) {
	if c.deferred {
		return mark("longest"), nil
	}
	longest := model.Duration(time.Hour)
	for _, s := range c.settings {
		for _, t := range s.thresholds {
			if t.name != "window" {
				continue
			}
			d, err := model.ParseDuration(t.value)
			if err != nil {
				return "", err
			}
			longest = max(longest, d)
		}
	}
	return longest.String(), nil
}

// eventsOf returns the events of the kernel log that make a node sick with a
// severity, as alternatives of a regular expression.
func eventsOf(severity string) string {
	var all []string
	for _, e := range event.All() {
		if m := policy.MeaningOf(e); string(m.Severity) == severity {
			all = append(all, string(e))
		}
	}
	return strings.Join(all, "|")
}

// logged returns an expression that is true where the kernel logged an event at
// least so often within a window. What counts is what was seen to come, less
// what came as the exporter started: that may be a replay of an old log, unless the
// count fell there, as where the ring had been overwritten meanwhile. Of a node that
// booted within the window, all that it has counted is of the window.
func (c *Config) logged(window, messages, events string) (string, error) {
	inWindow, err := seconds(window)
	if err != nil {
		return "", err
	}
	r := strings.NewReplacer(
		"SEL", c.scraped(), "JOB", c.recorded(), "NODE", c.node(), "EVENT", strconv.Quote(events),
		"WINDOW", window, "SECONDS", inWindow, "TIMES", messages,
	)
	return r.Replace(`(
  max by (NODE, event) (last_over_time(kernel_log_events_total{SEL, event=~EVENT}[5m]) - min_over_time(kernel_log_events_total{SEL, event=~EVENT}[WINDOW])) >= TIMES
  unless on (NODE)
  group by (NODE) (changes(process_start_time_seconds{SEL}[WINDOW]) > 1)
  unless on (NODE, event)
  (
    max by (NODE, event) (resets(kernel_log_events_total{SEL, event=~EVENT}[WINDOW])) == 0
    and on (NODE)
    group by (NODE) (changes(process_start_time_seconds{SEL}[WINDOW]) > 0)
  )
  or
  max by (NODE, event) (last_over_time(kernel_log_events_total{SEL, event=~EVENT}[5m]) - min_over_time(kernel_log_events_total{SEL, event=~EVENT}[10m])) >= TIMES
  unless on (NODE)
  group by (NODE) (changes(process_start_time_seconds{SEL}[10m]) > 0)
  or
  max by (NODE, event) (last_over_time(kernel_log_events_total{SEL, event=~EVENT}[5m])) >= TIMES
  and on (NODE)
  time() - max by (NODE) (last_over_time(kernel_boot_time_seconds{SEL}[5m])) < SECONDS
)
and
instance_event:kernel_log_event_age:seconds{JOB, event=~EVENT} < SECONDS`), nil
}

// units are those of durations, the largest first.
func units() []struct {
	name    string
	seconds int64
} {
	return []struct {
		name    string
		seconds int64
	}{{"day", 86400}, {"hour", 3600}, {"minute", 60}}
}

// seconds returns a duration of whole minutes as a product that PromQL reads:
// 15m is 15 * 60.
func seconds(d string) (string, error) {
	if m, ok := marked("seconds", d); ok {
		return m, nil
	}
	return inUnits(d, func(n, unit int64, _ string) string { return fmt.Sprintf("%d * %d", n, unit) })
}

// words returns it as a person says it: 15 minutes.
func words(d string) (string, error) {
	if m, ok := marked("words", d); ok {
		return m, nil
	}
	return inUnits(d, func(n, _ int64, name string) string {
		if n == 1 {
			return map[string]string{"day": "a day", "hour": "an hour", "minute": "a minute"}[name]
		}
		return fmt.Sprintf("%d %ss", n, name)
	})
}

// inUnits formats a duration in the largest unit of which it is a whole number.
// A day is 24 hours, until there are two of them.
func inUnits(d string, format func(n, unit int64, name string) string) (string, error) {
	parsed, err := model.ParseDuration(d)
	if err != nil {
		return "", err
	}
	whole := int64(time.Duration(parsed) / time.Second)
	for _, u := range units() {
		if whole%u.seconds == 0 && (whole != u.seconds || u.name != "day") {
			return format(whole/u.seconds, u.seconds, u.name), nil
		}
	}
	return "", fmt.Errorf("%s is no whole number of minutes", d)
}

// percent returns a share as a person says it: 0.2 is 20%.
func percent(share string) (string, error) {
	if m, ok := marked("percent", share); ok {
		return m, nil
	}
	f, err := strconv.ParseFloat(share, 64)
	return strconv.FormatFloat(100*f, 'f', -1, 64) + "%", err
}
