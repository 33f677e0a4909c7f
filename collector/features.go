package collector

import "kernel_exporter/collector/facts"

type featuresCollector struct {
	metricSet
	supported *Metric
}

func featuresDefinition() Definition {
	return Definition{
		Name:    "features",
		Verdict: true,
		Help:    "What the kernel can do for Kubernetes, by asking it or else by its version",
		Facts:   facts.Judged,
		New:     newFeaturesCollector,
	}
}

func newFeaturesCollector() Collector {
	c := &featuresCollector{}
	c.supported = c.gauge("kernel_feature_supported", "Whether the kernel has a feature; absent if it cannot be told", "feature")
	return c
}

func (c *featuresCollector) Update(s *Samples, node *Judgement) error {
	for _, v := range node.Features {
		addAnswer(s, c.supported, v.Supported, v.Feature.Name)
	}
	return nil
}
