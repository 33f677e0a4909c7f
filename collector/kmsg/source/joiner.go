package source

import (
	"bytes"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

// A joiner puts lines together that arrive as several records, and finds what
// they report: each line once at most, however many fragments it has.
//
// The kernel merges what it can, so fragments are seen only where processors
// printed at the same time. How fragments are flagged depends on the kernel:
//
//   - Linux 3.5 to 4.8 flag the first fragment c and the others + (devkmsg_read
//     and the LOG_CONT flag that cont_flush sets);
//   - from 4.9 on, KERN_CONT is what is flagged, so the first fragment is an
//     ordinary record and the others are c (commit 4bcc595ccd80); 4.9 itself
//     flags the second of them and what follows it + (msg_print_ext_header).
type joiner struct {
	reader     *event.Reader
	headMarked bool // c is a first fragment

	open   bool   // a continuation may follow
	found  bool   // the line's report was found already
	text   []byte // of an open line without a report yet, at most MaxLine bytes
	caller []byte // who prints the line; empty if the kernel does not say
}

// add finds what the line reports whose next fragment the item's record is, if
// no fragment before it has shown that. The record is one of the kernel's; other
// records stand for themselves and do not come between fragments.
func (j *joiner) add(it *Item) {
	r := &it.Record
	if r.Flag == '+' || r.Flag == 'c' && !j.headMarked {
		j.join(it)
		return
	}
	j.found = look(j.reader, r.Text, it)
	j.open = !j.headMarked || r.Flag == 'c'
	if j.open && !j.found {
		j.caller = append(j.caller[:0], r.Caller...)
		j.text = append(j.text[:0], r.Text[:min(len(r.Text), record.MaxLine)]...)
	}
}

// join adds a continuation. One that belongs to no known line reports nothing,
// even if it looks like a report: its first byte is not a line's.
func (j *joiner) join(it *Item) {
	r := &it.Record
	if !j.open || j.found {
		return
	}
	if len(r.Caller) > 0 && len(j.caller) > 0 && !bytes.Equal(r.Caller, j.caller) {
		return
	}
	room := min(len(r.Text), record.MaxLine-len(j.text))
	if room == 0 {
		return
	}
	j.text = append(j.text, r.Text[:room]...)
	j.found = look(j.reader, j.text, it)
}

// gap says that records are missing here: the open line does not go on.
func (j *joiner) gap() { j.open = false }

// look puts into the item what a line reports, and returns whether that is
// anything. The finding aliases the text.
func look(r *event.Reader, text []byte, it *Item) (found bool) {
	if it.Finding, found = r.Find(it.Record.Time, text); found {
		return true
	}
	it.Suppressed, found = event.Suppressed(text)
	return found
}
