// Package collectortest has what the tests of the collectors and of the program
// share: the nodes in testdata and the files they are compared with.
package collectortest

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing" //nolint:depguard // this package is a tool of tests
	"time"
)

// Unreadable is the node in testdata that shows something only to a user who
// may not read all of it.
const Unreadable = "unreadable"

// Today returns the time that the golden files are of: what is supported
// changes with time.
func Today() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

// Nodes returns the roots of all recorded and composed nodes in the directory
// testdata, by name.
func Nodes(t testing.TB, testdata string) map[string]string {
	t.Helper()
	sources, err := filepath.Glob(filepath.Join(testdata, "*", "SOURCE.md"))
	if err != nil || len(sources) < 15 {
		t.Fatalf("%s has %d nodes with a SOURCE.md (%v), want at least 15", testdata, len(sources), err)
	}
	nodes := map[string]string{}
	for _, s := range sources {
		root := filepath.Dir(s)
		nodes[filepath.Base(root)] = root
	}
	return nodes
}

// Golden returns the content of a golden file.
func Golden(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (make golden writes it)", err)
	}
	return string(b)
}

// Compare compares with a golden file, or writes it if the environment has
// UPDATE_GOLDEN, as make golden does.
func Compare(t testing.TB, path, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" { //nolint:forbidigo // tests have no main to hand it down
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil { //nolint:gosec // a file of the repository
			t.Fatal(err)
		}
		return
	}
	if want := Golden(t, path); got != want {
		t.Errorf("%s differs (make golden rewrites it):\n%s", path, lineDiff(want, got))
	}
}

// lineDiff lists the lines that only one of the two has.
func lineDiff(want, got string) string {
	var b strings.Builder
	only := func(sign, text, other string) {
		has := map[string]bool{}
		for l := range strings.Lines(other) {
			has[l] = true
		}
		for l := range strings.Lines(text) {
			if !has[l] {
				b.WriteString(sign + l)
			}
		}
	}
	only("-", want, got)
	only("+", got, want)
	if b.Len() == 0 {
		return "(the same lines in another order)\n"
	}
	return b.String()
}

// Stable returns an exposition in the text format without what differs from
// run to run or from build to build: the exporter's own metrics, the durations,
// and the hash of the policy's files.
func Stable(exposition []byte) string {
	own := regexp.MustCompile(`(?m)^(# (HELP|TYPE) )?(go_|process_|promhttp_|kernel_exporter_|kernel_scrape_collector_duration_seconds).*\n`)
	hash := regexp.MustCompile(`sha256="[0-9a-f]{64}"`)
	return string(hash.ReplaceAll(own.ReplaceAll(bytes.Clone(exposition), nil), []byte(`sha256="..."`)))
}
