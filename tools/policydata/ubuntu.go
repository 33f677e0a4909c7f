package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// oldestUbuntu is the oldest line of Ubuntu's that is worth its place.
const oldestUbuntu = "4.4"

// ubuntuBuilds reads Ubuntu's CVE tracker. The streams are Ubuntu's own packages,
// a line of which is built in the release whose first kernel it is.
func ubuntuBuilds(folder string, b *bug) ([]build, error) {
	content, err := os.ReadFile(filepath.Join(folder, b.cve))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	form := regexp.MustCompile(`(?m)^[a-z/-]+_linux(-aws|-azure|-gcp)?(-hwe)?(-\d+\.\d+)?: (released|not-affected) \((\d+\.\d+\.\d+-\d+)\.`)
	type key struct{ stream, line string }
	best := make(map[key]statement)
	for _, m := range form.FindAllStringSubmatch(string(content), -1) {
		s := statement{own: m[2] == "" && m[3] == ""}
		k := key{stream: "ubuntu" + m[1], line: lineOf(m[5])}
		s.build = build{bug: b.name, stream: k.stream, fixed: m[5]}
		switch {
		case m[4] == "not-affected":
			s.build = build{bug: b.name, stream: k.stream, line: k.line, clear: true}
		case b.ubuntuOnly: // no mainline release says that its builds have the bug
			s.build.from = k.line + ".0-1"
		}
		if old, ok := best[k]; (!ok || s.better(old)) && compare(k.line, oldestUbuntu) >= 0 {
			best[k] = s
		}
	}
	var out []build
	for _, s := range best {
		// What is clear by its line needs no entry.
		if s.build.fixed != "" && !b.fixedBefore(lineOf(s.build.fixed)) || s.build.clear && b.mayBeIn(s.build.line) {
			out = append(out, s.build)
		}
	}
	slices.SortFunc(out, func(x, y build) int {
		if c := strings.Compare(x.stream, y.stream); c != 0 {
			return c
		}
		return compare(x.fixed+x.line, y.fixed+y.line)
	})
	return out, nil
}

// statement is what the tracker says of a package.
type statement struct {
	build build
	own   bool // the package of a line, not one that offers it to an older release
}

// better says whether a statement counts for more than another one of the same
// line: that of the line's own package, of those a build, of those the older one.
func (s statement) better(than statement) bool {
	switch {
	case s.own != than.own:
		return s.own
	case (s.build.fixed != "") != (than.build.fixed != ""):
		return s.build.fixed != ""
	default:
		return s.build.fixed != "" && compare(s.build.fixed, than.build.fixed) < 0
	}
}
