package source

import (
	"bytes"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

const (
	// maxGroup is how many lines of one prefix are looked at together: more than the
	// name of a file can have newlines, which is at most 255 bytes (NAME_MAX).
	maxGroup = 300
	// maxJoined is how many lines a report may stand on because a process has
	// newlines in its name, which is at most 15 bytes.
	maxJoined = 16
)

// prefixes finds what the lines of syslog(2) report. Each line of a record's
// text is printed with the record's prefix and nothing in it is escaped, so lines
// of one prefix, a group, may be one record or several of one level in the same
// microsecond.
//
// The first line of a group is a report unless the rest shows that a user chose
// its words ([event.Matcher.AfterUserWords]): the name of a program or the prefix
// of a firewall rule, with a newline in it, would else make any report. The lines after the first are text of its record, or reports of their
// own: they count only where the first is a report of the same kind, because no
// user's words stand in a record before the newline after a whole report.
// Whatever else looks like a report is none, and leaves open whether one was
// missed.
type prefixes struct {
	matcher *event.Matcher
	reader  *event.Reader

	some     bool // there was a line before, with this prefix:
	priority uint32
	time     time.Duration
	caller   []byte
	said     event.Event // what the group's first line reports; empty if nothing, or in doubt
	text     []byte
}

func newPrefixes(m *event.Matcher) prefixes {
	return prefixes{matcher: m, reader: event.NewReader(m)}
}

// start says after which line the next one stands, as far as that is known.
func (p *prefixes) start(after record.Fingerprint) {
	p.some, p.priority, p.time, p.caller, p.said = after.Known, after.Priority, after.Time, p.caller[:0], ""
}

func (p *prefixes) is(r *record.Record) bool {
	return p.some && p.priority == r.Priority() && p.time == r.Time && bytes.Equal(p.caller, r.Caller)
}

// add finds what the item's line reports, with regard to the lines after it in
// the answer. It is unsure where something may be a report that is not counted.
func (p *prefixes) add(it *Item, after answer) (unsure bool) {
	r := &it.Record
	same := p.is(r)
	if !same {
		p.some, p.priority, p.time, p.said = true, r.Priority(), r.Time, ""
		p.caller = append(p.caller[:0], r.Caller...)
	}
	it.Finding, it.Suppressed = event.Finding{}, 0
	if r.Facility != 0 {
		return false
	}
	if same {
		f, ok := p.reader.Find(r.Time, r.Text)
		if ok && f.Event == p.said {
			it.Finding = f
		}
		return ok && f.Event != p.said
	}
	opens := p.first(it, after)
	p.said = it.Finding.Event
	return opens && p.said == ""
}

// first finds what the first line of a group reports. It opens a report that is
// not believed if the finding is empty then.
func (p *prefixes) first(it *Item, after answer) (opens bool) {
	found := look(p.reader, it.Record.Text, it)
	var next record.Record
	if !after.next(&next) || !p.is(&next) {
		return it.Finding.Event != ""
	}
	p.text = append(p.text[:0], it.Record.Text...)
	for i := range maxGroup {
		if p.matcher.AfterUserWords(next.Text) {
			opens = it.Finding.Event != ""
			it.Finding, it.Suppressed = event.Finding{}, 0
			return opens
		}
		if !found && i < maxJoined && len(p.text)+len(next.Text) < record.MaxLine {
			p.text = append(append(p.text, '\n'), next.Text...)
			it.Finding, found = p.reader.Find(it.Record.Time, p.text)
		}
		if !after.next(&next) || !p.is(&next) {
			break
		}
	}
	return it.Finding.Event != ""
}
