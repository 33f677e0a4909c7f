package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"kernel_exporter/collector/policy"
)

// loadPolicy returns the built-in policy, changed by the files of a directory.
func loadPolicy(dir string) (*policy.Policy, error) {
	files, err := policyFiles(dir)
	if err != nil {
		return nil, err
	}
	p, err := policy.Load(files)
	if err != nil {
		return nil, usageError("--policy.dir: %s: %w", dir, err)
	}
	return p, nil
}

// policyFiles returns the files of a directory that change the policy, and none
// where there is no directory.
func policyFiles(dir string) (map[string][]byte, error) {
	if dir == "" {
		return nil, nil
	}
	files, err := within(fileTime, dir, func() (map[string][]byte, error) { return readPolicyDir(dir) })
	if err != nil {
		return nil, usageError("--policy.dir: %w", err)
	}
	return files, nil
}

// readPolicyDir reads the policy files of a directory, by their names below it.
// Other files than *.yaml are left alone: a README, or what Kubernetes puts beside
// the files of a ConfigMap.
func readPolicyDir(dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	others, err := readPolicyFiles(files, dir, "")
	if err != nil {
		return nil, err
	}
	for _, name := range policy.Files() {
		overlay := policy.Overlay(name)
		if _, err := readPolicyFiles(files, dir, overlay); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		others = slices.DeleteFunc(others, func(other string) bool { return other == overlay })
	}
	if len(files) == 0 {
		has := ""
		if len(others) > 0 {
			has = fmt.Sprintf("; it has %s", strings.Join(others[:min(len(others), 5)], ", "))
		}
		return nil, fmt.Errorf("%s has none of %s, nor files such as %s/site.yaml%s",
			dir, strings.Join(policy.Files(), ", "), policy.Overlay(policy.BugsFile), has)
	}
	return files, nil
}

// readPolicyFiles reads the *.yaml of a directory below the policy's, and returns
// the names of what else is there.
func readPolicyFiles(files map[string][]byte, dir, below string) (others []string, err error) {
	entries, err := os.ReadDir(filepath.Join(dir, below))
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := path.Join(below, e.Name())
		switch {
		case filepath.Ext(name) != ".yaml":
			if !strings.HasPrefix(e.Name(), ".") {
				others = append(others, name)
			}
		default:
			if files[name], err = readUserFile(filepath.Join(dir, name)); err != nil {
				return nil, err
			}
		}
	}
	return others, nil
}
