package alerts_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kernel_exporter/collector/collectortest"
	"kernel_exporter/collector/kmsg"
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
		for _, s := range parse(r.Expr).selectors {
			for _, m := range s.matchers {
				if m.label == "event" {
					events = append(events, m.values()...)
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
	matcher := kmsg.NewMatcher()
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
			if event, ok := matcher.Match([]byte(m)); !ok || !slices.Contains(events, event.String()) {
				t.Errorf("%s: %q is event %q, %t; the alert is about %q", p.name, m, event, ok, events)
			}
		}
	}
}

// TestCommandsOfRunbooksFindTheMessages in what dmesg prints: the commands that
// look through the log are run on a log of the messages that the page shows.
func TestCommandsOfRunbooksFindTheMessages(t *testing.T) {
	t.Parallel()
	bash := collectortest.Tool(t, "bash")
	for _, p := range pages(t) {
		messages := messagesOf(p)
		if len(messages) == 0 || len(eventsOf(t, p.name)) == 0 {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			var log, printed strings.Builder
			log.WriteString("dmesg() {\n  cat <<'END'\n")
			for _, m := range messages {
				fmt.Fprintf(&log, "[Mon Nov 23 03:00:00 2026] %s\n", m)
			}
			log.WriteString("END\n}\n")
			for _, f := range p.fenced {
				if f.language == inLooks && strings.Contains(f.content, "dmesg ") {
					printed.WriteString(checkRuns(t, bash, log.String()+f.content))
				}
			}
			for _, m := range messages {
				if !strings.Contains(printed.String(), m) {
					t.Errorf("no command finds %q, they print\n%s", m, printed.String())
				}
			}
		})
	}
}
