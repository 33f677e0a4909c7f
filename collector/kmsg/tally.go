package kmsg

import "time"

// Counts is what was counted of a log. With /dev/kmsg it always holds that
// the records of all levels, the untrusted and the lost ones add up to NextSeq.
type Counts struct {
	// NextSeq is the sequence number behind the last record that was read: how
	// many records the kernel's log has had since boot, up to there.
	NextSeq uint64
	// Records counts the kernel's own records, those of facility 0, by [Level].
	Records [NumLevels]uint64
	// Untrusted counts the records of other facilities: those that user space
	// wrote. Nothing else is counted of them.
	Untrusted uint64
	// LostBeforeStart counts the records that were overwritten before the
	// first was read, and LostOverrun those that were between two reads. Both
	// come from the sequence numbers, so they include user space's records.
	LostBeforeStart, LostOverrun uint64
	// Malformed counts the records that could not be read. Those of the device
	// are among the lost ones too, as they have no sequence number; those of a
	// file may count again if it has to be opened again.
	Malformed uint64
	// Suppressed is how many messages the kernel says it held back.
	Suppressed uint64
	// Events counts the events by [Event].
	Events [NumEvents]EventCount
}

// An EventCount is how often an event was seen, and when last. LastSeen is the
// wall clock's time, never in the future; it is zero for an event that was
// never seen, and for a replayed one where the time of the boot is not known.
type EventCount struct {
	Count    uint64
	LastSeen time.Time
}

// complete says whether every record since boot was read, up to NextSeq.
func (c *Counts) complete() bool {
	return c.NextSeq > 0 && c.LostBeforeStart == 0 && c.LostOverrun == 0 && c.Malformed == 0
}

// A tally is everything that is remembered of the records of a log: plain data
// without a file or a clock behind it.
type tally struct {
	Counts
	waits waits
}

// A moment is when a record was written, as far as that is known.
type moment struct {
	wall    time.Time     // zero if not known
	arrived time.Time     // when it was read, if live; zero if replayed
	period  time.Duration // between messages about a waited-for device, now
}

// seen says whether a record with this sequence number was counted already.
func (t *tally) seen(seq uint64) bool { return seq < t.NextSeq }

// add counts a record not seen before, and what the line says that it
// completes. The moment matters only if that opens a report.
func (t *tally) add(r *Record, f finding, m moment) {
	lost := r.Seq - t.NextSeq
	if t.NextSeq == 0 {
		t.LostBeforeStart += lost
	} else {
		t.LostOverrun += lost
	}
	t.NextSeq = r.Seq + 1

	if r.Facility != 0 {
		t.Untrusted++
		return
	}
	t.Records[r.Level%NumLevels]++
	t.Suppressed += f.suppressed
	if !f.opens {
		return
	}
	e := &t.Events[f.event]
	e.Count++
	if !m.wall.IsZero() {
		e.LastSeen = m.wall
	}
	if f.event == NetdevLeak {
		t.waits.add(f.device, message{at: r.Time, arrived: m.arrived, period: m.period})
	}
}
