package alerts

import (
	"bytes"
	_ "embed" // for the lifecycles
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// runtimesYAML has the lifecycles of Kubernetes and of container runtimes. make
// data writes it.
//
//go:embed runtimes.yaml
var runtimesYAML []byte

// runtimes is runtimes.yaml.
type runtimes struct {
	Updated    string
	Kubernetes lifecycle
	Containerd lifecycle
	Crio       lifecycle
	Docker     lifecycle
}

type lifecycle struct {
	Source   string
	Releases []release // the newest first
}

// A release is a minor version. Kernel and Cgroup are what a kubelet of it asks
// for: the oldest kernel, and v2 where it refuses cgroup v1 by default.
type release struct {
	Version  string
	Released string
	Ends     string // the last day with patches, or open
	Extended string // paid for, so it does not count
	Kernel   string
	Cgroup   string
}

func loadRuntimes() (*runtimes, error) {
	r := &runtimes{}
	d := yaml.NewDecoder(bytes.NewReader(runtimesYAML))
	d.KnownFields(true)
	if err := d.Decode(r); err != nil {
		return nil, fmt.Errorf("runtimes.yaml: %w", err)
	}
	return r, nil
}

// day returns how many days after the epoch a date is.
func day(date string) (int64, error) {
	t, err := time.Parse(time.DateOnly, date)
	return t.Unix() / 86400, err
}

// minor returns the second number of a version of Kubernetes.
func minor(version string) (int, error) {
	return strconv.Atoi(strings.TrimPrefix(version, "1."))
}

// ended sorts releases: those that had ended when the data was made, and those
// that end on a day that is known.
func (l lifecycle) ended(updated string) (past, later []release) {
	for _, r := range l.Releases {
		switch {
		case r.Ends == "open":
		case r.Ends < updated:
			past = append(past, r)
		default:
			later = append(later, r)
		}
	}
	return past, later
}

// minors returns the minors of Kubernetes from one to another, both included, as
// alternatives of a regular expression.
func minors(from, to int) string {
	var all []string
	for m := max(from, 0); m <= to; m++ {
		all = append(all, strconv.Itoa(m))
	}
	return strings.Join(all, "|")
}

// future returns a minor that there will not be for years.
func (r *runtimes) future() (int, error) {
	newest, err := minor(r.Kubernetes.Releases[0].Version)
	return newest + 9, err
}

// A demand is what a minor of Kubernetes and those after it ask for.
type demand struct {
	minor int
	code  int64 // of the oldest kernel, as kernel_version_code has it
}

// floors returns the minors that ask for a newer kernel than the one before.
func (r *runtimes) floors() ([]demand, error) {
	var all []demand
	last := ""
	for _, rel := range slices.Backward(r.Kubernetes.Releases) {
		if rel.Kernel == "" || rel.Kernel == last {
			continue
		}
		m, err := minor(rel.Version)
		if err != nil {
			return nil, err
		}
		var major, second int64
		if _, err := fmt.Sscanf(rel.Kernel, "%d.%d", &major, &second); err != nil {
			return nil, fmt.Errorf("runtimes.yaml: kernel %q: %w", rel.Kernel, err)
		}
		last = rel.Kernel
		all = append(all, demand{m, major<<16 + second<<8})
	}
	return all, nil
}

// cgroupV2 returns the first minor that refuses cgroup v1, or 0.
func (r *runtimes) cgroupV2() (int, error) {
	for _, rel := range slices.Backward(r.Kubernetes.Releases) {
		if rel.Cgroup == "v2" {
			return minor(rel.Version)
		}
	}
	return 0, nil
}

// runtimeVersions returns what container_runtime_version says of some versions,
// as an alternative of a regular expression.
func runtimeVersions(runtime string, releases []release) string {
	if len(releases) == 0 {
		return ""
	}
	var versions []string
	for _, r := range releases {
		versions = append(versions, strings.ReplaceAll(r.Version, ".", "[.]"))
	}
	return runtime + "://v?(" + strings.Join(versions, "|") + ")[.].*"
}
