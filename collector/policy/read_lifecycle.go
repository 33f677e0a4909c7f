package policy

import (
	"slices"
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
		keys: []string{"name", "ids", "os_release", "version_key", "vendors", "extended_name", "extended_free", "last_builds", "source", "releases"},
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
		d.releases[e.text("version")] = e.release(given)
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
			stream: e.stream("stream"),
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
			key := id + "\x00" + d.versionKey
			for _, k := range sortedKeys(d.osRelease) {
				key += "\x00" + k + "=" + d.osRelease[k]
			}
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

// KernelEnd returns when kernel.org's support of a line ends. It is not the
// answer for a vendor's kernel, which the vendor supports on its own.
func (l *Lifecycle) KernelEnd(major, minor int) (End, bool) {
	k, ok := l.lines[host.Version{Major: major, Minor: minor}]
	return k.end, ok
}

// earlyBackport is by how much a vendor may have a change before the merge window in
// which it came to kernel.org: it was in a maintainer's tree before.
const earlyBackport = 60 * 24 * time.Hour

// writtenAfter returns a time before which nobody had a change that came with a
// line: its merge window opened when the line before it was released. It is zero
// where the data has no line before it.
func (l *Lifecycle) writtenAfter(v host.Version) time.Time {
	var before host.Version
	for other := range l.lines {
		if other.Compare(v) < 0 && other.Compare(before) > 0 {
			before = other
		}
	}
	released := l.lines[before].released
	if released.IsZero() {
		return released
	}
	return released.Add(-earlyBackport)
}

// OSEnd returns when the support of an operating system's release ends. What
// os-release says of itself (SUPPORT_END) wins over the table.
func (l *Lifecycle) OSEnd(os host.OS) (End, bool) {
	var end End
	_, r, ok := l.find(os)
	if ok {
		end = r.end
	}
	if !os.SupportEnd.IsZero() {
		end.Standard, end.Source = os.SupportEnd, "SUPPORT_END in os-release"
		if !end.Extended.After(end.Standard) {
			end.Extended = time.Time{}
		}
		ok = true
	}
	return end, ok
}

// find returns the entry that serves an operating system: the whole of its
// version, else what stands before its last dot, and so on, else "*".
func (l *Lifecycle) find(os host.OS) (*distribution, release, bool) {
	candidates := l.candidates(os)
	for _, d := range candidates {
		for _, version := range append(versions(d.version(os)), "*") {
			if r, ok := d.releases[version]; ok {
				return d, r, true
			}
		}
	}
	if len(candidates) == 0 {
		return nil, release{}, false
	}
	return candidates[0], release{}, false
}

// candidates returns the entries that an operating system may be: the one that asks
// for most fields of os-release and gets them, then those that ask for a field which
// it does not have. So ID=centos with version 9 is CentOS Stream even without NAME,
// because CentOS Linux has no such release.
func (l *Lifecycle) candidates(os host.OS) []*distribution {
	var best *distribution
	var perhaps []*distribution
	most := -1
	for i := range l.distributions {
		d := &l.distributions[i]
		switch asked, ok := d.matches(os); {
		case !ok:
		case asked < 0:
			perhaps = append(perhaps, d)
		case asked > most:
			best, most = d, asked
		}
	}
	if best == nil {
		return perhaps
	}
	return append([]*distribution{best}, perhaps...)
}

// matches says whether an operating system may be the distribution, and how many
// fields beside the id agree; it is -1 where os-release does not have one of them.
func (d *distribution) matches(os host.OS) (asked int, ok bool) {
	if !slices.Contains(d.ids, os.ID) {
		return 0, false
	}
	for key, want := range d.osRelease {
		switch os.Field(key) {
		case want:
			asked++
		case "":
			return -1, d.versionKey == ""
		default:
			return 0, false
		}
	}
	if d.versionKey == "" {
		return asked, true
	}
	return asked + 1, os.Field(d.versionKey) != ""
}

// version returns the version of an operating system, by the field that has it.
func (d *distribution) version(os host.OS) string {
	if d.versionKey != "" {
		return os.Field(d.versionKey)
	}
	return os.VersionID
}

// versions returns the whole of a version, then what stands before its last dot,
// and so on.
func versions(version string) []string {
	var out []string
	for version != "" {
		out = append(out, version)
		version = version[:max(strings.LastIndexByte(version, '.'), 0)]
	}
	return out
}
