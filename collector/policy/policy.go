// Package policy judges the kernel of a container host: which rules it keeps,
// which known bugs it has and which features it offers, each with a reason in
// words and with what would make an unknown known.
//
// It is pure. Facts and the time come in, verdicts go out; the rules and their
// data are YAML, built in and replaceable. It reads no file, asks no clock and
// writes no log.
package policy

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"strings"
	"time"
)

// The names of the policy's files.
const (
	RulesFile     = "kernel-4.yaml"
	LifecycleFile = "lifecycle.yaml"
	BugsFile      = "bugs.yaml"
	FeaturesFile  = "features.yaml"
)

var (
	//go:embed kernel-4.yaml
	rulesYAML []byte
	//go:embed lifecycle.yaml
	lifecycleYAML []byte
	//go:embed bugs.yaml
	bugsYAML []byte
	//go:embed features.yaml
	featuresYAML []byte
)

// Files returns the names of the policy's files.
func Files() []string { return []string{RulesFile, BugsFile, FeaturesFile, LifecycleFile} }

// Policy is a set of rules with the data they rest on. It does not change after
// it was loaded, and may be used concurrently.
type Policy struct {
	Name      string
	Version   string
	SHA256    string // of all files, so that nodes with different policies can be told apart
	Rules     []Rule
	Lifecycle *Lifecycle
	Bugs      []Bug
	Features  []Feature

	files       map[string][]byte
	bugsUpdated time.Time
}

// Default returns the built-in policy.
func Default() (*Policy, error) { return Load(nil) }

// Load returns the policy of the built-in files, with those replaced that
// overrides has by name. What is wrong with a file is an error that names the
// file and the line.
func Load(overrides map[string][]byte) (*Policy, error) {
	files := map[string][]byte{
		RulesFile:     rulesYAML,
		LifecycleFile: lifecycleYAML,
		BugsFile:      bugsYAML,
		FeaturesFile:  featuresYAML,
	}
	for _, name := range sortedKeys(overrides) {
		if files[name] == nil {
			return nil, fmt.Errorf("%s: not a file of the policy, which are %s", name, strings.Join(Files(), ", "))
		}
		files[name] = overrides[name]
	}
	p := &Policy{SHA256: digest(files), files: files}
	var err error
	if p.Lifecycle, err = ParseLifecycle(files[LifecycleFile]); err != nil {
		return nil, err
	}
	if p.Bugs, p.bugsUpdated, err = parseBugs(files[BugsFile]); err != nil {
		return nil, err
	}
	if p.Features, err = parseFeatures(files[FeaturesFile]); err != nil {
		return nil, err
	}
	if err := p.parseRules(files[RulesFile]); err != nil {
		return nil, err
	}
	return p, nil
}

// Source returns the content of the file that the policy was loaded from by one
// of the names of Files, and nothing for any other.
func (p *Policy) Source(name string) []byte { return bytes.Clone(p.files[name]) }

// Updated returns the day on which the older of the lifecycle and bug data was
// gathered.
func (p *Policy) Updated() time.Time {
	if p.bugsUpdated.Before(p.Lifecycle.updated) {
		return p.bugsUpdated
	}
	return p.Lifecycle.updated
}

// digest returns the hash of what sha256sum prints of the files in order.
func digest(files map[string][]byte) string {
	var sums strings.Builder
	for _, name := range sortedKeys(files) {
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(files[name]), name)
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(sums.String())))
}
