package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"kernel_exporter/collector/policy"
)

// loadPolicy returns the built-in policy, with the files replaced that a
// directory has.
func loadPolicy(dir string) (*policy.Policy, error) {
	if dir == "" {
		return policy.Default()
	}
	files, err := within(fileTime, dir, func() (map[string][]byte, error) { return readPolicyDir(dir) })
	if err != nil {
		return nil, usageError("--policy.dir: %w", err)
	}
	p, err := policy.Load(files)
	if err != nil {
		return nil, usageError("--policy.dir: %s: %w", dir, err)
	}
	return p, nil
}

// readPolicyDir reads the policy files of a directory. Other files than *.yaml
// are left alone: a README, or what Kubernetes puts beside the files of a
// ConfigMap.
func readPolicyDir(dir string) (map[string][]byte, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	var others []string
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".yaml" {
			if !strings.HasPrefix(e.Name(), ".") {
				others = append(others, e.Name())
			}
			continue
		}
		if files[e.Name()], err = readUserFile(filepath.Join(dir, e.Name())); err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		has := ""
		if len(others) > 0 {
			has = fmt.Sprintf("; it has %s", strings.Join(others[:min(len(others), 5)], ", "))
		}
		return nil, fmt.Errorf("%s has none of %s%s", dir, strings.Join(policy.Files(), ", "), has)
	}
	return files, nil
}
