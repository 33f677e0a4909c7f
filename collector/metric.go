package collector

import (
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// maxLabelLength bounds a label value in bytes. The longest honest value is a
// kernel release (at most 64 bytes, __NEW_UTS_LEN in
// include/uapi/linux/utsname.h) or an operating system's name.
const maxLabelLength = 128

// Metric is the one place where a metric's name, type, labels and help stand:
// its descriptor, its samples and its row in README.md are made from it.
type Metric struct {
	Name   string
	Help   string // one sentence without a final period, with the unit if the name has none
	Type   prometheus.ValueType
	Labels []string

	desc *prometheus.Desc
}

// TypeName returns "gauge" or "counter".
func (m *Metric) TypeName() string {
	if m.Type == prometheus.CounterValue {
		return "counter"
	}
	return "gauge"
}

// metricSet is the list of metrics of one collector, in the order in which
// they were declared.
type metricSet struct {
	metrics []*Metric
}

func (s *metricSet) gauge(name, help string, labels ...string) *Metric {
	return s.add(name, help, prometheus.GaugeValue, labels)
}

func (s *metricSet) counter(name, help string, labels ...string) *Metric {
	return s.add(name, help, prometheus.CounterValue, labels)
}

func (s *metricSet) add(name, help string, t prometheus.ValueType, labels []string) *Metric {
	m := &Metric{
		Name: name, Help: help, Type: t, Labels: labels,
		desc: prometheus.NewDesc(name, help+".", labels, nil),
	}
	s.metrics = append(s.metrics, m)
	return m
}

// Metrics lists every metric that the collector may emit.
func (s *metricSet) Metrics() []*Metric { return s.metrics }

// Samples collects what one update of a collector emits.
type Samples struct {
	metrics []prometheus.Metric
	created time.Time // since when counters count: the boot; zero if unknown
}

// Add emits a sample with the values of the metric's labels.
func (s *Samples) Add(m *Metric, value float64, labels ...string) {
	for i, l := range labels {
		labels[i] = labelValue(l)
	}
	if m.Type == prometheus.CounterValue && !s.created.IsZero() {
		s.metrics = append(s.metrics, prometheus.MustNewConstMetricWithCreatedTimestamp(m.desc, m.Type, value, s.created, labels...))
		return
	}
	s.metrics = append(s.metrics, prometheus.MustNewConstMetric(m.desc, m.Type, value, labels...))
}

// AddBool emits 1 for true and 0 for false.
func (s *Samples) AddBool(m *Metric, value bool, labels ...string) {
	v := 0.0
	if value {
		v = 1
	}
	s.Add(m, v, labels...)
}

// labelValue makes any bytes a valid label value: UTF-8, bounded.
func labelValue(v string) string {
	if len(v) > maxLabelLength {
		v = v[:maxLabelLength]
	}
	return strings.ToValidUTF8(v, "\uFFFD")
}
