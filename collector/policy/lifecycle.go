package policy

import (
	"fmt"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"kernel_exporter/collector/host"
)

// Lifecycle says until when kernel lines and distribution releases are
// supported. It does not change after it was parsed.
type Lifecycle struct {
	updated       time.Time
	believeOpen   time.Duration
	lines         map[host.Version]line // by version without a patch
	distributions []distribution
}

// End says when support ends. Both times are the first moment without support:
// midnight UTC after the last day, as SUPPORT_END in os-release(5) has it.
type End struct {
	Standard time.Time // zero: no end was announced when the data was gathered
	Extended time.Time // support that is paid for or comes from others; zero: none
	Source   string    // where the dates come from
}

// line is a kernel.org series, such as 6.12.
type line struct {
	longterm bool
	end      End
}

// distribution is a product with its releases by VERSION_ID.
type distribution struct {
	ids          []string
	name         string
	osName       string   // os-release's NAME where the id alone is not enough
	vendors      []string // whose kernels are made for it
	extendedName string
	releases     map[string]release
}

// release is a release of a distribution.
type release struct {
	end     End
	kernels []string
}

// ParseLifecycle decodes lifecycle.yaml. What is wrong is an error that names
// the line.
func ParseLifecycle(data []byte) (*Lifecycle, error) {
	d, m := parse(LifecycleFile, data, "updated", "believe_open_days", "kernels", "distributions")
	m.need("updated", "kernels", "distributions")
	l := &Lifecycle{
		updated:     m.date("updated"),
		believeOpen: time.Duration(m.count("believe_open_days")) * 24 * time.Hour,
		lines:       make(map[host.Version]line),
	}
	if k, ok := m.child("kernels", "source", "lines"); ok {
		k.need("source", "lines")
		for _, n := range k.list("lines") {
			l.addLine(d, n, k.text("source"))
		}
	}
	for _, n := range m.list("distributions") {
		l.addDistribution(d, n)
	}
	if d.err != nil {
		return nil, d.err
	}
	return l, nil
}

func (l *Lifecycle) addLine(d *document, n *yaml.Node, source string) {
	m := d.mapping(n, "kernel line", "line", "released", "ends", "longterm", "source")
	m.need("line", "released", "ends")
	m.date("released")
	key := m.version("line")
	if key.Patch != 0 {
		m.failf(m.value["line"], "line: %q is not two numbers such as 5.10", m.text("line"))
	}
	if _, twice := l.lines[key]; twice {
		m.failf(nil, "%s a second time", m.text("line"))
	}
	if m.has("source") {
		source = m.text("source")
	}
	l.lines[key] = line{longterm: m.truth("longterm"), end: m.end(source)}
}

func (l *Lifecycle) addDistribution(d *document, n *yaml.Node) {
	m := d.mapping(n, "distribution", "ids", "name", "os_name", "vendors", "extended_name", "source", "releases")
	m.need("ids", "name", "source", "releases")
	dist := distribution{
		ids:          m.texts("ids"),
		name:         m.text("name"),
		osName:       m.text("os_name"),
		vendors:      m.choices("vendors", vendors()...),
		extendedName: m.text("extended_name"),
		releases:     make(map[string]release),
	}
	for _, id := range dist.ids {
		if other := l.distribution(id, dist.osName); other != nil && other.osName == dist.osName {
			m.failf(m.value["ids"], "id %q a second time (tell them apart by os_name)", id)
		}
	}
	for _, n := range m.list("releases") {
		r := d.mapping(n, m.label+": release", "version", "ends", "extended", "kernels")
		r.need("version", "ends")
		version := r.text("version")
		if _, twice := dist.releases[version]; twice {
			r.failf(r.value["version"], "version %q a second time", version)
		}
		dist.releases[version] = release{end: r.end(m.text("source")), kernels: r.texts("kernels")}
	}
	l.distributions = append(l.distributions, dist)
}

// end returns the ends of an entry.
func (m mapping) end(source string) End {
	e := End{Source: source}
	if m.text("ends") != "open" {
		e.Standard = dayAfter(m.date("ends"))
	}
	e.Extended = dayAfter(m.date("extended"))
	if !e.Extended.IsZero() && !e.Extended.After(e.Standard) {
		m.failf(m.value["extended"], "extended: not after ends")
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

// Updated returns the day on which the data was gathered.
func (l *Lifecycle) Updated() time.Time { return l.updated }

// KernelEnd returns when kernel.org's support of a line ends. It is not the
// answer for a vendor's kernel, which the vendor supports on its own.
func (l *Lifecycle) KernelEnd(major, minor int) (End, bool) {
	k, ok := l.lines[host.Version{Major: major, Minor: minor}]
	return k.end, ok
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
func (l *Lifecycle) find(os host.OS) (distribution, release, bool) {
	dist := l.distribution(os.ID, os.Name)
	if dist == nil {
		return distribution{}, release{}, false
	}
	for version := range versions(os.VersionID) {
		if r, ok := dist.releases[version]; ok {
			return *dist, r, true
		}
	}
	r, ok := dist.releases["*"]
	return *dist, r, ok
}

// distribution prefers an entry with os-release's NAME to one without.
func (l *Lifecycle) distribution(id, name string) *distribution {
	var found *distribution
	for i := range l.distributions {
		d := &l.distributions[i]
		if !slices.Contains(d.ids, id) {
			continue
		}
		switch d.osName {
		case "":
			if found == nil {
				found = d
			}
		case name:
			return d
		}
	}
	return found
}

// String names the end in words, such as "2024-06-30 (ELS until 2029-05-31)".
func (e End) String() string {
	if e.Standard.IsZero() {
		return "open"
	}
	s := lastDay(e.Standard)
	if !e.Extended.IsZero() {
		s = fmt.Sprintf("%s (extended %s)", s, lastDay(e.Extended))
	}
	return s
}

// lastDay is the day before a first moment without support.
func lastDay(t time.Time) string { return t.Add(-time.Nanosecond).UTC().Format(time.DateOnly) }
