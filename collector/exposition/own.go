package exposition

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// one is a collector of one metric, which client_golang's counters and gauges are, with
// or without labels.
type one struct {
	collector prometheus.Collector
	family    *dto.MetricFamily
}

// maxOwn is room for the samples of such a collector.
const maxOwn = 64

// ones are collectors of one metric each. A registry for the few that there are would
// make 33 kB of garbage at each scrape. They implement [prometheus.Registerer].
type ones struct {
	all []one
	ch  chan prometheus.Metric
}

// Register implements [prometheus.Registerer].
func (o *ones) Register(c prometheus.Collector) error {
	registry := prometheus.NewRegistry()
	if err := registry.Register(c); err != nil {
		return err
	}
	families, err := registry.Gather()
	if err != nil {
		return err
	}
	if len(families) != 1 {
		return fmt.Errorf("a collector of %d metrics, not of one", len(families))
	}
	o.all = append(o.all, one{collector: c, family: families[0]})
	return nil
}

// MustRegister implements [prometheus.Registerer].
func (o *ones) MustRegister(all ...prometheus.Collector) {
	for _, c := range all {
		if err := o.Register(c); err != nil {
			panic(err) //nolint:forbidigo // as its contract says
		}
	}
}

// Unregister implements [prometheus.Registerer]. Nothing is ever taken away.
func (o *ones) Unregister(prometheus.Collector) bool { return false }

// update reads all values.
func (o *ones) update(to []*dto.MetricFamily) ([]*dto.MetricFamily, error) {
	if o.ch == nil {
		o.ch = make(chan prometheus.Metric, maxOwn)
	}
	for _, c := range o.all {
		c.collector.Collect(o.ch)
		c.family.Metric = c.family.Metric[:0]
		for len(o.ch) > 0 {
			m := &dto.Metric{}
			if err := (<-o.ch).Write(m); err != nil {
				return to, err
			}
			c.family.Metric = append(c.family.Metric, m)
		}
		slices.SortFunc(c.family.Metric, func(a, b *dto.Metric) int {
			return slices.CompareFunc(a.GetLabel(), b.GetLabel(), func(x, y *dto.LabelPair) int {
				return strings.Compare(x.GetValue(), y.GetValue())
			})
		})
		to = append(to, c.family)
	}
	return to, nil
}
