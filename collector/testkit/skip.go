package testkit

import (
	"os"
	"os/exec" //nolint:depguard // this package is a tool of tests
	"strings"
	"testing" //nolint:depguard // likewise
)

// Tool returns the path of a program that the test runs. Where it is not
// installed the test is skipped, but fails in CI, where nothing may be missing.
func Tool(t testing.TB, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	Missing(t, "%s is not on PATH", strings.Join(names, " or "))
	return ""
}

// Missing skips a test for the lack of something, and says what. In CI nothing
// may be missing and the test fails.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") != "" { //nolint:forbidigo // tests have no main to hand it down
		t.Fatalf(format, args...)
	}
	t.Skipf("SKIPPED: "+format, args...)
}
