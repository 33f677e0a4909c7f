// Package policy judges the kernel of a container host: which rules it keeps,
// which known bugs it has and which features it offers, each with a reason in
// words and with what would make an unknown known.
//
// It is pure. Facts and the time come in, verdicts go out; the rules and their
// data are YAML, built in and replaceable. It reads no file, asks no clock and
// writes no log.
package policy

// Default returns the built-in policy.
func Default() (*Policy, error) { return Load(nil) }

// Load returns the built-in policy, changed by files of one's own, which are named
// as below the directory of the policy. One with a name of [Files] replaces the
// built-in one with all its parts, and may have parts of its own. One in the
// [Overlay] of a file is merged over it, entry by entry, in the order of names. What
// is wrong with a file is an error that names the file and the line.
func Load(own map[string][]byte) (*Policy, error) {
	sets, err := Sets(own)
	if err != nil {
		return nil, err
	}
	p := &Policy{SHA256: digest(sets)}
	f := &fault{}
	for _, part := range []struct {
		name string
		read func(mapping)
		keys []string // of the top level; the lists among them are merged
	}{
		{LifecycleFile, p.readLifecycle, []string{"updated", "vendors", "kernels", "distributions"}},
		{BugsFile, p.readBugs, []string{"updated", "bugs", "abis"}},
		{FeaturesFile, p.readFeatures, []string{"features"}},
		{RulesFile, p.readRules, []string{"policy", "version", "rules"}},
	} {
		m, ok := f.mergeFiles(sets[part.name], part.keys)
		if ok {
			part.read(m)
		}
		if f.err != nil {
			return nil, f.err
		}
	}
	return p, nil
}

// mergeFiles returns the top level of files that are merged in turn.
func (f *fault) mergeFiles(files []File, keys []string) (mapping, bool) {
	var m mapping
	for i, file := range files {
		next := f.parse(file.Name, file.Data, keys...)
		switch {
		case f.err != nil:
			return m, false
		case i == 0:
			m = next
		default:
			next.mergeOver(m, "vendors", "kernels", "distributions", "bugs", "abis", "features", "rules")
		}
	}
	return m, true
}
