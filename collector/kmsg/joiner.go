package kmsg

import (
	"bytes"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

// A finding is what a line of the log says. The zero value says nothing.
type finding struct {
	opens      bool        // the line opens a report,
	event      event.Event // of this event,
	device     []byte      // about this network device, if the event is NetdevLeak
	suppressed uint64      // how many messages the line says were held back
	unsure     bool        // it looks like a report, but may be text of another's, so it opens none
}

// A joiner puts lines together that arrive as several records, and tells what
// they say: each line at most once, however many fragments it has.
//
// The kernel merges what it can, so fragments are seen only where printing
// processors got in one another's way. How they are flagged depends on the
// kernel:
//
//   - Linux 3.5 to 4.8 flag the first fragment c and the others + (devkmsg_read
//     and the LOG_CONT flag that cont_flush sets);
//   - from 4.9 on, KERN_CONT is what is flagged, so the first fragment is an
//     ordinary record and the others are c (commit 4bcc595ccd80); 4.9 itself
//     flags the second of them and what follows it + (msg_print_ext_header).
type joiner struct {
	matcher    *event.Matcher
	headMarked bool // c is a first fragment

	open   bool   // a continuation may follow
	told   bool   // what the line says was told already
	text   []byte // of an open line that says nothing yet, at most maxLine bytes
	caller []byte // who prints the line; empty if the kernel does not say
}

// add tells what the line says whose next fragment r is, if r is the first
// that lets it be told. r is a record of the kernel; other records stand for
// themselves and do not come between fragments. The finding aliases r or the
// joiner and is valid until the next call.
func (j *joiner) add(r *record.Record) finding {
	if r.Flag == '+' || r.Flag == 'c' && !j.headMarked {
		return j.join(r)
	}
	f, found := tell(j.matcher, r.Text)
	j.open = !j.headMarked || r.Flag == 'c'
	j.told = found
	if j.open && !found {
		j.caller = append(j.caller[:0], r.Caller...)
		j.text = append(j.text[:0], r.Text[:min(len(r.Text), record.MaxLine)]...)
	}
	return f
}

// join adds a continuation. One that belongs to no known line says nothing,
// not even if it looks like a report: its first byte is not a line's.
func (j *joiner) join(r *record.Record) finding {
	if !j.open || j.told {
		return finding{}
	}
	if len(r.Caller) > 0 && len(j.caller) > 0 && !bytes.Equal(r.Caller, j.caller) {
		return finding{}
	}
	room := min(len(r.Text), record.MaxLine-len(j.text))
	if room == 0 {
		return finding{}
	}
	j.text = append(j.text, r.Text[:room]...)
	f, found := tell(j.matcher, j.text)
	j.told = found
	return f
}

// gap says that records are missing here, so that no line goes on behind it.
func (j *joiner) gap() { j.open = false }

// tell tells what a line says, and whether it says anything. The finding
// aliases the text.
func tell(m *event.Matcher, text []byte) (f finding, found bool) {
	if f, ok := m.Find(text); ok {
		return finding{opens: true, event: f.Event, device: f.Device}, true
	}
	if n, ok := event.Suppressed(text); ok {
		return finding{suppressed: n}, true
	}
	return finding{}, false
}
