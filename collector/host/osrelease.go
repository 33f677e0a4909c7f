package host

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"kernel_exporter/collector/printable"
)

// An OS is what a distribution says of itself in os-release(5). What it does not
// say is empty.
type OS struct {
	// ID is the distribution in lower case: "rhel".
	ID string
	// VersionID is its release: "7", "22.04". Rolling ones have none.
	VersionID string
	// Name is the distribution for people: "CentOS Linux".
	Name string
	// SupportEnd is when the day begins on which its support ends, in UTC.
	SupportEnd time.Time

	// products are the fields in which products differ that share an ID.
	products map[string]string
}

// ProductFields returns the names that [OS.Field] knows.
func ProductFields() []string {
	return []string{"NAME", "VARIANT_ID", "SUSE_SUPPORT_PRODUCT", "SUSE_SUPPORT_PRODUCT_VERSION", "OPENSHIFT_VERSION"}
}

// Field returns the value of one of [ProductFields], and nothing where os-release
// does not have it.
func (o OS) Field(name string) string {
	if name == "NAME" {
		return o.Name
	}
	return o.products[name]
}

// WithField returns the operating system with one of [ProductFields] set.
func (o OS) WithField(name, value string) OS {
	o.products = maps.Clone(o.products)
	set(&o, name, value)
	return o
}

// OS returns what os-release says: the file in etc, or else the one in usr/lib,
// as os-release(5) has it. Where there is neither the error wraps
// [fs.ErrNotExist]; a file that says nothing is an error too.
func (f *FS) OS() (OS, error) {
	for _, rel := range []string{"etc/os-release", "usr/lib/os-release"} {
		text, err := f.readInto(rel, make([]byte, 0, 1024), maxOSRelease)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return OS{}, err
		}
		system, err := parseOSRelease(string(text))
		if err != nil {
			return OS{}, fmt.Errorf("%s: %w", f.Path(rel), err)
		}
		return system, nil
	}
	return OS{}, fmt.Errorf("os-release below %s: %w", f.root, fs.ErrNotExist)
}

// maxOSRelease is far above any real os-release, of some 500 bytes.
const maxOSRelease = 64 << 10

var (
	errNoAssignment = errors.New("no assignment")
	osReleaseKey    = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`)
)

// parseOSRelease parses os-release(5): assignments of a shell, without its
// expansions. A line that is none is passed over, as the page asks; of two
// assignments to one name the latter counts, as in a shell.
func parseOSRelease(text string) (OS, error) {
	var (
		system OS
		found  bool
	)
	for line := range strings.Lines(text) {
		key, word, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || !osReleaseKey.MatchString(key) {
			continue
		}
		value, ok := unquote(word)
		if !ok {
			continue
		}
		found = true
		set(&system, key, value)
	}
	if !found {
		return OS{}, errNoAssignment
	}
	return system, nil
}

// set takes one assignment over.
func set(o *OS, key, value string) {
	switch key {
	case "ID":
		o.ID = value
	case "VERSION_ID":
		o.VersionID = value
	case "NAME":
		o.Name = value
	case "SUPPORT_END":
		if day, err := time.Parse(time.DateOnly, value); err == nil {
			o.SupportEnd = day
		}
	default:
		if slices.Contains(ProductFields(), key) {
			if o.products == nil {
				o.products = map[string]string{}
			}
			o.products[key] = value
		}
	}
}

// unquote returns the value of a shell word: bare, or with parts of it in single
// or double quotes. It is false where the quotes are not closed, where a second
// word follows that is no comment, or where the value is not text.
func unquote(word string) (value string, ok bool) {
	var (
		out   strings.Builder
		quote byte
	)
	for i := 0; i < len(word); i++ {
		c := word[i]
		switch {
		case c == quote && quote != 0:
			quote = 0
		case quote == '\'':
			out.WriteByte(c)
		case c == '\\' && i+1 < len(word) && (quote == 0 || strings.IndexByte("\"$`\\", word[i+1]) >= 0):
			i++
			out.WriteByte(word[i])
		case quote == '"':
			out.WriteByte(c)
		case c == '\'' || c == '"':
			quote = c
		case c == ' ' || c == '\t':
			if rest := strings.TrimSpace(word[i:]); rest != "" && rest[0] != '#' {
				return "", false
			}
			word = word[:i]
		default:
			out.WriteByte(c)
		}
	}
	value = out.String()
	return value, quote == 0 && printable.Is(value)
}
