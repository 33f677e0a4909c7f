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
	// Hours counts the events of all kinds by the hour.
	Hours Hours
	// NextSeq is the number after the last record that was read from /dev/kmsg:
	// how many records the kernel's log has had since boot, up to there.
	NextSeq uint64
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
	now, c, waiting := l.now()

	l.mu.Lock()
	defer l.mu.Unlock()
	s := Snapshot{Status: l.status, Counts: l.tally.Counts, Hours: l.tally.hours, NextSeq: l.tally.position.next, MalformedAt: l.malformedAt}
	s.Events = seenUntil(s.Events, now.read)
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
		s.Leaks, s.LongestLeak, s.LeaksKnown = l.tally.waits.open(now, c)
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

// now returns what it takes to look at the waits, if there are any. It reads files
// and so is called without the lock.
func (l *Log) now() (now moment, c cadence, waiting bool) {
	now = moment{read: time.Now(), uptime: -1}
	l.mu.Lock()
	waiting = len(l.tally.waits) > 0
	replayed := l.tally.waits.replayed()
	l.mu.Unlock()
	if !waiting {
		return now, c, false
	}
	if replayed {
		if uptime, err := l.cfg.Kernel.Uptime(); err == nil {
			now.uptime = uptime
			if l.cfg.Kernel.Suspended != nil {
				now.slept = l.cfg.Kernel.Suspended()
			}
		}
	}
	return now, l.cadence(), true
}

// cadence returns how often the kernel repeats the message about a device.
func (l *Log) cadence() cadence {
	period, known := l.cfg.Kernel.LeakPeriod()
	return cadence{period: period, known: known}
}
