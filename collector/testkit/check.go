package testkit

import (
	"maps"
	"strings"
	"testing" //nolint:depguard // this package is a tool of tests
)

// A Tree is the files of a root by their paths.
type Tree map[string]string

// With returns the tree with other files put over its own.
func (t Tree) With(over Tree) Tree {
	out := maps.Clone(t)
	maps.Copy(out, over)
	return out
}

// CheckError wants an error with a text, or none where the text is empty.
func CheckError(t testing.TB, err error, want string) {
	t.Helper()
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}

// Show returns a number that may be unknown as a test prints it.
func Show(n *uint64) any {
	if n == nil {
		return "unknown"
	}
	return *n
}
