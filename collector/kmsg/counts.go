package kmsg

import (
	"maps"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/kmsg/source"
)

// Counts is what was counted of a log. While it was read by /dev/kmsg alone, the
// records of all levels, the untrusted and the lost ones add up to NextSeq of the
// same [Snapshot]. With syslog(2), which gives no sequence numbers, lines are
// counted as records, and a loss counts at least 1.
type Counts struct {
	// Records counts the kernel's own records, those of facility 0, by [record.Level].
	Records [record.NumLevels]uint64
	// Untrusted counts the records of other facilities: those that user space
	// wrote. Nothing else is counted of them.
	Untrusted uint64
	// LostBeforeStart counts the records that were overwritten before the
	// first was read, and LostOverrun those that were between two reads. Both
	// include user space's records.
	LostBeforeStart, LostOverrun uint64
	// Malformed counts the records that could not be read since the program
	// started. Those of the device are among the lost ones too, as they have no
	// sequence number; those of a file may count again if it has to be opened
	// again.
	Malformed uint64
	// Suppressed is how many messages the kernel says it held back.
	Suppressed uint64
	// Events counts the events that were seen.
	Events map[event.Event]EventCount
}

// An EventCount is how often an event was seen, and when last. LastSeen is the
// wall clock's time, which never goes back, and in a Snapshot is never in the
// future; it is zero for a replayed event whose time is not known.
type EventCount struct {
	Count    uint64
	LastSeen time.Time
}

// accounted returns how many records were counted, as read or as lost.
func (c *Counts) accounted() uint64 {
	n := c.Untrusted + c.LostBeforeStart + c.LostOverrun
	for _, r := range c.Records {
		n += r
	}
	return n
}

// A tally is everything that is remembered of the records of a log, all of one
// moment: plain data without a file or a clock.
type tally struct {
	Counts
	hours    Hours
	position position
	waits    waits
	// incomplete says that records may be missing that do not count as lost.
	incomplete bool
	// lines says that lines of syslog(2) were counted, so that the counts need not
	// add up.
	lines bool
}

func newTally() tally {
	return tally{Counts: Counts{Events: make(map[event.Event]EventCount)}, waits: make(waits)}
}

// clone returns a tally that shares nothing with this one.
func (t *tally) clone() tally {
	c := *t
	c.Events = maps.Clone(t.Events)
	c.waits = maps.Clone(t.waits)
	c.position = t.position.clone()
	return c
}

// complete says whether every record since boot was read, up to the last.
func (t *tally) complete() bool {
	return !t.incomplete && t.LostBeforeStart == 0 && t.LostOverrun == 0 && t.Malformed == 0 && t.accounted() > 0
}

// add counts a record that stands after the position, and what it reports. When
// it was written matters only if it opens a report.
func (t *tally) add(it *source.Item, m moment, c cadence) {
	r := &it.Record
	if it.Numbered {
		t.lose(r.Seq - t.position.next)
	} else {
		t.lines = true
	}
	t.position.advance(r, it.Numbered)
	if r.Facility != 0 {
		t.Untrusted++
		return
	}
	t.Records[r.Level%record.NumLevels]++
	t.Suppressed += it.Suppressed
	if it.Finding.Event != "" {
		t.report(it.Finding, m, c)
	}
}

func (t *tally) report(f event.Finding, m moment, c cadence) {
	e := t.Events[f.Event]
	e.Count++
	// A replayed record's time lacks the suspends, so it may be before that of
	// an older record that was read live. One that is read live is the latest,
	// though the clock may have been set back since the one before.
	if !m.read.IsZero() || m.wall.After(e.LastSeen) {
		e.LastSeen = m.wall
	}
	t.Events[f.Event] = e
	t.hours.add(m.wall)
	if f.Event == event.NetdevLeak && m.at != record.UnknownTime {
		t.waits.add(f.Device, m, c)
	}
}

// gap counts what syslog(2) lost. Nobody knows how much it was.
func (t *tally) gap() {
	t.lose(1)
	t.lines, t.position.byLine = true, true
}

// lose counts lost records.
func (t *tally) lose(n uint64) {
	switch {
	case n == 0:
	case t.position.next == 0 && !t.position.last.Known:
		t.LostBeforeStart += n
	default:
		t.LostOverrun += n
	}
}

// renumber gives a number to the position of a tally whose last lines were counted
// without. The log has had as many records, and those that were not counted were
// lost. As lines may be more than records, none may seem lost across a gap.
func (t *tally) renumber(at place) {
	first, counted := t.position.next == 0, t.accounted()
	t.position.renumber(at)
	switch next := t.position.next; {
	case counted < next && first:
		t.LostBeforeStart += next - counted
	case counted < next:
		t.LostOverrun += next - counted
	case at.gap:
		t.incomplete = true
	}
}
