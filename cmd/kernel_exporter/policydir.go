package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"kernel_exporter/collector"
	"kernel_exporter/collector/policy"
)

// policyStep is how often a policy of the user's own is looked at again.
const policyStep = 30 * time.Second

// maxPolicyFiles bounds how many files a policy of the user's own may have.
const maxPolicyFiles = 256

// policyDir is a directory with a policy of the user's own; the zero value is none,
// which leaves the built-in one.
type policyDir struct{ path string }

// load returns the policy, and the files that it was made of.
func (d policyDir) load() (*policy.Policy, map[string][]byte, error) {
	if d.path == "" {
		p, err := policy.Default()
		return p, nil, err
	}
	files, err := d.read()
	if err != nil {
		return nil, nil, usageError("--policy.dir: %w", err)
	}
	p, err := policy.Load(files)
	if err != nil {
		return nil, files, usageError("--policy.dir: %s: %w", d.path, err)
	}
	return p, files, nil
}

// policyWatch has an exporter judge by the policy of a directory whenever that has
// changed. A change that is no policy is refused with one line of the log, and the
// policy before it stays.
type policyWatch struct {
	dir      policyDir
	exporter *collector.Exporter
	logger   log.Logger

	seen    map[string][]byte // the files that were looked at last
	refused string            // why a change was refused last; empty if the last was not
}

// run looks at the directory until ctx is done.
func (w *policyWatch) run(ctx context.Context) {
	tick := time.NewTicker(policyStep)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			w.look()
		case <-ctx.Done():
			return
		}
	}
}

func (w *policyWatch) look() {
	files, err := w.dir.read()
	if err == nil {
		if maps.EqualFunc(files, w.seen, bytes.Equal) {
			return
		}
		w.seen = files
		var p *policy.Policy
		if p, err = policy.Load(files); err == nil {
			w.refused = ""
			w.exporter.SetPolicy(p)
			_ = level.Info(w.logger).Log("msg", "policy changed", "policy", p.Name, "version", p.Version, "sha256", p.SHA256)
			return
		}
	}
	if message := oneLine(err.Error()); message != w.refused {
		w.refused = message
		_ = level.Error(w.logger).Log("msg", "change of the policy refused, the one before stays", "dir", w.dir.path, "err", message)
	}
}

// read returns the files of the directory and its overlays by their paths below it.
// Other files than *.yaml are left alone: a README, or what Kubernetes puts beside
// the files of a ConfigMap.
func (d policyDir) read() (map[string][]byte, error) {
	return within(fileTime, d.path, d.readAll)
}

func (d policyDir) readAll() (map[string][]byte, error) {
	files := map[string][]byte{}
	others, err := d.readInto(files, ".")
	if err != nil {
		return nil, err
	}
	var overlays []string
	for _, name := range policy.Files() {
		overlays = append(overlays, policy.Overlay(name))
	}
	for _, name := range others {
		if strings.HasSuffix(name, ".d") && !slices.Contains(overlays, name) {
			return nil, fmt.Errorf("%s: no such overlay, they are %s", filepath.Join(d.path, name), strings.Join(overlays, ", "))
		}
	}
	for _, overlay := range overlays {
		if _, err := d.readInto(files, overlay); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if len(files) > 0 {
		return files, nil
	}
	has := ""
	if len(others) > 0 {
		has = fmt.Sprintf("; it has %s", strings.Join(others[:min(len(others), 5)], ", "))
	}
	return nil, fmt.Errorf("%s has none of %s, and no *.yaml file in %s%s", d.path, strings.Join(policy.Files(), ", "), strings.Join(overlays, ", "), has)
}

// readInto adds the *.yaml files of a directory below the policy's, and returns the
// names of the others that are not hidden.
func (d policyDir) readInto(files map[string][]byte, below string) (others []string, err error) {
	dir := filepath.Join(d.path, below)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case filepath.Ext(e.Name()) != ".yaml":
			others = append(others, e.Name())
		case len(files) == maxPolicyFiles:
			return nil, fmt.Errorf("%s: more than %d files", dir, maxPolicyFiles)
		default:
			content, err := readUserFile(filepath.Join(dir, e.Name()))
			if err != nil {
				return nil, err
			}
			files[path.Join(below, e.Name())] = content
		}
	}
	return others, nil
}
