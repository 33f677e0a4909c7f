package host

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// A Config is the configuration that a kernel was built with.
type Config struct {
	// Source is the file that it was read from, relative to the root.
	Source string

	// enabled are the names, each on a line of its own: a map of a distribution's
	// thousands would take a multiple of the memory.
	enabled string
}

// Enabled says whether an option, named without CONFIG_, is built in or a module:
// y or m.
func (c Config) Enabled(option string) bool {
	return strings.Contains(c.enabled, "\n"+option+"\n")
}

// maxConfigSize bounds a configuration: one of a distribution has some 300 kB, and
// 60 kB where it is compressed.
const maxConfigSize = 4 << 20

// errNoConfig is for a file that holds no option at all: what is no configuration
// must not look like one that lacks everything.
var errNoConfig = errors.New("no configuration of a kernel")

// ParseConfig parses a kernel's configuration, plain or compressed by gzip. An
// option is one of the lines
//
//	CONFIG_NAMESPACES=y
//	CONFIG_VETH=m
//	CONFIG_LOCALVERSION="-generic"
//	# CONFIG_AUFS_FS is not set
//
// and of these only y and m are enabled. What has no such line, or ends in the
// middle of one, is an error.
func ParseConfig(data []byte) (Config, error) {
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		var err error
		if data, err = gunzip(data); err != nil {
			return Config{}, fmt.Errorf("kernel configuration: %w", err)
		}
	}
	enabled := []byte("\n")
	options := 0
	for line := range bytes.Lines(data) {
		name, value, ok := cutOption(string(bytes.TrimSpace(line)))
		if !ok {
			continue
		}
		options++
		if value == "y" || value == "m" {
			enabled = append(append(enabled, name...), '\n')
		}
	}
	switch {
	case options == 0:
		return Config{}, errNoConfig
	case !bytes.HasSuffix(data, []byte("\n")):
		return Config{}, fmt.Errorf("kernel configuration: %w", io.ErrUnexpectedEOF)
	}
	return Config{enabled: string(enabled)}, nil
}

// cutOption takes a line of a configuration apart; an option that is not set has
// the value n.
func cutOption(line string) (name, value string, ok bool) {
	line, unset := strings.CutPrefix(line, "# ")
	line, ok = strings.CutPrefix(line, "CONFIG_")
	if !ok {
		return "", "", false
	}
	if unset {
		name, ok = strings.CutSuffix(line, " is not set")
		return name, "n", ok
	}
	return strings.Cut(line, "=")
}

func gunzip(data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(z, maxConfigSize+1))
	if err == nil && len(out) > maxConfigSize {
		err = fmt.Errorf("larger than %d bytes", maxConfigSize)
	}
	return out, err
}

// configFiles returns where the configuration of a release may be, in the order in
// which Kubernetes looks (validators/kernel_validator.go of system-validators):
// the running kernel's own (CONFIG_IKCONFIG_PROC), then what distributions install.
// Two of its ways are not gone: usr/src/linux/.config is of no certain kernel, and
// loading a module to find more is no reading.
func configFiles(release string) []string {
	return []string{
		"proc/config.gz",
		"boot/config-" + release,
		"usr/src/linux-" + release + "/.config",
		"usr/lib/modules/" + release + "/config",
		"usr/lib/ostree-boot/config-" + release,
		"usr/lib/kernel/config-" + release,
		"usr/src/linux-headers-" + release + "/.config",
		"lib/modules/" + release + "/config",
		"lib/modules/" + release + "/build/.config",
	}
}

// Config reads the configuration of the kernel with a release. The first file that
// is there and can be read counts. Where there is none the error wraps
// [fs.ErrNotExist]; where there are and none can be read, it says why for each.
func (f *FS) Config(r Release) (Config, error) {
	if r.Raw == "" || strings.ContainsRune(r.Raw, '/') {
		return Config{}, fmt.Errorf("kernel configuration of %q: %w", r.Raw, errNoRelease)
	}
	var faults []error
	for _, rel := range configFiles(r.Raw) {
		data, err := f.readInto(rel, make([]byte, 0, 64<<10), maxConfigSize)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var c Config
		if err == nil {
			c, err = ParseConfig(data)
		}
		if err == nil {
			c.Source = rel
			return c, nil
		}
		faults = append(faults, fmt.Errorf("%s: %w", f.Path(rel), err))
	}
	if len(faults) > 0 {
		return Config{}, errors.Join(faults...)
	}
	return Config{}, fmt.Errorf("kernel configuration of %s: %w", r.Raw, fs.ErrNotExist)
}
