package policy

import (
	"regexp"
	"slices"
	"strings"

	"kernel_exporter/collector/host"
)

// nameShape is what a name may be, because it becomes the value of a label.
var nameShape = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// name returns the name of an entry.
func (m mapping) name() string {
	s := m.text("name")
	if m.has("name") && !nameShape.MatchString(s) {
		m.failf("name", "not lower-case letters, digits and _, at most 64, a letter first")
	}
	return s
}

func (m mapping) severity() Severity {
	return Severity(m.choice("severity", string(Critical), string(Warning), string(Info)))
}

// vendorNames returns the names of the vendors that a file may use.
func vendorNames() []string {
	var out []string
	for _, v := range host.Vendors() {
		out = append(out, string(v))
	}
	return out
}

func (m mapping) vendors(key string) []host.Vendor {
	var out []host.Vendor
	for _, name := range m.choices(key, vendorNames()...) {
		out = append(out, host.Vendor(name))
	}
	return out
}

// stream returns the stream of an entry, which begins with that of its vendor.
func (m mapping) stream() string {
	const key = "stream"
	s := m.text(key)
	vendor, _, _ := strings.Cut(s, "-")
	if strings.HasPrefix(vendor, "el") {
		vendor, _, _ = strings.Cut(vendor, "_")
	}
	if m.has(key) && !slices.Contains(vendorNames(), vendor) {
		m.failf(key, "%q does not begin with a vendor, which are %s", s, strings.Join(vendorNames(), ", "))
	}
	return s
}

// version returns a kernel version of two or three numbers, and the zero version
// where the key is missing.
func (m mapping) version(key string) host.Version {
	if !m.has(key) {
		return host.Version{}
	}
	return m.versionOf(m.value[key][0], key)
}

func (m mapping) versionOf(n node, key string) host.Version {
	r, err := host.ParseRelease(m.scalar(n, key))
	if err != nil || r.Suffix != "" {
		m.failAt(n, key, "%q is not a version such as 5.10 or 5.10.3", n.Value)
	}
	return r.Version
}

// line returns a version of two numbers.
func (m mapping) line(key string) host.Version {
	v := m.version(key)
	if v.Patch != 0 {
		m.failf(key, "%q is not two numbers such as 5.10", m.text(key))
	}
	return v
}

// stable returns stable releases by their lines.
func (m mapping) stable(key string) map[host.Version]host.Version {
	out := make(map[host.Version]host.Version)
	for _, n := range m.list(key) {
		v := m.versionOf(n, key)
		if _, twice := out[lineOf(v)]; twice {
			m.failAt(n, key, "line %s a second time", short(lineOf(v)))
		}
		if v.Patch == 0 {
			m.failAt(n, key, "%q is not three numbers such as 5.10.3", n.Value)
		}
		out[lineOf(v)] = v
	}
	return out
}

// build returns a vendor's build with the version before it, such as 4.4.0-118.
func (m mapping) build(key string) string {
	s := m.text(key)
	if !m.has(key) {
		return ""
	}
	r, err := host.ParseRelease(s)
	number := strings.TrimLeft(r.Suffix, "-.")
	if err != nil || number == "" || strings.Trim(number, "0123456789.-") != "" {
		m.failf(key, "%q is not a build such as 4.4.0-118 or 5.14.0-570.12.1", s)
	}
	return s
}
