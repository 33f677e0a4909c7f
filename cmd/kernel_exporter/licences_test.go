package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kernel_exporter/collector/collectortest"
)

// TestGoldenThirdPartyLicences holds the notices that ship with the program to what is in
// it: the texts of the licences and notices of every module whose code is linked,
// and of Go itself.
func TestGoldenThirdPartyLicences(t *testing.T) {
	t.Parallel()
	holders := map[string][]string{} // by text
	add := func(holder, path string) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		key := strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n"))
		if !slices.Contains(holders[key], holder) {
			holders[key] = append(holders[key], holder)
		}
	}
	for _, p := range linked(t) {
		found := false
		for dir := p.Dir; strings.HasPrefix(dir, p.Root); dir = filepath.Dir(dir) {
			for _, file := range notices(t, dir) {
				add(p.Holder, file)
				found = true
			}
			if dir == p.Root {
				break
			}
		}
		if !found {
			t.Errorf("%s has no licence in %s", p.Holder, p.Root)
		}
	}
	texts := make([]string, 0, len(holders))
	for text := range holders {
		slices.Sort(holders[text])
		texts = append(texts, text)
	}
	slices.SortFunc(texts, func(a, b string) int {
		return strings.Compare(strings.Join(holders[a], " ")+a, strings.Join(holders[b], " ")+b)
	})
	var out strings.Builder
	out.WriteString("The program kernel_exporter contains code of others, under the terms below.\nmake golden writes this file.\n")
	for _, text := range texts {
		fmt.Fprintf(&out, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 80), strings.Join(holders[text], "\n"), text)
	}
	collectortest.Compare(t, "../../THIRD_PARTY_LICENSES", out.String())
}

// linkedPackage is a package of somebody else's in the program.
type linkedPackage struct {
	Holder    string // its module, or Go
	Dir, Root string // of the package, and of what it is a part of
}

func linked(t *testing.T) []linkedPackage {
	t.Helper()
	list := exec.Command("go", "list", "-deps", "-json=Dir,ImportPath,Standard,Module,Root", ".")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []linkedPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			Dir, ImportPath, Root string
			Standard              bool
			Module                *struct {
				Path, Dir string
				Main      bool
			}
		}
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			if len(packages) < 100 {
				t.Fatalf("%d packages are linked", len(packages))
			}
			return packages
		case err != nil:
			t.Fatal(err)
		case p.Standard:
			packages = append(packages, linkedPackage{"Go (https://go.dev)", p.Root, p.Root})
		case p.Module != nil && !p.Module.Main:
			packages = append(packages, linkedPackage{p.Module.Path, p.Dir, p.Module.Dir})
		}
	}
}

// notices returns the files of a directory that are licences or notices.
func notices(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`(?i)^(licen[cs]e|notice|copying|patents)([.-].*)?$`)
	var files []string
	for _, e := range entries {
		if e.Type().IsRegular() && name.MatchString(e.Name()) && filepath.Ext(e.Name()) != ".go" {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files
}

// TestLicencesAreCompatible holds that all of them may be distributed with a program under
// the Apache License 2.0, as the Apache Foundation's category A lists them
// (https://www.apache.org/legal/resolved.html#category-a). A new text is looked at by a
// person, and then named here.
func TestLicencesAreCompatible(t *testing.T) {
	t.Parallel()
	permissive := map[string]string{
		"Apache-2.0": "Apache License Version 2.0, January 2004",
		"MIT":        "Permission is hereby granted, free of charge, to any person obtaining a copy of this software",
		"ISC":        "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted",
		"BSD":        "Redistributions of source code must retain the above copyright notice",
		"Go patents": `this implementation of Go`,
	}
	words := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	modules := map[string]bool{}
	for _, p := range linked(t) {
		if modules[p.Root] {
			continue
		}
		modules[p.Root] = true
		for _, file := range notices(t, p.Root) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			known := strings.HasPrefix(strings.ToUpper(filepath.Base(file)), "NOTICE") // names authors, and permits nothing
			for _, phrase := range permissive {
				known = known || strings.Contains(words(string(text)), phrase)
			}
			if copyleft := regexp.MustCompile(`GNU (LESSER |AFFERO )?GENERAL PUBLIC|Mozilla Public License|Eclipse Public|Creative Commons`); !known || copyleft.Match(text) {
				t.Errorf("%s: is %s compatible?\n%.300s", p.Holder, file, text)
			}
		}
	}
	if len(modules) < 10 {
		t.Errorf("only %d modules", len(modules))
	}
}
