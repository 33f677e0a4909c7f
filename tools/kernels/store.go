package main

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"kernel_exporter/tools/kernels/wire"
)

// store merges what was seen of a kernel into what the directory holds of it from
// runs before.
func (l laboratory) store(t tried) error {
	path := filepath.Join(l.dir, "results", t.Kernel.Release+".json")
	old := tried{}
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &old)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for version, c := range old.Facts {
		if _, again := t.Facts[version]; !again {
			t.Facts[version] = c
		}
	}
	maps.Copy(t.Missing, old.Missing)
	if len(t.Clocks) == 0 {
		t.Clocks = old.Clocks
	}
	same := func(a wire.Result) func(wire.Result) bool {
		return func(b wire.Result) bool { return a.Event == b.Event && a.How == b.How }
	}
	for _, r := range old.Results {
		if !slices.ContainsFunc(t.Results, same(r)) {
			t.Results = append(t.Results, r)
		}
	}
	if text, err = json.MarshalIndent(t, "", " "); err != nil {
		return err
	}
	return errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, text, 0o644))
}

// stored returns what was seen of all kernels, the oldest first.
func (l laboratory) stored() (seen []tried, err error) {
	paths, err := filepath.Glob(filepath.Join(l.dir, "results", "*.json"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		t := tried{}
		if err := json.Unmarshal(text, &t); err != nil {
			return nil, err
		}
		seen = append(seen, t)
	}
	slices.SortFunc(seen, func(a, b tried) int { return compareNumbers(a.Kernel.Release, b.Kernel.Release) })
	return seen, nil
}
