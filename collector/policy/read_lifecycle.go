package policy

import (
	"strings"
	"time"

	"kernel_exporter/collector/host"
)

// readLifecycle reads the ends of support.
func (p *Policy) readLifecycle(m mapping) {
	m.need("updated", "kernels", "distributions")
	p.LifecycleDate = m.date("updated")
	l := &Lifecycle{
		updated: p.LifecycleDate,
		lines:   map[host.Version]line{},
		vendors: map[host.Vendor]numbering{},
	}
	p.Lifecycle = l
	for _, e := range m.entries(table{key: "vendors", label: "vendor", id: []string{"name"}, keys: []string{
		"name", "tracks_stable", "keeps_line", "source",
	}}) {
		e.need("source")
		name := host.Vendor(e.choice("name", vendorNames()...))
		switch stable, line := e.truth("tracks_stable"), e.truth("keeps_line"); {
		case stable == line:
			e.failf("", "one of tracks_stable and keeps_line is needed")
		case stable:
			l.vendors[name] = tracksStable
		default:
			l.vendors[name] = keepsLine
		}
	}
	if k, ok := m.merged("kernels", []string{"lines"}, "source", "lines"); ok {
		l.readLines(k)
	}
	for _, e := range m.entries(table{
		key: "distributions", label: "distribution", id: []string{"name"}, nested: []string{"releases"},
		keys: []string{"name", "ids", "os_release", "version_key", "vendors", "extended_name", "extended_free", "last_builds", "minors_end_by", "source", "releases"},
	}) {
		l.distributions = append(l.distributions, e.distribution())
	}
	l.checkIDs(m)
}

func (l *Lifecycle) readLines(k mapping) {
	k.need("source", "lines")
	for _, e := range k.entries(table{key: "lines", label: "kernel line", id: []string{"line"}, keys: []string{
		"line", "released", "ends", "longterm", "source",
	}}) {
		e.need("released", "ends")
		source := k.text("source")
		if e.has("source") {
			source = e.text("source")
		}
		l.lines[e.line("line")] = line{
			released: e.date("released"),
			longterm: e.truth("longterm"),
			end:      e.end(End{Source: source}),
		}
	}
}

func (m mapping) distribution() distribution {
	m.need("ids", "source", "releases")
	d := distribution{
		name:       m.text("name"),
		ids:        m.texts("ids"),
		osRelease:  map[string]string{},
		versionKey: m.choice("version_key", host.ProductFields()...),
		vendors:    m.vendors("vendors"),
		lastBuilds: m.truth("last_builds"),
		releases:   map[string]release{},
	}
	if fields, ok := m.child("os_release", host.ProductFields()...); ok {
		for key := range fields.value {
			d.osRelease[key] = fields.text(key)
		}
	}
	given := End{Source: m.text("source"), ExtendedName: m.text("extended_name"), ExtendedFree: m.truth("extended_free")}
	for _, e := range m.entries(table{
		key: "releases", label: m.label + ": release", id: []string{"version"}, nested: []string{"kernels"},
		keys: []string{"version", "ends", "extended", "extended_name", "extended_free", "kernels", "source"},
	}) {
		e.need("ends")
		r, version := e.release(given), e.text("version")
		r.end.Latest = m.truth("minors_end_by") && strings.Contains(version, ".")
		d.releases[version] = r
	}
	return d
}

func (m mapping) release(given End) release {
	r := release{end: m.end(given)}
	for _, e := range m.entries(table{
		key: "kernels", label: m.label + ": kernel", id: []string{"line", "stream"}, scalar: true,
		keys: []string{"line", "stream", "name", "ends", "source"},
	}) {
		r.kernels = append(r.kernels, shipped{
			line:   e.line("line"),
			stream: e.stream(),
			name:   e.text("name"),
			end:    e.end(End{Source: r.end.Source}),
		})
	}
	return r
}

// checkIDs is a fault where two distributions cannot be told apart.
func (l *Lifecycle) checkIDs(m mapping) {
	seen := map[string]string{}
	for _, d := range l.distributions {
		for _, id := range d.ids {
			asked := []string{id, d.versionKey}
			for _, k := range sortedKeys(d.osRelease) {
				asked = append(asked, k, d.osRelease[k])
			}
			key := strings.Join(asked, "\x00")
			if other, twice := seen[key]; twice {
				m.failf("distributions", "%q and %q have the same id %q (tell them apart by os_release)", other, d.name, id)
			}
			seen[key] = d.name
		}
	}
}

// end reads the ends of an entry. What it does not have is as given.
func (m mapping) end(given End) End {
	e := given
	if m.has("ends") && m.text("ends") != "open" {
		e.Standard = dayAfter(m.date("ends"))
	}
	e.Extended = dayAfter(m.date("extended"))
	for key, field := range map[string]*string{"source": &e.Source, "extended_name": &e.ExtendedName} {
		if m.has(key) {
			*field = m.text(key)
		}
	}
	if m.has("extended_free") {
		e.ExtendedFree = m.truth("extended_free")
	}
	if m.has("extended") && !e.Extended.After(e.Standard) {
		e.Extended = time.Time{} // one's own end is later than the built-in extension
		if m.has("ends") && m.value["extended"][0].file == m.value["ends"][0].file {
			m.failf("extended", "not after ends")
		}
	}
	return e
}

// dayAfter turns the last day of support into the first moment without it.
func dayAfter(day time.Time) time.Time {
	if day.IsZero() {
		return day
	}
	return day.AddDate(0, 0, 1)
}
