package kmsg

import (
	"bytes"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

// parts tells what the lines of syslog(2) say. That prints each line of a
// record's text with the record's own prefix and nothing escaped, so a line with
// the prefix of the one before may be the rest of the same record: text that a
// process chose, behind a newline in its name or in that of its program
// (show_signal_msg() prints both). Such a line is no report. Two records of one
// level in the same microsecond, or without times two of one level in a row, look
// the same; so one that goes on with reports of one kind is believed: no text of
// a user's stands before the newline of a whole report. One that looks like any
// other report is not, and leaves open whether one was missed.
type parts struct {
	matcher *event.Matcher

	some     bool // there was a line before, with this prefix:
	priority uint32
	time     time.Duration
	caller   []byte
	said     finding // what the record of the line before said; without its device
}

// start says behind which record the next line is, as far as it is known.
func (p *parts) start(after record.Fingerprint) {
	*p = parts{matcher: p.matcher, some: after.Known, priority: after.Priority, time: after.Time}
}

// add tells what the next line says. The finding aliases the line.
func (p *parts) add(r *record.Record) finding {
	same := p.some && p.priority == r.Priority() && p.time == r.Time && bytes.Equal(p.caller, r.Caller)
	p.some, p.priority, p.time = true, r.Priority(), r.Time
	p.caller = append(p.caller[:0], r.Caller...)
	if !same {
		p.said = finding{}
	}
	if r.Facility != 0 {
		return finding{}
	}
	f, _ := tell(p.matcher, r.Text)
	again := f.opens && p.said.opens && f.event == p.said.event
	if same && !again {
		return finding{unsure: f.opens}
	}
	p.said = finding{opens: f.opens, event: f.event}
	return f
}
