package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"kernel_exporter/collector/testkit"
)

const (
	// deadline is how long anything may take that has to happen.
	deadline = 90 * time.Second
	// poll is how often it is looked at.
	poll = 50 * time.Millisecond
)

// eventually waits until problem returns nothing.
func eventually(t *testing.T, what string, problem func() string) {
	t.Helper()
	testkit.Eventually(t, deadline, func() string {
		p := problem()
		if p != "" {
			p = what + ": " + p
		}
		return p
	})
}

// holds fails the test if there is a problem at any time of a span.
func holds(t *testing.T, what string, span time.Duration, problem func() string) {
	t.Helper()
	tick, end := time.NewTicker(poll), time.After(span)
	defer tick.Stop()
	for {
		if p := problem(); p != "" {
			t.Fatalf("%s: not for all of %s: %s", what, span, p)
		}
		select {
		case <-end:
			return
		case <-tick.C:
		}
	}
}

// processes is those of a test. Whatever of them still runs when it ends is
// stopped then, though a subtest may have started it.
type processes struct{ t *testing.T }

// A process is a program that serves HTTP.
type process struct {
	*testkit.Process
	url string
}

// start starts a program and waits until it says where it listens.
func (p *processes) start(path string, args ...string) (*process, error) {
	started, err := testkit.TryStart(p.t, exec.Command(path, args...))
	if err != nil {
		return nil, err
	}
	s := &process{Process: started}
	p.t.Cleanup(func() {
		s.stop(syscall.SIGTERM)
		if c := complaints(s.Said.String()); c != "" && p.t.Failed() {
			p.t.Logf("%s, which listened at %s, complained:\n%s", path, s.url, c)
		}
	})
	s.url, err = s.URL()
	return s, err
}

// stop ends a process by a signal, and by SIGKILL if that does not help.
func (s *process) stop(signal syscall.Signal) {
	_ = s.Stop(signal) // how it ended does not matter
}

// complaints returns the lines of a log that are warnings or errors.
func complaints(text string) string {
	return strings.Join(regexp.MustCompile(`(?im)^.*level=(?:warn|error).*$`).FindAllString(text, -1), "\n")
}

// last returns the last lines of a text.
func last(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// fetch asks a URL. A body is posted as JSON; what comes is decoded into v,
// unless that is nil.
func fetch(t *testing.T, url string, body, v any) error {
	t.Helper()
	method, content := http.MethodGet, io.Reader(nil)
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		method, content = http.MethodPost, bytes.NewReader(b)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, url, content)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, response.Status)
	}
	if v == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(v)
}

// text returns what is at a URL.
func text(t *testing.T, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	must(t, err)
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(t, err)
	return string(body)
}
