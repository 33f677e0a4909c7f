package kmsg

import (
	"maps"
	"slices"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

// Counts is what was counted of a log. While it was read by /dev/kmsg alone, it
// holds that the records of all levels, the untrusted and the lost ones add up
// to NextSeq. With syslog(2), which tells no sequence numbers, lines are counted
// as records, and a loss counts at least 1.
type Counts struct {
	// NextSeq is the sequence number behind the last record that was read from
	// /dev/kmsg: how many records the kernel's log has had since boot, up to
	// there.
	NextSeq uint64
	// Records counts the kernel's own records, those of facility 0, by [Level].
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
// future; it is zero for an event that was
// never seen, and for a replayed one where its time is not known.
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

// A tally is everything that is remembered of the records of a log: plain data
// without a file or a clock behind it.
type tally struct {
	Counts
	waits waits
	// incomplete says that records may be missing that do not count as lost.
	incomplete bool
	// lines says that what syslog(2) told is counted, so that the counts need not
	// add up; behind, that it was the last that was, so that NextSeq is behind and
	// last is the position.
	lines, behind bool

	// last is on the last record. Its hash is made only when it is asked for:
	// until then, where unhashed is set, text is what it is of.
	last     record.Fingerprint
	unhashed bool
	text     []byte
}

func newTally() tally {
	return tally{Counts: Counts{Events: make(map[event.Event]EventCount)}, waits: make(waits)}
}

// clone returns a tally that shares nothing with this one.
func (t *tally) clone() tally {
	c := *t
	c.Events = maps.Clone(t.Events)
	c.waits = maps.Clone(t.waits)
	c.text = slices.Clone(t.text)
	return c
}

// A moment is when a record was written, as far as that is known.
type moment struct {
	wall    time.Time     // zero if not known
	at      time.Duration // by the log's clock; unknownTime if not known
	arrived time.Time     // when it was read, if live; zero if replayed
	uptime  time.Duration // at arrival; zero if not known
	cadence cadence       // of messages about a waited-for device, now
}

// complete says whether every record since boot was read, up to the last.
func (t *tally) complete() bool {
	return !t.incomplete && t.LostBeforeStart == 0 && t.LostOverrun == 0 && t.Malformed == 0 && t.accounted() > 0
}

// seen says whether a record with this sequence number was counted already.
func (t *tally) seen(seq uint64) bool { return seq < t.NextSeq }

// add counts a record of /dev/kmsg not seen before, and what the line says that
// it completes. The moment matters only if that opens a report.
func (t *tally) add(r *record.Record, f finding, m moment) {
	t.lose(r.Seq - t.NextSeq)
	t.NextSeq = r.Seq + 1
	t.count(r, f, m)
}

// addLine counts a line of syslog(2). One that may be a report that is not
// counted leaves the counts incomplete.
func (t *tally) addLine(r *record.Record, f finding, m moment) {
	t.lines, t.behind = true, true
	t.incomplete = t.incomplete || f.unsure
	t.count(r, f, m)
}

// gap counts what syslog(2) lost, of which nobody knows how much it was.
func (t *tally) gap() {
	t.lose(1)
	t.lines, t.behind = true, true
}

// lose counts lost records.
func (t *tally) lose(n uint64) {
	switch {
	case n == 0:
	case t.NextSeq == 0 && !t.last.Known:
		t.LostBeforeStart += n
	default:
		t.LostOverrun += n
	}
}

func (t *tally) count(r *record.Record, f finding, m moment) {
	t.last = record.Fingerprint{Known: true, Time: r.Time, Priority: r.Priority()}
	t.text = append(t.text[:0], r.Text...)
	t.unhashed = true

	if r.Facility != 0 {
		t.Untrusted++
		return
	}
	t.Records[r.Level%record.NumLevels]++
	t.Suppressed += f.suppressed
	if !f.opens {
		return
	}
	e := t.Events[f.event]
	e.Count++
	// A replayed record's time lacks the suspends, so it may be before that of
	// an older record that was read live.
	if m.wall.After(e.LastSeen) {
		e.LastSeen = m.wall
	}
	t.Events[f.event] = e
	if f.event == event.NetdevLeak && m.at != record.UnknownTime {
		t.waits.add(f.device, message{at: m.at, arrived: m.arrived, uptime: m.uptime, cadence: m.cadence})
	}
}

// position returns the mark of the last record that was counted.
func (t *tally) position() record.Fingerprint {
	m := t.last
	if t.unhashed {
		m.Hash = record.Hash(record.LastLine(t.text))
	}
	return m
}

// renumber gives a position to a tally whose last lines were counted without
// numbers. So many records has the log had, and those that were not counted were
// lost. As lines may be more than records, none may seem lost across a gap.
func (t *tally) renumber(p place) {
	next, counted := max(p.next, t.NextSeq), t.accounted()
	switch {
	case counted < next && t.NextSeq == 0:
		t.LostBeforeStart += next - counted
	case counted < next:
		t.LostOverrun += next - counted
	case p.gap:
		t.incomplete = true
	}
	t.NextSeq, t.behind = next, false
	if p.mark.Known {
		t.last, t.unhashed = p.mark, false
	}
}
