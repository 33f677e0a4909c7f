package kmsg

import (
	"bytes"
	"time"
)

// unknownTime is the time of a record of which none is known: syslog(2) tells
// none while printk.time is off.
const unknownTime time.Duration = -1

// A mark is by what a record is found again where it has no sequence number:
// what /dev/kmsg and syslog(2) both tell of it. The zero value marks nothing.
type mark struct {
	known    bool
	time     time.Duration // unknownTime if not known
	priority uint32        // facility and level
	hash     uint64        // of a line of the text: of the last, unless a process ended within a record of syslog(2)
}

// is says whether the mark may be on a line. A time is compared where both are
// known: printk.time can be switched while the kernel runs.
func (m mark) is(priority uint32, at time.Duration, hash uint64) bool {
	return m.known && m.priority == priority && m.hash == hash &&
		(m.time == at || m.time == unknownTime || at == unknownTime)
}

// on says whether the mark is on a record of /dev/kmsg: on one of the lines
// that syslog(2) makes of it.
func (m mark) on(r *Record) bool {
	if !m.known || m.priority != priority(r) || m.time != unknownTime && m.time != r.Time {
		return false
	}
	rest, more := r.Text, true
	for more {
		var line []byte
		line, rest, more = bytes.Cut(rest, []byte{'\n'})
		if hashText(line) == m.hash {
			return true
		}
	}
	return false
}

// priority returns a record's as it is printed: facility and level.
func priority(r *Record) uint32 { return r.Facility<<3 | uint32(r.Level) }

// hashText returns the 64-bit FNV-1a hash of a line, of its first maxLine bytes
// if it is longer. It is kept in state files and must not change.
func hashText(line []byte) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for _, c := range line[:min(len(line), maxLine)] {
		h = (h ^ uint64(c)) * prime
	}
	return h
}
