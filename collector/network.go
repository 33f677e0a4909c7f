package collector

import "kernel_exporter/collector/facts"

type networkCollector struct {
	metricSet

	txTimeouts *Metric
}

func networkDefinition() Definition {
	return Definition{
		Name:  "network",
		Help:  "Time-outs of network cards in sending, which the kernel logs only once a boot",
		Facts: facts.TxTimeouts,
		New:   newNetworkCollector,
	}
}

func newNetworkCollector() Collector {
	c := &networkCollector{}
	c.txTimeouts = c.counter("kernel_netdev_tx_timeouts_total", "Transmit time-outs of all network cards, the first of a boot and later ones; it does not fall when a card goes; absent if no card can be seen")
	return c
}

func (c *networkCollector) Update(s *Samples, node *Judgement) error {
	if n, ok := node.Facts.TxTimeouts.Get(); ok {
		s.Add(c.txTimeouts, float64(n))
	}
	return node.Facts.TxTimeouts.Err()
}
