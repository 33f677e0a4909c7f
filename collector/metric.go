package collector

import (
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

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

// family returns the metric as it is served, without samples.
func (m *Metric) family() *dto.MetricFamily {
	help := m.Help + "."
	kind := dto.MetricType_GAUGE
	if m.Type == prometheus.CounterValue {
		kind = dto.MetricType_COUNTER
	}
	return &dto.MetricFamily{Name: &m.Name, Help: &help, Type: &kind}
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
