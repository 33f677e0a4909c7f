package testkit

import (
	"testing" //nolint:depguard // this package is a tool of tests
	"time"
)

// poll is how often something is looked at that is waited for.
const poll = 20 * time.Millisecond

// Eventually waits until problem returns nothing, and fails the test with the last
// problem after a limit.
func Eventually(t testing.TB, limit time.Duration, problem func() string) {
	t.Helper()
	tick, end := time.NewTicker(poll), time.After(limit)
	defer tick.Stop()
	for {
		p := problem()
		if p == "" {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("not within %s: %s", limit, p)
		}
	}
}

// Unless is a problem for [Eventually]: what is to be, unless it is.
func Unless(what string, is func() bool) func() string {
	return func() string {
		if is() {
			return ""
		}
		return what
	}
}
