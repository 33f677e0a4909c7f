package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// A comparison is what the exporter said on a kernel beside what the kernel says.
type comparison struct {
	Rows    []row
	Records int    // of the log, whoever wrote them
	Verdict string // of check
	Code    string // of check
}

// A row is one metric.
type row struct {
	Metric string
	Way    string // by which the kernel was asked
	Here   bool   // the metric is there
	Fault  string // empty if both agree
}

func (c comparison) summary() string {
	agree, faults := 0, []string{}
	for _, r := range c.Rows {
		if r.Fault == "" {
			agree++
		} else {
			faults = append(faults, r.Metric+": "+r.Fault)
		}
	}
	return fmt.Sprintf("%d of %d metrics agree; %s; %s", agree, len(c.Rows), c.Verdict, strings.Join(faults, "; "))
}

// A span is where a value has to be.
type span struct{ low, high float64 }

func exactly(v float64) span { return span{low: v, high: v} }

// between returns the span that a value has to be in: it was x before and y after, and
// may have moved in the meantime.
func between(x, y float64) span {
	const few = 128 << 10
	slack := math.Max(x, y)/20 + few
	return span{low: math.Min(x, y) - slack, high: math.Max(x, y) + slack}
}

// spans are the samples that a metric has to have, by their labels.
type spans map[string]span

func single(s span) spans { return spans{"": s} }

// compare holds all metrics of the project against what the kernel says.
func compare(h heard, k kernel) (comparison, error) {
	families, err := parse(h.files["metrics"])
	if err != nil {
		return comparison{}, err
	}
	w, err := newWitness(h, k, families)
	if err != nil {
		return comparison{}, err
	}
	c := comparison{Verdict: w.verdict.Verdict, Code: string(h.files["code"]), Records: len(w.log)}
	expected := expectations()
	for _, e := range expected {
		r := row{Metric: e.metric, Way: e.way}
		family := families[e.metric]
		r.Here = family != nil
		r.Fault = differ(samples(family), e.want(w))
		c.Rows = append(c.Rows, r)
	}
	for name := range families {
		if strings.HasPrefix(name, "kernel_") && !known(expected, name) {
			c.Rows = append(c.Rows, row{Metric: name, Here: true, Fault: "nothing says how to ask the kernel for it"})
		}
	}
	c.Rows = append(c.Rows, w.syslog(h))
	return c, nil
}

func known(expected []expectation, name string) bool {
	if _, ok := notCompared()[name]; ok {
		return true
	}
	return slices.ContainsFunc(expected, func(e expectation) bool { return e.metric == name })
}

func parse(text []byte) (map[string]*dto.MetricFamily, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(bytes.NewReader(text))
}

// samples are the values of a metric by their labels.
func samples(f *dto.MetricFamily) map[string]float64 {
	values := make(map[string]float64)
	for _, m := range f.GetMetric() {
		var labels []string
		for _, l := range m.GetLabel() {
			labels = append(labels, l.GetName()+"="+l.GetValue())
		}
		slices.Sort(labels)
		values[strings.Join(labels, ",")] = m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetUntyped().GetValue()
	}
	return values
}

// differ lists the samples that are outside their spans, or missing, or too many.
func differ(got map[string]float64, want spans) string {
	var faults []string
	for _, labels := range slices.Sorted(maps.Keys(want)) {
		s := want[labels]
		v, ok := got[labels]
		switch {
		case !ok:
			faults = append(faults, fmt.Sprintf("{%s} is absent, want %g", labels, s.low))
		case v < s.low || v > s.high:
			faults = append(faults, fmt.Sprintf("{%s} is %g, want %g to %g", labels, v, s.low, s.high))
		}
	}
	for _, labels := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[labels]; !ok {
			faults = append(faults, fmt.Sprintf("{%s} is %g, want none", labels, got[labels]))
		}
	}
	return strings.Join(faults, "; ")
}

// A verdict is what check --format=json says.
type verdict struct {
	Verdict string
	Policy  struct{ Name, Version, SHA256 string }
	Rules   []struct{ Name, Severity, Outcome, Cause string }
	Bugs    []struct{ Name, Severity, State string }

	Features []struct{ Name, Supported string }
}

// A looked is what the guest learned by system calls.
type looked struct {
	Release, Version, Machine string
	TotalMemory               float64
	Boot, Now                 float64
	Cgroup2                   bool
	Cgroups, Dying, Overlays  int
}

// A logLine is a record of /dev/kmsg.
type logLine struct{ seq, facility, level int }

// A witness is what the kernel says of itself.
type witness struct {
	kernel        kernel
	before, after looked
	files         map[string][]byte
	log           []logLine
	verdict       verdict
	families      map[string]*dto.MetricFamily
}

func newWitness(h heard, k kernel, families map[string]*dto.MetricFamily) (w witness, err error) {
	w = witness{kernel: k, files: h.files, families: families}
	for name, to := range map[string]any{"before/seen": &w.before, "after/seen": &w.after, "check.json": &w.verdict} {
		if err := json.Unmarshal(h.files[name], to); err != nil {
			return w, fmt.Errorf("%s: %w", name, err)
		}
	}
	for line := range strings.Lines(string(h.files["kmsg"])) {
		if strings.HasPrefix(line, " ") {
			continue
		}
		var priority, seq int
		if _, err := fmt.Sscanf(line, "%d,%d,", &priority, &seq); err != nil {
			return w, fmt.Errorf("%q: %w", line, err)
		}
		w.log = append(w.log, logLine{seq: seq, facility: priority >> 3, level: priority & 7})
	}
	return w, nil
}

// counted is how many records the exporter had passed at the scrape.
func (w witness) counted(families map[string]*dto.MetricFamily) int {
	sum := 0.0
	for _, name := range []string{"kernel_log_records_total", "kernel_log_untrusted_records_total", "kernel_log_lost_records_total"} {
		for _, v := range samples(families[name]) {
			sum += v
		}
	}
	return int(sum)
}

// byLevel are the kernel's own records of the log below a sequence number.
func (w witness) byLevel(end int) spans {
	names := []string{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"}
	counts := make([]float64, len(names))
	for _, l := range w.log {
		if l.facility == 0 && l.seq < end {
			counts[l.level]++
		}
	}
	want := spans{}
	for i, name := range names {
		want["level="+name] = exactly(counts[i])
	}
	return want
}

// syslog compares the counts of an exporter that reads the log by syslog(2).
func (w witness) syslog(h heard) row {
	r := row{Metric: "kernel_log_records_total by syslog(2)", Way: "records of /dev/kmsg by their level", Here: true}
	families, err := parse(h.files["metrics-syslog"])
	if err != nil {
		r.Fault = err.Error()
		return r
	}
	want := w.byLevel(w.counted(w.families)) // and those that came until this exporter was asked
	for labels, all := range w.byLevel(math.MaxInt) {
		want[labels] = span{low: want[labels].low, high: all.high}
	}
	r.Fault = differ(samples(families["kernel_log_records_total"]), want)
	return r
}

// file returns a file as it was before and after the scrape.
func (w witness) file(path string) (before, after string, ok bool) {
	b, ok := w.files["before"+path]
	return string(b), string(w.files["after"+path]), ok
}
