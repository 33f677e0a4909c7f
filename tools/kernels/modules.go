package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// modules are those of an unpacked kernel, by name.
type modules struct {
	paths   map[string]string
	builtIn map[string]bool
}

// A moduleInfo says what a module needs and by what names it is asked for.
type moduleInfo struct {
	Needs   []string `json:"needs"`
	Aliases []string `json:"aliases"`
	BuiltIn bool     `json:"built_in"`
}

// moduleName is the name of a module's file.
func moduleName(path string) string {
	name, _, _ := strings.Cut(filepath.Base(path), ".ko")
	return strings.ReplaceAll(name, "-", "_")
}

func findModules(dir string) (modules, error) {
	m := modules{paths: map[string]string{}, builtIn: map[string]bool{}}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Name() == "modules.builtin":
			text, err := os.ReadFile(path)
			for line := range strings.FieldsSeq(string(text)) {
				m.builtIn[moduleName(line)] = true
			}
			return err
		case strings.Contains(d.Name(), ".ko"):
			m.paths[moduleName(path)] = path
		}
		return nil
	})
	if err == nil && len(m.paths) == 0 {
		err = fmt.Errorf("%s: no modules", dir)
	}
	return m, err
}

// gather returns the named modules that this kernel has, with what they need, and
// the index of them that the guest reads.
func (m modules) gather(ctx context.Context, names []string) (files map[string][]byte, index map[string]moduleInfo, err error) {
	files, index = map[string][]byte{}, map[string]moduleInfo{}
	for len(names) > 0 {
		name := strings.ReplaceAll(names[0], "-", "_")
		names = names[1:]
		if _, done := index[name]; done {
			continue
		}
		path, ok := m.paths[name]
		if !ok {
			if m.builtIn[name] {
				index[name] = moduleInfo{BuiltIn: true}
			}
			continue
		}
		text, err := readModule(ctx, path)
		if err != nil {
			return nil, nil, err
		}
		info, err := describe(text)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		files[name], index[name] = text, info
		names = append(names, info.Needs...)
	}
	return files, index, nil
}

// readModule reads a module's file, compressed or not.
func readModule(ctx context.Context, path string) ([]byte, error) {
	switch filepath.Ext(path) {
	case ".ko":
		return os.ReadFile(path)
	case ".xz":
		text, err := output(ctx, "/", "xz", "-dc", path)
		return []byte(text), err
	case ".zst":
		text, err := output(ctx, "/", "zstd", "-dcq", path)
		return []byte(text), err
	case ".gz":
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			return nil, err
		}
		return io.ReadAll(z)
	}
	return nil, fmt.Errorf("%s: compressed in an unknown way", path)
}

// describe reads the section .modinfo, in which modpost put what depmod would read.
func describe(module []byte) (info moduleInfo, err error) {
	f, err := elf.NewFile(bytes.NewReader(module))
	if err != nil {
		return info, err
	}
	section := f.Section(".modinfo")
	if section == nil {
		return info, errors.New("no .modinfo")
	}
	text, err := section.Data()
	if err != nil {
		return info, err
	}
	for entry := range strings.SplitSeq(string(text), "\x00") {
		key, value, _ := strings.Cut(entry, "=")
		switch key {
		case "depends":
			for need := range strings.SplitSeq(value, ",") {
				if need != "" {
					info.Needs = append(info.Needs, strings.ReplaceAll(need, "-", "_"))
				}
			}
		case "alias":
			info.Aliases = append(info.Aliases, value)
		}
	}
	return info, nil
}
