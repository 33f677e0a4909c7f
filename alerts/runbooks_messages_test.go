package alerts_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kernel_exporter/collector/collectortest"
	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/testkit"
)

// eventsOf returns the kernel's events that an alert rests on, of all its
// severities.
func eventsOf(t *testing.T, alert string) []string {
	t.Helper()
	var events []string
	for _, r := range kernelRules(t) {
		if r.Alert != alert {
			continue
		}
		for _, s := range collectortest.ParsePromQL(r.Expr).Selectors {
			for _, m := range s.Matchers {
				if m.Label == "event" {
					events = append(events, m.Values()...)
				}
			}
		}
	}
	return events
}

// messagesOf returns the messages of the kernel that a runbook shows.
func messagesOf(p page) []string {
	var messages []string
	for _, f := range p.fenced {
		if f.language == inText {
			messages = append(messages, strings.Split(strings.TrimSpace(f.content), "\n")...)
		}
	}
	return messages
}

// TestRunbooksShowTheMessagesThatFire: who compares a log with the runbook must
// find there what the exporter counts.
func TestRunbooksShowTheMessagesThatFire(t *testing.T) {
	t.Parallel()
	matcher := event.NewMatcher()
	for _, p := range pages(t) {
		events := eventsOf(t, p.name)
		if len(events) == 0 {
			continue
		}
		messages := messagesOf(p)
		if len(messages) == 0 {
			t.Errorf("%s: no message of the kernel", p.name)
		}
		for _, m := range messages {
			if f, ok := matcher.Find([]byte(m)); !ok {
				t.Errorf("%s: %q is no event", p.name, m)
			} else if !slices.Contains(events, string(f.Event)) {
				t.Errorf("%s: %q is event %q; the alert is about %q", p.name, m, f.Event, events)
			}
		}
	}
}

// TestCommandsOfRunbooksFindTheMessages in what dmesg prints: the commands that
// look through the log are run on a log of one message that the page shows.
func TestCommandsOfRunbooksFindTheMessages(t *testing.T) {
	t.Parallel()
	bash := testkit.Tool(t, "bash")
	for _, p := range pages(t) {
		if len(eventsOf(t, p.name)) == 0 {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			for _, m := range messagesOf(p) {
				log := fmt.Sprintf("dmesg() {\n  cat <<'END'\n[Mon Nov 23 03:00:00 2026] %s\nEND\n}\n", m)
				found := false
				for _, f := range p.fenced {
					if f.language == inLooks && strings.Contains(f.content, "dmesg ") {
						found = strings.Contains(checkRuns(t, bash, log+f.content), m) || found
					}
				}
				if !found {
					t.Errorf("no command finds %q", m)
				}
			}
		})
	}
}
