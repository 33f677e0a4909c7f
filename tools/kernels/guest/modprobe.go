package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// modules is the directory of modules in the guest. Its file index says what
// each needs and by what other names it is asked for.
const modules = "/modules"

// A module is an entry of the index that the machine outside makes.
type module struct {
	Needs   []string `json:"needs"`   // modules that come first
	Aliases []string `json:"aliases"` // patterns of names
	BuiltIn bool     `json:"built_in"`
}

func readIndex() (map[string]module, error) {
	text, err := os.ReadFile(filepath.Join(modules, "index"))
	if err != nil {
		return nil, err
	}
	var index map[string]module
	return index, json.Unmarshal(text, &index)
}

// modprobe is what the kernel runs when it wants a module.
func modprobe(args []string) error {
	index, err := readIndex()
	if err != nil {
		return err
	}
	wanted := ""
	for _, a := range args {
		if !strings.HasPrefix(a, "-") {
			wanted = strings.ReplaceAll(a, "-", "_")
			break
		}
	}
	found := false
	for name, m := range index {
		if name == wanted || m.answersTo(wanted) {
			found = true
			if err := insert(index, name, ""); err != nil {
				return err
			}
		}
	}
	if !found {
		return fmt.Errorf("no module %s", wanted)
	}
	return nil
}

func (m module) answersTo(name string) bool {
	for _, alias := range m.Aliases {
		if ok, err := path.Match(strings.ReplaceAll(alias, "-", "_"), name); ok && err == nil {
			return true
		}
	}
	return false
}

// load loads a module and what it needs, with parameters.
func load(name, parameters string) error {
	index, err := readIndex()
	if err != nil {
		return err
	}
	return insert(index, name, parameters)
}

func insert(index map[string]module, name, parameters string) error {
	m, ok := index[name]
	if !ok {
		return fmt.Errorf("this kernel has no module %s", name)
	}
	if m.BuiltIn {
		return nil
	}
	for _, need := range m.Needs {
		if err := insert(index, need, ""); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	f, err := os.Open(filepath.Join(modules, name+".ko"))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.FinitModule(int(f.Fd()), parameters, 0); err != nil && !errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("module %s: %w", name, err)
	}
	return nil
}
