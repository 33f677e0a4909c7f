package testkit

import (
	"bytes"
	"regexp"
	"sync"
)

// Output is what a program writes while a test reads it. The zero value is
// empty.
type Output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements [io.Writer].
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

// String returns all that was written so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// Address returns the URL at which a server listens that logs it as Prometheus's
// own do, or nothing as long as it has not.
func (o *Output) Address() string {
	m := regexp.MustCompile(`msg="Listening on".* address=(\S+)`).FindStringSubmatch(o.String())
	if m == nil {
		return ""
	}
	return "http://" + m[1]
}
