package policy_test

import (
	"strings"
	"testing"
	"time"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/kmsg"
	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/policy"
)

// TestEveryEventHasAMeaning holds the table of meanings to that of the events.
func TestEveryEventHasAMeaning(t *testing.T) {
	t.Parallel()
	for _, e := range event.All() {
		if policy.MeaningOf(e).Severity == "" {
			t.Errorf("nothing says how bad the event %s is", e)
		}
	}
}

func TestExamine(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	read := func(change func(*kmsg.Snapshot)) facts.Fact[kmsg.Snapshot] {
		log := kmsg.Snapshot{Drained: true, CompleteSinceBoot: true, LeaksKnown: true}
		log.Up, log.Source, log.Events = true, kmsg.SourceKmsg, map[event.Event]kmsg.EventCount{}
		change(&log)
		return facts.Known(log)
	}
	seen := func(e event.Event, n uint64, ago time.Duration) facts.Fact[kmsg.Snapshot] {
		return read(func(log *kmsg.Snapshot) {
			log.Events[e] = kmsg.EventCount{Count: n, LastSeen: now.Add(-ago)}
		})
	}
	many := uint64(60_000)
	for name, test := range map[string]struct {
		node     facts.Snapshot
		health   policy.Health
		symptoms string // severity name: reason, joined by "; "
		missing  string
	}{
		"nothing is known":    {facts.Snapshot{}, policy.HealthUnsure, "", "the kernel log"},
		"the log has nothing": {facts.Snapshot{Log: read(func(*kmsg.Snapshot) {})}, policy.Well, "", ""},
		"the log is not read to its end": {
			facts.Snapshot{Log: read(func(l *kmsg.Snapshot) { l.Drained, l.CompleteSinceBoot = false, false })}, policy.HealthUnsure, "", "the kernel log",
		},
		"records were lost": {
			facts.Snapshot{Log: read(func(l *kmsg.Snapshot) { l.CompleteSinceBoot = false })}, policy.Well, "", "records of the kernel log that were lost",
		},
		"a wait": {
			facts.Snapshot{Log: read(func(l *kmsg.Snapshot) { l.Leaks, l.LongestLeak = 1, 3*time.Minute })},
			policy.Sick,
			"warning netdev_wait: the kernel waits for a network device, for 3 min", "",
		},
		"long waits": {
			facts.Snapshot{Log: read(func(l *kmsg.Snapshot) { l.Leaks, l.LongestLeak = 2, 65*time.Minute })},
			policy.Sick,
			"critical netdev_wait: the kernel waits for 2 network devices, for the longest for 1 h 5 min", "",
		},
		"a lockup now": {
			facts.Snapshot{Log: seen("soft_lockup", 3, 4*time.Minute)}, policy.Sick, "critical soft_lockup: 3 times since boot, last 4 min ago", "",
		},
		"a lockup of this morning": {facts.Snapshot{Log: seen("soft_lockup", 3, 4*time.Hour)}, policy.Well, "", ""},
		"an oops of this morning": {
			facts.Snapshot{Log: seen("oops", 1, 4*time.Hour)}, policy.Sick, "critical oops: once since boot, 4 h 0 min ago", "",
		},
		"the wall clock was set back": {
			facts.Snapshot{Log: seen("hung_task", 1, -time.Hour)}, policy.Sick, "warning hung_task: once since boot, 0 s ago", "",
		},
		"nobody knows when": {
			facts.Snapshot{Log: read(func(l *kmsg.Snapshot) { l.Events["hung_task"] = kmsg.EventCount{Count: 1} })},
			policy.Sick,
			"warning hung_task: once since boot, at an unknown time", "",
		},
		"a container's limit": {facts.Snapshot{Log: seen("memcg_oom_kill", 9, time.Second)}, policy.Well, "", ""},
		"the kernel's own count": {
			facts.Snapshot{Oopses: facts.Known(uint64(2))}, policy.Sick, "critical oops: the kernel counts 2 since boot", "the kernel log",
		},
		"an oops is one symptom": {
			facts.Snapshot{Oopses: facts.Known(uint64(2)), Log: seen("oops", 2, time.Minute)},
			policy.Sick,
			"critical oops: 2 times since boot, last 1 min ago", "",
		},
		"cgroups run out": {
			facts.Snapshot{Log: read(func(*kmsg.Snapshot) {}), MemoryCgroups: facts.Known(host.MemoryCgroups{Total: &many})},
			policy.Sick,
			"warning memory_cgroups: 60000 of at most 65535 memory cgroups are in use", "",
		},
		"the worst comes first": {
			facts.Snapshot{Log: read(func(l *kmsg.Snapshot) {
				l.Events["block_io_error"] = kmsg.EventCount{Count: 1, LastSeen: now}
				l.Events["filesystem_readonly"] = kmsg.EventCount{Count: 1, LastSeen: now.Add(-48 * time.Hour)}
			})},
			policy.Sick,
			"critical filesystem_readonly: once since boot, 2 d 0 h ago; warning block_io_error: once since boot, 0 s ago", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := policy.Examine(&test.node, now)
			var symptoms []string
			for _, s := range got.Symptoms {
				symptoms = append(symptoms, string(s.Severity)+" "+s.Name+": "+s.Reason)
				if s.Runbook == "" {
					t.Errorf("the symptom %s has no runbook", s.Name)
				}
			}
			if joined := strings.Join(symptoms, "; "); got.Health != test.health || joined != test.symptoms || !strings.HasPrefix(got.Missing, test.missing) || (got.Missing == "") != (test.missing == "") {
				t.Errorf("the node is %s with %q, for want of %q; want %s with %q, for want of %q", got.Health, joined, got.Missing, test.health, test.symptoms, test.missing)
			}
		})
	}
}
