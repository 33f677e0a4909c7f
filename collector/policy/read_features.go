package policy

import "kernel_exporter/collector/host"

// readFeatures reads the table of features.
func (p *Policy) readFeatures(m mapping) {
	m.need("features")
	for _, e := range m.entries(table{key: "features", label: "feature", id: []string{"name"}, series: true, keys: []string{
		"name", "title", "probe", "version", "builds", "source",
	}}) {
		e.need("name", "title", "version", "source")
		p.Features = append(p.Features, Feature{
			Name:    e.name(),
			Title:   e.text("title"),
			Probe:   e.choice("probe", host.ProbeNames()...),
			Source:  e.text("source"),
			version: e.line("version"),
			builds:  e.minimumBuilds("builds"),
		})
	}
}
