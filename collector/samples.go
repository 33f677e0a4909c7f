package collector

import (
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// maxLabelLength bounds a label value in bytes. The longest honest value is a
// kernel release (at most 64 bytes, __NEW_UTS_LEN in
// include/uapi/linux/utsname.h) or an operating system's name.
const maxLabelLength = 128

// Samples are what a collector emits. They keep their labels from one update to the
// next: what was emitted before, in the same order, costs no more than its value.
type Samples struct {
	created time.Time // since when counters count: the boot; zero if unknown
	last    []*sample // of the update before this one
	now     []*sample // of this update
	changed bool      // this update differs from the one before in more than values
}

// A sample is one of a [Metric], in the form in which it is served.
type sample struct {
	metric *Metric
	labels []string // as the collector gave them
	value  float64
	dto    dto.Metric
}

// Add emits a sample with the values of the metric's labels.
func (s *Samples) Add(m *Metric, value float64, labels ...string) {
	x := s.keep(m, labels)
	x.value = value
	if m.Type == prometheus.CounterValue {
		x.setCreated(s.created)
	}
	s.now = append(s.now, x)
}

// AddBool emits 1 for true and 0 for false.
func (s *Samples) AddBool(m *Metric, value bool, labels ...string) {
	v := 0.0
	if value {
		v = 1
	}
	s.Add(m, v, labels...)
}

// keep returns the sample of the update before, or a new one.
func (s *Samples) keep(m *Metric, labels []string) *sample {
	if i := len(s.now); i < len(s.last) && s.last[i].is(m, labels) {
		return s.last[i]
	}
	s.changed = true
	for _, x := range s.last {
		if x.is(m, labels) && !slices.Contains(s.now, x) {
			return x
		}
	}
	return newSample(m, slices.Clone(labels))
}

// begin starts an update.
func (s *Samples) begin(created time.Time) {
	s.created, s.changed = created, false
	s.last, s.now = s.now, s.last[:0]
}

// end says whether the update emitted other samples than the one before.
func (s *Samples) end() (changed bool) { return s.changed || len(s.now) != len(s.last) }

// forget drops what was emitted in this update.
func (s *Samples) forget() { s.now, s.changed = s.now[:0], true }

// constMetric returns the sample for a registry.
func (x *sample) constMetric() prometheus.Metric {
	labels := make([]string, len(x.labels))
	for i, l := range x.labels {
		labels[i] = labelValue(l)
	}
	m := x.metric
	if x.dto.Counter != nil && x.dto.Counter.CreatedTimestamp != nil {
		return prometheus.MustNewConstMetricWithCreatedTimestamp(m.desc, m.Type, x.value, x.dto.Counter.CreatedTimestamp.AsTime(), labels...)
	}
	return prometheus.MustNewConstMetric(m.desc, m.Type, x.value, labels...)
}

func newSample(m *Metric, labels []string) *sample {
	if len(labels) != len(m.Labels) {
		panic(m.Name + ": wrong number of labels") //nolint:forbidigo // a mistake of the programmer, caught around a collector
	}
	x := &sample{metric: m, labels: labels}
	for i, name := range m.Labels {
		value := labelValue(labels[i])
		x.dto.Label = append(x.dto.Label, &dto.LabelPair{Name: &name, Value: &value})
	}
	slices.SortFunc(x.dto.Label, func(a, b *dto.LabelPair) int { return strings.Compare(a.GetName(), b.GetName()) })
	if m.Type == prometheus.CounterValue {
		x.dto.Counter = &dto.Counter{Value: &x.value}
	} else {
		x.dto.Gauge = &dto.Gauge{Value: &x.value}
	}
	return x
}

func (x *sample) is(m *Metric, labels []string) bool {
	return x.metric == m && slices.Equal(x.labels, labels)
}

func (x *sample) setCreated(created time.Time) {
	switch now := x.dto.Counter.CreatedTimestamp; {
	case created.IsZero():
		x.dto.Counter.CreatedTimestamp = nil
	case now == nil || !now.AsTime().Equal(created):
		x.dto.Counter.CreatedTimestamp = timestamppb.New(created)
	}
}

// compare orders the samples of a metric as they are served.
func (x *sample) compare(y *sample) int {
	for i, l := range x.dto.Label {
		if c := strings.Compare(l.GetValue(), y.dto.Label[i].GetValue()); c != 0 {
			return c
		}
	}
	return 0
}

// labelValue makes any bytes a valid label value: UTF-8, bounded.
func labelValue(v string) string {
	if len(v) > maxLabelLength {
		v = v[:maxLabelLength]
	}
	return strings.ToValidUTF8(v, "\uFFFD")
}

// families returns the metrics of some collectors as they are served: by name, and
// each metric's samples by their labels.
func families(of []*Samples) []*dto.MetricFamily {
	var all []*sample
	for _, s := range of {
		all = append(all, s.now...)
	}
	slices.SortStableFunc(all, func(x, y *sample) int {
		if x.metric != y.metric {
			return strings.Compare(x.metric.Name, y.metric.Name)
		}
		return x.compare(y)
	})
	var out []*dto.MetricFamily
	for i, x := range all {
		if i == 0 || all[i-1].metric != x.metric {
			out = append(out, x.metric.family())
		}
		f := out[len(out)-1]
		f.Metric = append(f.Metric, &x.dto)
	}
	return out
}
