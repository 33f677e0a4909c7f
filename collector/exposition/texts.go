package exposition

import (
	"bytes"
	"math"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// texts keep the text of each metric of the last answer: most metrics have the same
// values in the next. They must not be used concurrently.
type texts struct {
	all []text // in the order of the answer
}

// A text is how a metric was written.
type text struct {
	family  *dto.MetricFamily
	samples []written
	bytes   []byte
}

// written is a sample, and the value that it was written with. A sample keeps its
// labels for as long as it lives.
type written struct {
	sample *dto.Metric
	value  float64
}

// write writes metrics in the text format.
func (t *texts) write(to *bytes.Buffer, metrics []*dto.MetricFamily) error {
	if len(t.all) != len(metrics) {
		t.all = make([]text, len(metrics))
	}
	for i, f := range metrics {
		x := &t.all[i]
		if x.isOf(f) {
			to.Write(x.bytes)
			continue
		}
		start := to.Len()
		if _, err := expfmt.MetricFamilyToText(to, f); err != nil {
			return err
		}
		x.keep(f, to.Bytes()[start:])
	}
	return nil
}

// isOf says whether the metric would be written as it was before.
func (x *text) isOf(f *dto.MetricFamily) bool {
	if x.family != f || len(x.samples) != len(f.GetMetric()) {
		return false
	}
	for i, m := range f.GetMetric() {
		if x.samples[i] != (written{m, value(m)}) {
			return false
		}
	}
	return true
}

func (x *text) keep(f *dto.MetricFamily, bytes []byte) {
	x.family, x.samples = f, x.samples[:0]
	for _, m := range f.GetMetric() {
		x.samples = append(x.samples, written{m, value(m)})
	}
	x.bytes = append(x.bytes[:0], bytes...)
}

// value returns a sample's value, and for a summary NaN, which equals nothing: it is
// written anew each time.
func value(m *dto.Metric) float64 {
	switch {
	case m.Gauge != nil:
		return m.GetGauge().GetValue()
	case m.Counter != nil:
		return m.GetCounter().GetValue()
	default:
		return math.NaN()
	}
}
