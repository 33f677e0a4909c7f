package kmsg

import (
	"maps"
	"time"

	"kernel_exporter/collector/kmsg/event"
)

// A Snapshot is what is known of a log at one moment.
type Snapshot struct {
	Status
	Counts
	// Drained says that all that the log held when it was first opened has
	// been counted. Before that the counts are on their way, and mean nothing.
	Drained bool
	// CompleteSinceBoot says that every record since boot has been read. It is
	// false while the log is not read to its end: nobody knows what it says.
	CompleteSinceBoot bool
	// MalformedAt is when the last malformed record was read; zero if none was.
	MalformedAt time.Time
	// LeaksKnown says whether Leaks and LongestLeak are known. They are not
	// while the log is not read to its end, nor where the uptime would be
	// needed and cannot be had.
	LeaksKnown bool
	// Leaks is how many network devices the kernel waits for now, those of the
	// same name counted once, and LongestLeak for how long the longest is
	// waited for, which is 0 without one.
	Leaks       int
	LongestLeak time.Duration
}

// Snapshot returns what is known now. It does not wait for the log.
func (l *Log) Snapshot() Snapshot {
	now := time.Now()
	at, waiting := l.instant(now)

	l.mu.Lock()
	defer l.mu.Unlock()
	s := Snapshot{Status: l.status, Counts: l.tally.Counts, MalformedAt: l.malformedAt}
	s.Events = seenUntil(s.Events, now)
	select {
	case <-l.drained:
		s.Drained = true
	default:
	}
	s.CompleteSinceBoot = l.caughtUp && l.tally.complete()
	if !l.caughtUp {
		return s
	}
	s.LeaksKnown = true
	if waiting {
		s.Leaks, s.LongestLeak, s.LeaksKnown = l.tally.waits.open(at)
	}
	return s
}

// seenUntil copies what was seen of the events. No time in it is after now: the
// wall clock may have been set back.
func seenUntil(events map[event.Event]EventCount, now time.Time) map[event.Event]EventCount {
	if len(events) == 0 {
		return nil
	}
	seen := maps.Clone(events)
	for e, c := range seen {
		c.LastSeen = notAfter(c.LastSeen, now)
		seen[e] = c
	}
	return seen
}

// instant returns what it takes to look at the waits, if there are any. It
// reads files and so is called without the lock.
func (l *Log) instant(now time.Time) (i instant, waiting bool) {
	l.mu.Lock()
	waiting = len(l.tally.waits) > 0
	l.mu.Unlock()
	if !waiting {
		return instant{}, false
	}
	i = instant{now: now, cadence: l.cadence()}
	uptime, err := l.cfg.Uptime()
	if err != nil {
		uptime = -1
	}
	i.uptime = uptime
	return i, true
}
